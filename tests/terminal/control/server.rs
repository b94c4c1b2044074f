//! Who serves the socket: one process of a home, which replaces what a killed one left, for a thousand subscribers.

use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;

use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(60);

/// A process that serves.
pub(crate) struct Server {
    child: Child,
    /// The gateway's, where it has one.
    pub(crate) port: Option<u16>,
    /// The socket.
    pub(crate) address: String,
}

impl Server {
    /// `codex-lab app-server --listen`.
    pub(crate) async fn alone(world: &World) -> Self {
        let mut child = world.start(&["app-server", "--listen"]);
        let said = first_line(&mut child).await;
        Self { child, port: None, address: said.strip_prefix("listening on ").unwrap().to_owned() }
    }

    /// `codex-lab serve`.
    pub(crate) async fn with_gateway(world: &World) -> Self {
        let mut child = world.start(&["serve"]);
        let said = first_line(&mut child).await;
        let port = said.strip_prefix("serving on http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/v1")).unwrap().parse().unwrap();
        let address = served(world).await["address"].as_str().unwrap().to_owned();
        Self { child, port: Some(port), address }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap()
    }

    /// Ends it as a terminal does.
    pub(crate) async fn end(mut self) {
        kill_process(self.pid(), Signal::INT).unwrap();
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        assert!(self.child.wait().await.unwrap().success(), "{told}");
        assert!(!told.contains("panicked"), "{told}");
    }

    async fn killed(mut self) {
        self.child.kill().await.unwrap();
    }
}

async fn first_line(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line in time").unwrap();
    if let Some(line) = line {
        return line;
    }
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
    panic!("{told}");
}

/// What `runtime/control.json` says, as soon as it is there.
async fn served(world: &World) -> Value {
    let path = world.lab_home().join("runtime/control.json");
    let there = async {
        loop {
            if let Some(served) = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok()) {
                return served;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, there).await.expect("somebody serves in time")
}

/// One turn of a session through the gateway, of a client that is not Codex.
pub(crate) async fn turn(world: &World, server: &Server, session: &str) -> String {
    let (_, body) = try_turn(world, server, session).await;
    body
}

/// The same, with the status.
pub(crate) async fn try_turn(world: &World, server: &Server, session: &str) -> (u16, String) {
    // Where it is installed already, it stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let key = std::fs::read_to_string(world.lab_home().join("gateway.key")).unwrap();
    let request = client.post(format!("http://127.0.0.1:{}/v1/responses", server.port.unwrap())).bearer_auth(key.trim());
    let turn = json!({ "model": "gpt-6-luna", "stream": true, "input": "hi" });
    let answer = request.header("session-id", session).json(&turn).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    // What the model says comes in pieces.
    let said: String = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter(|event| event["type"] == "response.output_text.delta")
        .filter_map(|event| event["delta"].as_str().map(str::to_owned))
        .collect();
    (status, if said.is_empty() { text } else { said })
}

/// One connection.
pub(crate) struct Wire {
    lines: Lines<BufReader<OwnedReadHalf>>,
    to: OwnedWriteHalf,
}

impl Wire {
    pub(crate) async fn open(address: &str) -> Self {
        let (from, to) = UnixStream::connect(address).await.unwrap().into_split();
        let mut wire = Self { lines: BufReader::new(from).lines(), to };
        let hello = wire.ask("initialize", json!({ "clientInfo": { "name": "wire" } })).await;
        assert_eq!(hello["result"]["protocolVersion"], 1, "{hello}");
        wire
    }

    pub(crate) async fn say(&mut self, method: &str, params: Value) {
        let line = json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params });
        self.to.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The whole answer; what is told before it is passed over.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.say(method, params).await;
        loop {
            let line = self.hear().await.expect("an answer");
            if line["id"] == method {
                return line;
            }
        }
    }

    pub(crate) async fn hear(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time").unwrap();
        line.map(|line| serde_json::from_str(&line).unwrap())
    }

    /// Passes over snapshots until one has this theme; how many there were.
    async fn until_theme(&mut self, theme: &str) -> usize {
        let mut passed = 0;
        loop {
            let line = self.hear().await.expect("a snapshot");
            if line["method"] == "snapshot/updated" {
                passed += 1;
                if line["params"]["snapshot"]["settings"]["theme"] == theme {
                    return passed;
                }
            }
        }
    }
}

#[tokio::test]
async fn one_process_serves_and_the_next_replaces_what_a_killed_one_left() {
    let world = World::new().await;
    let first = Server::alone(&world).await;
    world.refused(&["app-server", "--listen"], "already_serving", 60).await;
    // The gateway goes on without the socket, and takes it over.
    let gateway = Server::with_gateway(&world).await;
    assert_eq!(gateway.address, first.address);
    Wire::open(&first.address).await;
    let pid = served(&world).await["pid"].clone();
    assert_eq!(pid, first.child.id().unwrap());
    first.killed().await;
    let taken_over = async {
        while served(&world).await["pid"] == pid {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken_over).await.expect("it is taken over in time");
    Wire::open(&gateway.address).await;
    gateway.end().await;
    let runtime = world.lab_home().join("runtime");
    assert!(!runtime.join("control.json").exists() && !runtime.join("control.sock").exists(), "nothing is left behind");
}

#[tokio::test]
async fn what_is_not_ours_is_left_alone() {
    let world = World::new().await;
    world.good(&["list"]).await;
    world.file(".codex-lab/runtime/control.sock", "mine");
    world.refused(&["app-server", "--listen"], "storage_denied", 32).await;
    assert_eq!(std::fs::read_to_string(world.lab_home().join("runtime/control.sock")).unwrap(), "mine");
}

#[tokio::test]
async fn a_home_with_a_long_path_is_served_elsewhere() {
    let mut world = World::new().await;
    let run = world.home().join("run");
    std::fs::create_dir(&run).unwrap();
    let home = world.home().join("x".repeat(90));
    world.set("CODEX_LAB_HOME", &home);
    world.set("XDG_RUNTIME_DIR", &run);
    let server = Server::alone(&world).await;
    assert!(server.address.starts_with(run.to_str().unwrap()), "{}", server.address);
    Wire::open(&server.address).await;
    server.end().await;
}

#[tokio::test]
async fn a_thousand_subscribers_hear_of_a_change() {
    let world = World::new().await;
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let server = Server::alone(&world).await;
    let mut subscribers = Vec::new();
    for _ in 0..1000 {
        let mut wire = Wire::open(&server.address).await;
        assert!(wire.ask("snapshot/subscribe", json!({})).await["result"]["snapshot"].is_object());
        subscribers.push(wire);
    }
    let mut changing = Wire::open(&server.address).await;
    changing.ask("settings/write", json!({ "key": "theme", "value": "dark" })).await;
    for wire in &mut subscribers {
        wire.until_theme("dark").await;
    }
    server.end().await;
}

#[tokio::test]
async fn a_slow_subscriber_gets_the_newest_snapshot_and_not_all() {
    let world = World::with_trio().await;
    let server = Server::alone(&world).await;
    let (mut slow, mut changing) = (Wire::open(&server.address).await, Wire::open(&server.address).await);
    slow.ask("snapshot/subscribe", json!({})).await;
    let changes = 200;
    // A name for each change that makes every snapshot long.
    for number in 0..changes {
        let note = format!("{number} {}", "x".repeat(400));
        let details = json!({ "note": note });
        let answer = changing.ask("account/setDetails", json!({ "profile": "main", "details": details })).await;
        assert!(answer["result"].is_object(), "{answer}");
    }
    changing.ask("settings/write", json!({ "key": "theme", "value": "dark" })).await;
    let passed = slow.until_theme("dark").await;
    assert!(passed < changes, "{passed} of {changes} were kept for it");
    server.end().await;
}
