//! A world whose time stands still until the story moves it: the machine's clock, the provider's clock, and an engine that dies at
//! named places.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::{Checkpoint, Command, Finished, Ports, Process, Processes, RunError};
use codex_lab_core::engine::Engine;
use codex_lab_core::model::details::ProfileDetails;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{ProfileRow, Settings};
use codex_lab_tests::artefacts::KeptHome;
use codex_lab_tests::sandbox::{Sandbox, SandboxAccount, SandboxOptions};
use jiff::{SignedDuration, Timestamp};

use crate::month_desktop::Desktop;

/// The machine's clock: it says what the story says.
#[derive(Debug)]
pub(crate) struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Ends the engine at each of these places, the first one first.
#[derive(Debug, Default)]
pub(crate) struct Deaths(Mutex<VecDeque<&'static str>>);

impl Checkpoint for Deaths {
    fn reached(&self, place: &'static str) {
        let dies = {
            let mut places = self.0.lock().unwrap();
            let dies = places.front() == Some(&place);
            if dies {
                places.pop_front();
            }
            dies
        };
        if dies {
            // The process is gone: nothing after this is done. Without a word on standard error, for nothing is wrong.
            std::panic::resume_unwind(Box::new(place));
        }
    }
}

/// No Codex runs on this machine.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Processes for Nobody {
    fn list(&self) -> Vec<Process> {
        Vec::new()
    }

    async fn run(&self, command: Command) -> Result<Finished, RunError> {
        Err(RunError::Timeout { program: command.program })
    }

    async fn run_apart(&self, command: Command, _folder: PathBuf, _input: Vec<u8>) -> Result<Finished, RunError> {
        self.run(command).await
    }
}

/// Everything a month needs.
pub(crate) struct MonthWorld {
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    /// True time.
    pub(crate) now: Timestamp,
    pub(crate) crashes: usize,
    /// Where news is shown; without one, nobody tells any.
    pub(crate) desktop: Option<Desktop>,
    clock: Arc<Still>,
    deaths: Arc<Deaths>,
    /// How far the machine's clock is behind.
    behind: SignedDuration,
    home: KeptHome,
}

impl MonthWorld {
    /// A world with these accounts as profiles of the same names.
    pub(crate) async fn new(accounts: Vec<SandboxAccount>) -> Self {
        // Whole seconds, as the provider tells them.
        let now = Timestamp::from_second(SystemClock.now().as_second()).unwrap();
        let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
        let sandbox = Sandbox::start(SandboxOptions { accounts, ..SandboxOptions::default() }).await.unwrap();
        sandbox.stop_clock_at(now);
        let home = KeptHome::new().unwrap();
        let (clock, deaths) = (Arc::new(Still(AtomicI64::new(now.as_millisecond()))), Arc::<Deaths>::default());
        let engine = open(&sandbox, &home, &clock, &deaths).await;
        let world = Self { sandbox, engine, now, crashes: 0, desktop: None, clock, deaths, behind: SignedDuration::ZERO, home };
        for name in names {
            let profile = world.sign_in(&name).await;
            world.ask(Request::Rename { profile, name }).await;
        }
        world
    }

    /// Takes in a new login of an account.
    pub(crate) async fn sign_in(&self, account: &str) -> ProfileId {
        let path = home_file(&self.home, account, &self.sandbox.auth_json(account).unwrap());
        let Reply::Imported { items, .. } = self.engine.handle(Request::ImportPath { path }).await.unwrap() else { panic!() };
        items[0].profile.clone().unwrap()
    }

    /// From now on a desktop shows what is told.
    pub(crate) fn has_a_desktop(&mut self) {
        self.desktop = Some(Desktop::of(&self.engine));
    }

    /// Changes how much of its week an account has used.
    pub(crate) fn uses(&self, name: &str, percent: u32) {
        let edit = |account: &mut SandboxAccount| account.quota.secondary.as_mut().unwrap().used_percent = percent;
        self.sandbox.edit_account(name, edit).unwrap();
    }

    /// Ends the engine at these places, one after the other.
    pub(crate) fn dies_at(&self, places: &[&'static str]) {
        *self.deaths.0.lock().unwrap() = places.iter().copied().collect();
    }

    pub(crate) async fn ask(&self, request: Request) {
        assert!(matches!(self.engine.handle(request).await.unwrap(), Reply::Done { .. }));
    }

    pub(crate) async fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.engine.snapshot().settings.clone();
        change(&mut settings);
        self.ask(Request::SetSettings { settings }).await;
    }

    pub(crate) fn row(&self, name: &str) -> ProfileRow {
        self.engine.snapshot().profiles.iter().find(|row| row.name == name).unwrap().clone()
    }

    pub(crate) fn id(&self, name: &str) -> ProfileId {
        self.row(name).id
    }

    pub(crate) async fn opt_in(&self, name: &str) {
        self.note(name, |details| details.prime = true).await;
    }

    /// Changes the user's remarks on a profile.
    pub(crate) async fn note(&self, name: &str, change: impl FnOnce(&mut ProfileDetails)) {
        let ProfileRow { id, mut details, .. } = self.row(name);
        change(&mut details);
        self.ask(Request::SetDetails { profile: id, details }).await;
    }

    /// The machine's time, which may be wrong.
    pub(crate) fn machine(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: SignedDuration) {
        self.now += time;
        self.sandbox.stop_clock_at(self.now);
        self.clock.0.store((self.now - self.behind).as_millisecond(), Ordering::SeqCst);
    }

    /// The machine sleeps.
    pub(crate) fn sleep(&mut self, time: SignedDuration) {
        self.pass(time);
        self.engine.begin_to_ask();
    }

    /// Somebody sets the machine's clock back.
    pub(crate) fn set_back(&mut self, by: SignedDuration) {
        self.behind += by;
        self.pass(SignedDuration::ZERO);
    }

    /// The process has ended, and another one starts.
    pub(crate) async fn restart(&mut self) {
        self.desktop.as_ref().inspect(|desktop| desktop.dies());
        self.engine = open(&self.sandbox, &self.home, &self.clock, &self.deaths).await;
        if let Some(desktop) = &mut self.desktop {
            desktop.is_told_by(&self.engine);
        }
    }

    /// Where its user lives.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A profile's login, as it is stored.
    pub(crate) fn login(&self, name: &str) -> serde_json::Value {
        let path = self.home.path().join(".codex-lab/auth-profiles").join(name).join("auth.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// The machine's clock is set right.
    pub(crate) fn set_right(&mut self) {
        self.set_back(-self.behind);
    }

    /// One round of chores, and then time passes until something is due, `longest` at most. A crash is followed by a new start.
    pub(crate) async fn round(&mut self, longest: SignedDuration) {
        let engine = self.engine.clone();
        let next = match tokio::spawn(async move { engine.do_chores().await }).await {
            Ok(next) => next.unwrap(),
            Err(death) => {
                assert!(death.into_panic().is::<&'static str>(), "it died of something else");
                self.crashes += 1;
                self.restart().await;
                None
            }
        };
        let machine = self.machine();
        if let Some(desktop) = &mut self.desktop {
            desktop.settle(machine).await;
        }
        let pause = next.map_or(longest, |next| next.duration_since(self.machine()));
        // To whole seconds, as the provider tells them.
        let pause = SignedDuration::from_secs(pause.as_secs().saturating_add(1));
        self.pass(pause.clamp(SignedDuration::from_secs(1), longest));
    }
}

async fn open(sandbox: &Sandbox, home: &KeptHome, clock: &Arc<Still>, deaths: &Arc<Deaths>) -> Engine {
    let environment = Environment::of(home.path(), sandbox.env().into_iter().map(|(name, value)| (name, value.into())));
    let ports =
        Ports { clock: clock.clone(), checkpoint: deaths.clone(), processes: Arc::new(Nobody), ..Ports::real(environment).unwrap() };
    Engine::open(ports).await.unwrap()
}

fn home_file(home: &KeptHome, name: &str, text: &str) -> String {
    let path = home.path().join(format!("{name}.json"));
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
