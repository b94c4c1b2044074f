//! Last known good copies, export and restore.

use super::Engine;
use crate::api::table::Reply;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};

impl Engine {
    /// The copies there are.
    pub(super) async fn list_backups(&self) -> Result<Reply, Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }

    /// Puts a copy back in its place.
    pub(super) async fn restore_backup(&self, _backup: String, _force: bool) -> Result<(), Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }

    /// Writes all profiles into one sealed file.
    pub(super) async fn export(&self, _path: String, _passphrase: Secret, _replace: bool) -> Result<Reply, Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }

    /// Takes profiles in from such a file.
    pub(super) async fn restore_export(&self, _path: String, _passphrase: Secret, _dry_run: bool) -> Result<Reply, Failure> {
        Err(Failure::new(Code::NotPossibleNow, "This is being built.").hint("Not on this branch yet."))
    }
}
