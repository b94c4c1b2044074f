//! The gateway is killed under many streams, and started again: clients go on with their next request, where they were.

use std::collections::BTreeMap;
use std::time::Duration;

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, ScriptId, Step};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::world::World;

const STREAMS: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway that runs, and what its clients know of it.
struct Gateway {
    process: Child,
    address: String,
    key: String,
}

impl Gateway {
    async fn start(world: &World) -> Self {
        let mut process = world.start(&["serve"]);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let address = line.strip_prefix("serving on ").unwrap().to_owned();
        let key = std::fs::read_to_string(world.lab_home().join("gateway.key")).unwrap();
        Self { process, address, key }
    }

    fn request(&self, client: &reqwest::Client, session: &str) -> reqwest::RequestBuilder {
        let body = json!({"model": "gpt-6.1-sol", "store": false, "stream": true, "input": [{"type": "message", "role": "user",
            "content": [{"type": "input_text", "text": "go on"}]}]});
        let request = client.post(format!("{}/responses", self.address)).bearer_auth(&self.key).header("session-id", session);
        request.header("x-codex-window-id", format!("{session}:0")).json(&body)
    }
}

/// The account that served a session last.
fn homes(world: &World) -> BTreeMap<String, String> {
    let turns = world.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
    let session = |headers: &[(String, String)]| headers.iter().find(|(name, _)| name == "session-id").unwrap().1.clone();
    turns.map(|turn| (session(&turn.headers), turn.account.unwrap())).collect()
}

/// Sessions whose home is kept.
fn kept(world: &World) -> usize {
    let state = rusqlite::Connection::open(world.lab_home().join("state.sqlite")).unwrap();
    let count: i64 = state.query_row("select count(*) from routing_homes where sort = 'session'", [], |row| row.get(0)).unwrap();
    usize::try_from(count).unwrap()
}

fn hold_all(world: &World) -> ScriptId {
    let half = Answer::text("half a word").then(Step::Hold);
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::Say(half)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_go_on_where_they_were_after_a_kill_under_many_streams() {
    let world = World::with_trio().await;
    world.file(".codex-lab/config.toml", "[routing]\nstrategy = 'round-robin'\n");
    // Without one, not even a client that speaks no TLS can be made.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut gateway = Gateway::start(&world).await;
    let held = hold_all(&world);

    let sessions: Vec<String> = (0..STREAMS).map(|number| format!("session-{number:03}")).collect();
    let opened = join_all(sessions.iter().map(|session| gateway.request(&client, session).send()));
    let mut answers: Vec<_> = tokio::time::timeout(PATIENCE, opened).await.unwrap().into_iter().map(Result::unwrap).collect();
    // Each client has the beginning of its answer.
    for answer in &mut answers {
        let piece = tokio::time::timeout(PATIENCE, answer.chunk()).await.unwrap().unwrap().unwrap();
        assert!(String::from_utf8_lossy(&piece).contains("response.created"));
    }
    let before = homes(&world);
    let share = |account: &str| before.values().filter(|home| *home == account).count();
    assert_eq!(before.len(), STREAMS);
    assert!(["main", "work", "backup"].iter().all(|account| (60..=70).contains(&share(account))), "{before:?}");
    // Quota is in what the first answers told; it is written by a task of its own, as are the sessions' homes.
    let known = || async {
        let shown = world.json(&["list"]).await;
        let profiles = shown["result"]["profiles"].as_array().unwrap().clone();
        profiles.iter().filter(|profile| profile["quota"].to_string().contains("resets_at")).count()
    };
    while known().await < 3 || kept(&world) < STREAMS {}

    gateway.process.kill().await.unwrap();
    let cut = stream::iter(answers).then(|answer| async { tokio::time::timeout(PATIENCE, answer.bytes()).await.unwrap() });
    assert!(cut.collect::<Vec<_>>().await.iter().all(Result::is_err), "every client sees that its answer broke off");

    world.sandbox.unscript(held);
    world.sandbox.release();
    let port = gateway.address.clone();
    gateway = Gateway::start(&world).await;
    assert_eq!(gateway.address, port, "clients know where it is");
    assert_eq!(known().await, 3, "quota is kept");
    let asked = world.sandbox.requests().len();
    let again =
        join_all(sessions.iter().map(|session| async { gateway.request(&client, session).send().await.unwrap().text().await.unwrap() }));
    let again = tokio::time::timeout(PATIENCE, again).await.unwrap();
    assert!(again.iter().all(|text| text.contains("response.completed")), "every client goes on");
    assert_eq!(world.sandbox.requests().len(), asked + STREAMS, "nobody was asked twice");
    assert_eq!(homes(&world), before, "each where it was");
}
