//! What is told of a move while it goes on.

use std::sync::Arc;

use super::*;
use crate::base::ports::Ports;
use crate::base::progress::Far;
use crate::base::samples::{Told, ports};
use crate::model::samples::login;
use crate::store::home::Home;
use crate::store::profiles::Profiles;

#[test]
fn every_file_is_a_step_of_writing_and_one_of_putting_in_place() {
    let (folder, told) = (tempfile::tempdir().unwrap(), Arc::new(Told::default()));
    let ports = Ports { progress: told.clone(), ..ports(folder.path()) };
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    // The second one of each leaves a copy of the first.
    for (user, day) in [("ada", 1), ("bob", 1), ("bob", 2)] {
        profiles.keep(&login(user, "w", day)).unwrap();
    }
    profiles.move_vault(VaultMode::Passphrase, Some(&Secret::new("planted horse battery staple"))).unwrap();
    let all = told.all();
    let Some(Some((Work::CopyVault, Far::Steps { done: 0, of }))) = all.first().copied() else { panic!("{all:?}") };
    assert!(of >= 3, "{all:?}");
    let steps = |work| (0..=of).map(move |done| Some((work, Far::Steps { done, of }))).chain([None]);
    assert_eq!(all, steps(Work::CopyVault).chain(steps(Work::ReplaceVault)).collect::<Vec<_>>());
    profiles.move_vault(VaultMode::Passphrase, Some(&Secret::new("another planted horse battery"))).unwrap();
    assert_eq!(told.all()[all.len()..], [Some((Work::ReplaceVault, Far::Steps { done: 0, of: 0 })), None], "only the key changes");
}
