//! Which copies are kept, on real files in a temporary home.

use super::*;
use crate::base::samples::ports;
use crate::model::samples::{login, login_of_chain};

fn days(profiles: &Profiles, id: &ProfileId) -> Vec<(Generation, String)> {
    let copies = list(&profiles.home, id).unwrap().into_iter();
    copies.map(|(which, _)| (which, copy(profiles, id, which).unwrap().unwrap().text().expose().to_owned())).collect()
}

fn text(login: &AuthDocument) -> String {
    login.text().expose().to_owned()
}

#[test]
fn the_copies_worth_keeping_are_the_last_two_and_the_last_of_another_sign_in() {
    let cases: [(&[&str], &[bool]); 6] = [
        (&[], &[]),
        (&["a"], &[true]),
        (&["a", "a", "a"], &[true, true, false]),
        (&["a", "a", "b", "b", "c"], &[true, true, true, false, false]),
        (&["b", "b", "c", "a"], &[true, true, false, false]),
        (&["", "", "", "b"], &[true, true, false, true]),
    ];
    for (chains, expected) in cases {
        let chains: Vec<_> = chains.iter().map(|chain| Some((*chain).to_owned()).filter(|chain| !chain.is_empty())).collect();
        assert_eq!(worth_keeping(&chains, Some(&"a".to_owned())), expected, "{chains:?}");
    }
}

#[test]
fn a_replaced_login_stays_as_a_generation_until_it_is_superseded_enough() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    let first = login_of_chain("ada", "w", 1, "old");
    let id = profiles.keep(&first).unwrap().profile.id;
    assert_eq!(days(&profiles, &id), [(Generation::Current, text(&first))]);
    profiles.sign_in(&login_of_chain("ada", "w", 2, "new")).unwrap();
    for day in 3..=6 {
        profiles.keep(&login_of_chain("ada", "w", day, "new")).unwrap();
        profiles.keep(&login_of_chain("ada", "w", day, "new")).unwrap();
    }
    let new = |day| text(&login_of_chain("ada", "w", day, "new"));
    let expected = [
        (Generation::Current, new(6)),
        (Generation::Replaced(5), new(5)),
        (Generation::Replaced(4), new(4)),
        // The last of the sign-in before: nobody has spent its refresh token.
        (Generation::Replaced(1), text(&first)),
    ];
    assert_eq!(days(&profiles, &id), expected);
    assert!(all_unfinished(&profiles.home).unwrap().is_empty());
    assert_eq!(owners(&profiles.home).unwrap(), std::slice::from_ref(&id));
    profiles.remove(&id, true).unwrap();
    assert_eq!(days(&profiles, &id).len(), 4, "what can come back keeps its copies");
    profiles.undo_remove().unwrap();
    profiles.remove(&id, false).unwrap();
    assert!(owners(&profiles.home).unwrap().is_empty(), "what is gone for good leaves none");
}

#[test]
fn a_login_that_came_past_the_store_becomes_a_generation_when_it_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    let profile = profiles.keep(&login("ada", "w", 1)).unwrap().profile;
    // Codex, with the profile's folder as its home.
    files::write_private(&profiles.home.login_file(&profile.name), text(&login("ada", "w", 2)).as_bytes()).unwrap();
    profiles.keep(&login("ada", "w", 3)).unwrap();
    let kept: Vec<_> = days(&profiles, &profile.id).into_iter().map(|(_, text)| text).collect();
    assert_eq!(kept, [3, 2, 1].map(|day| text(&login("ada", "w", day))));
}

#[test]
fn no_copy_is_no_reason_to_lose_the_login() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    files::write_private(&logins_folder(&profiles.home), b"in the way").unwrap();
    files::write_private(&saving_folder(&profiles.home), b"in the way").unwrap();
    let id = profiles.keep(&login("ada", "w", 1)).unwrap().profile.id;
    profiles.keep(&login("ada", "w", 2)).unwrap();
    assert_eq!(text(&profiles.login(&id).unwrap()), text(&login("ada", "w", 2)));
}
