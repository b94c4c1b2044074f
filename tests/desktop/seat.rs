//! A user with a home: profiles made without a provider, and what lies on their disk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codex_lab_core::api::table::{Reply, Request, SecretText};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::news::News;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, WindowReading};
use codex_lab_core::model::routing::RoutingSettings;
use codex_lab_core::model::snapshot::{Settings, Snapshot};
use codex_lab_core::view::tray;
use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::sandbox::Sandbox;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// The length of a week's window.
pub(crate) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A home, and an engine on it beside the app's own, as the terminal program has one.
pub(crate) struct Seat {
    home: tempfile::TempDir,
    programs: tempfile::TempDir,
    engine: Engine,
}

impl Seat {
    /// A home with these profiles; the first one is live.
    pub(crate) async fn with(profiles: &[&str]) -> Self {
        let logins: Vec<_> = profiles.iter().map(|name| (*name, login(name))).collect();
        Self::with_logins(&logins).await
    }

    /// The same with logins of a sandbox's accounts.
    pub(crate) async fn in_sandbox(sandbox: &Sandbox, accounts: &[&str]) -> Self {
        let logins: Vec<_> = accounts.iter().map(|name| (*name, sandbox.auth_json(name).unwrap())).collect();
        Self::with_logins(&logins).await
    }

    async fn with_logins(profiles: &[(&str, String)]) -> Self {
        let seat = Self::fresh().await;
        seat.ask(Request::FinishFirstRun).await;
        for (name, login) in profiles {
            seat.add_login(name, login).await;
        }
        if let Some((first, _)) = profiles.first() {
            let profile = Some(seat.id(first));
            seat.ask(Request::SwitchTo { profile }).await;
        }
        seat
    }

    /// A home in which nobody has read the first page.
    pub(crate) async fn fresh() -> Self {
        let home = tempfile::Builder::new().prefix("seat-").tempdir().unwrap();
        let programs = tempfile::tempdir().unwrap();
        // Where there is no Codex, that is the first thing the user is told.
        program(&programs.path().join("codex"), "#!/bin/sh\nexit 1\n");
        let environment = Environment::of(home.path(), [("PATH", path(programs.path()).into())]);
        let engine = Engine::open(Ports::real(environment).unwrap()).await.unwrap();
        let seat = Self { home, programs, engine };
        // Nobody is asked for quota: numbers would come into the menu whenever the answer does.
        seat.ask(Request::SetSettings { settings: Settings { conservative: true, ..Settings::default() } }).await;
        seat
    }

    /// Adds a profile as the terminal program would.
    pub(crate) async fn add(&self, name: &str) {
        self.add_login(name, &login(name)).await;
    }

    async fn add_login(&self, name: &str, login: &str) {
        let text = SecretText::from(login.to_owned());
        let Reply::Imported { items, .. } = self.engine.handle(Request::ImportText { text }).await.unwrap() else { panic!() };
        let profile = items[0].profile.clone().unwrap();
        self.ask(Request::Rename { profile, name: name.to_owned() }).await;
    }

    /// A reading of one window of a profile, which resets in so many seconds, as its traffic would give it.
    pub(crate) async fn seen(&self, name: &str, minutes: Minutes, used: f64, resets_in: i64) {
        let now = self.now();
        self.told(name, QuotaSource::Header, now, minutes, used, now + SignedDuration::from_secs(resets_in)).await;
    }

    /// A reading of a week of which nothing is used, made so many seconds ago, as the usage endpoint would give it.
    pub(crate) async fn week_seen(&self, name: &str, ago: i64, resets_at: Timestamp) {
        self.told(name, QuotaSource::Usage, self.now() - SignedDuration::from_secs(ago), Minutes::WEEK, 0.0, resets_at).await;
    }

    /// Two readings say that a week runs which was started just now. The second one is a minute ahead, which clocks may be.
    pub(crate) async fn week_is_seen_to_run(&self, name: &str) {
        let resets_at = self.now() + WEEK;
        for ahead in [0, 60] {
            self.week_seen(name, -ahead, resets_at).await;
            self.engine.handle(Request::Primes).await.unwrap();
        }
        // What became of the request is settled before another one is thought of, for which more readings would be needed.
        let mut events = self.engine.events();
        tokio::select! {
            answer = self.engine.handle(Request::PrimeNow { profile: self.id(name) }) => panic!("{answer:?}"),
            event = events.recv() => assert!(matches!(event, Ok(Event::News(News::Primed { .. }))), "{event:?}"),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine.local_time().timestamp()
    }

    async fn told(&self, name: &str, source: QuotaSource, at: Timestamp, minutes: Minutes, used: f64, resets_at: Timestamp) {
        let mut seen = Observation::new(at, source);
        let window = WindowReading { minutes, used_percent: Percent::of(used).unwrap(), resets_at: Some(resets_at) };
        seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        self.engine.observe(&self.id(name), &seen);
        self.engine.save_quota().await.unwrap();
    }

    /// Changes settings as the terminal program would.
    pub(crate) async fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.engine.snapshot().settings.clone();
        change(&mut settings);
        self.ask(Request::SetSettings { settings }).await;
    }

    /// A profile's login and its copy are damaged, so that only a new sign-in helps.
    pub(crate) fn lose_login(&self, name: &str) {
        std::fs::write(self.lab_home().join("auth-profiles").join(name).join("auth.json"), "{").unwrap();
        let id = self.id(name);
        std::fs::write(self.lab_home().join("backups/logins").join(id.as_str()).join("current.copy"), "{").unwrap();
    }

    /// Makes this the live login, which is no profile's, as Codex's own sign-in would.
    pub(crate) fn sign_codex_in(&self, name: &str) {
        std::fs::create_dir_all(self.codex_home()).unwrap();
        std::fs::write(self.codex_home().join("auth.json"), login(name)).unwrap();
    }

    /// Changes the rules of routing as the terminal program would.
    pub(crate) async fn rule(&self, change: impl FnOnce(&mut RoutingSettings)) {
        let mut settings = self.engine.snapshot().routing.clone();
        change(&mut settings);
        self.ask(Request::SetRouting { settings }).await;
    }

    /// How things are now.
    pub(crate) async fn look(&self) -> Snapshot {
        self.ask(Request::Snapshot).await
    }

    /// What is to be in the tray now.
    pub(crate) async fn tray(&self) -> tray::Tray {
        let snapshot = self.ask(Request::Snapshot).await;
        let Reply::Primes { previews, .. } = self.engine.handle(Request::Primes).await.unwrap() else { panic!() };
        tray::tray(&snapshot, &previews, &self.engine.local_time())
    }

    pub(crate) async fn ask(&self, request: Request) -> Snapshot {
        match self.engine.handle(request).await.unwrap() {
            Reply::Done { snapshot } | Reply::Imported { snapshot, .. } => *snapshot,
            other => panic!("a change answers with the snapshot, not with {other:?}"),
        }
    }

    pub(crate) fn id(&self, name: &str) -> ProfileId {
        self.engine.snapshot().profiles.iter().find(|row| row.name == name).unwrap().id.clone()
    }

    /// Puts another program in the place of the one that this user calls `codex`.
    pub(crate) fn put_codex(&self, text: &str) {
        program(&self.programs.path().join("codex"), text);
    }

    /// The variables of this user's programs.
    pub(crate) fn env(&self) -> [(&'static str, String); 1] {
        [("PATH", path(self.programs.path()))]
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn lab_home(&self) -> PathBuf {
        self.home.path().join(".codex-lab")
    }

    pub(crate) fn codex_home(&self) -> PathBuf {
        self.home.path().join(".codex")
    }

    /// Whose login the stock Codex has.
    pub(crate) fn live(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.codex_home().join("auth.json")).ok()?;
        let login: serde_json::Value = serde_json::from_str(&text).unwrap();
        Some(login["tokens"]["account_id"].as_str().unwrap().trim_start_matches("workspace-").to_owned())
    }
}

fn path(programs: &Path) -> String {
    format!("{}:/usr/bin:/bin", programs.display())
}

/// What the test leaves for the search for secrets.
impl Drop for Seat {
    fn drop(&mut self) {
        if let Ok(artefacts) = Artefacts::of_this_test() {
            let _ = artefacts.keep_home("home", self.home.path());
        }
    }
}

/// Writes a program.
pub(crate) fn program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// An `auth.json` of an account that nobody has.
fn login(name: &str) -> String {
    let claims = json!({
        "email": format!("{name}@example.com"),
        "https://api.openai.com/auth": {
            "chatgpt_user_id": format!("user-{name}"),
            "chatgpt_account_id": format!("workspace-{name}"),
            "chatgpt_plan_type": "plus",
        },
    });
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string())),
            "access_token": format!("at-{name}"),
            "refresh_token": format!("rt-{name}"),
            "account_id": format!("workspace-{name}"),
        },
        "last_refresh": "2026-11-01T00:00:00Z",
    })
    .to_string()
}
