//! Fresh tokens for whoever needs them.

use super::Engine;
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;

impl Engine {
    /// Renews a profile's tokens now.
    pub(super) async fn renew(&self, _id: &ProfileId) -> Result<(), Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }
}
