//! Why a sign-in ended without a login, and what the user is told.

use std::io;

use thiserror::Error;

use super::authorize::AddressError;
use super::callback::{BindError, Refusal};
use super::device::{self, DeviceError};
use super::exchange::ExchangeError;
use crate::failure::{Code, Failure};

/// Each variant has a sentence of its own. Whichever it is, nothing was changed.
#[derive(Debug, Error)]
pub enum SignInError {
    /// Both callback ports are in use.
    #[error("all callback ports are in use")]
    PortsBusy,
    /// The callback port cannot be opened for another reason.
    #[error("the callback port cannot be opened")]
    Listen(#[source] io::Error),
    /// The address of the sign-in page cannot be made.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The user or the provider said no.
    #[error("the sign-in was refused")]
    Refused(Refusal),
    /// The provider sent the browser back with neither code nor error.
    #[error("the callback holds no code")]
    NoCode,
    /// The device code did not work.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The code did not become a login.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// A login came back, but of a workspace that was not asked for.
    #[error("the login is of another workspace")]
    WrongWorkspace,
    /// Nobody came back from the browser in time.
    #[error("nobody came back from the browser in time")]
    BrowserTimedOut,
    /// Nobody typed in the device code in time.
    #[error("nobody typed in the device code in time")]
    DeviceTimedOut,
    /// The user called it off.
    #[error("the sign-in was called off")]
    Cancelled,
}

impl From<BindError> for SignInError {
    fn from(error: BindError) -> Self {
        match error {
            BindError::AllBusy => Self::PortsBusy,
            BindError::Io(source) => Self::Listen(source),
        }
    }
}

impl SignInError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        let say = |code, message: &str| Failure::new(code, message);
        match self {
            Self::PortsBusy => {
                say(Code::PortBusy, "The sign-in cannot start: ports 1455 and 1457 are both in use, probably by another sign-in.")
                    .hint("Close the other sign-in (in a terminal with codex login, or in your editor), then try again.")
                    .hint("Use a device code instead; it needs no port.")
            }
            Self::Listen(_) => say(Code::PortBusy, "The sign-in cannot start: the system does not let Codex Lab listen on 127.0.0.1.")
                .hint("Check whether a firewall or sandbox blocks it, then try again.")
                .hint("Use a device code instead; it needs no port."),
            Self::Address(_) => say(Code::Internal, "The sign-in page could not be put together. This is a mistake in Codex Lab.")
                .hint("Try again; if it stays, report it."),
            Self::Refused(Refusal::Denied) => say(Code::SignInRefused, "The sign-in was cancelled or refused on OpenAI's page.")
                .hint("Try again, and allow access when the page asks."),
            Self::Refused(Refusal::NoCodex) => say(Code::SignInRefused, "This account's workspace does not include Codex.")
                .hint("Sign in again and choose another workspace, or ask the workspace's administrator for Codex."),
            Self::Refused(Refusal::Other(code)) if code.is_empty() => {
                say(Code::SignInRefused, "OpenAI ended the sign-in with an error.").hint("Try again in a minute.")
            }
            Self::Refused(Refusal::Other(code)) => {
                say(Code::SignInRefused, &format!("OpenAI ended the sign-in with the error \"{code}\".")).hint("Try again in a minute.")
            }
            Self::NoCode => say(Code::Provider, "OpenAI sent the browser back without a sign-in code.").hint("Try again."),
            Self::Device(error) => error.failure(),
            Self::Exchange(error) => error.failure(),
            Self::WrongWorkspace => {
                say(Code::WrongAccount, "You signed in to another workspace than the one asked for. Nothing was changed.")
                    .hint("Try again, and choose the right workspace on OpenAI's page.")
            }
            Self::BrowserTimedOut => say(Code::SignInExpired, "Nobody came back from the browser in time. Nothing was changed.")
                .hint("Try again; how long the sign-in waits is shown while it does.")
                .hint("If the browser is on another machine, paste the address it ends at, or use a device code."),
            Self::DeviceTimedOut => device::ran_out(),
            Self::Cancelled => {
                say(Code::Cancelled, "The sign-in was called off. Nothing was changed.").hint("Start it again whenever you like.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_end_has_its_own_sentence_and_a_next_step() {
        let ends = [
            (SignInError::PortsBusy, Code::PortBusy),
            (SignInError::Listen(io::ErrorKind::PermissionDenied.into()), Code::PortBusy),
            (SignInError::Refused(Refusal::Denied), Code::SignInRefused),
            (SignInError::Refused(Refusal::NoCodex), Code::SignInRefused),
            (SignInError::Refused(Refusal::Other("server_error".into())), Code::SignInRefused),
            (SignInError::Refused(Refusal::Other(String::new())), Code::SignInRefused),
            (SignInError::NoCode, Code::Provider),
            (SignInError::Device(DeviceError::NotOffered), Code::SignInRefused),
            (SignInError::Device(DeviceError::Refused), Code::SignInRefused),
            (SignInError::Exchange(ExchangeError::Refused { status: 400, code: None }), Code::SignInRefused),
            (SignInError::Exchange(ExchangeError::Trouble { status: 500 }), Code::Provider),
            (SignInError::Exchange(ExchangeError::NotTokens), Code::Provider),
            (SignInError::Exchange(ExchangeError::NoIdentity), Code::Provider),
            (SignInError::WrongWorkspace, Code::WrongAccount),
            (SignInError::BrowserTimedOut, Code::SignInExpired),
            (SignInError::DeviceTimedOut, Code::SignInExpired),
            (SignInError::Cancelled, Code::Cancelled),
        ];
        let mut sentences = BTreeSet::new();
        for (end, code) in ends {
            let failure = end.failure();
            assert_eq!(failure.code, code, "{end:?}");
            assert!(!failure.hints.is_empty(), "{end:?}");
            assert!(failure.message.ends_with('.'), "{end:?}");
            assert!(sentences.insert(failure.message), "{end:?}");
        }
    }
}
