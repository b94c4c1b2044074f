//! The engine: the one door that every front end goes through. It wires the rooms together and decides nothing they decide.

mod accounts;
mod activity;
mod aside;
mod background;
mod backups;
mod candidates;
mod chores;
pub mod clients;
pub mod doctor;
mod dry_run;
mod explaining;
mod exporting;
mod importing;
pub mod launching;
mod notices;
mod observe;
mod other_tools;
pub mod priming;
mod problems;
pub mod quota;
mod routing;
mod rules;
pub mod serving;
mod sessions;
mod settings;
mod shortcut;
mod sign_in;
mod spending;
pub mod support;
mod switching;
pub mod tokens;
mod underway;
pub mod uninstall;
mod vault;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;
use tokio::runtime::Handle;
use tokio::sync::{broadcast, watch as channel};

use crate::api::table::{Policy, Reply, Request};
use crate::base::environment::Environment;
use crate::base::ports::Ports;
use crate::codex::home::CodexHome;
use crate::failure::{Code, Failure};
use crate::model::event::Event;
use crate::model::news::News;
use crate::model::overrides::Overrides;
use crate::model::shortcut::ShortcutView;
use crate::model::snapshot::{GatewayView, SessionChoice, Snapshot};
use crate::provider::chatgpt;
use crate::quota::tail::Tail;
use crate::store::home::Home;
use crate::store::profiles::Profiles;
use crate::store::state::State;
use aside::blocking;
use sign_in::ActiveSignIn;

/// Events that a slow listener may lag behind before it misses some.
const EVENT_BACKLOG: usize = 64;
/// The fact that says the first page was read.
const FIRST_RUN_READ: &str = "first_run_read";

/// The engine of one home. Clones share it; several processes may have one each.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    ports: Ports,
    /// Where the engine lives. What has to outlive its caller, such as a refresh, is done here: a caller's own may end before.
    runtime: Handle,
    home: Home,
    codex: CodexHome,
    profiles: Profiles,
    state: State,
    /// What the environment sets.
    overrides: Overrides,
    latest: channel::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
    /// One change at a time within this process; other processes are kept out by file locks.
    turn: tokio::sync::Mutex<()>,
    /// One look at a time, so that an older one is never published after a newer one.
    looking: tokio::sync::Mutex<()>,
    tokens: tokens::Tokens,
    quotas: quota::Quotas,
    priming: priming::Priming,
    routing: routing::Routing,
    spending: spending::Spending,
    notices: notices::Notices,
    elsewhere: notices::Elsewhere,
    /// What this process does of the gateway.
    gateway: Mutex<GatewayView>,
    /// What this process knows of the shortcut that opens the window.
    shortcut: Mutex<ShortcutView>,
    clients: clients::Looks,
    /// How many were given in a row.
    wrong_passphrases: tokio::sync::Mutex<u32>,
    sign_in: Mutex<Option<ActiveSignIn>>,
    choices: Mutex<BTreeMap<u32, SessionChoice>>,
    /// What the start and switches found, for a word to the user.
    told: Mutex<Vec<Failure>>,
}

impl Engine {
    /// Opens the home, mends what a killed process left behind, and takes the first look.
    pub async fn open(ports: Ports) -> Result<Self, Failure> {
        Self::opened(ports, false).await
    }

    /// Opens the home for dry runs alone: nothing is mended, no login that Codex has renewed is taken in, and profiles stay as they are.
    pub async fn open_for_dry_runs(ports: Ports) -> Result<Self, Failure> {
        Self::opened(ports, true).await
    }

    async fn opened(ports: Ports, dry: bool) -> Result<Self, Failure> {
        let runtime = Handle::current();
        let engine = blocking(move || {
            let overrides = Overrides::read(&ports.environment)?;
            serving::usual_port(&ports.environment)?;
            let home = Home::open(&ports.environment)?;
            let codex = CodexHome::find(&ports.environment)?;
            let profiles = Profiles::open(home.clone(), &ports);
            let profiles = if dry { profiles.rehearsal()? } else { profiles };
            let state = State::open(&home)?;
            let told = Mutex::new(problems::mend(&ports, &home, &codex, &profiles, &state)?);
            let quotas = quota::Quotas::new(state.quota()?, Tail::new(codex.sessions()), ports.clock.now());
            let elsewhere = notices::Elsewhere::from_now_on(&ports, &state)?;
            let (latest, _) = channel::channel(Arc::new(observe::empty(&home, &codex)));
            let shared = Shared {
                ports,
                runtime,
                home,
                codex,
                profiles,
                state,
                overrides,
                latest,
                events: broadcast::channel(EVENT_BACKLOG).0,
                turn: tokio::sync::Mutex::new(()),
                looking: tokio::sync::Mutex::new(()),
                tokens: tokens::Tokens::default(),
                quotas,
                priming: priming::Priming::default(),
                routing: routing::Routing::default(),
                spending: spending::Spending::default(),
                notices: notices::Notices::default(),
                elsewhere,
                gateway: Mutex::default(),
                shortcut: Mutex::default(),
                clients: clients::Looks::default(),
                wrong_passphrases: tokio::sync::Mutex::default(),
                sign_in: Mutex::new(None),
                choices: Mutex::new(BTreeMap::new()),
                told,
            };
            Ok(Self { shared: Arc::new(shared) })
        })
        .await?;
        engine.publish().await?;
        Ok(engine)
    }

    /// Answers one request of a front end.
    pub async fn handle(&self, request: Request) -> Result<Reply, Failure> {
        let _underway = self.underway(&request);
        match request {
            // A sign-in goes on beside everything else, so its requests take no turn.
            Request::BeginSignIn { method, again, replace } => self.begin_sign_in(method, again, replace).await?,
            Request::OpenSignInPage => self.open_sign_in_page().await?,
            Request::PasteCallback { url } => self.paste_callback(url.0).await?,
            Request::DecideSignIn { add } => self.decide_sign_in(add).await?,
            Request::CancelSignIn => self.cancel_sign_in().await?,
            Request::DismissSignIn => self.dismiss_sign_in(),
            Request::Snapshot => {}
            Request::ImportPath { path } => return self.import_path(path).await,
            Request::ImportText { text } => return self.import_text(text.0).await,
            Request::FindImports { from, path, passphrase } => return self.find_imports(from, path, passphrase.map(|it| it.0)).await,
            Request::ImportFrom { from, path, passphrase, only } => {
                return self.import_from(from, path, passphrase.map(|it| it.0), only).await;
            }
            Request::DeleteLeftover { path } => self.delete_leftover(path).await?,
            Request::CaptureLive => return self.capture_live().await,
            Request::AddApiKey { key } => return self.add_api_key(key.0).await,
            Request::SwitchTo { profile } => self.switch_to(profile).await?,
            Request::UndoSwitch => self.undo_switch().await?,
            Request::Rename { profile, name } => self.edit(move |profiles| profiles.rename(&profile, &name).map(drop)).await?,
            Request::Reorder { profiles: order } => self.edit(move |profiles| profiles.reorder(&order)).await?,
            Request::SetPaused { profile, paused } => self.edit(move |profiles| profiles.set_paused(&profile, paused)).await?,
            Request::SetDetails { profile, details } => self.set_details(profile, details).await?,
            Request::SetWeights { weights } => self.set_weights(weights).await?,
            Request::Renew { profile } => self.renew(&profile).await?,
            Request::Remove { profile, sign_out } => self.remove(profile, sign_out).await?,
            Request::UndoRemove => self.undo_remove().await?,
            Request::ChooseForSession { pid, choice } => self.choose_for_session(pid, choice).await?,
            Request::PinSession { session, profile } => self.pin_session(session, profile).await?,
            Request::SetSettings { settings } => self.set_settings(settings).await?,
            Request::SetSetting { key, value } => self.set_setting(&key, value.as_deref()).await?,
            Request::Settings => return self.settings().await,
            Request::Snooze { profile, how } => return self.snooze(profile, how).await,
            Request::SetRouting { settings } => self.set_routing(settings).await?,
            Request::Why { session } => return self.why(session).await,
            Request::Explain { folder, model } => return self.explain(folder, model).await,
            Request::UsageHistory { profile, hours } => return self.usage_history(profile, hours).await,
            Request::ConnectClient { client, replace, dry_run } => return self.connect_client(client, replace, dry_run).await,
            Request::DisconnectClient { client, dry_run } => return self.disconnect_clients(client, dry_run).await,
            Request::Primes => return self.primes().await,
            Request::PrimeNow { profile } => return self.prime_now(&profile).await,
            Request::Background => return self.background().await,
            Request::Activity { filter } => return self.activity(filter).await,
            Request::OpenPolicy { policy } => self.open_policy(policy).await?,
            Request::FinishFirstRun => self.finish_first_run().await?,
            Request::MoveVault { to, passphrase } => self.move_vault(to, passphrase.map(|it| it.0)).await?,
            Request::UnlockVault { passphrase } => self.unlock_vault(passphrase.map(|it| it.0)).await?,
            Request::LockVault => self.lock_vault().await?,
            Request::ListBackups => return self.list_backups().await,
            Request::RestoreBackup { backup, force } => self.restore_backup(backup, force).await?,
            Request::Export { path, passphrase, replace } => return self.export(path, passphrase.0, replace).await,
            Request::DryRun { request } => return Box::pin(self.dry_run(*request)).await,
            Request::RestoreExport { path, passphrase, dry_run } => return self.restore_export(path, passphrase.0, dry_run).await,
        }
        Ok(Reply::Done { snapshot: Box::new((*self.publish().await?).clone()) })
    }

    /// What was seen last.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.shared.latest.borrow())
    }

    /// Every later snapshot, the latest at least.
    pub fn subscribe(&self) -> channel::Receiver<Arc<Snapshot>> {
        self.shared.latest.subscribe()
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    /// What time it is where the user lives.
    pub fn local_time(&self) -> Zoned {
        let clock = &self.shared.ports.clock;
        clock.now().to_zoned(clock.zone())
    }

    /// The home of this engine.
    pub fn home(&self) -> &Home {
        &self.shared.home
    }

    /// Variables and the home folder.
    pub fn environment(&self) -> &Environment {
        &self.shared.ports.environment
    }

    /// Looks again and hands the result to all who listen.
    async fn publish(&self) -> Result<Arc<Snapshot>, Failure> {
        let _one_look = self.shared.looking.lock().await;
        let shared = Arc::clone(&self.shared);
        let seen = blocking(move || observe::observe(&shared)).await?;
        let mut published = Arc::new(seen);
        let before = self.snapshot();
        self.shared.latest.send_if_modified(|latest| {
            let candidate = Arc::make_mut(&mut published);
            candidate.revision = latest.revision;
            if **latest == *candidate {
                return false;
            }
            candidate.revision += 1;
            *latest = Arc::clone(&published);
            true
        });
        // What is served follows what is shown.
        if let Err(failure) = self.feed_routing().await {
            tracing::warn!(code = ?failure.code, %failure, "routing goes on with what it knew");
        }
        for profile in observe::newly_unusable(&before, &published) {
            self.announce(Event::News(News::SignInNeeded { profile: profile.id.clone() }));
        }
        Ok(published)
    }

    fn announce(&self, event: Event) {
        if let Event::SignedIn { profile, .. } = &event {
            self.signed_in_again(profile);
        }
        if let Event::News(news) = &event {
            self.leave_news(news);
        }
        // Nobody listening is no failure.
        let _ = self.shared.events.send(event);
    }

    async fn open_policy(&self, policy: Policy) -> Result<(), Failure> {
        let address = match policy {
            Policy::Terms => chatgpt::TERMS,
            Policy::Usage => chatgpt::USAGE_POLICIES,
        };
        if self.shared.ports.browser.open(address).await {
            return Ok(());
        }
        Err(Failure::new(Code::NotPossibleNow, "No browser could be started.").hint(format!("Open {address} yourself.")))
    }

    async fn finish_first_run(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(shared.state.set_fact(FIRST_RUN_READ, "1")?)).await
    }
}

/// Where a front end may keep its log; `None` if the home cannot be used, for which [`Engine::open`] has the reason.
pub fn log_folder(environment: &Environment) -> Option<PathBuf> {
    Some(Home::open(environment).ok()?.logs())
}

/// Locks a value that stays whole even if a holder panicked.
fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
