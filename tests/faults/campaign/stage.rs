//! Where a campaign takes place: one home through all rounds, a process that serves it, the provider, and the network between them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use codex_lab_tests::sandbox::{Endpoint, RequestRecord, SandboxAccount};
use codex_lab_tests::shim::{Knob, Panel};
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::timeout;

use super::resident::Resident;
use super::trouble::{Blow, Deed, INCOMING};
use super::wire::Wire;
use crate::asker::Asker;
use crate::fault::Errno;
use crate::place::{PROFILES, Place, Template};

/// Begins the name of every session that is asked for here. What has another is asked by the program itself.
const SESSION: &str = "campaign-";
/// As long as anything may take once all is well.
pub(super) const PATIENCE: Duration = Duration::from_secs(240);
/// Between two looks whether all have ended.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// It takes no longer until each account's quota was read.
const FIRST_READINGS: i64 = 3_600;

/// Everything a campaign needs.
pub(super) struct Stage {
    pub(super) template: Template,
    pub(super) place: Place,
    pub(super) wire: Wire,
    pub(super) resident: Resident,
    /// How far it is into the future, in seconds: for the provider, and for every program whose clock is right.
    pub(super) ahead: i64,
    /// How wrong the machine's clock is, in milliseconds.
    wrong_by: i64,
    /// How often each profile had to be signed in again.
    pub(super) sign_ins: BTreeMap<&'static str, usize>,
    /// What the doctor finds fault with where nothing has happened yet.
    pub(super) usual: Vec<String>,
    /// How often a login of each profile came in by a command.
    imports: BTreeMap<String, usize>,
    started: usize,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) arguments: Vec<String>,
    pub(super) blow: Option<Blow>,
    /// `None` for a signal.
    pub(super) status: Option<i32>,
    pub(super) said: String,
    /// When it was killed, by the provider's clock in milliseconds.
    pub(super) killed_at: Option<i64>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let template = Template::new();
        let wire = Wire::to(&template.sandbox.reach().proxy);
        let mut place = template.copy();
        place.set("HTTPS_PROXY", &wire.url());
        for name in PROFILES {
            place.good(&["prime", name, "--on"]);
        }
        listen_to_hooks(&place);
        // Each has been read once, some time ago: so a week may be started by hand without waiting for a minute.
        for ahead in (-FIRST_READINGS..0).step_by(20) {
            place.set_ahead(ahead);
            template.sandbox.set_clock_ahead(SignedDuration::from_secs(ahead));
            if PROFILES.iter().all(|name| template.sandbox.requests().iter().any(|request| request.is(Endpoint::Usage, name))) {
                break;
            }
            let mut asker = Asker::ready(&place);
            asker.order(&json!({ "chores": { "ahead": ahead } })).unwrap();
            asker.end();
        }
        template.sandbox.set_clock_ahead(SignedDuration::ZERO);
        let usual = problems(&place);
        let resident = Resident::start(&place, 0);
        Self {
            template,
            place,
            wire,
            resident,
            ahead: 0,
            wrong_by: 0,
            sign_ins: BTreeMap::new(),
            usual,
            imports: BTreeMap::new(),
            started: 0,
        }
    }

    /// Time passes, and afterwards the machine's clock is wrong by so many milliseconds.
    pub(super) fn passes(&mut self, seconds: i64, wrong_by: i64) {
        (self.ahead, self.wrong_by) = (self.ahead + seconds, wrong_by);
        self.template.sandbox.set_clock_ahead(SignedDuration::from_secs(self.ahead));
        self.resident.panel.turn(Knob::AheadMs, self.ahead * 1000 + wrong_by).unwrap();
    }

    /// The provider's time, in milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        now_ms(self.ahead)
    }

    /// Starts a command with what is to happen to it. It comes to its end once the panel is mended, whatever it was.
    pub(super) fn start(&mut self, deed: Deed) -> (Panel, impl Future<Output = Came> + use<>) {
        self.started += 1;
        let panel = Panel::new(self.place.path(&format!("{}.panel", self.started))).unwrap();
        panel.turn(Knob::AheadMs, self.ahead * 1000 + self.wrong_by).unwrap();
        let mut command = self.place.command("codex-lab");
        command.envs(panel.env().unwrap()).env("FAULT_UNDER", self.place.home());
        let lifted = panel.path().with_extension("lifted");
        let mut pause = None;
        match &deed.blow {
            Some(Blow::Kill(nth)) => {
                command.env("FAULT_NTH", nth.to_string()).env("FAULT_SIGNAL", "9");
            }
            Some(Blow::Stop(nth, time)) => {
                command.env("FAULT_NTH", nth.to_string()).env("FAULT_SIGNAL", "19");
                pause = Some(*time);
            }
            Some(Blow::Full(nth)) => {
                command.env("FAULT_NTH", nth.to_string()).env("FAULT_LASTS", "1").env("FAULT_LIFTED", &lifted);
                command.env("FAULT_ERRNO", Errno::NoSpace.number().to_string());
            }
            Some(Blow::Once(nth, errno)) => {
                command.env("FAULT_NTH", nth.to_string()).env("FAULT_ERRNO", errno.number().to_string());
            }
            Some(Blow::Slow(micros)) => panel.turn(Knob::SlowMicros, *micros).unwrap(),
            Some(Blow::Nameless) => panel.turn(Knob::Nameless, 1).unwrap(),
            None => {}
        }
        for word in &deed.arguments {
            match word.strip_prefix(INCOMING) {
                Some(account) => {
                    *self.imports.entry(account.to_owned()).or_default() += 1;
                    let login = self.template.sandbox.auth_json(account).unwrap();
                    command.arg(self.place.file(&format!("{}.json", self.started), &login))
                }
                None => command.arg(word),
            };
        }
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let (child, ahead) = (command.spawn().unwrap(), self.ahead);
        let ended = async move {
            let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
            let mut output = std::pin::pin!(child.wait_with_output());
            let mut ended = match pause {
                Some(pause) => timeout(pause, &mut output).await.ok(),
                None => None,
            };
            // It may come to the place where it stops only later.
            while let (None, Some(pid), Some(_)) = (&ended, pid, pause) {
                let _ = kill_process(pid, Signal::CONT);
                ended = timeout(LOOK, &mut output).await.ok();
            }
            let output = match ended {
                Some(output) => output.unwrap(),
                None => output.await.unwrap(),
            };
            let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let killed_at = output.status.code().is_none().then(|| now_ms(ahead));
            Came { arguments: deed.arguments, blow: deed.blow, status: output.status.code(), said, killed_at }
        };
        (panel, ended)
    }

    /// One turn through the gateway, as a client of it asks. It may come to nothing.
    pub(super) fn turn(&mut self, client: &reqwest::Client) -> impl Future<Output = ()> + use<> {
        self.started += 1;
        let (session, key) =
            (format!("{SESSION}{}", self.started % 20), fs::read_to_string(self.place.lab_home().join("gateway.key")).unwrap());
        let input = json!([{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go on"}]}]);
        let body = json!({"model": "gpt-6.1-sol", "store": false, "stream": true, "input": input});
        let request = client.post(format!("{}/responses", self.resident.address)).bearer_auth(key).header("session-id", session);
        let sent = request.json(&body).send();
        async move {
            if let Ok(answer) = sent.await {
                let _ = answer.bytes().await;
            }
        }
    }

    /// Clients of the gateway that go silent in the middle of a request's head, or of its body, and stay.
    pub(super) fn half_open(&self) -> Vec<TcpStream> {
        let host = self.resident.address.trim_start_matches("http://").trim_end_matches("/v1").to_owned();
        let key = fs::read_to_string(self.place.lab_home().join("gateway.key")).unwrap();
        let head = format!("POST /v1/responses HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n");
        let body = format!("{head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{\"model\": ");
        // Nobody may be there.
        let open = |text: String| {
            let mut stream = TcpStream::connect(&host).ok()?;
            stream.write_all(text.as_bytes()).ok().map(|()| stream)
        };
        [String::new(), head, body].into_iter().filter_map(open).collect()
    }

    /// Whether the program itself has asked, and not a client through it.
    pub(super) fn is_own(request: &RequestRecord) -> bool {
        !request.header("session-id").is_some_and(|session| session.starts_with(SESSION))
    }

    /// How often a login of it came in by a command.
    pub(super) fn imports(&self, name: &str) -> usize {
        self.imports.get(name).copied().unwrap_or_default()
    }

    pub(super) fn edit(&self, edit: impl Fn(&mut SandboxAccount)) {
        for name in PROFILES {
            self.template.sandbox.edit_account(name, &edit).unwrap();
        }
    }

    /// What the hooks were told so far, a line each.
    pub(super) fn heard(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.place.path("heard")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Every event is noted outside the home, where no disk fails.
fn listen_to_hooks(place: &Place) {
    let program = place.file("hook", &format!("#!/bin/sh\nexec cat >> '{}'\n", place.path("heard").display()));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    for event in ["exhausted", "fell_back", "primed", "reset", "needs_sign_in"] {
        place.good(&["settings", &format!("hooks.{event}"), program.to_str().unwrap()]);
    }
}

/// The topics that the doctor finds a problem with.
pub(super) fn problems(place: &Place) -> Vec<String> {
    let ended = place.run(&["doctor", "--json"], None);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let findings = said["result"]["findings"].as_array().unwrap().iter();
    let problems = findings.filter(|finding| finding["severity"] == "problem");
    problems.map(|finding| format!("{}: {}", finding["topic"].as_str().unwrap(), finding["code"])).collect()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox and the programs go by the real clock")]
fn now_ms(ahead: i64) -> i64 {
    (Timestamp::now() + SignedDuration::from_secs(ahead)).as_millisecond()
}
