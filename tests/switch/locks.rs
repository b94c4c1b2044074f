//! Codex's locks are honoured, and so are ours.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use codex_lab_core::base::ports::Checkpoint;
use codex_lab_core::codex::switch::{PLACES, Patience};
use codex_lab_core::failure::{Code, Failure};

use crate::logins::chatgpt;
use crate::world::World;

/// Tells every place as it is reached.
#[derive(Debug)]
struct Tell(Sender<&'static str>);

impl Checkpoint for Tell {
    fn reached(&self, place: &'static str) {
        self.0.send(place).unwrap();
    }
}

fn hold(path: &Path) -> File {
    let file = File::create(path).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_held_auth_lock_delays_the_switch() {
    let world = World::new();
    let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
    let target = world.profile(&work).id;
    world.set_live(&main);
    let codex = hold(&world.codex.auth_lock());
    let (tell, told) = channel();
    let switch = world.switch_with(Arc::new(Tell(tell)));
    thread::scope(|scope| {
        let running = scope.spawn(|| switch.to(Some(&target)));
        while told.recv().unwrap() != "switch.after_preflight" {}
        assert!(told.recv_timeout(Duration::from_millis(200)).is_err(), "it goes on although Codex holds its lock");
        // What Codex writes while it holds the lock is what must be kept.
        let renewed = chatgpt("main", 7);
        world.set_live(&renewed);
        drop(codex);
        let switched = running.join().unwrap().unwrap();
        assert_eq!(world.stored(&renewed), Some(renewed));
        assert_eq!(switched.adopted, switched.from);
    });
    assert_eq!(world.live(), Some(work));
    world.assert_at_rest("after Codex let go");
}

#[test]
fn every_place_is_named_in_order() {
    let world = World::new();
    let target = world.profile(&chatgpt("work", 1)).id;
    world.set_live(&chatgpt("main", 1));
    let (tell, told) = channel();
    world.switch_with(Arc::new(Tell(tell))).to(Some(&target)).unwrap();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), PLACES);
}

#[test]
fn codex_cannot_change_its_login_while_we_do() {
    #[derive(Debug)]
    struct Codex(PathBuf);
    impl Checkpoint for Codex {
        fn reached(&self, place: &'static str) {
            let free = |name: &str| File::create(self.0.join(name)).unwrap().try_lock().is_ok();
            let (whole, commit) = match place {
                "switch.commit_locked" | "switch.rechecked" | "switch.staged" | "switch.replaced" => (false, false),
                "switch.codex_locked"
                | "switch.kept"
                | "switch.backed_up"
                | "switch.journalled"
                | "switch.commit_unlocked"
                | "switch.read_back" => (false, true),
                _ => (true, true),
            };
            assert_eq!((free("auth.lock"), free("auth.json.lock")), (whole, commit), "{place}");
        }
    }
    let world = World::new();
    let target = world.profile(&chatgpt("work", 1)).id;
    world.set_live(&chatgpt("main", 1));
    let root = world.codex.root().to_path_buf();
    world.switch_with(Arc::new(Codex(root))).to(Some(&target)).unwrap();
}

#[test]
fn a_lock_held_too_long_is_a_failure_and_nothing_changes() {
    let short = Duration::from_millis(100);
    let patience = Patience { codex: short, commit: short, ours: short, login: short };
    for name in ["auth.lock", "auth.json.lock"] {
        let world = World::new();
        let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
        let target = world.profile(&work).id;
        world.set_live(&main);
        let lock = hold(&world.codex.root().join(name));
        let failure = Failure::from(world.switch().with_patience(patience).to(Some(&target)).unwrap_err());
        assert_eq!(failure.code, Code::Locked, "{name}");
        assert!(failure.message.contains(name) && !failure.hints.is_empty(), "{failure:?}");
        assert_eq!(world.live().as_ref(), Some(&main), "{name}");
        assert_eq!(world.state.last_switch().unwrap(), None);
        drop(lock);
        world.assert_at_rest(name);
    }
}

#[test]
fn the_short_lock_is_waited_for_as_long_as_codex_does() {
    let patience = Patience::default();
    assert!(patience.commit >= Duration::from_secs(2) && patience.commit < Duration::from_secs(10));
    assert!(patience.codex > patience.commit && patience.ours > patience.codex);
}

/// Another program signs in without Codex's locks, once, at a place.
#[derive(Debug)]
struct Intruder {
    place: &'static str,
    file: PathBuf,
    text: Mutex<Option<String>>,
}

impl Intruder {
    fn at(place: &'static str, world: &World, text: &str) -> Arc<Self> {
        Arc::new(Self { place, file: world.codex.auth_json(), text: Mutex::new(Some(text.to_owned())) })
    }
}

impl Checkpoint for Intruder {
    fn reached(&self, place: &'static str) {
        if place == self.place
            && let Some(text) = self.text.lock().unwrap().take()
        {
            fs::write(&self.file, text).unwrap();
        }
    }
}

#[test]
fn a_login_that_changes_under_our_hands_is_kept_too() {
    let world = World::new();
    let (main, other, work) = (chatgpt("main", 1), chatgpt("other", 1), chatgpt("work", 1));
    let target = world.profile(&work).id;
    world.set_live(&main);
    let switched = world.switch_with(Intruder::at("switch.commit_locked", &world, &other)).to(Some(&target)).unwrap();
    assert_eq!(world.live(), Some(work));
    assert_eq!(world.stored(&main), Some(main));
    assert_eq!(world.stored(&other), Some(other));
    assert_eq!(switched.from.unwrap().email.unwrap(), "other@example.com");
    world.assert_at_rest("after the intruder");
}

#[test]
fn a_switch_that_was_written_over_does_not_say_done() {
    let world = World::new();
    let (main, other, work) = (chatgpt("main", 1), chatgpt("other", 1), chatgpt("work", 1));
    let target = world.profile(&work).id;
    world.set_live(&main);
    let error = world.switch_with(Intruder::at("switch.commit_unlocked", &world, &other)).to(Some(&target)).unwrap_err();
    assert_eq!(Failure::from(error).code, Code::LiveLoginUnsafe);
    assert_eq!((world.live(), world.stored(&main)), (Some(other), Some(main)), "nobody's login is lost");
    assert_eq!(world.state.last_switch().unwrap(), None);
    world.assert_at_rest("after the intruder");
}

#[test]
fn codex_may_renew_the_new_login_at_once() {
    let world = World::new();
    let (work, renewed) = (chatgpt("work", 1), chatgpt("work", 2));
    let target = world.profile(&work).id;
    world.set_live(&chatgpt("main", 1));
    let switched = world.switch_with(Intruder::at("switch.commit_unlocked", &world, &renewed)).to(Some(&target)).unwrap();
    assert!(switched.changed);
    assert_eq!((world.live(), world.stored(&work)), (Some(renewed.clone()), Some(renewed)));
    assert_eq!(world.state.last_switch().unwrap().unwrap().to, Some(target));
    world.assert_at_rest("after the refresh");
}

#[test]
fn a_write_that_fails_changes_nothing() {
    /// The folder behind the link goes away right before the write.
    #[derive(Debug)]
    struct Remover(PathBuf);
    impl Checkpoint for Remover {
        fn reached(&self, place: &'static str) {
            if place == "switch.rechecked" {
                fs::rename(&self.0, self.0.with_extension("away")).unwrap();
            }
        }
    }
    let world = World::new();
    let (main, work) = (chatgpt("main", 1), chatgpt("work", 1));
    let target = world.profile(&work).id;
    let folder = world.codex.root().join("logins");
    fs::create_dir(&folder).unwrap();
    symlink("logins/auth.json", world.codex.auth_json()).unwrap();
    world.set_live(&main);
    world.switch_with(Arc::new(Remover(folder.clone()))).to(Some(&target)).unwrap_err();
    fs::rename(folder.with_extension("away"), &folder).unwrap();
    assert_eq!(world.live(), Some(main));
    assert_eq!(world.state.last_switch().unwrap(), None);
    world.assert_at_rest("after the failed write");
}

#[test]
fn two_processes_switch_one_after_the_other() {
    let world = World::new();
    let (main, work, backup) = (chatgpt("main", 1), chatgpt("work", 1), chatgpt("backup", 1));
    let targets = [&work, &backup].map(|login| world.profile(login).id);
    for round in 0..8 {
        world.set_live(&main);
        let children = targets.each_ref().map(|id| world.victim(&[id.as_str()]).spawn().unwrap());
        for mut child in children {
            assert!(child.wait().unwrap().success(), "round {round}");
        }
        world.assert_at_rest(&format!("round {round}"));
        let last = world.state.switches(2).unwrap();
        let live = world.live().unwrap();
        let winner = usize::from(live == backup);
        assert!(live == work || live == backup, "round {round}");
        assert_eq!(last[0].to.as_ref(), Some(&targets[winner]), "round {round}");
        assert_eq!(last[0].from, last[1].to, "round {round}: one saw the other's work");
        assert_eq!(world.stored(&main).as_ref(), Some(&main), "round {round}");
    }
}
