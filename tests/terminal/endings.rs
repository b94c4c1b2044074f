//! Ends that are nobody's wish: Ctrl-C, input that runs out, readers that go away.

use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::world::World;

/// Reads on until the code that a device sign-in prints. The pipe stays open.
async fn device_code(child: &mut Child) -> (String, impl Sized + use<>) {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("a code is printed");
        // It stands alone on its line.
        if line.starts_with("    ") {
            return (line.trim().to_owned(), lines);
        }
    }
}

#[tokio::test]
async fn ctrl_c_ends_the_wait_for_a_device_code() {
    let world = World::new().await;
    let mut child = world.start(&["login", "--device-code", "--json"]);
    let (_, _open) = device_code(&mut child).await;
    let interrupted = Command::new("kill").args(["-INT", &child.id().unwrap().to_string()]).status().await.unwrap();
    assert!(interrupted.success());
    let ended = world.ended(child).await;
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((said["failure"]["code"].as_str(), ended.status), (Some("cancelled"), 130));
}

#[tokio::test]
async fn a_device_code_can_be_refused_or_not_be_had() {
    let world = World::new().await;
    world.sandbox.script(Script::next(2, Endpoint::DeviceCode, Behaviour::status(404)));
    world.refused(&["login", "--device-code"], "sign_in_refused", 11).await;
    let mut child = world.start(&["login", "--device-code", "--verbose"]);
    let (code, _open) = device_code(&mut child).await;
    world.sandbox.deny_device(&code).unwrap();
    assert_eq!(world.ended(child).await.status, 11);
}

#[tokio::test]
async fn an_address_that_is_never_pasted_is_not_waited_for() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.refused(&["login", "--paste-callback"], "invalid_input", 3).await;
    let forged = "http://127.0.0.1:1455/auth/callback?code=x&state=forged\n";
    assert_eq!(world.run_with(&["login", "--paste-callback"], forged).await.status, 16);
    assert!(world.browser.visits().unwrap().is_empty(), "the browser is left alone");
}

#[tokio::test]
async fn signing_out_is_never_done_unasked() {
    let world = World::with_trio().await;
    world.refused(&["remove", "work", "--sign-out"], "invalid_input", 3).await;
    assert_eq!(world.sandbox.counters_of("work").revokes, 0);
    assert!(world.good(&["list"]).await.stdout.contains("work"));
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_error() {
    let world = World::with_trio().await;
    for verb in [&["completions", "bash"][..], &["list"], &["doctor", "--json"]] {
        let mut child = world.start(verb);
        drop(child.stdout.take());
        assert_eq!(world.ended(child).await.status, 0, "{verb:?}");
    }
}
