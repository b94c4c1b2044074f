//! A gateway on a port of its own, with one profile for each account of a sandbox.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use codex_lab_core::base::clock::SystemClock;
use codex_lab_core::base::entropy::OsEntropy;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::Https;
use codex_lab_core::base::secret::{Fingerprint, Secret};
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::gateway::door::Door;
use codex_lab_core::gateway::forward::Forward;
use codex_lab_core::gateway::house::{House, Pass};
use codex_lab_core::gateway::intake::Ask;
use codex_lab_core::gateway::server::Listener;
use codex_lab_core::model::affinity::SessionKey;
use codex_lab_core::model::launch::LaunchReport;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::quota::Family;
use codex_lab_core::route::NoneLeft;
use codex_lab_core::route::candidate::Candidate;
use codex_lab_core::route::lease::Desk;
use codex_lab_core::route::router::Router;
use codex_lab_core::route::walk::Question;
use codex_lab_tests::codex_cli::{CodexCli, CodexHome, CodexRun, QUIET};
use codex_lab_tests::sandbox::{Endpoint, Sandbox, SandboxOptions};
use codex_lab_tests::secrets::MARK;
use http::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Of a run of Codex.
const PATIENCE: Duration = Duration::from_secs(60);
/// The accounts, in the list's order.
const ACCOUNTS: [&str; 3] = ["main", "work", "backup"];

/// Everything in one place.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) key: String,
    house: Arc<Seats>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    codex: (CodexCli, CodexHome),
    _folder: TempDir,
}

/// A house with a seat for each account; its tokens are minted anew when they are refused.
#[derive(Debug)]
struct Seats {
    passes: Mutex<BTreeMap<ProfileId, (String, Pass)>>,
    renewed: Mutex<u32>,
    heard: Mutex<Vec<(String, String)>>,
    fell_back: Mutex<Vec<(String, String)>>,
    fresh: BTreeMap<String, String>,
}

/// How turns travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Socket,
}

impl World {
    pub(crate) async fn over(transport: Transport) -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let variables = sandbox.env().into_iter().map(|(name, value)| (name, OsString::from(value)));
        let environment = Environment::of(folder.path(), variables);
        let mut passes = BTreeMap::new();
        let mut fresh = BTreeMap::new();
        for (number, account) in ACCOUNTS.iter().enumerate() {
            let login = sandbox.mint(account).unwrap();
            let id = ProfileId::parse(&format!("{number:016x}")).unwrap();
            let pass = Pass {
                token: Secret::new(&login.access_token),
                account: Some(login.account.account_id),
                base: "https://chatgpt.com/backend-api/codex",
            };
            passes.insert(id, ((*account).to_owned(), pass));
            fresh.insert((*account).to_owned(), sandbox.mint(account).unwrap().access_token);
        }
        let mut router = Router::default();
        router.roster.set_candidates(passes.keys().map(|id| Candidate::new(id.clone(), ProfileKind::Chatgpt)).collect());
        let house = Arc::new(Seats {
            passes: Mutex::new(passes),
            renewed: Mutex::new(0),
            heard: Mutex::default(),
            fell_back: Mutex::default(),
            fresh,
        });
        let upstream = Arc::new(Https::new(&environment).unwrap());
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
        let forward = Forward::new(Arc::clone(&house) as Arc<dyn House>, upstream, Desk::new(router), clock, entropy);
        forward.http_only.store(transport == Transport::Http, Ordering::Relaxed);
        let listener = Listener::bind(0).await.unwrap();
        let (port, key) = (listener.port(), format!("clk-{MARK}key{MARK}"));
        let door = Door::new(forward, Secret::new(&key), port);
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(listener.serve(door, stopped, Duration::from_secs(5)));
        let config = format!("openai_base_url = \"http://127.0.0.1:{port}/v1\"\n{QUIET}");
        let home = CodexHome::new(&sandbox, &config).unwrap();
        let codex = (CodexCli::locate().unwrap(), home);
        Self { sandbox, key, house, stop, serving, codex, _folder: folder }
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

    /// Who was stood in for, and by whom.
    pub(crate) fn fell_back(&self) -> Vec<(String, String)> {
        self.house.fell_back.lock().unwrap().clone()
    }

    /// How often tokens were renewed.
    pub(crate) fn renewals(&self) -> u32 {
        *self.house.renewed.lock().unwrap()
    }

    /// What the first window's use was said to be, in percent, and whose.
    pub(crate) fn heard(&self) -> Vec<(String, String)> {
        self.house.heard.lock().unwrap().clone()
    }

    /// Stops the gateway, which drains.
    pub(crate) async fn stop(self) {
        self.stop.send(true).unwrap();
        tokio::time::timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}

#[async_trait]
impl House for Seats {
    fn knows(&self, _token: &Fingerprint) -> bool {
        false
    }

    async fn look_for_tokens(&self) {}

    fn launch(&self, _name: &str) -> Option<LaunchReport> {
        None
    }

    async fn question(&self, ask: &Ask) -> Result<Question, Failure> {
        Ok(Question { session: ask.session.as_deref().and_then(SessionKey::of), ..Question::of(Family::main()) })
    }

    async fn pass(&self, profile: &ProfileId) -> Result<Pass, Failure> {
        let passes = self.passes.lock().unwrap();
        passes.get(profile).map(|(_, pass)| pass.clone()).ok_or_else(|| Failure::new(Code::NotFound, "no such profile"))
    }

    async fn renewed(&self, profile: &ProfileId, _refused: &Pass) -> Result<Pass, Failure> {
        *self.renewed.lock().unwrap() += 1;
        let mut passes = self.passes.lock().unwrap();
        let (account, pass) = passes.get_mut(profile).unwrap();
        pass.token = Secret::new(&self.fresh[account.as_str()]);
        Ok(pass.clone())
    }

    fn heard(&self, profile: &ProfileId, _ask: &Ask, headers: &HeaderMap) {
        let Some(used) = headers.get("x-codex-primary-used-percent") else { return };
        let account = self.passes.lock().unwrap()[profile].0.clone();
        self.heard.lock().unwrap().push((account, used.to_str().unwrap().to_owned()));
    }

    fn told(&self, profile: &ProfileId, _ask: &Ask, event: &Value) {
        let account = self.passes.lock().unwrap()[profile].0.clone();
        self.heard.lock().unwrap().push((account, event["rate_limits"]["primary"]["used_percent"].to_string()));
    }

    fn served(&self, profile: &ProfileId, _ask: &Ask, instead_of: Option<&ProfileId>) {
        let Some(instead_of) = instead_of else { return };
        let passes = self.passes.lock().unwrap();
        self.fell_back.lock().unwrap().push((passes[instead_of].0.clone(), passes[profile].0.clone()));
    }

    fn changed(&self, _ask: &Ask, _none_left: Option<&NoneLeft>) {}
}
