//! Doing what a call asks for, by the engine.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::VERSION;
use super::account::{self, Login};
use super::envelope::RpcError;
use super::methods::Ask;
use super::telling::Control;
use crate::api::table::{ImportOutcome, Reply, Request};
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::model::snapshot::{SignIn, SignInMethod, SignInPhase};

/// Characters of a client's name that are said again.
const NAME_LIMIT: usize = 64;
/// A sign-in has its page within this: a device code is asked for over the network.
const PAGE_PATIENCE: Duration = Duration::from_secs(60);

/// Who a client is: what `initialize` takes. Codex's clients say more, which has no meaning here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Greeting {
    #[serde(rename = "clientInfo")]
    caller: Caller,
    protocol_version: Option<u32>,
}

#[derive(Deserialize)]
struct Caller {
    name: String,
    version: Option<String>,
}

/// The answer to `initialize`.
pub(super) fn hello(params: Option<&RawValue>, control: &Control) -> Result<Value, RpcError> {
    let params = params.ok_or_else(|| RpcError::invalid_params("missing field `clientInfo`"))?;
    let Greeting { caller, protocol_version } = serde_json::from_str(params.get()).map_err(|error| RpcError::of_params(&error))?;
    if protocol_version.is_some_and(|version| version != VERSION) {
        return Err(RpcError::invalid_params("that version of the interface is not spoken").with(json!({ "protocolVersion": VERSION })));
    }
    let said = |text: &str| text.chars().filter(char::is_ascii_graphic).take(NAME_LIMIT).collect::<String>();
    let client = format!("{}/{}", said(&caller.name), said(caller.version.as_deref().unwrap_or("0")));
    let snapshot = control.shared.engine.snapshot();
    Ok(json!({
        "userAgent": format!("codex-lab/{} ({}; {}) {client}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        "protocolVersion": VERSION, "codexLabHome": snapshot.home, "codexHome": snapshot.live.codex_home,
        "platformFamily": std::env::consts::FAMILY, "platformOs": std::env::consts::OS,
    }))
}

impl Control {
    /// The result of a call that is no subscription.
    pub(super) async fn call(&self, ask: Ask) -> Result<Box<RawValue>, RpcError> {
        let engine = &self.shared.engine;
        let snapshot = engine.snapshot();
        match ask {
            Ask::Row(request) => raw(&engine.handle(request).await?),
            Ask::Quietly(request) => {
                engine.handle(request).await?;
                raw(&json!({}))
            }
            Ask::Accounts => raw(&account::list(&snapshot)),
            Ask::Account(of) => raw(&account::read(of.as_ref(), &snapshot)?),
            Ask::Limits(of) => raw(&account::limits(of.as_ref(), &snapshot)?.map_err(RpcError::invalid_request)?),
            Ask::Login(login) => raw(&self.login(login).await?),
            Ask::CancelLogin { login } => raw(&self.cancel(&login).await?),
            Ask::Sessions => raw(&self.sessions().await?),
            Ask::Subscribe => raw(&json!({ "snapshot": &*snapshot })),
            Ask::Unsubscribe => raw(&json!({})),
        }
    }

    async fn login(&self, login: Login) -> Result<Value, Failure> {
        let (method, again, name, replace) = match login {
            Login::ApiKey { api_key, name } => return self.add_key(Request::AddApiKey { key: api_key }, name).await,
            Login::Chatgpt { profile, name, replace, .. } => (SignInMethod::Browser, profile, name, replace),
            Login::ChatgptDeviceCode { profile, name, replace } => (SignInMethod::DeviceCode, profile, name, replace),
        };
        let engine = &self.shared.engine;
        let mut latest = engine.subscribe();
        let id = engine.offer_sign_in(method, again, replace).await?;
        if let Some(name) = name {
            self.wish_name(&id, name);
        }
        let is_there = |sign_in: &SignIn| sign_in.id == id && (sign_in.url.is_some() || sign_in.phase == SignInPhase::Failed);
        let waiting = latest.wait_for(|snapshot| snapshot.sign_in.as_ref().is_some_and(is_there));
        let seen = tokio::time::timeout(PAGE_PATIENCE, waiting).await;
        let sign_in = seen.ok().and_then(Result::ok).and_then(|snapshot| snapshot.sign_in.clone()).ok_or_else(no_page)?;
        match (sign_in.failure, method) {
            (Some(failure), _) => Err(failure),
            (None, SignInMethod::Browser) => Ok(json!({ "type": "chatgpt", "loginId": id, "authUrl": sign_in.url })),
            (None, SignInMethod::DeviceCode) => Ok(json!({
                "type": "chatgptDeviceCode", "loginId": id, "verificationUrl": sign_in.url, "userCode": sign_in.user_code,
            })),
        }
    }

    async fn add_key(&self, request: Request, name: Option<String>) -> Result<Value, Failure> {
        let engine = &self.shared.engine;
        let item = match engine.handle(request).await? {
            Reply::Imported { items, .. } => items.into_iter().next(),
            _ => None,
        };
        let item = item.ok_or_else(no_page)?;
        if let Some(failure) = item.failure {
            return Err(failure);
        }
        let created = item.outcome == ImportOutcome::Added;
        // The key is kept whatever becomes of its name.
        let not_named = match (name, &item.profile) {
            (Some(name), Some(profile)) if created => engine.handle(Request::Rename { profile: profile.clone(), name }).await.err(),
            _ => None,
        };
        let profile = item.profile.as_ref().map(|id| self.named(id));
        let completed = json!({
            "loginId": null, "success": true, "error": null, "failure": null, "profile": profile, "created": created,
            "notNamed": not_named,
        });
        self.tell_all("account/login/completed", &completed);
        Ok(json!({ "type": "apiKey", "profile": profile, "created": created }))
    }

    fn named(&self, id: &ProfileId) -> Value {
        self.shared.engine.snapshot().profiles.iter().find(|row| row.id == *id).map_or(Value::Null, account::profile)
    }

    async fn cancel(&self, login: &str) -> Result<Value, Failure> {
        let engine = &self.shared.engine;
        let runs = engine.snapshot().sign_in.as_ref().is_some_and(|sign_in| {
            sign_in.id == login && matches!(sign_in.phase, SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing)
        });
        if !runs {
            return Ok(json!({ "status": "notFound" }));
        }
        engine.handle(Request::CancelSignIn).await?;
        Ok(json!({ "status": "canceled" }))
    }

    /// Running processes, tied sessions, and those that the gateway has decided about lately, the last one first.
    async fn sessions(&self) -> Result<Value, Failure> {
        let engine = &self.shared.engine;
        let (decisions, names) = match engine.handle(Request::Why { session: None }).await? {
            Reply::Decisions { decisions, names } => (decisions, names),
            _ => Default::default(),
        };
        let mut recent: Vec<Value> = Vec::new();
        for decision in decisions.iter().filter(|decision| decision.session.is_some()) {
            if recent.iter().any(|known| known["session"].as_str() == decision.session.as_deref()) {
                continue;
            }
            recent.push(json!({
                "session": decision.session, "at": decision.at, "model": decision.model,
                "profile": decision.chosen.as_ref().map(|chosen| &chosen.profile), "choice": decision.chosen.as_ref().map(|chosen| chosen.choice),
            }));
        }
        let snapshot = engine.snapshot();
        Ok(json!({ "processes": snapshot.sessions, "pins": snapshot.pins, "recent": recent, "names": names }))
    }
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, RpcError> {
    to_raw_value(value).map_err(|error| {
        tracing::error!(%error, "a reply cannot be written");
        Failure::new(Code::Internal, "Something went wrong inside Codex Lab.").hint("Please report this; the log has more.").into()
    })
}

fn no_page() -> Failure {
    Failure::new(Code::NotPossibleNow, "The sign-in has not come to its page.").hint("Start the sign-in again.")
}
