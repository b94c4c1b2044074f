//! What a switch moves where when nothing goes wrong, and what the next start makes of odd leftovers.

use std::fs;
use std::os::unix::fs::symlink;

use codex_lab_core::codex::recover::Recovered;

use crate::logins::{api_key, chatgpt};
use crate::world::{World, parse};

#[test]
fn there_and_back_again() {
    let world = World::new();
    let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
    let target = world.profile(&work).id;
    world.set_live(&main);
    let there = world.switch().to(Some(&target)).unwrap();
    assert!(there.changed && there.adopted == there.from, "an unknown login becomes a profile");
    assert_eq!(world.live(), Some(work.clone()), "byte for byte");
    assert!(world.profiles.get(&target).unwrap().last_live_at.is_some());

    let record = world.state.last_switch().unwrap().unwrap();
    let renewed = chatgpt("work", 6);
    world.set_live(&renewed);
    let back = world.switch().to(record.from.as_ref()).unwrap();
    assert!(back.changed && back.adopted.is_none());
    assert_eq!(world.live(), Some(main));
    assert_eq!(world.stored(&work), Some(renewed), "what Codex renewed was read back");
    world.assert_at_rest("back");
}

#[test]
fn signing_out_locally_keeps_the_login() {
    let world = World::new();
    let main = chatgpt("main", 1);
    world.set_live(&main);
    let out = world.switch().to(None).unwrap();
    assert!(out.changed && out.to.is_none());
    assert_eq!(world.live(), None);
    assert_eq!(world.stored(&main).as_ref(), Some(&main));
    assert!(!world.switch().to(None).unwrap().changed, "there is nothing to sign out of");
    let record = world.state.last_switch().unwrap().unwrap();
    assert_eq!((&record.from, &record.to), (&out.from.map(|profile| profile.id), &None));
    world.switch().to(record.from.as_ref()).unwrap();
    assert_eq!(world.live(), Some(main));
}

#[test]
fn switching_to_what_is_live_only_reads_back() {
    let world = World::new();
    let (old, new) = (chatgpt("main", 1), chatgpt("main", 4));
    let target = world.profile(&old).id;
    world.set_live(&new);
    let switched = world.switch().to(Some(&target)).unwrap();
    assert!(!switched.changed && switched.to.unwrap().id == target);
    assert_eq!((world.live(), world.stored(&old)), (Some(new.clone()), Some(new)));
    assert_eq!(world.state.last_switch().unwrap(), None);
}

#[test]
fn an_older_live_login_is_renewed_and_never_kept_over_the_newer() {
    let world = World::new();
    let (old, new) = (chatgpt("main", 1), chatgpt("main", 4));
    let target = world.profile(&new).id;
    world.set_live(&old);
    let switched = world.switch().to(Some(&target)).unwrap();
    assert!(!switched.changed, "it is the same account");
    assert_eq!((world.live(), world.stored(&old)), (Some(new.clone()), Some(new)));
    assert_eq!(world.state.last_switch().unwrap(), None, "so there is nothing to undo");
}

#[test]
fn the_link_stays_and_its_target_is_replaced() {
    let world = World::new();
    let key = api_key("mine");
    let target = world.profile(&key).id;
    fs::create_dir(world.codex.root().join("logins")).unwrap();
    symlink("logins/real.json", world.codex.auth_json()).unwrap();
    for live in [Some(chatgpt("main", 1)), None] {
        if let Some(live) = &live {
            world.set_live(live);
        } else {
            world.switch().to(None).unwrap();
        }
        world.switch().to(Some(&target)).unwrap();
        assert!(world.codex.auth_json().is_symlink());
        assert_eq!(fs::read_to_string(world.codex.root().join("logins/real.json")).unwrap(), key);
    }
    world.assert_at_rest("link");
}

#[test]
fn a_codex_home_that_does_not_exist_yet_is_made() {
    let world = World::new();
    fs::remove_dir(world.codex.root()).unwrap();
    let work = chatgpt("work", 1);
    let target = world.profile(&work).id;
    world.switch().to(Some(&target)).unwrap();
    assert_eq!(world.live(), Some(work));
}

#[test]
fn copies_of_earlier_logins_do_not_pile_up() {
    let world = World::new();
    let targets = ["main", "work"].map(|user| world.profile(&chatgpt(user, 1)).id);
    for target in targets.iter().cycle().take(30) {
        assert!(world.switch().to(Some(target)).unwrap().changed);
    }
    assert_eq!(fs::read_dir(world.home.backups().join("live")).unwrap().count(), 20);
    assert_eq!(world.state.switches(100).unwrap().len(), 30);
}

#[test]
fn a_journal_that_is_none_is_set_aside() {
    for text in ["", "{", "[]", r#"{"schema":99}"#] {
        let world = World::new();
        let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
        let target = world.profile(&work).id;
        world.set_live(&main);
        fs::write(world.journal(), text).unwrap();
        let Some(Recovered::JournalSetAside { place }) = world.switch().recover().unwrap() else { panic!("{text}") };
        assert_eq!(fs::read_to_string(place).unwrap(), text);
        assert_eq!(world.live(), Some(main));
        world.switch().to(Some(&target)).unwrap();
        world.assert_at_rest(text);
    }
}

/// A switch from `main` to `work`, cut off right after its journal was written.
fn cut_off() -> World {
    let world = World::new();
    let target = world.profile(&chatgpt("work", 1)).id;
    world.set_live(&chatgpt("main", 1));
    world.run_victim(&[target.as_str(), "switch.journalled"]);
    assert!(world.journal().exists());
    world
}

#[test]
fn a_live_login_that_vanished_is_completed_to_the_one_that_was_wanted() {
    for empty in [true, false] {
        let world = cut_off();
        if empty {
            world.set_live("");
        } else {
            fs::remove_file(world.codex.auth_json()).unwrap();
        }
        let recovered = world.switch().recover().unwrap();
        assert!(matches!(recovered, Some(Recovered::Completed { to: Some(_) })), "{recovered:?}");
        assert_eq!(world.live(), Some(chatgpt("work", 1)));
        world.assert_at_rest("vanished");
    }
}

#[test]
fn where_the_wanted_login_is_gone_too_the_old_one_comes_back() {
    let world = cut_off();
    fs::remove_file(world.codex.auth_json()).unwrap();
    for profile in world.profiles.list().unwrap() {
        fs::remove_file(world.home.login_file(&profile.name)).unwrap();
    }
    fs::remove_dir_all(world.home.backups().join("logins")).unwrap();
    assert_eq!(world.switch().recover().unwrap(), Some(Recovered::RolledBack));
    assert_eq!(world.live(), Some(chatgpt("main", 1)), "from the copy");
}

#[test]
fn a_login_somebody_else_made_since_is_left_alone() {
    let world = cut_off();
    let other = chatgpt("other", 1);
    world.set_live(&other);
    assert_eq!(world.switch().recover().unwrap(), Some(Recovered::Superseded));
    assert_eq!(world.live(), Some(other.clone()));
    assert_eq!(world.stored(&other), None, "nobody asked to import it");
    assert_eq!(world.stored(&chatgpt("main", 1)).map(|text| parse(&text).subject()), Some(parse(&chatgpt("main", 1)).subject()));
}

#[test]
fn a_codex_home_that_is_gone_stops_no_start() {
    let world = cut_off();
    fs::remove_dir_all(world.codex.root()).unwrap();
    assert_eq!(world.switch().recover().unwrap(), Some(Recovered::Superseded));
    assert!(!world.journal().exists());
}
