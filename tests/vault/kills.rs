//! SIGKILL at every place of a move: the next start, without the key, settles it one way or the other, and nothing is lost.

use std::os::unix::process::ExitStatusExt as _;

use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_core::store::vault::PLACES;

use crate::logins::chatgpt;
use crate::world::{MODES, World, parse};

/// What happens between the kill and the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// Nothing.
    Nothing,
    /// A process that has been running all the time saves a renewed login.
    Save,
    /// The next start is killed as well, when it is about to be done.
    SecondKill,
}

/// Kills a move between these modes at this place, after so many arrivals; whether it was reached.
fn kill(from: VaultMode, to: VaultMode, place: &str, times: u32, between: Between) -> bool {
    let context = format!("{from:?} to {to:?}, killed at {place} after {times}, then {between:?}");
    let world = World::full();
    world.move_to(from);
    let mut expected = world.contents();
    let word = format!("move-{to:?}").to_lowercase();
    let output = world.run_victim(&[&word, place, "--after", &times.to_string()]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("planted"), "{context}: a secret was told");
    let killed = output.status.signal() == Some(9);
    assert!(killed || output.status.success(), "{context}: {} {said}", output.status);

    match between {
        Between::Nothing => {}
        Between::Save => {
            world.keep(&chatgpt("main", 9));
        }
        Between::SecondKill => {
            for place in ["move.replaced", "move.old_removed", "move.key_dropped"] {
                world.run_victim(&["repair", place]);
            }
        }
    }
    let starting = world.fresh();
    starting.repair().unwrap_or_else(|error| panic!("{context}: {error:?}"));
    let reached = |place: &str| PLACES.iter().position(|known| *known == place).unwrap();
    let committed = !killed || reached(place) >= reached("move.committed");
    assert_eq!(starting.vault().mode().unwrap(), if committed { to } else { from }, "{context}");
    world.assert_at_rest(&context);

    if between == Between::Save {
        assert_eq!(newest(&world), chatgpt("main", 9), "{context}");
        expected = world.contents();
    }
    assert_eq!(world.contents(), expected, "{context}");
    World::unlock(&world.profiles).unwrap();
    world.move_to(to);
    world.assert_at_rest(&format!("{context}; again"));
    assert_eq!(world.contents(), expected, "{context}; again");
    killed
}

fn newest(world: &World) -> String {
    let profiles = world.fresh();
    World::unlock(&profiles).unwrap();
    let subject = parse(&chatgpt("main", 9)).subject();
    let profile = profiles.list().unwrap().into_iter().find(|profile| Some(&profile.subject) == subject.as_ref()).unwrap();
    profiles.login(&profile.id).unwrap().text().expose().to_owned()
}

fn pairs() -> impl Iterator<Item = (VaultMode, VaultMode)> {
    MODES.into_iter().flat_map(|from| MODES.into_iter().filter(move |to| *to != from).map(move |to| (from, to)))
}

/// Between two sealed modes the key moves, and no file does.
fn moves_files(from: VaultMode, to: VaultMode) -> bool {
    from == VaultMode::File || to == VaultMode::File
}

#[test]
fn at_every_place_between_every_two_modes() {
    for (from, to) in pairs() {
        for place in PLACES {
            let reached = kill(from, to, place, 0, Between::Nothing);
            let of_files = matches!(*place, "move.copied" | "move.all_copied" | "move.replaced");
            assert_eq!(reached, moves_files(from, to) || !of_files, "{from:?} to {to:?}: {place}");
        }
    }
}

#[test]
fn at_every_file() {
    for (from, to) in [(VaultMode::File, VaultMode::Keyring), (VaultMode::Keyring, VaultMode::File)] {
        for place in ["move.copied", "move.replaced"] {
            let mut times = 1;
            while kill(from, to, place, times, Between::Nothing) {
                times += 1;
            }
            assert!(times > 6, "{times} files");
        }
    }
}

#[test]
fn while_another_process_saves_a_login() {
    for (from, to) in [(VaultMode::File, VaultMode::Keyring), (VaultMode::Keyring, VaultMode::File)] {
        for place in PLACES {
            kill(from, to, place, 1, Between::Save);
            kill(from, to, place, 0, Between::Save);
        }
    }
}

#[test]
fn twice() {
    for (from, to) in [(VaultMode::File, VaultMode::Keyring), (VaultMode::Keyring, VaultMode::File)] {
        for place in PLACES {
            kill(from, to, place, 0, Between::SecondKill);
        }
    }
}
