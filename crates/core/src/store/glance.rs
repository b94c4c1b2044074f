//! What an earlier look found, so that the next one only opens what has changed since: the index, and logins that were whole.
//!
//! A file is told by its stamp. `runtime/looks.json` keeps those of logins from one process to the next; it holds no secret,
//! and whoever loses it looks once more. Only stamps that have settled count: a file that was written a moment ago may
//! be written again within one tick of the disk's clock.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::generations;
use super::home::Home;
use super::index::{self, Found, Index};
use super::profiles::{Profiles, StoreError};
use super::vault::forms;
use crate::base::files::{self, FileError};
use crate::base::stamp::{Stamp, stamp};
use crate::model::name::ProfileName;
use crate::model::profile::{Profile, ProfileId};

/// A thousand profiles have 100 KiB.
const SIZE_LIMIT: u64 = 4 << 20;
/// Profiles that one thread looks at in less time than it takes to start another.
const ONE_THREAD: usize = 200;
/// Threads that look.
const THREADS: usize = 4;
/// Disks tell time to two seconds at worst.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// What was seen. Other processes have their own.
#[derive(Debug, Default)]
pub(super) struct Seen {
    index: Mutex<Option<(Stamp, Arc<Index>)>>,
    logins: Mutex<Logins>,
}

#[derive(Debug, Default)]
struct Logins {
    /// `None` until the file was read.
    whole: Option<HashMap<ProfileId, Mark>>,
    /// Whether there is more than in the file.
    grown: bool,
    /// What the start has found; for the first look, which follows at once.
    at_start: Option<Look>,
}

/// The stamps of a profile's folder, where a killed writer would have left something, and of the login in it.
type Mark = [[u64; 3]; 2];

/// A look at all profiles: those whose login was found whole earlier, with nothing done to it since.
#[derive(Debug, Clone, Default)]
pub struct Look {
    untouched: HashSet<ProfileName>,
}

impl Look {
    /// Whether there is no need to open anything in this profile's folder.
    pub fn is_untouched(&self, name: &ProfileName) -> bool {
        self.untouched.contains(name)
    }
}

impl Profiles {
    /// Begins a look at these profiles. Opens no login.
    pub fn look(&self, profiles: &[Profile]) -> Look {
        if let Some(look) = held(&self.seen.logins).at_start.take() {
            return look;
        }
        // Nothing can be said of logins in a vault that is not open.
        let (Ok(unfinished), Ok(())) = (generations::all_unfinished(&self.home), self.vault.look()) else { return Look::default() };
        let mut logins = held(&self.seen.logins);
        let whole = logins.whole(&self.home);
        let is_untouched =
            |it: &&Profile| whole.get(&it.id).is_some_and(|mark| self.mark(it) == Some(*mark)) && !unfinished.contains(&it.id);
        let untouched = |part: &[Profile]| part.iter().filter(is_untouched).map(|it| it.name.clone()).collect::<Vec<_>>();
        // The disk is asked twice for each profile, which is most of what a list of many costs.
        let parts = profiles.len().div_ceil(ONE_THREAD).clamp(1, THREADS);
        let (first, rest) = profiles.split_at(profiles.len().div_ceil(parts));
        let untouched = std::thread::scope(|scope| {
            let others: Vec<_> = rest.chunks(first.len().max(1)).map(|part| scope.spawn(|| untouched(part))).collect();
            let mut all: HashSet<_> = untouched(first).into_iter().collect();
            // Of those whose thread has failed nothing is known: they are opened.
            all.extend(others.into_iter().filter_map(|other| other.join().ok()).flatten());
            all
        });
        Look { untouched }
    }

    /// The look of the start, which is made before anything is mended, and once more the first one after it.
    pub(super) fn look_at_start(&self, profiles: &[Profile]) -> Look {
        held(&self.seen.logins).at_start = None;
        let look = self.look(profiles);
        held(&self.seen.logins).at_start = Some(look.clone());
        look
    }

    /// What the start has found, as long as nobody has looked again.
    pub fn start(&self) -> Look {
        held(&self.seen.logins).at_start.clone().unwrap_or_default()
    }

    /// Whether a profile's login can be used. It is opened only if something has happened to it.
    pub fn look_at(&self, look: &Look, profile: &Profile) -> Result<(), StoreError> {
        if look.is_untouched(&profile.name) {
            return Ok(());
        }
        let mark = self.mark(profile);
        self.login_of(profile)?;
        // What a killed writer has left is for the next start to see.
        let is_tidy = files::names(&self.home.profile_folder(&profile.name))?.iter().all(|name| files::writer_of(name).is_none());
        if let Some(mark) = mark.filter(|_| is_tidy) {
            let mut logins = held(&self.seen.logins);
            logins.whole(&self.home).insert(profile.id.clone(), mark);
            logins.grown = true;
        }
        Ok(())
    }

    /// Keeps what was seen for the next process. To be called at the end of a look.
    pub fn keep_look(&self, profiles: &[Profile]) {
        if self.is_rehearsal() {
            return;
        }
        let mut logins = held(&self.seen.logins);
        if !std::mem::take(&mut logins.grown) {
            return;
        }
        let whole = logins.whole(&self.home);
        let known: HashMap<&ProfileId, Mark> = profiles.iter().filter_map(|it| Some((&it.id, *whole.get(&it.id)?))).collect();
        // Where it cannot be kept, the next process looks for itself.
        let kept = serde_json::to_vec(&known).map(|text| files::write_private(&file(&self.home), &text));
        tracing::debug!(?kept, "what was seen is kept for the next look");
    }

    /// What stands at the index's place; parsed only if the file has changed.
    pub(super) fn find_index(&self) -> Result<Found, FileError> {
        let now = stamp(&self.home.index()).filter(|stamp| self.has_settled(stamp));
        let mut seen = held(&self.seen.index);
        if let (Some((before, index)), Some(now)) = (seen.as_ref(), now)
            && *before == now
        {
            return Ok(Found::Index(Arc::clone(index)));
        }
        let found = index::read(&self.home)?;
        *seen = match (&found, now) {
            (Found::Index(index), Some(now)) => Some((now, Arc::clone(index))),
            _ => None,
        };
        Ok(found)
    }

    fn mark(&self, profile: &Profile) -> Option<Mark> {
        let [plain, sealed] = forms(&self.home.login_file(&profile.name));
        let stamps = [stamp(&self.home.profile_folder(&profile.name))?, stamp(&plain).or_else(|| stamp(&sealed))?];
        stamps.iter().all(|stamp| self.has_settled(stamp)).then(|| stamps.map(|stamp| stamp.numbers()))
    }

    fn has_settled(&self, stamp: &Stamp) -> bool {
        let modified = stamp.modified().and_then(|time| Timestamp::try_from(time).ok());
        modified.is_some_and(|modified| self.clock.now().duration_since(modified).unsigned_abs() >= SETTLED_AFTER)
    }
}

impl Logins {
    fn whole(&mut self, home: &Home) -> &mut HashMap<ProfileId, Mark> {
        self.whole.get_or_insert_with(|| {
            let text = files::read(&file(home), SIZE_LIMIT).ok().flatten();
            text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
        })
    }
}

fn file(home: &Home) -> std::path::PathBuf {
    home.runtime().join("looks.json")
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "glance_tests.rs"]
mod tests;
