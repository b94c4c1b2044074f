//! Ties the engine to the tray, the window and the notifications.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::event::Event;
use codex_lab_core::model::prime::PrimePreview;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{SessionChoice, SignInMethod, Snapshot};
use codex_lab_core::model::snooze::Snooze;
use codex_lab_core::view::command::{self, Command, restart_target};
use codex_lab_core::view::link::Link;
use codex_lab_core::view::news;
use codex_lab_core::view::notice::{self, Notice};
use codex_lab_core::view::tray::{lasts, tray};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, mpsc};

use crate::autostart::{Autostart, Known};
use crate::background::Background;
use crate::notify::{self, Notifier};
use crate::shortcut::Shortcut;
use crate::start::Opening;
use crate::tray::Tray;
use crate::tray_host::TrayHost;
use crate::window::{self, Page};
use crate::{control, gateway};

/// What is told and not yet shown; who tells waits for who shows.
const BULLETINS: usize = 8;
/// A desktop that starts up brings its panel within this time.
const PANEL_STARTS_WITHIN: Duration = Duration::from_secs(5);

/// The app. Clones share it.
#[derive(Clone)]
pub(crate) struct Desktop {
    inner: Arc<Inner>,
}

struct Inner {
    /// Ends the program.
    exit: Box<dyn Fn() + Send + Sync>,
    environment: Environment,
    engine: OnceCell<Engine>,
    tray: Tray,
    tray_host: TrayHost,
    notifier: Notifier,
    /// Pages that the window is to show.
    pages: mpsc::UnboundedSender<Page>,
    gateway: Background,
    control: Background,
    /// What was clicked in the tray and in notifications.
    clicks: mpsc::UnboundedSender<Command>,
}

impl Desktop {
    /// The app before its engine is opened. `exit` ends the program. Only where there is a runtime.
    pub(crate) fn new(
        environment: Environment,
        tray: impl FnOnce(mpsc::UnboundedSender<Command>) -> Tray,
        exit: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let ((clicks, clicked), (pages, wanted)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let inner = Inner {
            exit,
            environment,
            engine: OnceCell::new(),
            tray: tray(clicks.clone()),
            tray_host: TrayHost::watch(),
            notifier: Notifier::new(),
            pages,
            gateway: Background::new(),
            control: Background::new(),
            clicks,
        };
        let desktop = Self { inner: Arc::new(inner) };
        tokio::spawn(desktop.clone().follow_clicks(clicked));
        tokio::spawn(window::keep(desktop.clone(), wanted));
        desktop
    }

    /// Opens the engine and shows what there is to show: the window too if it is wanted, or if nothing else could be seen.
    pub(crate) async fn start(&self, opening: Opening) {
        if let Err(failure) = self.engine().await {
            // The window says why, and tries again when it is told to.
            tracing::error!(code = ?failure.code, %failure, "the engine could not be opened");
            return self.show(Page::Accounts);
        }
        match opening {
            Opening::Link(link) => self.show(Page::of_link(Link::parse(&link))),
            Opening::Hidden if self.inner.tray_host.is_there_within(PANEL_STARTS_WITHIN).await => {}
            Opening::Hidden | Opening::Window => self.show(Page::Accounts),
        }
    }

    /// The engine; opened on first use, and again after a failure.
    pub(crate) async fn engine(&self) -> Result<&Engine, Failure> {
        let open = async || {
            let engine = Engine::open(Ports::real(self.inner.environment.clone())?).await?;
            self.follow(&engine);
            Ok(engine)
        };
        self.inner.engine.get_or_try_init(open).await
    }

    /// How things are, where the engine is open.
    pub(crate) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.inner.engine.get().map(Engine::snapshot)
    }

    fn follow(&self, engine: &Engine) {
        let (desktop, watched) = (self.clone(), engine.clone());
        tokio::spawn(async move { desktop.follow_snapshots(&watched).await });
        let (desktop, heard) = (self.clone(), engine.clone());
        tokio::spawn(async move { desktop.follow_events(&heard).await });
        let (desktop, told) = (self.clone(), engine.clone());
        tokio::spawn(async move { desktop.follow_news(&told).await });
        let hooked = engine.clone();
        tokio::spawn(async move { hooked.run_hooks().await });
        let (desktop, asked) = (self.clone(), engine.clone());
        tokio::spawn(async move { desktop.look_for_notifications(&asked).await });
        let looking = engine.clone();
        tokio::spawn(async move { looking.watch().await });
        let tending = engine.clone();
        tokio::spawn(async move { tending.tend().await });
        self.inner.gateway.begin(|stop| gateway::serve(engine.clone(), stop));
        self.inner.control.begin(|stop| control::serve(engine.clone(), stop));
    }

    async fn follow_snapshots(&self, engine: &Engine) {
        let mut snapshots = engine.subscribe();
        let mut autostart = Autostart::new(self.inner.environment.clone());
        let shortcut = Shortcut::keep(engine.clone(), self.inner.clicks.clone());
        // What would be done about weeks takes a look at the disk, and who has just signed in looks for the icon.
        self.draw(engine, Vec::new()).await;
        loop {
            let (settings, lasts) = {
                let snapshot = snapshots.borrow_and_update();
                (snapshot.settings.clone(), lasts(&snapshot, &engine.local_time()))
            };
            self.draw_tray(engine).await;
            // First the name that the desktop knows us by, which a shortcut needs.
            autostart.set(Known { starts: settings.autostart, is_named: settings.autostart || settings.shortcut }).await;
            shortcut.set(settings.shortcut);
            // In time it says something else by itself.
            if let Ok(Err(_)) = tokio::time::timeout(lasts, snapshots.changed()).await {
                return;
            }
        }
    }

    async fn follow_events(&self, engine: &Engine) {
        let mut events = engine.events();
        loop {
            match events.recv().await {
                Ok(event) => {
                    // News is told by the ledger, once.
                    let is_news = matches!(event, Event::News(_));
                    if let Some(notice) = notice::notice(&event, &engine.snapshot(), &engine.local_time()).filter(|_| !is_news) {
                        self.notify(notice).await;
                    }
                }
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "events went by unseen"),
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn follow_news(&self, engine: &Engine) {
        let (told, mut bulletins) = mpsc::channel(BULLETINS);
        let shows = async {
            while let Some(bulletin) = bulletins.recv().await {
                self.notify(news::bulletin(&bulletin, &engine.snapshot(), &engine.local_time())).await;
            }
        };
        tokio::join!(engine.tell(told), shows);
    }

    /// Looks whether this desktop shows notifications at all, before there is anything to show.
    async fn look_for_notifications(&self, engine: &Engine) {
        engine.note_notifications(notify::can_show(&self.inner.environment).await).await;
    }

    /// Draws the tray anew: a click may have changed a mark by itself, whether or not it did what it asked for.
    async fn draw_tray(&self, engine: &Engine) {
        let primes = match engine.handle(Request::Primes).await {
            Ok(Reply::Primes { previews, .. }) => previews,
            _ => Vec::new(),
        };
        self.draw(engine, primes).await;
    }

    async fn draw(&self, engine: &Engine, primes: Vec<PrimePreview>) {
        let engine = engine.clone();
        let seen = move || {
            let snapshot = engine.snapshot();
            tray(&snapshot, &primes, &engine.local_time())
        };
        self.inner.tray.draw(seen).await;
    }

    async fn follow_clicks(self, mut clicked: mpsc::UnboundedReceiver<Command>) {
        while let Some(command) = clicked.recv().await {
            let desktop = self.clone();
            // Not one after the other: quitting does not wait for a sign-in that begins.
            tokio::spawn(async move { desktop.carry_out(command).await });
        }
    }

    async fn carry_out(&self, command: Command) {
        tracing::info!(command = command.id(), "asked for");
        if let Err(failure) = self.try_carrying_out(command).await {
            tracing::warn!(code = ?failure.code, %failure, "refused");
            if !self.notify(notice::refusal(&failure, self.snapshot().as_deref())).await {
                self.show(Page::Accounts);
            }
        }
        if let Some(engine) = self.inner.engine.get() {
            self.draw_tray(engine).await;
        }
    }

    async fn try_carrying_out(&self, command: Command) -> Result<(), Failure> {
        let engine = self.engine().await?;
        let request = match command {
            Command::SwitchTo(profile) => Request::SwitchTo { profile: Some(profile) },
            Command::SignOut => Request::SwitchTo { profile: None },
            Command::Undo => Request::UndoSwitch,
            Command::RestartDaemon => match restart_target(&engine.snapshot()) {
                Some(pid) => Request::ChooseForSession { pid, choice: SessionChoice::Restart },
                None => return Ok(()),
            },
            Command::AddAccount => return self.sign_in(engine, None).await,
            Command::SignInAgain(profile) => return self.sign_in(engine, Some(profile)).await,
            Command::ShowSignIn => {
                self.show(Page::SignIn);
                return Ok(());
            }
            Command::Snooze(profile) => Request::Snooze { profile, how: Snooze::Reset },
            Command::PrimeNow(profile) => Request::PrimeNow { profile },
            Command::SetPaused(profile, paused) => Request::SetPaused { profile, paused },
            Command::AutoRouting(auto) => match command::routing(&engine.snapshot(), auto) {
                Some(settings) => Request::SetRouting { settings },
                None => return Ok(()),
            },
            Command::OpenWindow => {
                self.show(Page::Accounts);
                return Ok(());
            }
            Command::OpenRouting => {
                self.show(Page::Routing);
                return Ok(());
            }
            Command::Quit => {
                self.quit().await;
                return Ok(());
            }
        };
        engine.handle(request).await.map(drop)
    }

    async fn sign_in(&self, engine: &Engine, again: Option<ProfileId>) -> Result<(), Failure> {
        let begun = engine.handle(Request::BeginSignIn { method: SignInMethod::Browser, again, replace: false }).await;
        match begun {
            Err(failure) if failure.code != Code::SignInRunning => Err(failure),
            // The one that runs is shown instead; the window offers to call it off.
            _ => {
                self.show(Page::SignIn);
                Ok(())
            }
        }
    }

    /// Shows a notification and, later, carries out its answer. Says whether it can be seen.
    async fn notify(&self, notice: Notice) -> bool {
        let shown = self.inner.notifier.show(notice).await;
        if let Some(engine) = self.inner.engine.get() {
            engine.note_notifications(shown.is_ok()).await;
        }
        let asked = match shown {
            Ok(asked) => asked,
            Err(error) => {
                tracing::info!(%error, "a notification was not shown");
                return false;
            }
        };
        let clicks = self.inner.clicks.clone();
        tokio::spawn(async move {
            if let Some(command) = asked.answer().await {
                // Nobody listens any more when the app is ending.
                let _ = clicks.send(command);
            }
        });
        true
    }

    /// Shows the window with this page.
    pub(crate) fn show(&self, page: Page) {
        // Nobody shows it any more when the app is ending.
        let _ = self.inner.pages.send(page);
    }

    /// Where the window's web view keeps its files: in the home, if there is one.
    pub(crate) fn window_storage(&self) -> Option<PathBuf> {
        Some(self.inner.engine.get()?.home().runtime().join("webview"))
    }

    /// The window could not be shown: where its program is missing, or where there is no display.
    pub(crate) async fn window_failed(&self) {
        let failure = Failure::new(Code::NotPossibleNow, "The window of Codex Lab cannot be opened.")
            .hint("Install Codex Lab anew, or use `codex-lab` in a terminal. The log says more.");
        self.notify(notice::refusal(&failure, self.snapshot().as_deref())).await;
    }

    /// The window is gone. Where no tray can be seen the user is told how to get back, or the app ends.
    pub(crate) async fn window_closed(&self) {
        let can_be_seen = self.inner.engine.initialized() && (self.inner.tray_host.is_there() || self.notify(notice::without_tray()).await);
        if !can_be_seen {
            self.quit().await;
        }
    }

    /// Ends the app, after what runs through it.
    pub(crate) async fn quit(&self) {
        tokio::join!(self.inner.control.end(), self.inner.gateway.end());
        (self.inner.exit)();
    }
}

/// Locks a value that stays whole even if a holder panicked.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
