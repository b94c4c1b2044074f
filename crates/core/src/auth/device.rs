//! Signing in with a code typed on any machine (codex-auth.md 2.2).

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::ask::{self, AskError};
use super::exchange::Grant;
use crate::base::https::Http;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::provider::chatgpt;

/// However long the provider asks us to wait between two questions, a minute is the most.
const POLL_CEILING: Duration = Duration::from_secs(60);
/// A code that people type is short.
const USER_CODE_LIMIT: usize = 32;
/// Ids, codes and verifiers are well below this.
const FIELD_LIMIT: usize = 4096;

/// A code to type in, and what to ask about it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// Shown to the user.
    pub user_code: String,
    /// Time between two questions.
    pub interval: Duration,
    /// Known to us alone; asked about together with the user's code.
    pub device_auth_id: Secret,
}

/// What became of a device code so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// Nobody has typed it in yet.
    Pending,
    /// It was typed in.
    Approved(Grant),
}

/// Why a device code did not work.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// No answer to look at.
    #[error("the device code could not be asked for")]
    Ask(#[from] AskError),
    /// The provider offers no device codes; the browser is left.
    #[error("device codes are not offered")]
    NotOffered,
    /// Somebody said no on the page.
    #[error("the device code was refused")]
    Refused,
    /// The code's time ran out, says the provider.
    #[error("the device code ran out")]
    RanOut,
    /// Any other error; it ends the attempt, as it does in the Codex CLI.
    #[error("the provider answered with status {status}")]
    Trouble {
        /// HTTP status.
        status: u16,
    },
    /// An answer without the fields we need.
    #[error("the answer does not hold a device code")]
    Nonsense,
}

impl DeviceError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Ask(error) => error.failure(),
            Self::NotOffered => Failure::new(Code::SignInRefused, "OpenAI does not offer device codes for this sign-in at the moment.")
                .hint("Sign in with the browser instead."),
            Self::Refused => Failure::new(Code::SignInRefused, "The device code was refused on OpenAI's page. Nothing was changed.")
                .hint("Start again for a new code, and allow device codes in ChatGPT under Settings > Security if it says so."),
            Self::RanOut => ran_out(),
            Self::Trouble { status } => ask::trouble(*status).hint("Start again for a new code."),
            Self::Nonsense => ask::nonsense(),
        }
    }
}

/// The code was not typed in in time.
pub(super) fn ran_out() -> Failure {
    Failure::new(Code::SignInExpired, "The device code was not used in time, so it no longer works. Nothing was changed.")
        .hint("Start again for a new code.")
}

/// Where the user types the code in.
pub fn page() -> String {
    format!("{}{}", chatgpt::ISSUER, chatgpt::path::DEVICE_PAGE)
}

/// Asks for a code.
pub async fn request_code(http: &dyn Http) -> Result<DeviceCode, DeviceError> {
    let question = ask::post_json(chatgpt::path::DEVICE_USER_CODE, &json!({ "client_id": chatgpt::CLIENT_ID }));
    let answer = ask::ask(http, question).await?;
    match answer.status() {
        status if status.is_success() => {}
        StatusCode::NOT_FOUND => return Err(DeviceError::NotOffered),
        status => return Err(DeviceError::Trouble { status: status.as_u16() }),
    }
    let raw: RawCode = serde_json::from_slice(answer.body()).map_err(|_| DeviceError::Nonsense)?;
    let user_code = raw.user_code.trim().to_owned();
    let typeable = !user_code.is_empty() && user_code.len() <= USER_CODE_LIMIT && user_code.bytes().all(|byte| byte.is_ascii_graphic());
    let whole = !raw.device_auth_id.is_empty() && raw.device_auth_id.len() <= FIELD_LIMIT;
    if !typeable || !whole {
        return Err(DeviceError::Nonsense);
    }
    Ok(DeviceCode { user_code, interval: interval(raw.interval.as_ref()), device_auth_id: Secret::new(raw.device_auth_id) })
}

/// Asks once whether the code was typed in.
pub async fn poll(http: &dyn Http, code: &DeviceCode) -> Result<Poll, DeviceError> {
    let body = json!({ "device_auth_id": code.device_auth_id.expose(), "user_code": code.user_code });
    let answer = ask::ask(http, ask::post_json(chatgpt::path::DEVICE_TOKEN, &body)).await?;
    match answer.status() {
        status if status.is_success() => approved(answer.body()),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Ok(Poll::Pending),
        status => Err(match ask::error_code(answer.body()).as_deref() {
            Some("access_denied") => DeviceError::Refused,
            Some("expired_token") => DeviceError::RanOut,
            _ => DeviceError::Trouble { status: status.as_u16() },
        }),
    }
}

fn approved(body: &[u8]) -> Result<Poll, DeviceError> {
    let raw: RawGrant = serde_json::from_slice(body).map_err(|_| DeviceError::Nonsense)?;
    if [&raw.authorization_code, &raw.code_verifier].into_iter().any(|field| field.is_empty() || field.len() > FIELD_LIMIT) {
        return Err(DeviceError::Nonsense);
    }
    Ok(Poll::Approved(Grant {
        code: Secret::new(raw.authorization_code),
        verifier: Secret::new(raw.code_verifier),
        redirect_uri: format!("{}{}", chatgpt::ISSUER, chatgpt::path::DEVICE_CALLBACK),
    }))
}

/// The provider sends seconds as text; a number would do as well.
fn interval(raw: Option<&Value>) -> Duration {
    let seconds = raw.and_then(|value| value.as_str().map_or_else(|| value.as_u64(), |text| text.trim().parse().ok()));
    Duration::from_secs(seconds.unwrap_or_default()).clamp(chatgpt::DEVICE_POLL_FLOOR, POLL_CEILING)
}

#[derive(Deserialize)]
struct RawCode {
    device_auth_id: String,
    #[serde(alias = "usercode")]
    user_code: String,
    interval: Option<Value>,
}

#[derive(Deserialize)]
struct RawGrant {
    authorization_code: String,
    code_verifier: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::FakeHttp;

    const CODE: &str = r#"{"device_auth_id":"planted-id","user_code":"ABCD-12345","interval":"7"}"#;

    async fn code() -> DeviceCode {
        request_code(&FakeHttp::default().answer(200, CODE)).await.unwrap()
    }

    #[tokio::test]
    async fn a_code_is_asked_for_as_the_cli_asks() {
        let http = FakeHttp::default().answer(200, CODE);
        let code = request_code(&http).await.unwrap();
        assert_eq!((code.user_code.as_str(), code.interval), ("ABCD-12345", Duration::from_secs(7)));
        assert!(!format!("{code:?}").contains("planted"));
        let sent = &http.sent()[0];
        assert_eq!(sent.url, "https://auth.openai.com/api/accounts/deviceauth/usercode");
        assert_eq!(sent.body, r#"{"client_id":"app_EMoamEEZ73f0CkXaXp7hrann"}"#);
    }

    #[tokio::test]
    async fn the_interval_stays_within_reason() {
        for (interval, seconds) in [
            (r#","interval":"5""#, 5),
            (r#","interval":"0""#, 5),
            ("", 5),
            (r#","interval":null"#, 5),
            (r#","interval":"soon""#, 5),
            (r#","interval":9"#, 9),
            (r#","interval":"99999999999""#, 60),
        ] {
            let body = format!(r#"{{"device_auth_id":"d","usercode":"A-1"{interval}}}"#);
            let code = request_code(&FakeHttp::default().answer(200, &body)).await.unwrap();
            assert_eq!(code.interval, Duration::from_secs(seconds), "{interval}");
        }
    }

    #[tokio::test]
    async fn answers_without_a_code_are_told_apart() {
        type Check = fn(&DeviceError) -> bool;
        let long = format!(r#"{{"device_auth_id":"d","user_code":"{}"}}"#, "A".repeat(33));
        let cases: [(u16, &str, Check); 8] = [
            (404, "", |e| matches!(e, DeviceError::NotOffered)),
            (500, "", |e| matches!(e, DeviceError::Trouble { status: 500 })),
            (429, "{}", |e| matches!(e, DeviceError::Trouble { status: 429 })),
            (200, "<html>", |e| matches!(e, DeviceError::Nonsense)),
            (200, r#"{"device_auth_id":"","user_code":"A"}"#, |e| matches!(e, DeviceError::Nonsense)),
            (200, r#"{"device_auth_id":"d","user_code":"  "}"#, |e| matches!(e, DeviceError::Nonsense)),
            (200, r#"{"device_auth_id":"d","user_code":"A\u001b[2J"}"#, |e| matches!(e, DeviceError::Nonsense)),
            (200, &long, |e| matches!(e, DeviceError::Nonsense)),
        ];
        for (status, body, check) in cases {
            let error = request_code(&FakeHttp::default().answer(status, body)).await.unwrap_err();
            assert!(check(&error), "{error:?} for {status} {body}");
            assert!(!error.failure().hints.is_empty());
        }
    }

    #[tokio::test]
    async fn polling_knows_wait_yes_and_no() {
        let code = code().await;
        for status in [403, 404] {
            let http = FakeHttp::default().answer(status, r#"{"error":"access_denied"}"#);
            assert_eq!(poll(&http, &code).await.unwrap(), Poll::Pending);
            assert_eq!(http.sent()[0].url, "https://auth.openai.com/api/accounts/deviceauth/token");
            assert_eq!(http.sent()[0].body, r#"{"device_auth_id":"planted-id","user_code":"ABCD-12345"}"#);
        }
        let yes = r#"{"authorization_code":"ac","code_challenge":"c","code_verifier":"v"}"#;
        let Poll::Approved(grant) = poll(&FakeHttp::default().answer(200, yes), &code).await.unwrap() else { panic!() };
        assert_eq!(grant.redirect_uri, "https://auth.openai.com/deviceauth/callback");
        assert_eq!((grant.code, grant.verifier), (Secret::new("ac"), Secret::new("v")));

        type Check = fn(&DeviceError) -> bool;
        let cases: [(u16, &str, Check); 6] = [
            (400, r#"{"error":"access_denied"}"#, |e| matches!(e, DeviceError::Refused)),
            (400, r#"{"error":"expired_token"}"#, |e| matches!(e, DeviceError::RanOut)),
            (429, "", |e| matches!(e, DeviceError::Trouble { status: 429 })),
            (500, "<html>", |e| matches!(e, DeviceError::Trouble { status: 500 })),
            (200, r#"{"authorization_code":"ac"}"#, |e| matches!(e, DeviceError::Nonsense)),
            (200, r#"{"authorization_code":"","code_verifier":"v"}"#, |e| matches!(e, DeviceError::Nonsense)),
        ];
        for (status, body, check) in cases {
            let error = poll(&FakeHttp::default().answer(status, body), &code).await.unwrap_err();
            assert!(check(&error), "{error:?} for {status} {body}");
        }
        assert!(matches!(poll(&FakeHttp::default().no_answer(), &code).await.unwrap_err(), DeviceError::Ask(_)));
    }
}
