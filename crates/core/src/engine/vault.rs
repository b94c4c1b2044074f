//! Moving, opening and closing the vault.

use super::Engine;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::snapshot::VaultMode;

impl Engine {
    /// Keeps all logins in another way from now on.
    pub(super) async fn move_vault(&self, _to: VaultMode, _passphrase: Option<Secret>) -> Result<(), Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }

    /// Opens the vault.
    pub(super) async fn unlock_vault(&self, _passphrase: Option<Secret>) -> Result<(), Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }

    /// Forgets the vault's key in this process.
    pub(super) async fn lock_vault(&self) -> Result<(), Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }
}
