//! The world of a story: a sandbox, an empty home, the engine, and a person at the browser.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use codex_lab_core::api::table::{ImportItem, Reply, Request};
use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::{Browser, Ports};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{ProfileRow, SignIn, SignInMethod, SignInPhase, Snapshot};
use codex_lab_tests::artefacts::KeptHome;
use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{self, Choice, Sandbox, SandboxOptions};
use jiff::{SignedDuration, Timestamp};

/// Nothing in a story takes this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Everything a story needs. Holds the claim on the sign-in ports, so stories that sign in run one by one.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    pub(crate) person: Arc<Person>,
    pub(crate) clock: Arc<Steered>,
    home: KeptHome,
    _ports: Option<LoginPorts>,
}

/// The person at the browser: picks what the story told them to, page by page.
#[derive(Debug)]
pub(crate) struct Person {
    browser: sandbox::Browser,
    choices: Mutex<VecDeque<Choice>>,
    opened: Mutex<Vec<String>>,
}

#[async_trait]
impl Browser for Person {
    async fn open(&self, url: &str) -> bool {
        self.opened.lock().unwrap().push(url.to_owned());
        if let Some(choice) = self.choices.lock().unwrap().pop_front() {
            let (browser, url) = (self.browser.clone(), url.to_owned());
            tokio::spawn(async move { browser.sign_in(&url, &choice).await });
        }
        true
    }
}

impl Person {
    /// On the next page that opens, makes this choice.
    pub(crate) fn will_pick(&self, account: &str) {
        self.choices.lock().unwrap().push_back(Choice::Account(account.to_owned()));
    }

    /// On the next page that opens, clicks Cancel.
    pub(crate) fn will_cancel(&self) {
        self.choices.lock().unwrap().push_back(Choice::Cancel);
    }

    /// The pages that were opened.
    pub(crate) fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap().clone()
    }
}

/// The machine's clock, set forward or back by the story.
#[derive(Debug, Default)]
pub(crate) struct Steered(AtomicI64);

impl Steered {
    /// Sets it forward by so many seconds, or back.
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Steered {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl World {
    /// A world in which accounts sign in by browser.
    pub(crate) async fn new() -> Self {
        let ports = LoginPorts::claim().await.unwrap();
        Self { _ports: Some(ports), ..Self::without_browser().await }
    }

    /// A world in which no sign-in listens on the fixed ports.
    pub(crate) async fn without_browser() -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let home = KeptHome::new().unwrap();
        let person = Arc::new(Person { browser: sandbox.browser().unwrap(), choices: Mutex::default(), opened: Mutex::default() });
        let clock = Arc::new(Steered::default());
        let engine = open(&sandbox, &home, &person, &clock).await.unwrap();
        Self { sandbox, engine, person, clock, home, _ports: None }
    }

    /// Ends the engine and starts another one in the same home, as a restart of the app does.
    pub(crate) async fn restart(&mut self) -> Result<(), Failure> {
        self.engine = self.another_engine().await?;
        Ok(())
    }

    /// One more engine in the same home, as another process of ours has.
    pub(crate) async fn another_engine(&self) -> Result<Engine, Failure> {
        open(&self.sandbox, &self.home, &self.person, &self.clock).await
    }

    pub(crate) fn codex_home(&self) -> PathBuf {
        self.home.path().join(".codex")
    }

    pub(crate) fn lab_home(&self) -> PathBuf {
        self.home.path().join(".codex-lab")
    }

    /// A file of the user's, outside both homes.
    pub(crate) fn own_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn live_text(&self) -> Option<String> {
        std::fs::read_to_string(self.codex_home().join("auth.json")).ok()
    }

    pub(crate) fn write_live(&self, text: &str) {
        std::fs::create_dir_all(self.codex_home()).unwrap();
        std::fs::write(self.codex_home().join("auth.json"), text).unwrap();
    }

    pub(crate) fn stored_text(&self, name: &str) -> String {
        std::fs::read_to_string(self.lab_home().join("auth-profiles").join(name).join("auth.json")).unwrap()
    }

    pub(crate) async fn ask(&self, request: Request) -> Result<Snapshot, Failure> {
        match self.engine.handle(request).await? {
            Reply::Done { snapshot } | Reply::Imported { snapshot, .. } => Ok(*snapshot),
            other => panic!("a change answers with the snapshot, not with {other:?}"),
        }
    }

    pub(crate) async fn import(&self, request: Request) -> Result<Vec<ImportItem>, Failure> {
        match self.engine.handle(request).await? {
            Reply::Imported { items, .. } => Ok(items),
            other => panic!("an import answers with its items, not with {other:?}"),
        }
    }

    pub(crate) async fn begin(&self, method: SignInMethod, again: Option<ProfileId>) -> Result<Snapshot, Failure> {
        self.ask(Request::BeginSignIn { method, again, replace: false }).await
    }

    /// Waits until the sign-in stands where `fits` wants it.
    pub(crate) async fn sign_in_at(&self, fits: impl Fn(&SignIn) -> bool) -> SignIn {
        let mut latest = self.engine.subscribe();
        let waiting = latest.wait_for(|snapshot| snapshot.sign_in.as_ref().is_some_and(&fits));
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(snapshot) => snapshot.unwrap().sign_in.clone().unwrap(),
            Err(elapsed) => panic!("{elapsed}: the sign-in stands at {:?}", self.engine.snapshot().sign_in),
        }
    }

    pub(crate) async fn ended_sign_in(&self) -> SignIn {
        self.sign_in_at(|sign_in| matches!(sign_in.phase, SignInPhase::Done | SignInPhase::Failed | SignInPhase::OtherAccount)).await
    }

    /// Signs an account in by browser, to the end.
    pub(crate) async fn signed_in(&self, account: &str) -> ProfileRow {
        self.person.will_pick(account);
        self.begin(SignInMethod::Browser, None).await.unwrap();
        let ended = self.ended_sign_in().await;
        assert_eq!(ended.phase, SignInPhase::Done, "{ended:?}");
        self.profile(&ended.profile.unwrap())
    }

    pub(crate) fn profile(&self, id: &ProfileId) -> ProfileRow {
        self.engine.snapshot().profiles.iter().find(|profile| profile.id == *id).unwrap().clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.engine.snapshot().profiles.iter().map(|profile| profile.name.clone()).collect()
    }
}

async fn open(sandbox: &Sandbox, home: &KeptHome, person: &Arc<Person>, clock: &Arc<Steered>) -> Result<Engine, Failure> {
    let environment = Environment::of(home.path(), sandbox.env().into_iter().map(|(name, value)| (name, value.into())));
    let ports = Ports { browser: person.clone(), clock: clock.clone(), ..Ports::real(environment).unwrap() };
    Engine::open(ports).await
}
