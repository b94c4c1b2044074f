//! Quota from the usage endpoint (codex-runtime.md 4.3): the question, and what its answer says.
//!
//! The question spends nothing: it opts into no reserve, asks for no reset credits, and is only sent with a token that is good
//! already. No answer to it says anything about a sign-in.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use super::wire::{credits, percent, text, whole, window_in_seconds};
use crate::base::https::HttpError;
use crate::base::secret::Secret;
use crate::model::quota::{
    FAMILIES_LIMIT, Family, FamilyReading, LimitReached, Observation, QuotaSource, SpendLimit, Told, reset_after, reset_at,
};
use crate::provider::chatgpt;

/// Real answers have a few KiB.
const SIZE_LIMIT: usize = 1 << 20;
/// A pause longer than this is not believed.
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// Why the endpoint told nothing. None of it says that a login is good or bad: the caller keeps what it knows, and asks later.
#[derive(Debug, Error)]
pub enum UsageError {
    /// The question is not valid HTTP: a mistake of ours, or a token that is none.
    #[error("the question could not be built")]
    Request(#[source] http::Error),
    /// No answer came.
    #[error("no answer from the provider")]
    NoAnswer(#[source] HttpError),
    /// 401: the token may have ended meanwhile.
    #[error("the token was not taken")]
    TokenNotTaken,
    /// 403: the account's plan, or something between here and the provider.
    #[error("not allowed to ask")]
    NotAllowed,
    /// 429: asked too often.
    #[error("asked too often")]
    TooOften {
        /// The pause the provider asks for.
        pause: Option<Duration>,
    },
    /// Any other status but 200.
    #[error("the provider answered with status {status}")]
    Trouble {
        /// HTTP status.
        status: u16,
    },
    /// 200 with something that is no usage: a page of a hotel's network, perhaps.
    #[error("the answer is not understood")]
    NotUnderstood,
    /// The answer is about another workspace than was asked for.
    #[error("the answer is of another account")]
    OtherAccount,
}

impl UsageError {
    /// The pause the provider asks for, if it does.
    pub fn pause(&self) -> Option<Duration> {
        match self {
            Self::TooOften { pause } => *pause,
            _ => None,
        }
    }
}

/// The question, for the workspace `account_id`.
pub fn request(token: &Secret, account_id: Option<&str>) -> Result<Request<Vec<u8>>, UsageError> {
    let build = || {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
        bearer.set_sensitive(true);
        let mut question = Request::get(format!("{}{}", chatgpt::BACKEND, chatgpt::USAGE_PATH))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(concat!("codex-lab/", env!("CARGO_PKG_VERSION"))));
        if let Some(account_id) = account_id {
            question = question.header("chatgpt-account-id", HeaderValue::try_from(account_id)?);
        }
        question.body(Vec::new())
    };
    build().map_err(UsageError::Request)
}

/// What an answer says of the workspace that was asked for.
pub fn read(answer: &Response<Vec<u8>>, account_id: Option<&str>, now: Timestamp) -> Result<Observation, UsageError> {
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(UsageError::TokenNotTaken),
        StatusCode::FORBIDDEN => return Err(UsageError::NotAllowed),
        StatusCode::TOO_MANY_REQUESTS => return Err(UsageError::TooOften { pause: pause(answer.headers()) }),
        status => return Err(UsageError::Trouble { status: status.as_u16() }),
    }
    if answer.body().len() > SIZE_LIMIT {
        return Err(UsageError::NotUnderstood);
    }
    let usage: Map<String, Value> = serde_json::from_slice(answer.body()).map_err(|_| UsageError::NotUnderstood)?;
    if !usage.contains_key("rate_limit") && !usage.contains_key("plan_type") {
        return Err(UsageError::NotUnderstood);
    }
    let other = |asked: &str| usage.get("account_id").and_then(Value::as_str).is_some_and(|told| told != asked);
    if account_id.is_some_and(other) {
        return Err(UsageError::OtherAccount);
    }
    Ok(observation(&usage, now))
}

fn observation(usage: &Map<String, Value>, now: Timestamp) -> Observation {
    let mut seen = Observation::new(now, QuotaSource::Usage);
    if let Some(reading) = usage.get("rate_limit").and_then(|limit| family_reading(limit, now)) {
        seen.add(Family::main(), reading);
    }
    if let Some(reading) =
        usage.get("code_review_rate_limit").filter(|limit| limit.is_object()).and_then(|limit| family_reading(limit, now))
        && let Some(family) = Family::parse("code_review")
    {
        seen.add(family, reading);
    }
    for limit in usage.get("additional_rate_limits").and_then(Value::as_array).into_iter().flatten().take(FAMILIES_LIMIT) {
        let named = ["metered_feature", "limit_name"].into_iter().find_map(|key| Family::parse(limit[key].as_str()?));
        let Some(family) = named.filter(|family| !family.is_main()) else { continue };
        if let Some(reading) = limit.get("rate_limit").and_then(|limit| family_reading(limit, now)) {
            seen.add(family, FamilyReading { name: text(&limit["limit_name"]), ..reading });
        }
    }
    seen.plan = told(usage, "plan_type", text);
    seen.credits = told(usage, "credits", credits);
    seen.spend_limit = told(usage, "spend_control", |control| spend_limit(control, now));
    seen.reset_credits = told(usage, "rate_limit_reset_credits", |credits| u32::try_from(whole(&credits["available_count"])?).ok());
    seen.limit_reached = told(usage, "rate_limit_reached_type", |reached| text(&reached["type"]).map(LimitReached::from));
    seen
}

/// An explicit null says that there is none. What is missing, or of another shape, says nothing.
fn told<T>(usage: &Map<String, Value>, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Told<T> {
    match usage.get(key) {
        None => Told::Unsaid,
        Some(Value::Null) => Told::Nothing,
        Some(value) => read(value).into(),
    }
}

/// The windows of a limit: all there are, where each slot is told or is an explicit null.
fn family_reading(limit: &Value, now: Timestamp) -> Option<FamilyReading> {
    if limit.is_null() {
        return Some(FamilyReading { complete: true, ..FamilyReading::default() });
    }
    let limit = limit.as_object()?;
    let slots = ["primary_window", "secondary_window"].map(|slot| limit.get(slot));
    let windows: Vec<_> = slots.into_iter().flatten().filter_map(|window| window_in_seconds(window, now)).collect();
    let nulls = slots.into_iter().flatten().filter(|window| window.is_null()).count();
    Some(FamilyReading {
        name: None,
        complete: windows.len() + nulls == slots.len(),
        windows,
        allowed: limit.get("allowed").and_then(Value::as_bool),
        limit_reached: limit.get("limit_reached").and_then(Value::as_bool),
    })
}

fn spend_limit(control: &Value, now: Timestamp) -> Option<SpendLimit> {
    let limit = &control["individual_limit"];
    let after = || whole(&limit["reset_after_seconds"]).and_then(|seconds| reset_after(seconds, now));
    Some(SpendLimit {
        reached: control["reached"].as_bool()?,
        limit: text(&limit["limit"]),
        used_percent: percent(&limit["used_percent"]),
        resets_at: whole(&limit["reset_at"]).and_then(|second| reset_at(second, now)).or_else(after),
    })
}

/// `Retry-After` in seconds; as a date it is not heeded.
fn pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
