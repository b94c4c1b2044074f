//! SIGKILL at every place of putting a copy back: the next start has every login whole, and the copy can be put back then.

use std::os::unix::process::ExitStatusExt as _;

use codex_lab_core::model::profile::{Profile, ProfileId};
use codex_lab_core::store::{profiles, rearrange};

use crate::logins::chatgpt;
use crate::world::{World, parse};

/// Runs it until the place, and says whether it came there.
fn killed(world: &World, copy: &str, place: &str) -> bool {
    let output = world.run_victim(&[&format!("put-back:{copy}"), place]);
    let spoken = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!spoken.contains("planted") && !spoken.contains("panicked"), "{place}: {spoken}");
    output.status.signal() == Some(9)
}

/// The next start.
fn start(world: &World, context: &str) {
    world.profiles.repair().unwrap_or_else(|error| panic!("{context}: {error:?}"));
    assert!(world.profiles.repair().unwrap().is_empty(), "{context}: once is enough");
    assert!(std::fs::read_dir(world.home.backups().join("saving")).unwrap().next().is_none(), "{context}: a save is left open");
    world.assert_at_rest(context);
}

fn names(world: &World) -> Vec<String> {
    world.profiles.list().unwrap().iter().map(|profile| profile.name.to_string()).collect()
}

#[test]
fn of_a_login() {
    for place in profiles::PLACES {
        let world = World::new();
        let (old, new) = (chatgpt("main", 1), chatgpt("main", 5));
        let id = world.profile(&old).id;
        world.profile(&new);
        let copy = world.profiles.copies().unwrap().into_iter().find(|copy| copy.profile.is_some() && copy.id.ends_with("-1")).unwrap().id;
        let reached = killed(&world, &copy, place);
        start(&world, place);
        let stored = world.stored(&old);
        assert!(stored.as_ref() == Some(&old) || stored.as_ref() == Some(&new), "{place}: one of them, whole");
        world.profiles.put_back(&copy_of(&world, &id, &old), true).unwrap();
        assert!(world.stored(&old) == Some(old.clone()), "{place}: in the end");
        assert!(world.profiles.copies().unwrap().len() > 2, "{place}");
        let newer = copy_of(&world, &id, &new);
        world.profiles.put_back(&newer, true).unwrap();
        assert!(world.stored(&new) == Some(new), "{place}: what was there before is not lost");
        // Nothing is indexed where the index does not change; all else is on the way.
        assert!(reached || matches!(*place, "save.begun" | "save.indexed"), "{place}");
    }
}

/// The copy that holds this login now.
fn copy_of(world: &World, id: &ProfileId, login: &str) -> String {
    let copies = world.profiles.copies().unwrap().into_iter().filter(|copy| copy.profile.as_ref() == Some(id));
    let holds = |name: &str| {
        let which = name.rsplit('-').next().unwrap();
        let file = which.parse::<u64>().map_or_else(|_| "current.copy".to_owned(), |number| format!("{number:08}.copy"));
        let path = world.home.backups().join("logins").join(id.as_str()).join(file);
        std::fs::read_to_string(path).unwrap().ends_with(login)
    };
    copies.map(|copy| copy.id).find(|name| holds(name)).unwrap()
}

#[test]
fn of_a_list_in_which_names_go_round() {
    for place in rearrange::PLACES {
        let world = World::new();
        let logins = ["a", "b", "c"].map(|user| chatgpt(user, 1));
        let ids: Vec<ProfileId> = logins.iter().map(|login| world.profile(login).id).collect();
        let rename = |order: [&str; 3]| {
            for (id, name) in ids.iter().zip(["x", "y", "z"]) {
                world.profiles.rename(id, name).unwrap();
            }
            for (id, name) in ids.iter().zip(order) {
                world.profiles.rename(id, name).unwrap();
            }
        };
        rename(["one", "two", "three"]);
        let copy = world.profiles.copies().unwrap().into_iter().find(|copy| copy.profile.is_none()).unwrap().id;
        rename(["two", "three", "one"]);
        assert!(killed(&world, &copy, place), "{place} is reached");
        start(&world, place);
        for (id, login) in ids.iter().zip(&logins) {
            let Profile { id: found, subject, .. } = world.profiles.get(id).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(found == *id && parse(login).subject() == Some(subject), "{place}");
            assert!(world.stored(login).as_ref() == Some(login), "{place}: every login is whole");
        }
        world.profiles.put_back(&copy, true).unwrap();
        assert_eq!(names(&world), ["one", "two", "three"], "{place}: in the end");
        start(&world, place);
        for login in &logins {
            assert!(world.stored(login).as_ref() == Some(login), "{place}: in the end");
        }
    }
}
