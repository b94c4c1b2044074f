//! The sign-in as a machine: events in, effects out, no I/O. [`super::flow`] runs it.

use std::time::Duration;

use super::callback::{BindError, Callback, Page, PasteError};
use super::device::{DeviceCode, DeviceError};
use super::exchange::{ExchangeError, Grant};
use super::sign_in_error::SignInError;
use crate::base::secret::Secret;
use crate::model::auth_document::AuthDocument;
use crate::model::snapshot::{SignInMethod, SignInPhase};
use crate::model::subject::Subject;
use crate::provider::chatgpt;

/// How long a browser is waited for, unless said otherwise.
pub const BROWSER_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A sign-in.
#[derive(Debug)]
pub struct Login {
    method: SignInMethod,
    /// Only logins of these workspaces are wanted; empty is any.
    workspaces: Vec<String>,
    /// How long a browser is waited for.
    patience: Duration,
    state: State,
}

/// A browser tab that waits for its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tab(pub u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// Taking a callback port.
    Binding,
    /// The user is at the provider's page, or looks for it.
    AtBrowser,
    /// Getting a device code.
    AskingCode,
    /// The user types the device code in somewhere.
    AtDevicePage,
    /// The code is on its way to become a login; the tab it came through waits.
    Exchanging(Option<Tab>),
    Ended,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The user wants to sign in.
    Begin,
    /// The listener has its port.
    Bound,
    /// There is no port to listen on.
    NotBound(BindError),
    /// There is a device code.
    CodeIssued(Box<DeviceCode>),
    /// There is none, or asking about it failed.
    DeviceFailed(DeviceError),
    /// Nobody has typed the device code in yet.
    StillPending,
    /// Somebody has.
    Approved(Grant),
    /// The user wants the page opened once more.
    OpenAsked,
    /// Whether a browser was started.
    Opened(bool),
    /// A browser came back.
    Returned {
        /// The tab that waits for an answer.
        tab: Tab,
        /// What it brought.
        callback: Callback,
    },
    /// The user pasted the address that a browser elsewhere ended at.
    Pasted(Result<Callback, PasteError>),
    /// There is a login.
    Exchanged(Box<AuthDocument>),
    /// The code did not become one.
    NotExchanged(ExchangeError),
    /// The address of the page could not be made.
    Broken(SignInError),
    /// The user called it off.
    CancelAsked,
    /// The time for the user's part is over.
    DeadlinePassed,
}

/// What to do.
#[derive(Debug)]
pub enum Effect {
    /// Take a callback port. Comes back as `Bound` or `NotBound`.
    Bind,
    /// Get a device code. Comes back as `CodeIssued` or `DeviceFailed`.
    AskCode,
    /// Show the device code, and keep it for asking about.
    ShowCode(Box<DeviceCode>),
    /// Wait for the interval, then ask about the device code. Comes back as `StillPending`, `Approved` or `DeviceFailed`.
    Poll,
    /// Report `DeadlinePassed` after this time.
    StartClock(Duration),
    /// Open the sign-in page in the browser. Comes back as `Opened`.
    OpenPage,
    /// Tell the user whether the page could be opened.
    TellOpened(bool),
    /// Exchange a code that came by browser.
    ExchangeCode(Secret),
    /// Exchange a device's grant. Both come back as `Exchanged` or `NotExchanged`.
    ExchangeGrant(Grant),
    /// Show this page in this tab.
    Answer(Tab, Page),
    /// Tell whoever pasted an address.
    AnswerPaste(Result<(), PasteError>),
    /// The end: a login. Nothing follows.
    Finish(Box<AuthDocument>),
    /// The end: none. Nothing follows.
    Fail(SignInError),
}

impl Login {
    /// A sign-in that has not begun.
    pub fn new(method: SignInMethod, workspaces: Vec<String>) -> Self {
        Self { method, workspaces, patience: BROWSER_PATIENCE, state: State::New }
    }

    /// The same, waiting so long for a browser.
    #[must_use]
    pub fn waiting(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where it stands. The ends are the engine's to tell.
    pub fn phase(&self) -> SignInPhase {
        match self.state {
            State::New | State::Binding | State::AskingCode => SignInPhase::Starting,
            State::AtBrowser | State::AtDevicePage => SignInPhase::Waiting,
            State::Exchanging(_) | State::Ended => SignInPhase::Finishing,
        }
    }

    /// The one place where a sign-in moves on.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        let (next, effects) = match (self.state, event) {
            // Starting
            (State::New, Event::Begin) => match self.method {
                SignInMethod::Browser => (State::Binding, vec![Effect::Bind]),
                SignInMethod::DeviceCode => (State::AskingCode, vec![Effect::AskCode]),
            },
            (State::Binding, Event::Bound) => (State::AtBrowser, vec![Effect::StartClock(self.patience), Effect::OpenPage]),
            (State::Binding, Event::NotBound(error)) => fail(error),
            (State::AskingCode, Event::CodeIssued(code)) => {
                (State::AtDevicePage, vec![Effect::ShowCode(code), Effect::StartClock(chatgpt::DEVICE_CODE_LIFETIME), Effect::Poll])
            }

            // The page: a browser that does not start ends nothing, for the link is shown
            (state @ (State::AtBrowser | State::AtDevicePage), Event::OpenAsked) => (state, vec![Effect::OpenPage]),
            (state @ (State::AtBrowser | State::AtDevicePage), Event::Opened(opened)) => (state, vec![Effect::TellOpened(opened)]),

            // The browser comes back
            (state, Event::Returned { tab, callback: Callback::WrongState }) => (state, vec![Effect::Answer(tab, Page::WrongState)]),
            (State::AtBrowser, Event::Returned { tab, callback }) => match judge(callback) {
                Ok(code) => (State::Exchanging(Some(tab)), vec![Effect::ExchangeCode(code)]),
                Err(error) => fail_in(Some(tab), error),
            },
            (state, Event::Returned { tab, .. }) => (state, vec![Effect::Answer(tab, Page::AlreadyUsed)]),

            // An address is pasted
            (State::AtBrowser, Event::Pasted(Ok(callback))) => match judge(callback) {
                Ok(code) => (State::Exchanging(None), vec![Effect::AnswerPaste(Ok(())), Effect::ExchangeCode(code)]),
                Err(error) => (State::Ended, vec![Effect::AnswerPaste(Ok(())), Effect::Fail(error)]),
            },
            (State::AtBrowser, Event::Pasted(Err(error))) => (State::AtBrowser, vec![Effect::AnswerPaste(Err(error))]),
            (state, Event::Pasted(_)) => (state, vec![Effect::AnswerPaste(Err(PasteError::NotWaiting))]),

            // The device code is typed in, or not
            (State::AtDevicePage, Event::StillPending) => (State::AtDevicePage, vec![Effect::Poll]),
            (State::AtDevicePage, Event::Approved(grant)) => (State::Exchanging(None), vec![Effect::ExchangeGrant(grant)]),
            (State::AskingCode | State::AtDevicePage, Event::DeviceFailed(error)) => fail(error),

            // The end
            (State::Exchanging(tab), Event::Exchanged(login)) if self.wants(&login) => {
                let page = tab.map(|tab| Effect::Answer(tab, Page::SignedIn));
                (State::Ended, page.into_iter().chain([Effect::Finish(login)]).collect())
            }
            (State::Exchanging(tab), Event::Exchanged(_)) => fail_in(tab, SignInError::WrongWorkspace),
            (State::Exchanging(tab), Event::NotExchanged(error)) => fail_in(tab, error),
            (State::Exchanging(tab), Event::CancelAsked) => fail_in(tab, SignInError::Cancelled),
            (State::Binding | State::AtBrowser | State::AskingCode | State::AtDevicePage, Event::CancelAsked) => {
                fail(SignInError::Cancelled)
            }
            (State::AtBrowser, Event::DeadlinePassed) => fail(SignInError::BrowserTimedOut),
            (State::AtDevicePage, Event::DeadlinePassed) => fail(SignInError::DeviceTimedOut),
            (State::Binding | State::AtBrowser | State::AtDevicePage, Event::Broken(error)) => fail(error),

            // Late or out of place: a browser that starts when all is over, the clock during the exchange
            (state, _) => (state, Vec::new()),
        };
        self.state = next;
        effects
    }

    fn wants(&self, login: &AuthDocument) -> bool {
        let Some(Subject::ChatGpt { workspace, .. }) = login.subject() else { return false };
        self.workspaces.is_empty() || self.workspaces.contains(&workspace)
    }
}

fn judge(callback: Callback) -> Result<Secret, SignInError> {
    match callback {
        Callback::Code(code) => Ok(code),
        Callback::Refused(refusal) => Err(SignInError::Refused(refusal)),
        Callback::Empty | Callback::WrongState => Err(SignInError::NoCode),
    }
}

fn fail(error: impl Into<SignInError>) -> (State, Vec<Effect>) {
    fail_in(None, error)
}

fn fail_in(tab: Option<Tab>, error: impl Into<SignInError>) -> (State, Vec<Effect>) {
    let error = error.into();
    let page = tab.map(|tab| Effect::Answer(tab, Page::Failed(error.failure())));
    (State::Ended, page.into_iter().chain([Effect::Fail(error)]).collect())
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
