//! Sessions of the real Codex CLI over many turns, served by `codex-lab serve`: they stay where they are at home as long as that is
//! healthy, and go on elsewhere when it is not.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Quota, Script, Step, Window};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Child;

use crate::world::{Ended, World};

/// A world whose gateway runs.
struct Served {
    world: World,
    codex: String,
    serving: Child,
}

/// One turn as Codex tells it.
#[derive(Debug)]
struct Turn {
    session: String,
    /// What happened, in its order: sorts of events and items, and texts.
    told: Vec<String>,
}

impl Served {
    /// Three profiles, of whose quota something is known: main has most, then backup, then work.
    async fn new(carrier: Carrier) -> Self {
        let world = World::with_trio().await;
        world.file(".codex/config.toml", QUIET);
        world.file(".codex-lab/config.toml", &format!("http_only = {}\n", matches!(carrier, Carrier::Http)));
        for folder in ["one", "two", "other"] {
            std::fs::create_dir(world.home().join(folder)).unwrap();
        }
        let codex = CodexCli::locate().unwrap().binary().display().to_string();
        let mut serving = world.start(&["serve"]);
        let mut lines = BufReader::new(serving.stdout.take().unwrap()).lines();
        assert!(lines.next_line().await.unwrap().unwrap().starts_with("serving on http://127.0.0.1:"));
        let served = Self { world, codex, serving };
        for (account, used) in [("main", 10), ("backup", 20), ("work", 50)] {
            served.use_up(account, used);
            let session = served.turn("other", &["--profile", account], None).await;
            assert_eq!(session.told.last().unwrap(), "turn.completed");
        }
        served
    }

    fn use_up(&self, account: &str, used: u32) {
        self.world.sandbox.edit_account(account, |account| account.quota = Quota::plus(used, used)).unwrap();
    }

    /// Uses every profile up; the second of the reset.
    fn use_all_up(&self) -> i64 {
        let reset = SystemClock.now().as_second() + 15;
        let spent = Window { minutes: 300, used_percent: 100, resets_at: Some(reset) };
        for account in ["main", "work", "backup"] {
            let quota = Quota { primary: Some(spent.clone()), ..Quota::default() };
            self.world.sandbox.edit_account(account, |account| account.quota = quota).unwrap();
        }
        reset
    }

    /// One turn of a new session, or of one that goes on.
    async fn turn(&self, folder: &str, options: &[&str], session: Option<&str>) -> Turn {
        let mut command = vec!["run"];
        command.extend(options);
        command.extend(["--", &self.codex, "exec", "--json", "--skip-git-repo-check"]);
        command.extend(session.iter().flat_map(|session| ["resume", session]));
        command.push("go on");
        let mut started = self.world.start_in(&self.world.home().join(folder), &command);
        drop(started.stdin.take());
        let ended = self.world.ended(started).await;
        assert_eq!(ended.status, 0, "{ended:?}");
        let events: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let session = events.iter().find_map(|event| event["thread_id"].as_str()).unwrap().to_owned();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = events.iter().map(|event| {
            let item = &event["item"];
            [text(&event["type"]), text(&item["type"]), text(&item["text"])].join(" ").trim().to_owned()
        });
        Turn { session, told: told.collect() }
    }

    /// One turn of a new session, as a script sees it.
    async fn exec(&self, folder: &str) -> Ended {
        let command = ["run", "--", &self.codex, "exec", "--skip-git-repo-check", "go on"];
        let mut started = self.world.start_in(&self.world.home().join(folder), &command);
        drop(started.stdin.take());
        self.world.ended(started).await
    }

    /// Ends the gateway as a terminal does; what it has told there.
    async fn end(&mut self) -> String {
        let serving = Pid::from_raw(i32::try_from(self.serving.id().unwrap()).unwrap()).unwrap();
        kill_process(serving, Signal::INT).unwrap();
        let mut told = String::new();
        self.serving.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        assert!(self.serving.wait().await.unwrap().success(), "{told}");
        told
    }

    /// Whose tokens the turns came with since this many were made, in their order; prewarms aside.
    fn served_by(&self) -> Vec<String> {
        let turns = self.world.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
        turns.filter(|request| request.json()["generate"] != false).map(|request| request.account.unwrap_or_default()).collect()
    }
}

#[tokio::test]
async fn a_session_stays_while_it_is_healthy_and_another_takes_the_strategys_choice() {
    let served = Served::new(Carrier::Socket).await;
    let before = served.served_by().len();
    let session = served.turn("one", &[], None).await.session;
    // Another becomes far better.
    served.use_up("main", 70);
    for _ in 0..9 {
        let turn = served.turn("one", &[], Some(&session)).await;
        assert_eq!(
            (turn.session.as_str(), turn.told.contains(&"item.completed agent_message hello from main".to_owned())),
            (session.as_str(), true)
        );
    }
    assert_eq!(served.served_by()[before..], vec!["main"; 10]);
    let other = served.turn("two", &[], None).await;
    assert_ne!(other.session, session);
    assert_eq!(served.served_by().last().unwrap(), "backup", "the best one for a new session");
    served.turn("one", &[], Some(&session)).await;
    assert_eq!(served.served_by().last().unwrap(), "main");
}

/// How the gateway is spoken to.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    Http,
    Socket,
}

/// How main refuses from some moment on.
enum RunsOut {
    /// What it says to a turn.
    Turn(Behaviour),
    /// What it says to a connection that is to become a WebSocket.
    Upgrade(Behaviour),
}

#[tokio::test]
async fn a_turn_whose_profile_runs_out_in_its_middle_is_finished_over_http() {
    finished_by_another(Carrier::Http, "a refusal", RunsOut::Turn(usage_limit())).await;
    finished_by_another(Carrier::Http, "an event in the stream", RunsOut::Turn(Behaviour::Say(Answer::failed("usage_limit_reached"))))
        .await;
}

#[tokio::test]
async fn a_turn_whose_profile_runs_out_in_its_middle_is_finished_over_a_websocket() {
    // On an open connection a refusal is an error frame.
    finished_by_another(Carrier::Socket, "an error frame", RunsOut::Turn(usage_limit())).await;
    finished_by_another(Carrier::Socket, "an event in the stream", RunsOut::Turn(Behaviour::Say(Answer::failed("usage_limit_reached"))))
        .await;
}

#[tokio::test]
async fn a_turn_whose_connection_is_refused_is_finished_by_another() {
    // Over HTTP there is no connection to refuse: the first turn is.
    for carrier in [Carrier::Http, Carrier::Socket] {
        finished_by_another(carrier, "a refused upgrade", RunsOut::Upgrade(usage_limit())).await;
    }
}

fn usage_limit() -> Behaviour {
    Behaviour::usage_limit("plus", SystemClock.now().as_second() + 3 * 3600)
}

async fn finished_by_another(carrier: Carrier, name: &str, runs_out: RunsOut) {
    let mut served = Served::new(carrier).await;
    let name = format!("{name}, {carrier:?}");
    let session = served.turn("one", &[], None).await.session;
    for _ in 2..4 {
        served.turn("one", &[], Some(&session)).await;
    }
    let before = served.served_by().len();
    let expected: &[&str] = match runs_out {
        RunsOut::Turn(behaviour) => {
            // The fourth turn thinks, calls a tool, and has to ask again with what came of it.
            let call = json!({"type": "function_call", "name": "planted_tool", "call_id": "call_1", "arguments": "{}"});
            let half = Answer::default().then(Step::Reasoning).then(Step::Item(call));
            served.world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::Say(half)).by("main"));
            served.world.sandbox.script(Script::always(Endpoint::Responses, behaviour).by("main"));
            // main: the first half, and the refusal; backup: with what main has sealed, and without.
            &["main", "main", "backup", "backup"]
        }
        RunsOut::Upgrade(behaviour) => {
            let on = if matches!(carrier, Carrier::Socket) { Endpoint::ResponsesSocket } else { Endpoint::Responses };
            served.world.sandbox.script(Script::always(on, behaviour).by("main"));
            if matches!(carrier, Carrier::Socket) { &["backup"] } else { &["main", "backup"] }
        }
    };
    let turn = served.turn("one", &[], Some(&session)).await;
    let replies: Vec<_> = turn.told.iter().filter(|told| told.contains("agent_message")).collect();
    assert_eq!(replies, ["item.completed agent_message hello from backup"], "{name}: {turn:?}");
    assert_eq!(turn.told.last().unwrap(), "turn.completed", "{name}");
    assert_eq!(turn.told.iter().filter(|told| told.starts_with("turn.")).count(), 2, "{name}: {turn:?}");
    assert_eq!(served.served_by()[before..], *expected, "{name}");
    served.turn("one", &[], Some(&session)).await;
    assert_eq!(served.served_by().last().unwrap(), "backup", "{name}: it is at home there now");
    let told = served.end().await;
    assert_eq!(told.matches("backup goes on for main").count(), 1, "{name}: {told}");
}

/// Both at once: they wait for the same clock.
#[tokio::test]
async fn when_everything_is_used_up_a_run_says_so_and_the_reset_needs_nobody() {
    tokio::join!(says_so_and_goes_on(Carrier::Http), says_so_and_goes_on(Carrier::Socket));
}

async fn says_so_and_goes_on(carrier: Carrier) {
    let served = Served::new(carrier).await;
    let reset = served.use_all_up();
    let ended = served.exec("one").await;
    assert_eq!(ended.status, 63, "{carrier:?}: {ended:?}");
    assert!(ended.stderr.contains("usage limit") && ended.stderr.contains("Every profile is out of quota"), "{carrier:?}: {ended:?}");
    // Nobody does anything but ask again.
    while served.exec("one").await.status != 0 {
        assert!(SystemClock.now().as_second() <= reset + 5, "{carrier:?}: the reset has passed");
    }
    assert!(SystemClock.now().as_second() >= reset, "{carrier:?}");
}

#[tokio::test]
async fn by_a_setting_a_run_waits_for_the_reset() {
    tokio::join!(waits_for_the_reset(Carrier::Http), waits_for_the_reset(Carrier::Socket));
}

async fn waits_for_the_reset(carrier: Carrier) {
    let served = Served::new(carrier).await;
    let settings = format!("http_only = {}\n[routing]\nwait_for_reset = true\n", matches!(carrier, Carrier::Http));
    served.world.file(".codex-lab/config.toml", &settings);
    let reset = served.use_all_up();
    let ended = served.exec("one").await;
    assert_eq!(ended.status, 0, "{carrier:?}: {ended:?}");
    assert!(SystemClock.now().as_second() >= reset, "{carrier:?}");
}
