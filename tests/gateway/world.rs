//! A gateway on a port of its own, with one profile for each account of a sandbox.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use codex_lab_core::base::entropy::OsEntropy;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::Https;
use codex_lab_core::base::secret::Secret;
use codex_lab_core::gateway::door::Door;
use codex_lab_core::gateway::forward::Forward;
use codex_lab_core::gateway::house::{House, Pass};
use codex_lab_core::gateway::server::Listener;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::route::candidate::Candidate;
use codex_lab_core::route::lease::Desk;
use codex_lab_core::route::router::Router;
use codex_lab_tests::codex_cli::{CodexCli, CodexHome, CodexRun, QUIET};
use codex_lab_tests::sandbox::{Endpoint, Sandbox, SandboxOptions};
use codex_lab_tests::secrets::MARK;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::seats::{Seats, TokioClock};

/// Of a run of Codex.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// The accounts, in the list's order.
const ACCOUNTS: [&str; 3] = ["main", "work", "backup"];

/// Everything in one place.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) key: String,
    pub(crate) port: u16,
    pub(crate) desk: Desk,
    house: Arc<Seats>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    codex: (CodexCli, CodexHome),
    _folder: TempDir,
}

/// The profile of an account.
pub(crate) fn profile(account: &str) -> ProfileId {
    let number = ACCOUNTS.iter().position(|known| *known == account).unwrap();
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

/// How turns travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Socket,
}

impl World {
    pub(crate) async fn over(transport: Transport) -> Self {
        Self::with(transport, RoutingSettings::default()).await
    }

    pub(crate) async fn with(transport: Transport, settings: RoutingSettings) -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let variables = sandbox.env().into_iter().map(|(name, value)| (name, OsString::from(value)));
        let environment = Environment::of(folder.path(), variables);
        let mut passes = BTreeMap::new();
        let mut fresh = BTreeMap::new();
        for account in ACCOUNTS {
            let login = sandbox.mint(account).unwrap();
            let id = profile(account);
            let pass = Pass {
                token: Secret::new(&login.access_token),
                account: Some(login.account.account_id),
                base: "https://chatgpt.com/backend-api/codex",
            };
            passes.insert(id, (account.to_owned(), pass));
            fresh.insert(account.to_owned(), sandbox.mint(account).unwrap().access_token);
        }
        let mut router = Router::default();
        router.roster.set_candidates(passes.keys().map(|id| Candidate::new(id.clone(), ProfileKind::Chatgpt)).collect());
        router.roster.set_settings(settings);
        let desk = Desk::new(router);
        let house = Arc::new(Seats::new(passes, fresh));
        let upstream = Arc::new(Https::new(&environment).unwrap());
        let (clock, entropy) = (Arc::new(TokioClock::start()), Arc::new(OsEntropy));
        let forward = Forward::new(Arc::clone(&house) as Arc<dyn House>, upstream, desk.clone(), clock, entropy);
        forward.http_only.store(transport == Transport::Http, Ordering::Relaxed);
        let listener = Listener::bind(0).await.unwrap();
        let (port, key) = (listener.port(), format!("clk-{MARK}key{MARK}"));
        let door = Door::new(forward, Secret::new(&key), port);
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(listener.serve(door, stopped, Duration::from_secs(5)));
        let config = format!("openai_base_url = \"http://127.0.0.1:{port}/v1\"\n{QUIET}");
        let home = CodexHome::new(&sandbox, &config).unwrap();
        let codex = (CodexCli::locate().unwrap(), home);
        Self { sandbox, key, port, desk, house, stop, serving, codex, _folder: folder }
    }

    /// `codex exec` through the gateway.
    pub(crate) async fn exec(&self, prompt: &str) -> CodexRun {
        let (cli, home) = &self.codex;
        let output = cli.command(home).args(["exec", "--skip-git-repo-check", prompt]).env("CODEX_API_KEY", &self.key).output();
        let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
        CodexRun {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whose tokens the turns came with, in their order.
    pub(crate) fn served_by(&self) -> Vec<String> {
        let turns = self.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
        turns.filter(|request| request.json()["generate"] != false).map(|request| request.account.unwrap_or_default()).collect()
    }

    /// Whose tokens WebSockets were asked for with, in their order.
    pub(crate) fn upgrades(&self) -> Vec<String> {
        let upgrades = self.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::ResponsesSocket);
        upgrades.map(|request| request.account.unwrap_or_default()).collect()
    }

    /// The turns, as they came to the provider, prewarms aside.
    pub(crate) fn turns(&self) -> Vec<Value> {
        let turns = self.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
        turns.map(|request| request.json()).filter(|turn| turn["generate"] != false).collect()
    }

    /// Who was stood in for, and by whom.
    pub(crate) fn fell_back(&self) -> Vec<(String, String)> {
        self.house.fell_back()
    }

    /// How often tokens were renewed.
    pub(crate) fn renewals(&self) -> u32 {
        self.house.renewals()
    }

    /// What the first window's use was said to be, in percent, and whose.
    pub(crate) fn heard(&self) -> Vec<(String, String)> {
        self.house.heard()
    }

    /// Waits until nobody was left this often.
    pub(crate) async fn nobody_left(&self, times: u32) {
        tokio::time::timeout(PATIENCE, self.house.nobody_left(times)).await.unwrap();
    }

    /// The requests that an account has on their way.
    pub(crate) fn in_flight(&self, account: &str) -> u32 {
        self.desk.with(|router| router.roster.in_flight(&profile(account)))
    }

    /// The gateway is told to stop; what runs may go on for a while.
    pub(crate) fn tell_to_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Stops the gateway, which drains.
    pub(crate) async fn stop(self) {
        self.tell_to_stop();
        tokio::time::timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}
