//! Scripted behaviour: what an endpoint does instead of the ordinary, for whom and how often.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Answer;
use super::endpoint::Endpoint;

/// Deviations from the ordinary at one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Script {
    /// Where it applies.
    pub on: Endpoint,
    /// Whose requests it applies to; `None` = everybody's, also those of nobody known.
    #[serde(default)]
    pub account: Option<String>,
    /// How many requests it serves; `None` = until it is taken back.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens.
    pub behaviour: Behaviour,
}

impl Script {
    /// From now on, at `on`, for everybody.
    pub fn always(on: Endpoint, behaviour: Behaviour) -> Self {
        Self { on, account: None, times: None, behaviour }
    }

    /// For the next request at `on`.
    pub fn once(on: Endpoint, behaviour: Behaviour) -> Self {
        Self::next(1, on, behaviour)
    }

    /// For the next `times` requests at `on`.
    pub fn next(times: u32, on: Endpoint, behaviour: Behaviour) -> Self {
        Self { on, account: None, times: Some(times), behaviour }
    }

    /// Only for requests of this account.
    #[must_use]
    pub fn by(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }
}

/// What a scripted endpoint does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Answers this; the request has no effect. On a WebSocket turn it becomes an error frame.
    Reply(Canned),
    /// Closes the connection without an answer; the request has no effect.
    Close,
    /// Takes the request (a refresh token is spent!) and closes the connection without an answer.
    LoseAnswer,
    /// Holds the request until released, then goes on as usual.
    Hold,
    /// Takes the request, then holds its answer until released. For a turn on a WebSocket the same
    /// as [`Behaviour::Hold`].
    HoldAnswer,
    /// Answers a turn with this. Only at [`Endpoint::Responses`]; elsewhere it changes nothing.
    Say(Answer),
}

/// A fixed answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Canned {
    /// HTTP status, 100 to 599; anything else is sent as 500.
    pub status: u16,
    /// Header names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body, sent as it is.
    #[serde(default)]
    pub body: String,
}

impl Behaviour {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::canned(status, "application/json", body.to_string())
    }

    /// A bare status with a short JSON error.
    pub fn status(status: u16) -> Self {
        Self::json(status, &json!({"error": {"message": format!("sandbox says {status}"), "type": "sandbox"}}))
    }

    /// A status with `Retry-After` in seconds.
    pub fn retry_after(status: u16, seconds: u64) -> Self {
        Self::status(status).with_header("retry-after", &seconds.to_string())
    }

    /// An error with a machine-readable code, in the platform's shape (codex-runtime.md 5.1).
    pub fn error(status: u16, code: &str) -> Self {
        let error = json!({"message": format!("sandbox says {code}"), "type": "invalid_request_error", "code": code, "param": null});
        Self::json(status, &json!({"error": error, "status": status}))
    }

    /// An OAuth error: `{"error": code, "error_description": …}`.
    pub fn oauth_error(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"error": code, "error_description": format!("sandbox says {code}")}))
    }

    /// The HTML page of an edge server that blocks the caller.
    pub fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Attention Required</body></html>";
        Self::canned(status, "text/html; charset=UTF-8", page.to_owned())
    }

    /// 200 with a body that is no JSON.
    pub fn garbage() -> Self {
        Self::canned(200, "application/json", "{\"id_token\": \"half a to".to_owned())
    }

    /// 200 with no body at all.
    pub fn empty() -> Self {
        Self::canned(200, "application/json", String::new())
    }

    /// The allowance is used up until the Unix second `resets_at` (codex-runtime.md 5.1).
    pub fn usage_limit(plan: &str, resets_at: i64) -> Self {
        Self::json(429, &usage_limit_body(plan, resets_at, 0))
    }

    /// A turn answered with this text.
    pub fn says(text: &str) -> Self {
        Self::Say(Answer::text(text))
    }

    /// The same fixed answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Reply(canned) = &mut self {
            canned.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    fn canned(status: u16, content_type: &str, body: String) -> Self {
        Self::Reply(Canned { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body })
    }
}

/// The body of a 429 `usage_limit_reached`.
pub(crate) fn usage_limit_body(plan: &str, resets_at: i64, now: i64) -> Value {
    json!({"error": {
        "type": "usage_limit_reached",
        "message": "The usage limit has been reached",
        "plan_type": plan,
        "resets_at": resets_at,
        "resets_in_seconds": (resets_at - now).max(0),
        "eligible_promo": null,
    }})
}

/// Names a script, to take it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptId(u64);

/// The scripts in force.
#[derive(Default)]
pub(crate) struct Scripts {
    next_id: u64,
    limited: VecDeque<(ScriptId, Script)>,
    standing: Vec<(ScriptId, Script)>,
}

impl Scripts {
    pub(crate) fn add(&mut self, script: Script) -> ScriptId {
        self.next_id += 1;
        let id = ScriptId(self.next_id);
        if script.times.is_some() {
            self.limited.push_back((id, script));
        } else {
            self.standing.push((id, script));
        }
        id
    }

    pub(crate) fn remove(&mut self, id: ScriptId) -> bool {
        let before = self.limited.len() + self.standing.len();
        self.limited.retain(|(other, _)| *other != id);
        self.standing.retain(|(other, _)| *other != id);
        before != self.limited.len() + self.standing.len()
    }

    pub(crate) fn clear(&mut self) {
        self.limited.clear();
        self.standing.clear();
    }

    /// The behaviour for one request. Counted scripts go first, in the order they were added, so
    /// that they can be queued; among the others the newest wins.
    pub(crate) fn take(&mut self, endpoint: Endpoint, account: Option<&str>) -> Option<Behaviour> {
        let fits = |script: &Script| script.on == endpoint && script.account.as_deref().is_none_or(|wanted| account == Some(wanted));
        if let Some(index) = self.limited.iter().position(|(_, script)| fits(script)) {
            let script = &mut self.limited[index].1;
            let left = script.times.unwrap_or(1).saturating_sub(1);
            script.times = Some(left);
            let behaviour = script.behaviour.clone();
            if left == 0 {
                self.limited.remove(index);
            }
            return Some(behaviour);
        }
        self.standing.iter().rev().find(|(_, script)| fits(script)).map(|(_, script)| script.behaviour.clone())
    }
}
