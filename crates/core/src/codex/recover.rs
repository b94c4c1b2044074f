//! After a kill: what lies on the disk says whether the interrupted switch is completed or rolled back.

use std::path::PathBuf;

use super::home::CodexHome;
use super::journal::{self, Found, Journal};
use super::live::{self, Content};
use super::outgoing;
use super::switch::{Switch, SwitchError};
use crate::base::files::{self, FileError};
use crate::base::processes;
use crate::model::auth_document::AuthDocument;
use crate::model::name::ProfileName;
use crate::model::profile::ProfileId;
use crate::store::profiles::StoreError;

/// What became of an interrupted switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// It is done; this profile is live (`None`: signed out).
    Completed {
        /// The profile that is live.
        to: Option<ProfileId>,
    },
    /// The login from before is live.
    RolledBack,
    /// Another program has changed the live login since; it was left alone.
    Superseded,
    /// Its journal was unreadable and lies here now; the live login was left alone.
    JournalSetAside {
        /// Where.
        place: PathBuf,
    },
}

impl Recovered {
    pub(super) fn is_completed(&self) -> bool {
        matches!(self, Self::Completed { .. })
    }
}

impl Switch {
    /// Settles a switch that was cut off, and removes what dead writers left. Called at every start.
    pub fn recover(&self) -> Result<Option<Recovered>, SwitchError> {
        let _ours = self.lock()?;
        let recovered = self.settle()?;
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "temporary files of a killed process could not be removed");
        }
        if let Err(error) = self.profiles.sweep_copies() {
            tracing::warn!(%error, "half a copy of a login could not be removed");
        }
        Ok(recovered)
    }

    /// Settles the switch that the journal tells of, if there is one. Call with our lock held.
    pub(super) fn settle(&self) -> Result<Option<Recovered>, SwitchError> {
        let journal = match journal::find(&self.home)? {
            Found::Nothing => return Ok(None),
            Found::Damaged => {
                let place = journal::set_aside(&self.home, self.clock.now())?;
                return Ok(Some(Recovered::JournalSetAside { place }));
            }
            Found::Journal(journal) => journal,
        };
        let codex = CodexHome::at(&journal.codex_home);
        if files::entry(codex.root())? != files::Entry::Folder {
            journal::remove(&self.home)?;
            return Ok(Some(Recovered::Superseded));
        }
        let _login = self.lock_target(journal.to.as_ref())?;
        let _codex = self.lock_codex(&codex)?;
        let recovered = self.settle_under_lock(&journal)?;
        tracing::info!(switch = journal.id, ?recovered, "an interrupted switch is settled");
        Ok(Some(recovered))
    }

    /// The same, with Codex's `auth.lock` held.
    pub(super) fn settle_under_lock(&self, journal: &Journal) -> Result<Recovered, SwitchError> {
        let codex = CodexHome::at(&journal.codex_home);
        let live = live::place(&codex).and_then(|place| Ok((live::content(&place)?, place)));
        let Ok((content, place)) = live else {
            journal::remove(&self.home)?;
            return Ok(Recovered::Superseded);
        };
        let fingerprint = content.fingerprint().map(|it| it.to_string());
        let completed = || Recovered::Completed { to: journal.to.clone() };
        if fingerprint == journal.incoming {
            self.finish(journal);
            return Ok(completed());
        }
        if fingerprint == journal.outgoing {
            journal::remove(&self.home)?;
            return Ok(Recovered::RolledBack);
        }
        if content.is_nothing() {
            return self.fill(journal, &place);
        }
        // Codex, or someone else, has written since. Of our two accounts its tokens are the newest there are.
        let owner = match &content {
            Content::Login(login) => {
                let subject = login.subject();
                let profiles = self.profiles.list()?;
                let owner = profiles.into_iter().find(|profile| Some(&profile.subject) == subject.as_ref()).map(|profile| profile.id);
                if owner.is_some() {
                    self.profiles.keep(login)?;
                }
                owner
            }
            Content::None | Content::Other(..) => None,
        };
        if owner.is_some() && owner == journal.to {
            self.finish(journal);
            return Ok(completed());
        }
        journal::remove(&self.home)?;
        Ok(if owner.is_some() && owner == journal.from { Recovered::RolledBack } else { Recovered::Superseded })
    }

    /// The live login is gone, which no step of ours does: a power cut did, or someone else. What was wanted goes there, else what was there.
    fn fill(&self, journal: &Journal, place: &std::path::Path) -> Result<Recovered, SwitchError> {
        if let Some(login) = self.usable(journal.to.as_ref())? {
            files::write_private(place, login.text().expose().as_bytes())?;
            self.finish(journal);
            return Ok(Recovered::Completed { to: journal.to.clone() });
        }
        // The profile may have newer tokens than the copy.
        let outgoing = match self.usable(journal.from.as_ref())? {
            Some(login) => Content::Login(Box::new(login)),
            None => outgoing::backup(&self.home, self.profiles.vault(), &journal.id)?,
        };
        if let Some(bytes) = outgoing.bytes() {
            files::write_private(place, bytes)?;
        }
        journal::remove(&self.home)?;
        Ok(Recovered::RolledBack)
    }

    /// A profile's login, if it can be used. A vault that is not open is no reason to decide anything: the journal waits.
    fn usable(&self, id: Option<&ProfileId>) -> Result<Option<AuthDocument>, SwitchError> {
        match id.map(|id| self.profiles.login(id)).transpose() {
            Err(error @ StoreError::Vault(_)) => Err(error.into()),
            login => Ok(login.ok().flatten()),
        }
    }

    /// Removes the temporary files of processes that are gone.
    fn sweep(&self) -> Result<(), FileError> {
        let home = &self.home;
        let mut folders = vec![
            self.codex.root().to_path_buf(),
            home.root().to_path_buf(),
            home.runtime(),
            home.backups(),
            home.backups().join("index"),
            home.backups().join("saving"),
            home.backups().join("set-aside"),
            outgoing::folder(home),
        ];
        folders.extend(live::place(&self.codex).ok().and_then(|place| place.parent().map(PathBuf::from)));
        let start = self.profiles.start();
        let is_touched = |name: &String| ProfileName::parse(name).map_or(true, |name| !start.is_untouched(&name));
        folders.extend(files::names(&home.profiles())?.into_iter().filter(is_touched).map(|name| home.profiles().join(name)));
        for folder in folders.into_iter().filter(|folder| matches!(files::entry(folder), Ok(files::Entry::Folder))) {
            files::sweep(&folder, processes::lives)?;
        }
        Ok(())
    }
}
