//! The sandbox's remote control: `/_sandbox/*` on the plain port, for shell scripts and the demo.
//!
//! Every call needs the control key in `x-sandbox-key`. Bodies and answers are JSON.
//!
//! | call | what |
//! |---|---|
//! | `GET accounts` · `POST accounts` | all accounts · add one, or change the named fields of one |
//! | `GET auth/NAME` | the `auth.json` of a fresh login |
//! | `POST scripts` · `DELETE scripts[/ID]` | a [`Script`] comes into force · is taken back |
//! | `POST release` | whatever is held goes on |
//! | `POST device` | `{user_code, account}` approves; without `account` refuses |
//! | `GET requests?after=&endpoint=&account=` | the log, without headers and bodies |
//! | `GET wait?endpoint=&account=&after=&seconds=` | the first answered request that fits, or 408 |
//! | `GET counters[/NAME]` | what happened so far |
//! | `GET secrets` | everything that must never be seen in a log |

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::SandboxAccount;
use super::device::Decision;
use super::endpoint::Endpoint;
use super::journal::RequestRecord;
use super::login::MintedLogin;
use super::reply::{Reply, error, ok};
use super::script::{Script, ScriptId};
use super::world::World;

/// Where the control calls live.
const ROOT: &str = "/_sandbox/";
/// Largest body of a control call in bytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Longest wait of one call in seconds.
const LONGEST_WAIT: u64 = 600;

/// The control calls of one sandbox.
pub(crate) struct Control {
    pub(crate) key: String,
    pub(crate) world: Arc<World>,
}

/// `POST device`.
#[derive(Deserialize)]
struct DeviceCall {
    user_code: String,
    /// `None` = refuse.
    account: Option<String>,
}

/// `GET requests` and `GET wait`.
#[derive(Default)]
struct Filter {
    after: u64,
    endpoint: Option<Endpoint>,
    account: Option<String>,
    seconds: u64,
}

impl Control {
    /// The command in a path, if it is one.
    pub(crate) fn command_of(path: &str) -> Option<String> {
        path.strip_prefix(ROOT).map(str::to_owned)
    }

    /// Answers one control call.
    pub(crate) async fn answer(&self, command: &str, request: Request<Body>) -> Reply {
        let key = request.headers().get("x-sandbox-key").map(http::HeaderValue::as_bytes);
        if key != Some(self.key.as_bytes()) {
            return error(StatusCode::FORBIDDEN, "control_key", "The control key is missing or wrong.");
        }
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return error(StatusCode::PAYLOAD_TOO_LARGE, "body", "The body is too long.");
        };
        let query = parts.uri.query().unwrap_or_default();
        let outcome = match (&parts.method, command.split_once('/').unwrap_or((command, ""))) {
            (&Method::GET, ("accounts", "")) => Ok(json!(self.world.books().accounts())),
            (&Method::POST, ("accounts", "")) => self.put_account(&body),
            (&Method::GET, ("auth", name)) => self.auth(name),
            (&Method::POST, ("scripts", "")) => self.script(&body),
            (&Method::DELETE, ("scripts", id)) => self.unscript(id),
            (&Method::POST, ("release", "")) => {
                self.world.holds.release();
                Ok(json!({}))
            }
            (&Method::POST, ("device", "")) => self.device(&body),
            (&Method::GET, ("requests", "")) => Ok(self.requests(&Filter::of(query))),
            (&Method::GET, ("wait", "")) => self.wait(&Filter::of(query)).await,
            (&Method::GET, ("counters", "")) => Ok(json!(self.world.books().counters())),
            (&Method::GET, ("counters", name)) => Ok(json!(self.world.books().counters_of(name))),
            (&Method::GET, ("secrets", "")) => Ok(json!(self.world.books().mint.minted())),
            _ => Err((StatusCode::NOT_FOUND, format!("no control call {} {command}", parts.method))),
        };
        match outcome {
            Ok(value) => ok(&value),
            Err((status, message)) => error(status, "control", &message),
        }
    }

    /// Adds an account, or changes the named fields of a known one.
    fn put_account(&self, body: &[u8]) -> Result<Value, (StatusCode, String)> {
        let given: Value = parse(body)?;
        let Some(name) = given["name"].as_str() else {
            return Err((StatusCode::BAD_REQUEST, "an account needs a name".to_owned()));
        };
        let mut books = self.world.books();
        let known = books.account(name).cloned().unwrap_or_else(|| SandboxAccount::new(name));
        let mut merged = json!(known);
        if let (Some(merged), Value::Object(given)) = (merged.as_object_mut(), given) {
            merged.extend(given);
        }
        let account: SandboxAccount = serde_json::from_value(merged).map_err(|error| bad_request(&error))?;
        books.put_account(account.clone());
        Ok(json!(books.account(&account.name)))
    }

    fn auth(&self, name: &str) -> Result<Value, (StatusCode, String)> {
        let login = MintedLogin::new(&self.world, name);
        login.map(|login| login.auth_value()).ok_or_else(|| no_account(name))
    }

    fn script(&self, body: &[u8]) -> Result<Value, (StatusCode, String)> {
        let script: Script = parse(body)?;
        Ok(json!({"id": self.world.books().scripts.add(script)}))
    }

    fn unscript(&self, id: &str) -> Result<Value, (StatusCode, String)> {
        if id.is_empty() {
            self.world.books().scripts.clear();
            return Ok(json!({}));
        }
        let id: ScriptId = parse(id.as_bytes())?;
        if self.world.books().scripts.remove(id) { Ok(json!({})) } else { Err((StatusCode::NOT_FOUND, "no such script".to_owned())) }
    }

    fn device(&self, body: &[u8]) -> Result<Value, (StatusCode, String)> {
        let call: DeviceCall = parse(body)?;
        let mut books = self.world.books();
        if let Some(name) = call.account.as_deref()
            && books.account(name).is_none()
        {
            return Err(no_account(name));
        }
        let decision = call.account.map_or(Decision::Denied, Decision::Approved);
        if books.devices.decide(&call.user_code, decision) {
            Ok(json!({}))
        } else {
            Err((StatusCode::NOT_FOUND, "no such user code".to_owned()))
        }
    }

    fn requests(&self, filter: &Filter) -> Value {
        let mut records = self.world.journal.since(filter.after);
        records.retain(|record| filter.fits(record));
        json!(records)
    }

    /// The first answered request that fits, seen already or within the time given.
    async fn wait(&self, filter: &Filter) -> Result<Value, (StatusCode, String)> {
        let patience = Duration::from_secs(filter.seconds.min(LONGEST_WAIT));
        let first = self.world.journal.first(|record| record.status.is_some() && filter.fits(record));
        match tokio::time::timeout(patience, first).await {
            Ok(record) => Ok(json!(record)),
            Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "no such request came in time".to_owned())),
        }
    }
}

impl Filter {
    fn of(query: &str) -> Self {
        let mut filter = Self { seconds: 30, ..Self::default() };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "after" => filter.after = value.parse().unwrap_or_default(),
                "seconds" => filter.seconds = value.parse().unwrap_or_default(),
                "endpoint" => filter.endpoint = serde_json::from_value(json!(value)).ok(),
                "account" => filter.account = Some(value.into_owned()),
                _ => {}
            }
        }
        filter
    }

    fn fits(&self, record: &RequestRecord) -> bool {
        record.seq > self.after
            && self.endpoint.is_none_or(|endpoint| record.endpoint == endpoint)
            && (self.account.is_none() || self.account == record.account)
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, (StatusCode, String)> {
    serde_json::from_slice(body).map_err(|error| bad_request(&error))
}

fn bad_request(error: &serde_json::Error) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, error.to_string())
}

fn no_account(name: &str) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, format!("no account named {name:?}"))
}
