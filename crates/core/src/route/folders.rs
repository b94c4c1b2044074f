//! Which folder is served by whom, and which profiles stand behind a wall.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::profile::ProfileId;
use crate::model::routing::RoutingSettings;

/// Folder bindings, found by path.
#[derive(Debug, Default)]
pub(super) struct Folders {
    bound: HashMap<PathBuf, Arc<[ProfileId]>>,
}

impl Folders {
    /// Those of the settings.
    pub(super) fn of(settings: &RoutingSettings) -> Self {
        let bound = settings.folders.iter().map(|binding| (binding.folder.clone(), Arc::from(binding.profiles.as_slice())));
        Self { bound: bound.collect() }
    }

    /// Who serves a folder: as the nearest binding above it says. Paths are compared as they are written, name by name: links and
    /// `..` have to be resolved before.
    pub(super) fn serving(&self, folder: &Path) -> Option<Arc<[ProfileId]>> {
        if self.bound.is_empty() {
            return None;
        }
        folder.ancestors().find_map(|above| self.bound.get(above)).cloned()
    }
}

/// Role walls: a profile stands behind one of them, or outside all.
#[derive(Debug, Default)]
pub(super) struct Walls {
    behind: HashMap<ProfileId, Arc<str>>,
}

/// The wall a profile stands behind; `None` is outside all of them, which is a side too.
pub(super) type Side = Option<Arc<str>>;

impl Walls {
    /// Those of the settings.
    pub(super) fn of(settings: &RoutingSettings) -> Self {
        let mut behind = HashMap::new();
        for (name, profiles) in &settings.walls {
            let name: Arc<str> = Arc::from(name.as_str());
            behind.extend(profiles.iter().map(|profile| (profile.clone(), Arc::clone(&name))));
        }
        Self { behind }
    }

    /// Where a profile stands.
    pub(super) fn side(&self, profile: &ProfileId) -> Side {
        self.behind.get(profile).cloned()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::model::routing::FolderBinding;
    use crate::route::samples::id;

    #[test]
    fn the_nearest_folder_above_says_who_serves() {
        let binding = |folder: &str, number| FolderBinding { folder: folder.into(), profiles: vec![id(number)] };
        let folders = vec![binding("/repos", 1), binding("/repos/paid", 2), binding("/", 3)];
        let folders = Folders::of(&RoutingSettings { folders, ..RoutingSettings::default() });
        for (path, expected) in [
            ("/repos", Some(1)),
            ("/repos/", Some(1)),
            ("/repos/a/b/c", Some(1)),
            ("/repos/paid", Some(2)),
            ("/repos/paid/a", Some(2)),
            ("/repos/paidup", Some(1)),
            ("/elsewhere", Some(3)),
            ("repos/paid", None),
            ("", None),
        ] {
            let served = folders.serving(Path::new(path)).map(|profiles| profiles.to_vec());
            assert_eq!(served, expected.map(|number| vec![id(number)]), "{path}");
        }
        assert!(Folders::default().serving(Path::new("/repos")).is_none());
    }
}
