//! What the provider sent the browser back with: judged against the state of the sign-in that waits.

use thiserror::Error;

use crate::auth::ask::clean_code;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::provider::chatgpt;

/// A longer address is not the provider's.
const ADDRESS_LIMIT: usize = 8 << 10;
/// A longer code is not the provider's.
const CODE_LIMIT: usize = 4 << 10;

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    /// The user agreed: the authorization code.
    Code(Secret),
    /// The provider or the user refused.
    Refused(Refusal),
    /// It is ours, but holds neither code nor error.
    Empty,
    /// It belongs to another sign-in, or to nobody. Says nothing about ours.
    WrongState,
}

/// Why the provider sent no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The user pressed Cancel, or the account may not.
    Denied,
    /// The workspace has no Codex.
    NoCodex,
    /// Another OAuth error code; empty if it was not a code.
    Other(String),
}

/// Why a pasted address does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasteError {
    /// Not the address a sign-in ends at.
    #[error("not a callback address")]
    NotACallback,
    /// The address of another sign-in.
    #[error("the address belongs to another sign-in")]
    WrongState,
    /// No sign-in waits for an address.
    #[error("no sign-in waits for an address")]
    NotWaiting,
}

impl PasteError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::NotACallback => Failure::new(Code::InvalidInput, "This is not the address that the sign-in ended at.")
                .hint("In the other browser, copy the whole address that starts with http://127.0.0.1 after you have signed in; the page itself shows an error there."),
            Self::WrongState => Failure::new(Code::StateMismatch, "This address belongs to another sign-in, so it was not used.")
                .hint("Open the link shown here in the other browser, sign in, and copy the address it ends at."),
            Self::NotWaiting => Failure::new(Code::NotPossibleNow, "No sign-in waits for an address.").hint("Start a sign-in with the browser first."),
        }
    }
}

impl Callback {
    /// Judges a callback's query. The state is compared in constant time, and before anything else counts.
    pub fn of_query(query: &str, expected: &Secret) -> Self {
        let mut state = Field::Absent;
        let (mut code, mut error, mut description) = (Field::Absent, Field::Absent, Field::Absent);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "state" => state.put(&value),
                "code" => code.put(&value),
                "error" => error.put(&value),
                "error_description" => description.put(&value),
                _ => {}
            }
        }
        if state.once().map(Secret::new).as_ref() != Some(expected) {
            return Self::WrongState;
        }
        if !matches!(error, Field::Absent) {
            return Self::Refused(refusal(error.once().unwrap_or_default(), description.once().unwrap_or_default()));
        }
        match code.once() {
            Some(code) if !code.is_empty() && code.len() <= CODE_LIMIT => Self::Code(Secret::new(code)),
            _ => Self::Empty,
        }
    }
}

/// Reads a pasted callback address. Only one that the listener on `port` would have got counts.
pub fn of_pasted(text: &Secret, port: u16, expected: &Secret) -> Result<Callback, PasteError> {
    let text = text.expose().trim().trim_matches(['"', '\'', '<', '>']);
    if text.len() > ADDRESS_LIMIT {
        return Err(PasteError::NotACallback);
    }
    // Some browsers hide the scheme.
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = url::Url::parse(&whole).map_err(|_| PasteError::NotACallback)?;
    let is_ours = url.scheme() == "http"
        && url.username().is_empty()
        && url.password().is_none()
        && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
        && url.port_or_known_default() == Some(port)
        && url.path() == chatgpt::CALLBACK_PATH;
    if !is_ours {
        return Err(PasteError::NotACallback);
    }
    match Callback::of_query(url.query().unwrap_or_default(), expected) {
        Callback::WrongState => Err(PasteError::WrongState),
        Callback::Empty => Err(PasteError::NotACallback),
        callback => Ok(callback),
    }
}

/// The provider's prose is looked at but never passed on (codex-auth.md 2.1).
fn refusal(error: &str, description: &str) -> Refusal {
    match error {
        "access_denied" if description.contains("missing_codex_entitlement") => Refusal::NoCodex,
        "access_denied" => Refusal::Denied,
        other => Refusal::Other(clean_code(other).unwrap_or_default()),
    }
}

/// A parameter that must not come twice: two readers could take different ones.
enum Field {
    Absent,
    Once(String),
    Twice,
}

impl Field {
    fn put(&mut self, value: &str) {
        *self = if matches!(self, Self::Absent) { Self::Once(value.to_owned()) } else { Self::Twice };
    }

    fn once(&self) -> Option<&str> {
        if let Self::Once(value) = self { Some(value) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Secret {
        Secret::new("our-state")
    }

    #[test]
    fn a_query_is_judged_by_its_state_first() {
        let code = |text: &str| Callback::Code(Secret::new(text));
        let other = |text: &str| Callback::Refused(Refusal::Other(text.to_owned()));
        let long = format!("code={}&state=our-state", "x".repeat(CODE_LIMIT + 1));
        for (query, expected) in [
            ("code=ac_1&state=our-state", code("ac_1")),
            ("state=our-state&scope=x&code=a%2Bb+c", code("a+b c")),
            ("code=ac_1&state=our-statf", Callback::WrongState),
            ("code=ac_1&state=our-state2", Callback::WrongState),
            ("code=ac_1&state=", Callback::WrongState),
            ("code=ac_1", Callback::WrongState),
            ("", Callback::WrongState),
            ("code=ac_1&state=our-state&state=our-state", Callback::WrongState),
            ("error=access_denied&state=theirs", Callback::WrongState),
            ("error=access_denied&state=our-state", Callback::Refused(Refusal::Denied)),
            ("error=access_denied&error_description=x+missing_codex_entitlement&state=our-state", Callback::Refused(Refusal::NoCodex)),
            ("error=server_error&code=ac_1&state=our-state", other("server_error")),
            ("error=%3Cscript%3E&state=our-state", other("")),
            ("error=a&error=b&state=our-state", other("")),
            ("state=our-state", Callback::Empty),
            ("code=&state=our-state", Callback::Empty),
            ("code=a&code=b&state=our-state", Callback::Empty),
            (&long, Callback::Empty),
        ] {
            assert_eq!(Callback::of_query(query, &state()), expected, "{query:.80}");
        }
    }

    #[test]
    fn a_pasted_address_must_be_the_one_we_listen_at() {
        let ours = "http://127.0.0.1:1455/auth/callback?code=ac_1&state=our-state";
        let paste = |text: &str| of_pasted(&Secret::new(text), 1455, &state());
        for text in [
            ours.to_owned(),
            format!("  {ours}\n"),
            format!("\"{ours}\""),
            ours.replace("127.0.0.1", "localhost"),
            ours.replace("http://", ""),
            ours.replace("http://127.0.0.1", "localhost"),
            format!("{ours}#"),
        ] {
            assert_eq!(paste(&text), Ok(Callback::Code(Secret::new("ac_1"))), "{text}");
        }
        for text in [
            String::new(),
            "hello".to_owned(),
            ours.replace("http:", "https:"),
            ours.replace("127.0.0.1", "evil.example"),
            ours.replace("127.0.0.1", "user@127.0.0.1"),
            ours.replace("127.0.0.1", "[::1]"),
            ours.replace("1455", "1457"),
            ours.replace(":1455", ""),
            ours.replace("/auth/callback", "/success"),
            ours.replace("code=ac_1&", ""),
            format!("{ours}{}", "x".repeat(ADDRESS_LIMIT)),
        ] {
            assert_eq!(paste(&text), Err(PasteError::NotACallback), "{text:.80}");
        }
        assert_eq!(paste(&ours.replace("our-state", "other")), Err(PasteError::WrongState));
        assert_eq!(paste(&ours.replace("code=ac_1", "error=access_denied")), Ok(Callback::Refused(Refusal::Denied)));
    }
}
