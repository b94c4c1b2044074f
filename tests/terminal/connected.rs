//! Connected clients at work: the real Codex and the real opencode, by their own configuration alone.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::own_port;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::world::World;

/// Of a run of a client.
const PATIENCE: Duration = Duration::from_secs(90);

/// Starts a gateway; its port, once it serves.
async fn serve(world: &World, options: &[&str]) -> (Child, u16) {
    let mut serving = world.start(&[&["serve"], options].concat());
    let mut lines = BufReader::new(serving.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("it serves");
    let port = line.trim_end_matches("/v1").rsplit_once(':').unwrap().1.parse().unwrap();
    (serving, port)
}

/// Runs a client in the world's home to its end; what it printed.
async fn run(world: &World, program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(world.environment()).current_dir(world.home());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, output).await.expect("it ends in time").unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

/// Everybody but one account is out of quota.
fn exhaust_all_but(world: &World, account: &str) {
    let reset = SystemClock.now().as_second() + 3 * 3600;
    for other in ["main", "work", "backup"].into_iter().filter(|other| *other != account) {
        world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", reset)).by(other));
    }
}

#[tokio::test]
async fn codex_goes_through_by_its_configuration_alone() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    world.file(".codex/config.toml", QUIET);
    let (mut serving, _) = serve(&world, &[]).await;
    world.good(&["connect", "codex"]).await;
    exhaust_all_but(&world, "work");
    let codex = CodexCli::locate().unwrap();
    let said = run(&world, codex.binary(), &["exec", "--skip-git-repo-check", "say hi"]).await;
    assert!(said.contains("hello from work"), "the live login is main's: {said}");

    // To another port, and straight to the provider again.
    serving.kill().await.unwrap();
    let free = own_port::next().to_string();
    let (_serving, port) = serve(&world, &["--port", &free]).await;
    world.good(&["connect", "codex"]).await;
    assert!(std::fs::read_to_string(world.codex_home().join("config.toml")).unwrap().contains(&format!(":{port}/v1")));
    let said = run(&world, codex.binary(), &["exec", "--skip-git-repo-check", "say hi"]).await;
    assert!(said.contains("hello from work"), "{said}");
    world.good(&["disconnect", "codex"]).await;
    assert_eq!(std::fs::read_to_string(world.codex_home().join("config.toml")).unwrap(), QUIET);
}

/// There is a build for this system in `tests/opencode`, and for no other.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[tokio::test]
async fn opencode_goes_through_by_its_configuration_alone() {
    let mut world = World::with_trio().await;
    let opencode = Path::new(env!("CARGO_MANIFEST_DIR")).join("opencode/node_modules/opencode-linux-x64/bin/opencode");
    assert!(opencode.is_file(), "{} is missing; run `make setup`", opencode.display());
    let config = world.file(".config/opencode/opencode.json", "{\n  // mine\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n");
    let original = std::fs::read_to_string(&config).unwrap();
    let (_serving, _) = serve(&world, &[]).await;
    world.good(&["connect", "opencode"]).await;
    exhaust_all_but(&world, "backup");
    // It looks for news of itself and of models otherwise.
    world.set("OPENCODE_DISABLE_AUTOUPDATE", "1");
    world.set("OPENCODE_DISABLE_MODELS_FETCH", "1");
    let said = run(&world, &opencode, &["run", "--model", "codex-lab/gpt-6.1-sol", "say hi"]).await;
    assert!(said.contains("hello from backup"), "{said}");
    world.good(&["disconnect", "opencode"]).await;
    assert_eq!(std::fs::read_to_string(&config).unwrap(), original);
}
