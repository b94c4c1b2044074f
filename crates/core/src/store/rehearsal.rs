//! Trying a change out: the store's own rules, on a copy of the index that is thrown away.

use std::sync::{Arc, Mutex, PoisonError};

use super::index::Index;
use super::profiles::{Profiles, StoreError};

/// The index as the changes that were tried out have left it.
#[derive(Debug, Clone)]
pub(super) struct Rehearsal(Arc<Mutex<Index>>);

impl Profiles {
    /// The same profiles, to try changes out on: each is refused as ever, a later one sees the earlier ones, and nothing is written.
    pub fn rehearsal(&self) -> Result<Self, StoreError> {
        let index = (*self.read_index()?).clone();
        Ok(Self { rehearsal: Some(Rehearsal(Arc::new(Mutex::new(index)))), ..self.clone() })
    }

    /// Whether nothing may be written.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal.is_some()
    }
}

impl Rehearsal {
    pub(super) fn index(&self) -> Index {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A change that was refused leaves nothing behind. The change itself may look at the index.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Index) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let mut index = self.index();
        let result = change(&mut index)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = index;
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;
    use crate::base::samples::ports;
    use crate::model::samples::login;
    use crate::store::home::Home;

    #[test]
    fn what_is_tried_out_is_checked_and_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(folder.path());
        let home = Home::open(&ports.environment).unwrap();
        let profiles = Profiles::open(home.clone(), &ports);
        let kept = profiles.keep(&login("a", "w", 1)).unwrap().profile;
        let other = profiles.keep(&login("b", "w", 1)).unwrap().profile;
        let before = files::read(&home.index(), 1 << 20).unwrap();

        let tried = profiles.rehearsal().unwrap();
        tried.rename(&kept.id, "new").unwrap();
        assert!(matches!(tried.rename(&other.id, "NEW"), Err(StoreError::NameTaken(_))), "a later change sees the earlier one");
        assert!(matches!(tried.rename(&other.id, "a/b"), Err(StoreError::Name(_))));
        tried.set_paused(&other.id, true).unwrap();
        tried.remove(&other.id, false).unwrap();
        tried.keep(&login("c", "w", 1)).unwrap();
        assert_eq!(tried.list().unwrap().len(), 2);
        assert_eq!(tried.get(&kept.id).unwrap().name.as_str(), "new");

        assert_eq!(files::read(&home.index(), 1 << 20).unwrap(), before);
        assert_eq!(files::names(&home.profiles()).unwrap().len(), 2);
        assert!(profiles.login(&other.id).is_ok() && profiles.removed().unwrap().is_empty());
    }
}
