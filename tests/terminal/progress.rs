//! Bars and spinners: a person at a terminal sees them while something is waited for, and nobody and nothing else ever does.

use std::time::Duration;

use codex_lab_core::base::locks::FileLock;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use jiff::SignedDuration;
use regex::Regex;

use crate::pane::Pane;
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(60);
/// Ways to ask for no bars in a terminal. What the command itself says goes into a file, so that standard error alone is seen.
const WAYS: [(&str, &str); 4] = [
    ("json", "codex-lab renew main --json"),
    ("dumb", "TERM=dumb codex-lab renew main"),
    ("quiet", "codex-lab renew main -q"),
    ("log", "codex-lab renew main 2>/dev/null"),
];

/// Everything that a terminal is sent from now on.
async fn record(pane: &Pane<'_>, name: &str) {
    pane.run(&["pipe-pane", "-o", &format!("cat > {name}.raw")]).await;
}

fn recorded(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.home().join(format!("{name}.raw"))).unwrap()
}

/// Lets go of what is held, again and again: one release does nothing for a request that comes to be held after it.
async fn release(world: &World) {
    loop {
        world.sandbox.release();
        tokio::task::yield_now().await;
    }
}

/// Waits for this while nothing is held any more.
async fn released(pane: &Pane<'_>, text: &str) -> String {
    tokio::select! {
        screen = pane.wait_for(text) => screen,
        () = release(pane.world) => panic!("nothing ends that"),
    }
}

#[tokio::test]
async fn a_wait_turns_at_a_terminal_and_leaves_nothing_behind() {
    let world = World::with_trio().await;
    let Some(pane) = Pane::open(&world).await else { return };
    record(&pane, "turning").await;
    let turning = Regex::new(r"(?m)^[-|/\\\\] Renewing the login *$").unwrap();
    for colours in ["", "NO_COLOR=1 "] {
        world.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::Hold));
        pane.line(&format!("clear; {colours}codex-lab renew main; echo en\"\"ded: $?")).await;
        let waiting = pane.wait_for("Renewing the login").await;
        assert!(turning.is_match(&waiting) && !waiting.contains("ended"), "{waiting}");
        let screen = released(&pane, "ended: 0").await;
        let lines: Vec<_> = screen.lines().filter(|line| !line.trim().is_empty()).take(2).collect();
        assert_eq!(lines, ["main's login is renewed", "ended: 0"], "as without a spinner: {screen}");
    }
    let coloured = Regex::new(r"\x1b\[[0-9;]*[349][0-7]m").unwrap();
    assert!(!coloured.is_match(&recorded(&world, "turning")), "a spinner has no colours of its own");
}

#[tokio::test]
async fn where_it_is_not_wanted_not_one_byte_comes() {
    let world = World::with_trio().await;
    let Some(seen) = Pane::named("seen", &world).await else { return };
    for (name, command) in WAYS {
        let pane = Pane::named(name, &world).await.unwrap();
        world.sandbox.script(Script::next(3, Endpoint::Refresh, Behaviour::Hold));
        // In two parts, so that what is looked for is not what is typed.
        pane.line("clear").await;
        pane.wait_for("ready>").await;
        record(&pane, name).await;
        pane.line(&format!("{command} >{name}.out; echo en''ded: $?")).await;
        let piped = world.start(&["renew", "work"]);
        // One is held, and the other waits for its turn.
        world.sandbox.wait_held(1, PATIENCE).await.unwrap();
        // These began before: a spinner of theirs would be there by now.
        seen.line("clear; codex-lab renew backup; echo en''ded: $?").await;
        seen.wait_for("Renewing the login").await;
        released(&seen, "ended: 0").await;
        pane.wait_for("ended: 0").await;
        let ended = world.ended(piped).await;
        assert_eq!((ended.status, ended.stdout.as_str(), ended.stderr.as_str()), (0, "work's login is renewed\n", ""), "{name}");
        let raw = recorded(&world, name);
        let (_, shown) = raw.split_once("ded: $?").unwrap();
        assert!(shown.trim_start().trim_start_matches("\u{1b}[?2004l").trim_start().starts_with("ended: 0"), "{name}: {shown:?}");
    }
}

#[tokio::test]
async fn an_import_counts_and_a_sign_in_counts_down() {
    let world = World::with_trio().await;
    let Some(pane) = Pane::open(&world).await else { return };
    world.sandbox.set_clock_ahead(SignedDuration::from_secs(60));
    for account in ["main", "work"] {
        world.file(&format!("newer/{account}/auth.json"), &world.sandbox.auth_json(account).unwrap());
    }
    let work = world.json(&["show", "work"]).await["result"]["id"].as_str().unwrap().to_owned();
    let lock = world.lab_home().join(format!("locks/login-{work}.lock"));
    let held = FileLock::acquire(&lock, "a test", Duration::ZERO).unwrap();
    pane.line("clear; codex-lab import newer; echo en''ded: $?").await;
    let counting = pane.wait_for("Keeping logins  [").await;
    assert!(Regex::new(r"Keeping logins  \[=*>? *\] [0-9]/[0-9]").unwrap().is_match(&counting), "{counting}");
    drop(held);
    let screen = pane.wait_for("ended: 0").await;
    assert!(!screen.contains("Keeping logins"), "{screen}");

    pane.line("clear; codex-lab login --device-code; echo en''ded: $?").await;
    let screen = pane.wait_for_all(&["Waiting for the code to be typed in, 14:", " left"]).await;
    let code = screen.lines().find_map(|line| line.strip_prefix("    ")).unwrap().trim();
    world.sandbox.approve_device(code, "backup").unwrap();
    let screen = pane.wait_for("ended: 0").await;
    assert!(screen.contains("Signed in as") && !screen.contains(" left"), "{screen}");
}
