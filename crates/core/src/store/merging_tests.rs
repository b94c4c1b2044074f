//! Taking in many logins, on real files in temporary homes.

use std::sync::Arc;

use super::*;
use crate::base::ports::Ports;
use crate::base::progress::Far;
use crate::base::samples::{Told, ports};
use crate::model::details::ProfileDetails;
use crate::model::samples::login;
use crate::store::home::Home;

fn store() -> (tempfile::TempDir, Profiles) {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    (folder, profiles)
}

fn outcomes(done: Vec<Result<Kept, StoreError>>) -> Vec<KeepOutcome> {
    done.into_iter().map(|kept| kept.unwrap().outcome).collect()
}

/// What a home has, as an export brings it.
fn all_of(profiles: &Profiles) -> Vec<Incoming> {
    let list = profiles.list().unwrap().into_iter();
    list.map(|profile| Incoming { login: profiles.login_of(&profile).unwrap(), like: Some(profile) }).collect()
}

#[test]
fn an_empty_home_becomes_the_one_that_was_exported() {
    let ((_a, from), (_b, to)) = (store(), store());
    for user in ["ada", "bob", "eve"] {
        from.keep(&login(user, "w", 2)).unwrap();
    }
    let ids: Vec<_> = from.list().unwrap().into_iter().map(|profile| profile.id).collect();
    from.rename(&ids[1], "work").unwrap();
    from.set_paused(&ids[1], true).unwrap();
    from.set_details(&ids[0], ProfileDetails { label: Some("mine".into()), ..ProfileDetails::default() }).unwrap();
    from.reorder(&[ids[2].clone()]).unwrap();
    let incoming = all_of(&from);

    assert_eq!(outcomes(to.merge(&incoming, true).unwrap()), [KeepOutcome::Added; 3]);
    assert!(to.list().unwrap().is_empty(), "a dry run changes nothing");
    assert_eq!(outcomes(to.merge(&incoming, false).unwrap()), [KeepOutcome::Added; 3]);
    assert_eq!(to.list().unwrap(), from.list().unwrap());
    for profile in to.list().unwrap() {
        assert_eq!(to.login_of(&profile).unwrap().text(), from.login(&profile.id).unwrap().text());
    }
    let index = std::fs::read(to.home.index()).unwrap();
    for dry_run in [true, false] {
        assert_eq!(outcomes(to.merge(&incoming, dry_run).unwrap()), [KeepOutcome::Unchanged; 3]);
    }
    assert_eq!(std::fs::read(to.home.index()).unwrap(), index, "a second time changes nothing");
}

#[test]
fn an_older_login_never_replaces_a_newer_one_and_names_here_stay() {
    let (_folder, profiles) = store();
    let ada = profiles.keep(&login("ada", "w", 5)).unwrap().profile;
    let bob = profiles.keep(&login("bob", "w", 1)).unwrap().profile;
    profiles.rename(&bob.id, "taken").unwrap();
    let named = |name: &str| Some(Profile { name: ProfileName::parse(name).unwrap(), ..ada.clone() });
    let incoming = [
        Incoming { login: login("ada", "w", 4), like: named("other") },
        Incoming { login: login("bob", "w", 2), like: None },
        Incoming { login: login("eve", "w", 1), like: named("Taken") },
        // The same account twice: the newer one counts, in whichever order.
        Incoming { login: login("eve", "w", 3), like: None },
        Incoming { login: login("eve", "w", 2), like: None },
    ];
    let expected = [KeepOutcome::Unchanged, KeepOutcome::Updated, KeepOutcome::Added, KeepOutcome::Updated, KeepOutcome::Unchanged];
    assert_eq!(outcomes(profiles.merge(&incoming, true).unwrap()), expected);
    assert_eq!(outcomes(profiles.merge(&incoming, false).unwrap()), expected);
    let list = profiles.list().unwrap();
    let names: Vec<_> = list.iter().map(|profile| profile.name.as_str()).collect();
    assert_eq!(names, ["ada-plus", "taken", "Taken-2"]);
    assert_ne!(list[2].id, ada.id, "an id that is taken is not given twice");
    for (profile, (user, day)) in list.iter().zip([("ada", 5), ("bob", 2), ("eve", 3)]) {
        assert_eq!(profiles.login_of(profile).unwrap().text(), login(user, "w", day).text());
    }
}

#[test]
fn a_login_of_nobody_is_skipped_and_the_others_go_in() {
    let (_folder, profiles) = store();
    let text = r#"{"auth_mode":"chatgpt","tokens":{"id_token":"e30.e30.sig","access_token":"at","refresh_token":"rt"}}"#;
    let nobody = AuthDocument::parse(text.to_owned()).unwrap();
    let incoming = [nobody, login("bob", "w", 1)].map(|login| Incoming { login, like: None });
    let done = profiles.merge(&incoming, false).unwrap();
    assert!(matches!(done.as_slice(), [Err(StoreError::NoIdentity), Ok(_)]), "{done:?}");
    assert_eq!(profiles.list().unwrap().len(), 1);
}

#[test]
fn a_damaged_login_here_is_healed_before_it_is_compared() {
    let (_folder, profiles) = store();
    let ada = profiles.keep(&login("ada", "w", 5)).unwrap().profile;
    std::fs::write(profiles.home.login_file(&ada.name), "{").unwrap();
    let older = Incoming { login: login("ada", "w", 4), like: None };
    assert_eq!(outcomes(profiles.merge(&[older], false).unwrap()), [KeepOutcome::Unchanged]);
    assert_eq!(profiles.login(&ada.id).unwrap().text(), login("ada", "w", 5).text());
}

#[test]
fn ten_thousand_accounts_go_in_at_once() {
    let (_folder, profiles) = store();
    let incoming: Vec<_> = (0..10_000).map(|number| Incoming { login: login(&format!("user{number}"), "w", 1), like: None }).collect();
    let added = profiles.merge(&incoming, true).unwrap();
    assert!(added.iter().all(|kept| kept.as_ref().unwrap().outcome == KeepOutcome::Added));
    let some = &incoming[..=AT_ONCE];
    profiles.merge(some, false).unwrap();
    assert_eq!(profiles.list().unwrap().len(), AT_ONCE + 1, "more than are written at once");
}

#[test]
fn each_login_is_a_step_of_work_that_somebody_waits_for() {
    let (folder, told) = (tempfile::tempdir().unwrap(), Arc::new(Told::default()));
    let ports = Ports { progress: told.clone(), ..ports(folder.path()) };
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    let incoming = ["ada", "bob"].map(|user| Incoming { login: login(user, "w", 1), like: None });
    profiles.merge(&incoming, true).unwrap();
    assert!(told.all().is_empty(), "a dry run takes no time");
    profiles.merge(&incoming, false).unwrap();
    let step = |done| Some((Work::KeepLogins, Far::Steps { done, of: 2 }));
    assert_eq!(told.all(), [step(0), step(1), step(2), None]);
}
