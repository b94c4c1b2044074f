//! Runs a sign-in: does what [`super::login`] decides, and reports back what came of it.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::authorize::{Attempt, redirect_uri};
use super::callback::{Listener, PasteError, Visit, of_pasted};
use super::device::{self, DeviceCode, Poll};
use super::exchange::{Grant, exchange};
use super::login::{BROWSER_PATIENCE, Effect, Event, Login, Tab};
use super::page_picture;
use super::sign_in_error::SignInError;
use crate::base::ports::Ports;
use crate::base::secret::Secret;
use crate::model::auth_document::AuthDocument;
use crate::model::snapshot::{PagePicture, SignInMethod, SignInPhase};
use crate::provider::chatgpt;

/// The variable that says for how many seconds a browser is waited for; what cannot be one counts as unset.
const PATIENCE: &str = "CODEX_LAB_SIGN_IN_SECONDS";
/// The longest that can be said, in seconds: the callback's port is taken all that time.
const LONGEST_PATIENCE: u64 = 60 * 60;

/// What to sign in, and how.
#[derive(Debug, Clone)]
pub struct FlowSetup {
    /// The outside.
    pub ports: Ports,
    /// Browser or device code.
    pub method: SignInMethod,
    /// Only logins of these workspaces are wanted; empty is any.
    pub workspaces: Vec<String>,
    /// Tried in this order. The provider knows only [`chatgpt::CALLBACK_PORTS`]; tests take port 0.
    pub callback_ports: Vec<u16>,
    /// How long a browser is waited for.
    pub patience: Duration,
}

impl FlowSetup {
    /// A sign-in to any workspace.
    pub fn new(ports: Ports, method: SignInMethod) -> Self {
        let patience = ports.environment.text(PATIENCE).and_then(patience).unwrap_or(BROWSER_PATIENCE);
        Self { ports, method, workspaces: Vec::new(), callback_ports: chatgpt::CALLBACK_PORTS.to_vec(), patience }
    }
}

fn patience(seconds: &str) -> Option<Duration> {
    seconds.trim().parse().ok().filter(|seconds| (1..=LONGEST_PATIENCE).contains(seconds)).map(Duration::from_secs)
}

/// What the user can do while it runs. When the sender is dropped, the sign-in is called off.
#[derive(Debug)]
pub enum Command {
    /// The address that a browser elsewhere ended at.
    Paste {
        /// As pasted.
        address: Secret,
        /// Told at once whether the address is of use; the sign-in goes on either way.
        reply: oneshot::Sender<Result<(), PasteError>>,
    },
    /// Open the page once more.
    OpenPage,
    /// Call it off.
    Cancel,
}

/// Where it stands, for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Starting, waiting or finishing.
    pub phase: SignInPhase,
    /// The page to open.
    pub url: Option<String>,
    /// The device code to type in there.
    pub user_code: Option<String>,
    /// That page, for a phone's camera.
    pub picture: Option<PagePicture>,
    /// When it gives up waiting for the user.
    pub deadline: Option<Timestamp>,
    /// The browser could not be started: the user has to open the page by hand.
    pub browser_failed: bool,
}

impl Progress {
    /// Before the first step.
    pub fn starting() -> Self {
        Self { phase: SignInPhase::Starting, url: None, user_code: None, picture: None, deadline: None, browser_failed: false }
    }
}

/// Signs in. Ends with a login that is stored nowhere yet, or with the reason why there is none; the callback port is
/// closed by then. Dropping the future calls the sign-in off.
pub async fn run(
    setup: FlowSetup,
    mut commands: mpsc::Receiver<Command>,
    progress: &watch::Sender<Progress>,
) -> Result<AuthDocument, SignInError> {
    let mut login = Login::new(setup.method, setup.workspaces.clone()).waiting(setup.patience);
    let mut shell = Shell::new(setup, progress);
    let mut outcome = None;
    shell.events.push_back(Event::Begin);
    loop {
        let event = match shell.events.pop_front() {
            Some(event) => event,
            None => shell.next(&mut commands).await,
        };
        for effect in login.step(event) {
            outcome = shell.perform(effect).await.or(outcome);
        }
        if let Some(outcome) = outcome.take() {
            shell.close().await;
            return outcome;
        }
        let phase = login.phase();
        shell.show(|progress| progress.phase = phase);
    }
}

/// One thing under way; dropped, it stops.
type Work = Pin<Box<dyn Future<Output = Event> + Send>>;

struct Shell<'a> {
    setup: FlowSetup,
    progress: &'a watch::Sender<Progress>,
    attempt: Attempt,
    /// What has happened and was not yet told to the machine.
    events: VecDeque<Event>,
    listener: Option<Listener>,
    /// Tabs that wait for their page.
    tabs: BTreeMap<Tab, Visit>,
    last_tab: u64,
    /// Whoever pasted an address and waits to hear of it.
    paste: Option<oneshot::Sender<Result<(), PasteError>>>,
    code: Option<Arc<DeviceCode>>,
    /// The one question to the provider.
    asking: Option<Work>,
    opening: Option<Work>,
    deadline: Option<Instant>,
}

impl<'a> Shell<'a> {
    fn new(setup: FlowSetup, progress: &'a watch::Sender<Progress>) -> Self {
        let attempt = Attempt::new(setup.ports.entropy.as_ref());
        Self {
            setup,
            progress,
            attempt,
            events: VecDeque::new(),
            listener: None,
            tabs: BTreeMap::new(),
            last_tab: 0,
            paste: None,
            code: None,
            asking: None,
            opening: None,
            deadline: None,
        }
    }

    /// Waits for whatever happens first.
    async fn next(&mut self, commands: &mut mpsc::Receiver<Command>) -> Event {
        tokio::select! {
            visit = next_visit(&mut self.listener) => {
                self.last_tab += 1;
                let tab = Tab(self.last_tab);
                let callback = visit.callback.clone();
                self.tabs.insert(tab, visit);
                Event::Returned { tab, callback }
            }
            event = finished(&mut self.asking) => event,
            event = finished(&mut self.opening) => event,
            () = reached(self.deadline) => {
                self.deadline = None;
                Event::DeadlinePassed
            }
            command = commands.recv() => match command {
                Some(Command::Paste { address, reply }) => {
                    self.paste = Some(reply);
                    Event::Pasted(self.read_pasted(&address))
                }
                Some(Command::OpenPage) => Event::OpenAsked,
                Some(Command::Cancel) | None => Event::CancelAsked,
            },
        }
    }

    fn read_pasted(&self, address: &Secret) -> Result<super::callback::Callback, PasteError> {
        let port = self.listener.as_ref().ok_or(PasteError::NotWaiting)?.port();
        of_pasted(address, port, self.attempt.state())
    }

    /// Does one thing; `Some` is the end.
    async fn perform(&mut self, effect: Effect) -> Option<Result<AuthDocument, SignInError>> {
        let ports = self.setup.ports.clone();
        match effect {
            Effect::Bind => {
                let event = self.bind().await;
                self.events.push_back(event);
            }
            Effect::StartClock(time) => {
                self.deadline = Some(Instant::now() + time);
                let deadline = ports.clock.now().saturating_add(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)).ok();
                self.show(|progress| progress.deadline = deadline);
            }
            Effect::OpenPage => {
                let url = self.progress.borrow().url.clone().unwrap_or_default();
                self.opening = Some(Box::pin(async move { Event::Opened(ports.browser.open(&url).await) }));
            }
            Effect::TellOpened(opened) => self.show(|progress| progress.browser_failed = !opened),
            Effect::AskCode => {
                self.asking = Some(Box::pin(async move {
                    match device::request_code(ports.http.as_ref()).await {
                        Ok(code) => Event::CodeIssued(Box::new(code)),
                        Err(error) => Event::DeviceFailed(error),
                    }
                }));
            }
            Effect::Poll => {
                if let Some(code) = self.code.clone() {
                    self.asking = Some(Box::pin(poll(ports, code)));
                }
            }
            Effect::ShowCode(code) => {
                let user_code = code.user_code.clone();
                self.code = Some(Arc::from(code));
                let page = device::page();
                self.show(|progress| {
                    progress.picture = page_picture::of(&page);
                    progress.url = Some(page);
                    progress.user_code = Some(user_code);
                });
            }
            Effect::ExchangeCode(code) => {
                let port = self.listener.as_ref().map_or(0, Listener::port);
                let grant = Grant { code, verifier: self.attempt.verifier().clone(), redirect_uri: redirect_uri(port) };
                self.start_exchange(ports, grant);
            }
            Effect::ExchangeGrant(grant) => self.start_exchange(ports, grant),
            Effect::Answer(tab, page) => {
                if let Some(visit) = self.tabs.remove(&tab) {
                    visit.answer(page);
                }
            }
            Effect::AnswerPaste(answer) => {
                if let Some(reply) = self.paste.take() {
                    // Whoever has gone away needs no answer.
                    let _ = reply.send(answer);
                }
            }
            Effect::Finish(login) => return Some(Ok(*login)),
            Effect::Fail(error) => return Some(Err(error)),
        }
        None
    }

    async fn bind(&mut self) -> Event {
        let listener = match Listener::bind(&self.setup.callback_ports, self.attempt.state().clone()).await {
            Ok(listener) => listener,
            Err(error) => return Event::NotBound(error),
        };
        match self.attempt.page(listener.port(), &self.setup.workspaces) {
            Ok(url) => {
                self.listener = Some(listener);
                self.show(|progress| progress.url = Some(url));
                Event::Bound
            }
            Err(error) => Event::Broken(error.into()),
        }
    }

    fn start_exchange(&mut self, ports: Ports, grant: Grant) {
        self.asking = Some(Box::pin(async move {
            match exchange(&ports, &grant).await {
                Ok(login) => Event::Exchanged(Box::new(login)),
                Err(error) => Event::NotExchanged(error),
            }
        }));
    }

    fn show(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|progress| {
            let before = progress.clone();
            change(progress);
            *progress != before
        });
    }

    async fn close(self) {
        drop(self.tabs);
        if let Some(listener) = self.listener {
            listener.close().await;
        }
    }
}

async fn poll(ports: Ports, code: Arc<DeviceCode>) -> Event {
    tokio::time::sleep(code.interval).await;
    match device::poll(ports.http.as_ref(), &code).await {
        Ok(Poll::Pending) => Event::StillPending,
        Ok(Poll::Approved(grant)) => Event::Approved(grant),
        Err(error) => Event::DeviceFailed(error),
    }
}

/// What the work came to. Work that was not waited for to the end goes on at the next call.
async fn finished(work: &mut Option<Work>) -> Event {
    match work {
        Some(running) => {
            let event = running.await;
            *work = None;
            event
        }
        None => pending().await,
    }
}

async fn next_visit(listener: &mut Option<Listener>) -> Visit {
    match listener {
        Some(listener) => listener.next().await,
        None => pending().await,
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => pending().await,
    }
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
