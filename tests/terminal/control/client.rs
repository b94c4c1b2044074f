//! The client in Python (`client.py`), which knows only what `docs/control-interface.md` says.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Quota, Script};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::server::{Server, turn};
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(120);

/// The client at one of its scenarios.
struct Client {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(world: &World, scenario: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("terminal/control/client.py");
        let mut command = Command::new("python3");
        command.arg(script).args(scenario).env_clear().envs(world.environment()).kill_on_drop(true);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next step that went well.
    async fn step(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a step in time").unwrap();
        match line {
            Some(line) => line,
            None => panic!("{}", self.complaint().await),
        }
    }

    async fn steps<const N: usize>(&mut self) -> [String; N] {
        let mut steps = [const { String::new() }; N];
        for step in &mut steps {
            *step = self.step().await;
        }
        steps
    }

    async fn complaint(&mut self) -> String {
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        told
    }

    async fn ends(mut self) {
        let complaint = self.complaint().await;
        assert!(self.child.wait().await.unwrap().success(), "{complaint}");
    }
}

#[tokio::test]
async fn it_signs_in_switches_subscribes_and_is_told_of_a_fallback() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    let server = Server::with_gateway(&world).await;
    let mut client = Client::start(&world, &["story"]);
    let signed_in = client.steps::<3>().await;
    assert_eq!(signed_in, ["signed in main", "signed in backup", "called off"]);
    assert!(world.browser.visits().unwrap().is_empty(), "no browser was opened here");
    assert_eq!(client.steps::<2>().await, ["switched", "subscribed"]);

    for account in ["main", "backup"] {
        world.sandbox.edit_account(account, |account| account.quota = Quota::plus(10, 20)).unwrap();
    }
    let body = turn(&world, &server, "told-of").await;
    let first = if body.contains("hello from main") { "main" } else { "backup" };
    let other = if first == "main" { "backup" } else { "main" };
    let until = SystemClock.now().as_second() + 3 * 3600;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::usage_limit("plus", until)).by(first));
    assert!(turn(&world, &server, "told-of").await.contains(&format!("hello from {other}")));
    assert_eq!(client.step().await, format!("fell back from {first} to {other}"));
    assert_eq!(client.step().await, "pinned");
    client.ends().await;
    server.end().await;
}

#[tokio::test]
async fn it_is_refused_what_it_must_not_do() {
    let world = World::with_trio().await;
    let server = Server::alone(&world).await;
    let mut client = Client::start(&world, &["oversized"]);
    assert_eq!(client.step().await, "refused what it must");
    client.ends().await;
    server.end().await;
}

#[tokio::test]
async fn ten_thousand_requests_at_once_are_answered_and_hold_nobody_up() {
    let world = World::with_trio().await;
    let server = Server::alone(&world).await;
    let mut client = Client::start(&world, &["flood"]);
    assert_eq!(client.steps::<3>().await, ["answered all", "held back", "answered all after all"]);
    client.ends().await;
    server.end().await;
}

#[tokio::test]
async fn a_program_of_another_user_is_turned_away() {
    use std::os::unix::fs::PermissionsExt as _;
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: only root can become another user, so nobody tries another user's socket here");
        return;
    }
    let world = World::new().await;
    let server = Server::alone(&world).await;
    let socket = server.address.clone();
    let stranger = ["stranger", socket.as_str(), "65534"];
    let mut client = Client::start(&world, &stranger);
    assert_eq!(client.step().await, "permission denied");
    client.ends().await;
    // Somebody has opened the folders and the socket to everybody: who it is still counts.
    for (path, mode) in [
        (world.home().to_path_buf(), 0o755),
        (world.lab_home(), 0o755),
        (world.lab_home().join("runtime"), 0o755),
        (socket.clone().into(), 0o666),
    ] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut client = Client::start(&world, &stranger);
    assert_eq!(client.step().await, "connected, and told 0 bytes");
    client.ends().await;
    server.end().await;
}
