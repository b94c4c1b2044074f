//! The real Codex CLI renews the live login while 512 callers of ours want its token: nobody spends what the other spends,
//! as far as anyone can see it coming.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, RequestRecord, Script};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::asker::Asker;
use crate::place::{Place, Template, fingerprint};
use crate::storm::Crowd;
use codex_lab_tests::effort::{rounds, tally};

const PATIENCE: Duration = Duration::from_secs(60);

/// A home where `main` is live and both have the same tokens.
pub(crate) struct Stage {
    pub(crate) template: Template,
    pub(crate) place: Place,
    cli: CodexCli,
}

/// A running command of Codex. Killed when dropped.
pub(crate) struct Turn(Child);

impl Stage {
    pub(crate) fn new() -> Self {
        let template = Template::new();
        let place = template.copy();
        place.good(&["list"]);
        fs::write(place.codex_home().join("config.toml"), QUIET).unwrap();
        Self { template, place, cli: CodexCli::locate().unwrap() }
    }

    /// A login of `main` that nobody has used yet, live and stored, whose access token ends in so many seconds.
    pub(crate) fn fresh_login(&self, seconds: i64) {
        let login = self.template.sandbox.auth_json("main").unwrap();
        self.place.set_live(&login);
        self.place.good(&["list"]);
        assert!(self.place.live().as_ref() == self.place.logins().get("main"));
        self.place.end_in("main", seconds);
    }

    /// Starts a turn of Codex.
    pub(crate) fn turn(&self) -> Turn {
        self.codex(&["exec", "--skip-git-repo-check", "say hi"])
    }

    /// Starts a command of Codex.
    pub(crate) fn codex(&self, arguments: &[&str]) -> Turn {
        let mut command = Command::new(self.cli.binary());
        command.env_clear().envs(self.template.sandbox.env()).env("HOME", self.place.home()).env("CODEX_HOME", self.place.codex_home());
        command.env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir(self.place.home());
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Turn(command.spawn().unwrap())
    }

    /// The refresh requests after a number; whether each was Codex's.
    fn refreshes(&self, after: u64) -> Vec<bool> {
        let requests = self.template.sandbox.requests_after(after).into_iter();
        requests.filter(|record| record.endpoint == Endpoint::Refresh).map(|record| is_codex(&record)).collect()
    }

    fn last_request(&self) -> u64 {
        self.template.sandbox.requests().last().map_or(0, |record| record.seq)
    }

    fn wait_for(&self, after: u64, fits: impl Fn(&RequestRecord) -> bool) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.template.sandbox.wait_for(|record| record.seq > after && fits(record), PATIENCE)).unwrap();
    }

    pub(crate) fn wait_held(&self) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.template.sandbox.wait_held(1, PATIENCE)).unwrap();
    }

    fn live_token(&self) -> String {
        let live: Value = serde_json::from_str(&self.place.live().unwrap()).unwrap();
        fingerprint(&live["tokens"]["access_token"])
    }

    /// The live login and the profile are one, and it can be renewed again.
    fn assert_whole(&self, context: &str) {
        self.place.good(&["list"]);
        assert!(self.place.live().as_ref() == self.place.logins().get("main"), "{context}: one login in both places");
        let stored = self.place.login("main");
        assert!(self.template.sandbox.is_live(stored["tokens"]["refresh_token"].as_str().unwrap()), "{context}: it can be renewed");
    }
}

impl Turn {
    /// Waits for its end; whether it got an answer.
    pub(crate) fn end(mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_codex(record: &RequestRecord) -> bool {
    record.header("user-agent").is_some_and(|agent| agent.starts_with("codex_"))
}

#[test]
fn a_refresh_of_codex_on_the_wire_is_not_crossed() {
    let stage = Stage::new();
    stage.fresh_login(120);
    // Codex does not wait for its answer for ever: all are there before, and no more than can be served soon.
    let (mut crowd, mut renewing) = (Crowd::of(8, &stage.place), Asker::ready(&stage.place));
    let renew = json!({ "do": { "method": "renew", "params": { "profile": id(&stage, "main") } } });
    let old = stage.live_token();
    let after = stage.last_request();
    stage.template.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer).by("main"));
    let turn = stage.turn();
    stage.wait_held();

    let tokens = crowd.ask("main");
    assert!(tokens.iter().all(|token| *token == old), "the token that Codex is renewing is good for two minutes yet");
    let refused = renewing.order(&renew);
    assert_eq!(refused.unwrap()["failure"]["code"], "not_possible_now");
    assert_eq!(stage.refreshes(after), [true], "nothing of ours was sent");

    stage.template.sandbox.release();
    assert!(turn.end(), "the turn was answered");
    let new = stage.live_token();
    assert_ne!(new, old);
    let tokens = crowd.ask("main");
    assert!(tokens.iter().all(|token| *token == new), "what Codex got is taken in");
    assert_eq!(stage.refreshes(after), [true]);
    stage.assert_whole("after Codex's refresh");
    crowd.end();
    renewing.end();
}

#[test]
fn an_ended_token_that_codex_is_renewing_is_waited_for_by_the_user() {
    let stage = Stage::new();
    stage.fresh_login(-60);
    let after = stage.last_request();
    stage.template.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer).by("main"));
    let turn = stage.turn();
    stage.wait_held();
    let mut asker = Asker::ready(&stage.place);
    let refused = asker.order(&json!({ "ask": { "profile": "main", "tasks": 8 } })).unwrap();
    let failures = refused["failures"].as_array().unwrap();
    assert!(failures.len() == 8 && failures.iter().all(|failure| failure["code"] == "not_possible_now"), "{refused}");
    stage.template.sandbox.release();
    assert!(turn.end());
    let token = asker.order(&json!({ "ask": { "profile": "main", "tasks": 8 } })).unwrap();
    assert_eq!(token["tokens"][0], stage.live_token());
    assert_eq!(stage.refreshes(after), [true]);
    stage.assert_whole("after Codex's refresh");
    asker.end();
}

/// When our callers ask, as Codex's turn goes on.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Before Codex is started.
    Before,
    /// Right after its process was started.
    Started,
    /// When its first request is there.
    FirstRequest,
    /// When its refresh is there, if it comes to that.
    Refreshing,
    /// After its end.
    After,
    /// Before it is started, which it is once everybody has a token.
    LongBefore,
}

const MOMENTS: [Moment; 6] = [Moment::Started, Moment::Refreshing, Moment::After, Moment::FirstRequest, Moment::Before, Moment::LongBefore];

#[test]
fn no_login_is_lost_but_where_codex_starts_into_our_refresh() {
    let stage = Stage::new();
    let rounds = rounds(6, 102);
    let (mut by_codex, mut by_us, mut lost) = (0, 0, 0);
    let mut crowd = Crowd::start(&stage.place);
    for round in 0..rounds {
        let moment = MOMENTS[round as usize % MOMENTS.len()];
        let seconds = if (round as usize / MOMENTS.len()).is_multiple_of(2) { 120 } else { -60 };
        let context = format!("round {round}, {moment:?}, {seconds} s to its end");
        stage.fresh_login(seconds);
        let (after, before) = (stage.last_request(), stage.template.sandbox.counters_of("main"));

        let turn = match moment {
            Moment::Before | Moment::LongBefore => None,
            _ => Some(stage.turn()),
        };
        match moment {
            Moment::Before | Moment::LongBefore | Moment::Started => {}
            Moment::FirstRequest => stage.wait_for(after, is_codex),
            Moment::Refreshing => stage.wait_for(after, |record| record.endpoint == Endpoint::Refresh),
            Moment::After => stage.wait_for(after, |record| record.endpoint == Endpoint::Responses && record.status.is_some()),
        }
        let mut late = None;
        crowd.try_ask("main", || {
            if let Moment::Before = moment {
                late = Some(stage.turn());
            }
        });
        if let Moment::LongBefore = moment {
            late = Some(stage.turn());
        }
        for turn in turn.into_iter().chain(late) {
            turn.end();
        }

        let counters = stage.template.sandbox.counters_of("main");
        let sent = stage.refreshes(after);
        by_codex += sent.iter().filter(|codex| **codex).count();
        by_us += sent.iter().filter(|codex| !**codex).count();
        if counters.replays == before.replays {
            assert_eq!(counters.refreshes - before.refreshes, 1, "{context}: {sent:?}");
            stage.assert_whole(&context);
        } else {
            // Codex takes no lock before it sends, and no look sees a process that starts after it: SECURITY.md says so.
            assert!(matches!(moment, Moment::Before), "{context}: Codex was there to be seen: {sent:?}");
            lost += 1;
        }
    }
    crowd.end();
    assert!(by_us >= rounds as usize / MOMENTS.len() && by_codex > 0, "{by_us} by us, {by_codex} by Codex");
    tally("Codex renews meanwhile", rounds, 0).unwrap();
    println!("{rounds} rounds with Codex: {by_codex} refreshes by Codex, {by_us} by us, {lost} logins lost where Codex started into ours");
}

fn id(stage: &Stage, name: &str) -> Value {
    stage.place.json(&["show", name])["id"].clone()
}
