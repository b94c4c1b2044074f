//! The switch: the journalled change of the live login. Killed at any place, the next start completes it or rolls it back.
//!
//! preflight → Codex's `auth.lock` → keep the outgoing login → backup → journal → Codex's `auth.json.lock` → look again →
//! temp file, fsync, rename → read back → record → journal gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::config::{CodexConfig, ConfigError, Forbidden, StoreMode};
use super::home::CodexHome;
use super::journal::{self, Journal};
use super::live::{self, Content, LiveError};
use super::outgoing::{self, Outgoing};
use crate::base::clock::Clock;
use crate::base::entropy::{Entropy, random_hex};
use crate::base::files::{self, FileError};
use crate::base::locks::{FileLock, LockError};
use crate::base::ports::{Checkpoint, Ports};
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};
use crate::store::home::Home;
use crate::store::profiles::{Profiles, StoreError};
use crate::store::state::{State, SwitchRecord};
use crate::store::vault::VaultError;

/// Every place of a switch where a test may kill the process, in order.
pub const PLACES: &[&str] = &[
    "switch.begun",
    "switch.after_preflight",
    "switch.codex_locked",
    "switch.kept",
    "switch.backed_up",
    "switch.journalled",
    "switch.commit_locked",
    "switch.rechecked",
    "switch.staged",
    "switch.replaced",
    "switch.commit_unlocked",
    "switch.read_back",
    "switch.recorded",
    "switch.marked",
    "switch.journal_removed",
    "switch.pruned",
];

/// The live login may change under our hands this often before we give up.
const ATTEMPTS: usize = 3;

/// Switches the live login of one Codex home. All calls block: make them from a blocking task.
#[derive(Debug, Clone)]
pub struct Switch {
    pub(super) home: Home,
    pub(super) codex: CodexHome,
    pub(super) profiles: Profiles,
    pub(super) state: State,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) patience: Patience,
    entropy: Arc<dyn Entropy>,
    checkpoint: Arc<dyn Checkpoint>,
}

/// How long to wait for whom.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For another switch of ours.
    pub ours: Duration,
    /// For a refresh of the profile that is switched to.
    pub login: Duration,
    /// For Codex's `auth.lock`, which it holds while it changes its login.
    pub codex: Duration,
    /// For `auth.json.lock`, which Codex itself waits about 5 s for.
    pub commit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            ours: Duration::from_secs(30),
            login: Duration::from_secs(30),
            codex: Duration::from_secs(20),
            commit: Duration::from_secs(5),
        }
    }
}

impl Patience {
    /// What is only looked at waits for nobody: there is a next look.
    pub fn of_a_look() -> Self {
        Self { ours: Duration::ZERO, login: Duration::ZERO, codex: Duration::ZERO, commit: Duration::ZERO }
    }
}

/// What a switch did.
#[derive(Debug, Clone)]
pub struct Switched {
    /// The profile of the login before; `None` if there was none, or one that could not be kept as a profile.
    pub from: Option<Profile>,
    /// The profile of the login now.
    pub to: Option<Profile>,
    /// The profile that the login before has become, if it was unknown.
    pub adopted: Option<Profile>,
    /// Where the file before is now, if it was no login that can be a profile.
    pub set_aside: Option<PathBuf>,
    /// Whether another account is live now; `false` if it was live already.
    pub changed: bool,
}

/// Why there was no switch. The live login is what it was.
#[derive(Debug, Error)]
pub enum SwitchError {
    /// Codex does not keep its login in the file.
    #[error("Codex keeps its login in mode {}", .0.as_str())]
    StoreMode(StoreMode),
    /// Codex's configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Codex would delete the login.
    #[error("the login of {name} is forbidden here")]
    Forbidden {
        /// Whose.
        name: ProfileName,
        /// By what.
        #[source]
        source: Forbidden,
    },
    /// The stored login is another account's than the profile's.
    #[error("the stored login of {name} is another account's")]
    WrongLogin {
        /// Whose.
        name: ProfileName,
    },
    /// The live login cannot be replaced.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The profiles.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What goes away cannot be copied.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Another process of ours, or Codex, holds a lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Another program writes the live login again and again.
    #[error("the live login keeps changing")]
    Restless,
    /// Another program, without Codex's locks, wrote over the new login.
    #[error("the live login is not the one that was written")]
    NotTaken,
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal could not be encoded.
    #[error("the switch journal could not be encoded")]
    Encode(#[source] serde_json::Error),
}

type Incoming = Option<(Profile, AuthDocument)>;

impl Switch {
    /// The switch of a Codex home's live login between the profiles of our home.
    pub fn new(home: Home, codex: CodexHome, profiles: Profiles, state: State, ports: &Ports) -> Self {
        let (clock, entropy, checkpoint) = (ports.clock.clone(), ports.entropy.clone(), ports.checkpoint.clone());
        Self { home, codex, profiles, state, clock, entropy, checkpoint, patience: Patience::default() }
    }

    /// Waits for others as long as this.
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Makes a profile's login the live one; `None` signs out locally and revokes nothing.
    /// A switch to what is live already only keeps what Codex has renewed. Undo is a switch back.
    pub fn to(&self, target: Option<&ProfileId>) -> Result<Switched, SwitchError> {
        let _ours = self.lock()?;
        self.reach("switch.begun");
        self.settle()?;
        for _ in 0..ATTEMPTS {
            if let Some(switched) = self.attempt(target)? {
                return Ok(switched);
            }
        }
        Err(SwitchError::Restless)
    }

    /// What [`Self::to`] would do, or refuse; nothing is touched. `None`: it is live already.
    pub fn would(&self, target: Option<&ProfileId>) -> Result<Option<Switched>, SwitchError> {
        self.check(target)?;
        let before = live::content(&live::place(&self.codex)?)?;
        let incoming = self.incoming(target)?;
        if is_live(&before, incoming.as_ref()) {
            return Ok(None);
        }
        let outgoing = outgoing::keep(&self.home, &self.profiles.rehearsal()?, &before, "")?;
        Ok(Some(switched(outgoing, incoming, true)))
    }

    pub(super) fn lock(&self) -> Result<FileLock, LockError> {
        FileLock::acquire(&self.home.lock("switch"), "to switch the live login", self.patience.ours)
    }

    pub(super) fn lock_codex(&self, codex: &CodexHome) -> Result<FileLock, LockError> {
        FileLock::acquire(&codex.auth_lock(), "Codex is changing its login", self.patience.codex)
    }

    /// Keeps a profile's tokens from being renewed; none for a sign-out.
    pub(super) fn lock_target(&self, target: Option<&ProfileId>) -> Result<Option<FileLock>, StoreError> {
        target.map(|id| self.profiles.lock_login(id, "its login is being renewed", self.patience.login)).transpose()
    }

    pub(super) fn reach(&self, place: &'static str) {
        self.checkpoint.reached(place);
    }

    /// One try; `None` if the live login changed under our hands.
    fn attempt(&self, target: Option<&ProfileId>) -> Result<Option<Switched>, SwitchError> {
        self.preflight(target)?;
        self.reach("switch.after_preflight");
        // Nobody may spend the target's tokens between our reading them and Codex's having them. Taken before Codex's own lock, as in a refresh.
        let _login_lock = self.lock_target(target)?;
        let codex_lock = self.lock_codex(&self.codex)?;
        self.reach("switch.codex_locked");
        let place = live::place(&self.codex)?;
        let before = live::content(&place)?;
        let now = self.clock.now();
        let id = format!("{:013}-{}", now.as_millisecond().max(0), random_hex(&*self.entropy, 4));
        let outgoing = outgoing::keep(&self.home, &self.profiles, &before, &id)?;
        self.reach("switch.kept");
        // Read only now: the live login may just have brought newer tokens of the same account.
        let incoming = self.incoming(target)?;
        if is_live(&before, incoming.as_ref()) {
            return Ok(Some(switched(outgoing, incoming, false)));
        }
        outgoing::back_up(&self.home, self.profiles.vault(), &before, &id)?;
        self.reach("switch.backed_up");
        let journal = Journal {
            from: outgoing.profile.as_ref().map(|profile| profile.id.clone()),
            to: target.cloned(),
            outgoing: before.fingerprint().map(|it| it.to_string()),
            incoming: incoming.as_ref().map(|(_, login)| login.fingerprint().to_string()),
            ..Journal::new(id, now, self.codex.root().to_path_buf())
        };
        journal.write(&self.home)?;
        self.reach("switch.journalled");
        match self.replace(&journal, &place, incoming.as_ref()) {
            Ok(true) => {}
            Ok(false) => {
                journal::remove(&self.home)?;
                return Ok(None);
            }
            // What is on the disk decides, not which call failed.
            Err(error) if self.settle_under_lock(&journal)?.is_completed() => {
                tracing::warn!(%error, "the switch took effect in spite of an error");
                return Ok(Some(switched(outgoing, incoming, true)));
            }
            Err(error) => return Err(error),
        }
        drop(codex_lock);
        self.finish(&Journal { at: self.clock.now(), ..journal });
        Ok(Some(switched(outgoing, incoming, true)))
    }

    fn preflight(&self, target: Option<&ProfileId>) -> Result<(), SwitchError> {
        self.check(target)?;
        if files::entry(self.codex.root())? == files::Entry::Missing {
            files::create_private_folder(self.codex.root())?;
        }
        Ok(())
    }

    /// Everything that can be refused before anything is touched.
    fn check(&self, target: Option<&ProfileId>) -> Result<(), SwitchError> {
        let config = CodexConfig::read(&self.codex)?;
        if config.store != StoreMode::File {
            return Err(SwitchError::StoreMode(config.store));
        }
        live::place(&self.codex)?;
        if let Some((profile, login)) = self.incoming(target)? {
            config.admits(&login).map_err(|source| SwitchError::Forbidden { name: profile.name, source })?;
        }
        Ok(())
    }

    /// The target and its login, which must be its own.
    fn incoming(&self, target: Option<&ProfileId>) -> Result<Incoming, SwitchError> {
        let Some(target) = target else { return Ok(None) };
        let profile = self.profiles.get(target)?;
        let login = self.profiles.login(target)?;
        if login.subject().as_ref() == Some(&profile.subject) {
            Ok(Some((profile, login)))
        } else {
            Err(SwitchError::WrongLogin { name: profile.name })
        }
    }

    /// Replaces the live login and reads it back; `false` if it is no longer the one that was kept.
    fn replace(&self, journal: &Journal, place: &Path, incoming: Option<&(Profile, AuthDocument)>) -> Result<bool, SwitchError> {
        let commit_lock = FileLock::acquire(&lock_beside(place), "Codex is writing its login", self.patience.commit)?;
        self.reach("switch.commit_locked");
        let unchanged = |fingerprint: &Option<String>| -> Result<bool, SwitchError> {
            Ok(live::content(place)?.fingerprint().map(|it| it.to_string()) == *fingerprint)
        };
        if live::place(&self.codex)? != place || !unchanged(&journal.outgoing)? {
            return Ok(false);
        }
        self.reach("switch.rechecked");
        if let Some((_, login)) = incoming {
            let staged = files::stage(place, login.text().expose().as_bytes())?;
            self.reach("switch.staged");
            staged.commit()?;
        } else {
            files::remove(place)?;
        }
        self.reach("switch.replaced");
        drop(commit_lock);
        self.reach("switch.commit_unlocked");
        if !unchanged(&journal.incoming)? {
            return Err(SwitchError::NotTaken);
        }
        self.reach("switch.read_back");
        Ok(true)
    }

    /// Records a switch that took effect. What cannot be recorded now is left to the next start: the journal stays.
    pub(super) fn finish(&self, journal: &Journal) {
        if let Err(error) = self.record(journal) {
            tracing::warn!(%error, "the switch is done but could not be recorded");
        }
    }

    fn record(&self, journal: &Journal) -> Result<(), FinishError> {
        // The same account with newer tokens is no switch to undo.
        if journal.from != journal.to {
            let Journal { id, at, from, to, .. } = journal.clone();
            self.state.record_switch(&SwitchRecord { id, at, from, to })?;
        }
        self.reach("switch.recorded");
        match journal.to.as_ref().map(|to| self.profiles.mark_live(to, journal.at)) {
            // Removed in the meantime: then there is nothing to mark.
            None | Some(Ok(()) | Err(StoreError::NotFound)) => {}
            Some(Err(error)) => return Err(SwitchError::from(error).into()),
        }
        self.reach("switch.marked");
        journal::remove(&self.home)?;
        self.reach("switch.journal_removed");
        outgoing::prune(&self.home)?;
        self.reach("switch.pruned");
        Ok(())
    }
}

/// Why a switch was done but not recorded.
#[derive(Debug, Error)]
enum FinishError {
    #[error(transparent)]
    State(#[from] crate::store::state::StateError),
    #[error(transparent)]
    Switch(#[from] SwitchError),
}

/// Whether the live login is the incoming one, or a newer one of the same account.
fn is_live(before: &Content, incoming: Option<&(Profile, AuthDocument)>) -> bool {
    match (before, incoming) {
        (Content::None, None) => true,
        (Content::Login(live), Some((profile, login))) => {
            live.subject().as_ref() == Some(&profile.subject) && live.freshness_against(login) != Freshness::Older
        }
        _ => false,
    }
}

fn switched(outgoing: Outgoing, incoming: Incoming, replaced: bool) -> Switched {
    let Outgoing { profile: from, added, set_aside } = outgoing;
    let to = incoming.map(|(profile, _)| profile);
    let changed = replaced && (set_aside.is_some() || from.as_ref().map(|it| &it.id) != to.as_ref().map(|it| &it.id));
    Switched { adopted: from.clone().filter(|_| added), from, to, set_aside, changed }
}

/// The lock Codex takes around the very replacement: next to the real file (codex-auth.md 1.5).
pub(super) fn lock_beside(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
