//! What API keys cost: counted from what their answers report, whichever way those come, up to the cap, and anew with each month.

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::serving::{Gateway, Serving};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::model::spending::Spending;
use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::world::{PATIENCE, World};

const DAY: i64 = 24 * 60 * 60;

/// A world in which nothing but an API key may serve, and its gateway.
struct Paid {
    world: World,
    profile: ProfileId,
    gateway: Gateway,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// Serves the gateway of a world until told to stop.
async fn serve(world: &World) -> (Gateway, watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let engine = world.engine.clone();
    let serving = tokio::spawn(async move { engine.serve(Serving { port: Some(0), grace: PATIENCE }, stopped).await.unwrap() });
    (world.engine.gateway(PATIENCE).await.unwrap(), stop, serving)
}

impl Paid {
    /// Tokens that are read cost 5 dollars the million, those that are written 30.
    async fn with_cap(cents: Option<u32>) -> Self {
        let world = World::without_browser().await;
        let key = world.sandbox.account("work").unwrap().api_key;
        let added = world.ask(Request::AddApiKey { key: SecretText(Secret::new(key)) }).await.unwrap();
        let profile = added.profiles[0].id.clone();
        let (gateway, stop, serving) = serve(&world).await;
        let paid = Self { world, profile, gateway, stop, serving };
        paid.cap(cents).await;
        paid
    }

    async fn cap(&self, cents: Option<u32>) {
        let settings = RoutingSettings { api_key_fallback: true, api_key_spend_cap_cents: cents, ..RoutingSettings::default() };
        self.world.ask(Request::SetRouting { settings }).await.unwrap();
    }

    /// Everything ends and begins again.
    async fn restart(mut self) -> Self {
        self.stop.send_replace(true);
        tokio::time::timeout(PATIENCE, self.serving).await.unwrap().unwrap();
        self.world.restart().await.unwrap();
        (self.gateway, self.stop, self.serving) = serve(&self.world).await;
        self
    }

    /// What it has cost so far this month, as everybody is shown.
    async fn spent(&self) -> u32 {
        let Spending { cents, profiles } = self.world.ask(Request::Snapshot).await.unwrap().spending;
        assert_eq!(profiles.into_iter().collect::<Vec<_>>(), Vec::from_iter((cents > 0).then(|| (self.profile.clone(), cents))));
        cents
    }

    /// What the next turn says; the provider keeps to it until it is asked.
    fn will(&self, steps: Vec<Step>) {
        self.world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(Answer { steps })));
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, String) {
        // Where it is installed already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("http://127.0.0.1:{}/v1/{path}", self.gateway.port)).bearer_auth(self.gateway.key.expose());
        let answer = request.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A turn over HTTP, as a stream or in one piece, that uses this.
    async fn turn(&self, stream: bool, usage: Value) -> (u16, String) {
        self.will(vec![Step::Text("hello".to_owned()), Step::Usage(usage)]);
        let told = self.post("responses", &json!({"model": "gpt-6-luna", "stream": stream, "input": "hi"})).await;
        // Who is refused leaves it to the next.
        self.world.sandbox.clear_scripts();
        told
    }

    /// The same on a WebSocket of its own. The last event comes back.
    async fn socket_turn(&self, usage: Value) -> Value {
        self.will(vec![Step::Text("hello".to_owned()), Step::Usage(usage)]);
        let mut request = format!("ws://127.0.0.1:{}/v1/responses", self.gateway.port).into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {}", self.gateway.key.expose()).parse().unwrap());
        let (mut socket, _) = connect_async(request).await.unwrap();
        let frame = json!({"type": "response.create", "model": "gpt-6-luna", "store": false, "input": []});
        socket.send(Message::text(frame.to_string())).await.unwrap();
        loop {
            let message = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
            let event: Value = serde_json::from_str(message.to_text().unwrap_or_default()).unwrap_or_default();
            if matches!(event["type"].as_str(), Some("response.completed" | "response.failed" | "error")) {
                return event;
            }
        }
    }
}

/// Two cents that are read, most of it from the provider's cache, and three that are written.
fn five_cents() -> Value {
    json!({"input_tokens": 4_000, "input_tokens_details": {"cached_tokens": 3_900}, "output_tokens": 1_000, "total_tokens": 5_000})
}

#[tokio::test]
async fn an_api_key_serves_up_to_its_cap_and_again_with_a_higher_one_or_next_month() {
    let mut paid = Paid::with_cap(Some(15)).await;
    assert_eq!(paid.spent().await, 0);
    assert_eq!(paid.turn(true, five_cents()).await.0, 200);
    assert_eq!(paid.spent().await, 5);
    assert_eq!(paid.turn(false, five_cents()).await.0, 200);
    assert_eq!(paid.spent().await, 10);
    assert_eq!(paid.socket_turn(five_cents()).await["type"], "response.completed");
    assert_eq!(paid.spent().await, 15);
    for _ in 0..2 {
        let (status, told) = paid.turn(true, five_cents()).await;
        assert!((400..500).contains(&status) && told.contains("this month's spend cap for API keys is reached"), "{status}: {told}");
        paid = paid.restart().await;
        assert_eq!(paid.spent().await, 15, "a restart forgets nothing");
    }
    paid.cap(Some(16)).await;
    assert_eq!(paid.turn(true, five_cents()).await.0, 200, "what has begun is not broken off");
    assert_eq!(paid.spent().await, 20);
    assert_ne!(paid.turn(true, five_cents()).await.0, 200);
    paid.world.clock.advance(32 * DAY);
    assert_eq!(paid.turn(true, five_cents()).await.0, 200, "nobody has to say that a month is over");
    assert_eq!(paid.spent().await, 5);
    let asked = paid.world.sandbox.requests().into_iter().filter(|request| request.is(Endpoint::Responses, "work")).count();
    assert_eq!(asked, 5, "who is refused does not get through to the provider");
}

#[tokio::test]
async fn every_answer_that_reports_what_it_used_counts_once() {
    let paid = Paid::with_cap(None).await;
    let long = Step::Event(json!({"type": "response.output_text.done", "text": "x".repeat(300 << 10)}));
    let completed = |instructions: usize| {
        let response = json!({"instructions": "x".repeat(instructions), "usage": five_cents()});
        Step::Event(json!({"type": "response.completed", "response": response}))
    };
    let failed = || Step::Fail("server_error".to_owned());
    let turn = json!({"model": "gpt-6-luna", "stream": true, "input": "hi"});
    let mut expected = 0;
    for (name, stream, steps) in [
        // The platform's last event has all of the answer in it once more.
        ("a large last event", true, vec![Step::Text("hello".to_owned()), long, completed(300 << 10)]),
        ("two last events", true, vec![Step::Text("hello".to_owned()), completed(1), completed(1)]),
        ("failed half-way", true, vec![Step::Text("half".to_owned()), Step::Usage(five_cents()), failed()]),
        ("failed half-way, in one piece", false, vec![Step::Text("half".to_owned()), Step::Usage(five_cents()), failed()]),
        ("failed at once", true, vec![Step::Usage(five_cents()), Step::Fail("invalid_prompt".to_owned())]),
    ] {
        paid.will(steps);
        let mut turn = turn.clone();
        turn["stream"] = stream.into();
        let (_, told) = paid.post("responses", &turn).await;
        expected += 5;
        assert!(paid.spent().await.abs_diff(expected) <= 1, "{name}: {}: {told}", paid.spent().await);
    }
    let before = paid.spent().await;
    let compacted = json!({"object": "response.compaction", "output": [], "usage": five_cents()});
    paid.world.sandbox.script(Script::once(Endpoint::Unknown, Behaviour::json(200, &compacted)));
    let (status, told) = paid.post("responses/compact", &turn).await;
    assert_eq!((status, serde_json::from_str(&told).ok()), (200, Some(compacted)));
    assert_eq!(paid.spent().await, before + 5, "an answer that is no turn");
}

#[tokio::test]
async fn a_report_that_makes_no_sense_harms_nobody() {
    let paid = Paid::with_cap(None).await;
    for nonsense in [
        json!(null),
        json!("much"),
        json!([1, 2]),
        json!({}),
        json!({"input_tokens": -4_000, "output_tokens": -1_000}),
        json!({"input_tokens": "4000", "output_tokens": {"tokens": 1_000}}),
        json!({"input_tokens": i64::MIN, "output_tokens": null, "padding": "x".repeat(1 << 20)}),
    ] {
        assert_eq!(paid.turn(true, nonsense.clone()).await.0, 200, "{nonsense}");
        assert_eq!(paid.turn(false, nonsense.clone()).await.0, 200, "{nonsense}");
        assert_eq!(paid.socket_turn(nonsense.clone()).await["type"], "response.completed", "{nonsense}");
    }
    assert_eq!(paid.spent().await, 0);
    for huge in [json!({"input_tokens": u64::MAX, "output_tokens": u64::MAX}), json!({"input_tokens": 1e300, "output_tokens": -1e300})] {
        assert_eq!(paid.turn(true, huge).await.0, 200);
        assert_eq!(paid.spent().await, u32::MAX, "as much as can be counted");
    }
    let paid = paid.restart().await;
    assert_eq!(paid.spent().await, u32::MAX);
    paid.cap(Some(u32::MAX)).await;
    assert_ne!(paid.turn(true, five_cents()).await.0, 200);
    paid.world.clock.advance(32 * DAY);
    assert_eq!(paid.turn(true, five_cents()).await.0, 200);
}
