//! The doctor: looks at everything that has to be in order, says how to mend what is not, and mends what is safe to mend by itself.

mod finding;
mod judge;
mod look;
pub mod mending;
mod seen;
mod traces;

use std::sync::Arc;

pub use finding::{Finding, Severity};
pub(in crate::engine) use seen::OthersSeen;

use super::{Engine, blocking};
use crate::base::progress::{Far, Underway, Work};
use crate::failure::{Code, Failure};

impl Engine {
    /// Looks at everything, and changes nothing.
    pub async fn doctor(&self) -> Result<Vec<Finding>, Failure> {
        let _underway = Underway::begin(&self.shared.ports.progress, Work::Examine, Far::Unknown);
        let shared = Arc::clone(&self.shared);
        let mut seen = blocking(move || look::on_disk(&shared)).await?;
        look::around(&self.shared, &mut seen).await;
        Ok(judge::judge(&seen))
    }
}

/// What is found where the engine does not even start.
pub fn cannot_start(failure: Failure) -> Vec<Finding> {
    let topic = match failure.code {
        Code::Network => "network",
        Code::CodexConfig | Code::CodexStoreMode | Code::CodexForced => "codex",
        Code::NewerVersion => "profiles",
        _ => "home",
    };
    vec![Finding::problem(topic, failure)]
}
