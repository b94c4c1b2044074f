//! `codex-lab run` and `codex-lab serve`, with the real Codex CLI behind them.

use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use codex_lab_tests::story::conversation::{Conversation, trust_in};
use codex_lab_tests::story::leftovers::EndsWithMe;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::world::{Ended, World, program};

const PATIENCE: Duration = Duration::from_secs(30);

/// A world with three profiles, where Codex is quiet.
async fn world() -> World {
    let world = World::with_trio().await;
    world.file(".codex/config.toml", QUIET);
    world
}

fn codex() -> String {
    CodexCli::locate().unwrap().binary().display().to_string()
}

/// Runs `codex exec` through the gateway.
async fn exec(world: &World, options: &[&str]) -> Ended {
    let codex = codex();
    let command = [&["run"], options, &["--", codex.as_str(), "exec", "--skip-git-repo-check", "say hi"]].concat();
    world.run(&command).await
}

/// Whose tokens the turns came with, in their order; prewarms aside.
fn served_by(world: &World) -> Vec<String> {
    let turns = world.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
    turns.filter(|request| request.json()["generate"] != false).map(|request| request.account.unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_run_needs_no_live_login_and_says_who_served() {
    let world = world().await;
    let ended = exec(&world, &["--profile", "work"]).await;
    assert_eq!((ended.status, ended.stdout.trim()), (0, "hello from work"), "{ended:?}");
    assert!(ended.stderr.ends_with("codex-lab: served by work\n"), "{ended:?}");
    assert_eq!(served_by(&world), ["work"]);
}

#[tokio::test]
async fn a_run_goes_on_with_another_profile() {
    let world = world().await;
    let reset = SystemClock.now().as_second() + 3 * 3600;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)).by("main"));
    let ended = exec(&world, &["--profile", "main"]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    let last = ended.stderr.lines().last().unwrap();
    assert!(last == "codex-lab: served by work" || last == "codex-lab: served by backup", "{ended:?}");
    // Only the profile it was started on may serve.
    let ended = exec(&world, &["--profile", "main", "--strict"]).await;
    assert_eq!(ended.status, 63, "{ended:?}");
    let at = jiff::Timestamp::from_second(reset).unwrap().strftime("%Y-%m-%d %H:%M UTC");
    assert!(ended.stderr.contains(&format!("Every profile is out of quota. The first has some again at {at}. [exhausted]")), "{ended:?}");
}

#[tokio::test]
async fn one_serves_and_a_second_says_so() {
    let world = world().await;
    let mut serving = world.start(&["serve", "--json"]);
    let mut lines = BufReader::new(serving.stdout.take().unwrap()).lines();
    let mut text = String::new();
    while serde_json::from_str::<Value>(&text).is_err() {
        text.push_str(&lines.next_line().await.unwrap().expect("it serves"));
    }
    let address = serde_json::from_str::<Value>(&text).unwrap()["result"]["address"].as_str().unwrap().to_owned();
    let refused = world.refused(&["serve"], "already_serving", 60).await;
    assert!(refused.contains(&format!("process {}, serves the gateway already", serving.id().unwrap())), "{refused}");
    assert_eq!(exec(&world, &[]).await.status, 0);
    assert!(address.starts_with("http://127.0.0.1:") && address.ends_with("/v1"), "{address}");
}

#[tokio::test]
async fn the_screen_goes_through_with_the_live_login() {
    let world = world().await;
    world.good(&["use", "main"]).await;
    // A run that is told not to use the key: Codex would throw the login away otherwise.
    world.file(".codex/config.toml", &format!("forced_login_method = 'chatgpt'\n{QUIET}"));
    let ended = exec(&world, &["--profile", "backup"]).await;
    assert_eq!((ended.status, ended.stdout.trim()), (0, "hello from backup"), "{ended:?}");
    assert_eq!(served_by(&world), ["backup"]);
    let live: Value = serde_json::from_str(&std::fs::read_to_string(world.codex_home().join("auth.json")).unwrap()).unwrap();
    assert!(live["tokens"]["access_token"].is_string(), "the live login is still there");
}

#[tokio::test]
async fn only_codex_is_started_and_only_where_it_can_work() {
    let world = world().await;
    for (words, code, status, said) in [
        (&["--", "/bin/sh", "-c", "exit 0"][..], "invalid_input", 3, "Only Codex can be started"),
        (&["--", "/usr/bin/codex"], "not_possible_now", 6, "Codex has no login"),
        (&["--", "/nowhere/codex", "exec", "hi"], "codex_missing", 40, "The Codex CLI was not found"),
        (&["--profile", "nobody", "--", "codex"], "not_found", 4, "There is no profile called"),
    ] {
        let ended = world.run(&[&["run"], words].concat()).await;
        assert_eq!(ended.status, status, "{words:?}: {ended:?}");
        assert!(ended.stderr.contains(&format!("[{code}]")) && ended.stderr.contains(said), "{words:?}: {ended:?}");
    }
    assert!(served_by(&world).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_through_the_gateway_even_beside_a_daemon_that_does_not() {
    let world = world().await;
    world.good(&["use", "main"]).await;
    world.file(".codex/config.toml", &format!("{QUIET}{}", trust_in(world.home())));
    let _daemon = EndsWithMe::new(world.home());
    let open =
        async |words: &[String]| Conversation::open_by(words, world.home(), world.home(), world.environment(), PATIENCE).await.unwrap();

    // An ordinary one, which leaves a daemon behind.
    let plain = open(&[codex()]).await;
    plain.say("who is there", PATIENCE).await.unwrap();
    plain.wait_for("hello from main", PATIENCE).await.unwrap();
    drop(plain);

    let words = [program("codex-lab").display().to_string(), "run".into(), "--profile".into(), "backup".into(), "--".into(), codex()];
    let through = open(&words).await;
    through.say("and who is here", PATIENCE).await.unwrap();
    through.wait_for("hello from backup", PATIENCE).await.unwrap();
    assert_eq!(served_by(&world).last().unwrap(), "backup");
}
