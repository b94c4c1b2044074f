//! Writing renewed tokens into the live login, so that Codex goes on with them instead of spending the old ones.

use super::config::{CodexConfig, StoreMode};
use super::live::{self, Content};
use super::switch::{Switch, SwitchError, lock_beside};
use crate::base::files;
use crate::base::locks::FileLock;
use crate::model::auth_document::{AuthDocument, Freshness};

/// Every place of a write-back where a test may kill the process, in order.
pub const PLACES: &[&str] = &["write_back.codex_locked", "write_back.commit_locked", "write_back.staged", "write_back.replaced"];

/// What became of the live login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenBack {
    /// It has the renewed tokens.
    Written,
    /// It is as new, or newer: Codex has renewed it itself, or the user has signed in there.
    NotNeeded,
    /// Another account is live, or none.
    NotLive,
}

impl Switch {
    /// Writes a login of a profile into the live file, only if that still holds the same identity with older tokens.
    /// Takes Codex's `auth.lock`, then `auth.json.lock` for the replacement alone (codex-auth.md 1.5).
    pub fn write_back(&self, renewed: &AuthDocument) -> Result<WrittenBack, SwitchError> {
        // Without the locks first: nearly always there is nothing to do.
        let place = live::place(&self.codex)?;
        if let Some(settled) = standing(&live::content(&place)?, renewed) {
            return Ok(settled);
        }
        if CodexConfig::read(&self.codex)?.store != StoreMode::File {
            return Ok(WrittenBack::NotLive);
        }
        let _codex = self.lock_codex(&self.codex)?;
        self.reach("write_back.codex_locked");
        let _commit = FileLock::acquire(&lock_beside(&place), "Codex is writing its login", self.patience.commit)?;
        self.reach("write_back.commit_locked");
        if live::place(&self.codex)? != place {
            return Err(SwitchError::Restless);
        }
        if let Some(settled) = standing(&live::content(&place)?, renewed) {
            return Ok(settled);
        }
        let staged = files::stage(&place, renewed.text().expose().as_bytes())?;
        self.reach("write_back.staged");
        staged.commit()?;
        self.reach("write_back.replaced");
        Ok(WrittenBack::Written)
    }
}

/// What is so already; `None` if the live login is an older one of the same identity.
fn standing(live: &Content, renewed: &AuthDocument) -> Option<WrittenBack> {
    match live {
        Content::Login(live) if live.subject() == renewed.subject() => {
            (live.freshness_against(renewed) != Freshness::Older).then_some(WrittenBack::NotNeeded)
        }
        _ => Some(WrittenBack::NotLive),
    }
}
