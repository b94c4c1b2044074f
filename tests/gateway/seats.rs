//! A house with a seat for each account, and a clock that goes as tokio's does.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::base::secret::{Fingerprint, Secret};
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::gateway::house::{House, Pass};
use codex_lab_core::gateway::intake::Ask;
use codex_lab_core::model::affinity::SessionKey;
use codex_lab_core::model::launch::LaunchReport;
use codex_lab_core::model::model_name::ModelName;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::spending::Usage;
use codex_lab_core::route::NoneLeft;
use codex_lab_core::route::walk::Question;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

/// The house. An account's tokens are others once they were refused.
#[derive(Debug)]
pub(crate) struct Seats {
    passes: Mutex<BTreeMap<ProfileId, (String, Pass)>>,
    fresh: BTreeMap<String, String>,
    renewed: Mutex<u32>,
    heard: Mutex<Vec<(String, String)>>,
    fell_back: Mutex<Vec<(String, String)>>,
    nobody_left: watch::Sender<u32>,
}

/// The time of day as tokio's clock has it: a test that moves the one moves the other.
#[derive(Debug)]
pub(crate) struct TokioClock {
    base: Timestamp,
    started: Instant,
}

impl TokioClock {
    pub(crate) fn start() -> Self {
        Self { base: SystemClock.now(), started: Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.base + SignedDuration::try_from(self.started.elapsed()).unwrap()
    }
}

impl Seats {
    /// With these tokens, and those that come after them.
    pub(crate) fn new(passes: BTreeMap<ProfileId, (String, Pass)>, fresh: BTreeMap<String, String>) -> Self {
        Self {
            passes: Mutex::new(passes),
            fresh,
            renewed: Mutex::default(),
            heard: Mutex::default(),
            fell_back: Mutex::default(),
            nobody_left: watch::Sender::new(0),
        }
    }

    pub(crate) fn fell_back(&self) -> Vec<(String, String)> {
        self.fell_back.lock().unwrap().clone()
    }

    pub(crate) fn renewals(&self) -> u32 {
        *self.renewed.lock().unwrap()
    }

    pub(crate) fn heard(&self) -> Vec<(String, String)> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until nobody was left this often.
    pub(crate) async fn nobody_left(&self, times: u32) {
        self.nobody_left.subscribe().wait_for(|so_far| *so_far >= times).await.unwrap();
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
        let model = ask.model.as_deref().and_then(ModelName::parse);
        Ok(Question { session: ask.session.as_deref().and_then(SessionKey::of), model, ..Question::of(Family::main()) })
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

    fn spent(&self, profile: &ProfileId, used: Usage) {
        panic!("{profile}: a subscription is not paid by use, and nobody looks for {used:?}");
    }

    fn served(&self, profile: &ProfileId, _ask: &Ask, instead_of: Option<&ProfileId>) {
        let Some(instead_of) = instead_of else { return };
        let passes = self.passes.lock().unwrap();
        self.fell_back.lock().unwrap().push((passes[instead_of].0.clone(), passes[profile].0.clone()));
    }

    fn changed(&self, _ask: &Ask, none_left: Option<&NoneLeft>) {
        if none_left.is_some() {
            self.nobody_left.send_modify(|times| *times += 1);
        }
    }
}
