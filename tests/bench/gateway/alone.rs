//! One gateway with nobody beside it: how soon it is there, what it takes at rest, and how soon it answers.

use std::path::Path;
use std::time::Duration;

use super::rounds;
use super::stage::{Contender, provider, wait};
use crate::measure::{Outcome, now};

/// After the first requests, before its memory is looked at.
const RESTS: Duration = Duration::from_millis(500);

/// What one gateway comes to.
pub(crate) struct Alone {
    /// Seconds from the start of its process until it takes requests.
    pub(crate) started: f64,
    pub(crate) memory_kib: u64,
    /// Seconds to the first byte of a short answer, in the middle.
    pub(crate) first: f64,
}

impl Alone {
    /// Starts the gateway of a home, and asks it.
    pub(crate) fn measure(home: &Path) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let provider = provider()?;
            let begun = now();
            let gateway = Contender::gateway("gateway", &provider, home)?;
            let started = begun.elapsed().as_secs_f64();
            gateway.warm_up().await?;
            wait(RESTS).await;
            let memory_kib = gateway.footprint()?.memory_kib;
            let first = rounds::round(&gateway, 1).await?.p50 / 1e6;
            Ok(Self { started, memory_kib, first })
        })
    }
}
