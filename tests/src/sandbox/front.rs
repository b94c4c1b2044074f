//! Where every request passes: logged, bent by a script if there is one, answered.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};

use super::answer::Answer;
use super::endpoint::Endpoint;
use super::intake::Incoming;
use super::journal::{RequestRecord, Via};
use super::reply::{self, Dropped, Reply};
use super::script::Behaviour;
use super::world::World;
use super::{approval, backend, oauth, socket, stream};

/// Answers one request to the provider.
pub(crate) async fn answer(world: Arc<World>, via: Via, host: Option<&str>, request: Request<Body>) -> Result<Reply, Dropped> {
    let incoming = match Incoming::read(via, host, request).await {
        Ok(incoming) => incoming,
        Err(error) => {
            return Ok(reply::error(StatusCode::BAD_REQUEST, "unreadable_request", &error.to_string()));
        }
    };
    let account = account_of(&world, &incoming);
    let seq = world.journal.add(record(&world, &incoming, account.clone()));
    let behaviour = world.books().scripts.take(incoming.endpoint, account.as_deref());
    let reply = act(&world, incoming, behaviour).await?;
    world.journal.answered(seq, reply.status().as_u16());
    Ok(reply)
}

async fn act(world: &Arc<World>, incoming: Incoming, behaviour: Option<Behaviour>) -> Result<Reply, Dropped> {
    Ok(match behaviour {
        None => dispatch(world, incoming, None),
        Some(Behaviour::Say(said)) => dispatch(world, incoming, Some(said)),
        Some(Behaviour::Reply(canned)) => reply::canned(&canned),
        Some(Behaviour::Close) => return Err(Dropped),
        Some(Behaviour::LoseAnswer) => {
            dispatch(world, incoming, None);
            return Err(Dropped);
        }
        Some(Behaviour::Hold) => {
            world.holds.wait().await;
            dispatch(world, incoming, None)
        }
        Some(Behaviour::HoldAnswer) => {
            let reply = dispatch(world, incoming, None);
            world.holds.wait().await;
            reply
        }
    })
}

fn dispatch(world: &Arc<World>, incoming: Incoming, said: Option<Answer>) -> Reply {
    match incoming.endpoint {
        Endpoint::Authorize => approval::authorize(world, &incoming),
        Endpoint::DevicePage => approval::device_page(world, &incoming),
        Endpoint::ExchangeCode => oauth::exchange_code(world, &incoming),
        Endpoint::Refresh => oauth::refresh(world, &incoming),
        Endpoint::ExchangeKey => oauth::exchange_key(world, &incoming),
        Endpoint::UnknownGrant => oauth::unknown_grant(),
        Endpoint::Revoke => oauth::revoke(world, &incoming),
        Endpoint::DeviceCode => oauth::device_code(world, &incoming),
        Endpoint::DeviceToken => oauth::device_token(world, &incoming),
        Endpoint::AccountsCheck => backend::accounts_check(world, &incoming),
        Endpoint::Models => backend::models(world, &incoming),
        Endpoint::ApiModels => backend::api_models(world, &incoming),
        Endpoint::Usage => backend::usage(world, &incoming),
        Endpoint::ResetCredits => backend::reset_credits(world, &incoming),
        Endpoint::UserSettings => backend::user_settings(world, &incoming),
        Endpoint::PolicyBundle => backend::policy_bundle(world, &incoming),
        Endpoint::Tools => backend::tools(world, &incoming),
        Endpoint::Responses => stream::respond(world, &incoming, said),
        Endpoint::ResponsesSocket => socket::open(world, incoming),
        Endpoint::Prewarm | Endpoint::Telemetry => reply::ok(&serde_json::json!({})),
        Endpoint::Unknown => {
            let message = format!("the sandbox has no {} {}{}", incoming.method, incoming.host, incoming.path);
            reply::error(StatusCode::NOT_FOUND, "not_found", &message)
        }
    }
}

/// The account a request speaks for, by whatever it carries.
fn account_of(world: &World, incoming: &Incoming) -> Option<String> {
    let books = world.books();
    if let Some(caller) = incoming.bearer().and_then(|bearer| books.caller(bearer)) {
        return Some(caller.account);
    }
    let form = &incoming.form;
    let named = match incoming.endpoint {
        Endpoint::Refresh => books.grants.refresh_account(form.text("refresh_token")),
        Endpoint::Revoke => books.grants.refresh_account(form.text("token")),
        Endpoint::ExchangeCode => books.grants.code_account(form.text("code")),
        Endpoint::ExchangeKey => books.grants.id_account(form.text("subject_token")),
        _ => None,
    };
    named.map(str::to_owned)
}

pub(crate) fn record(world: &World, incoming: &Incoming, account: Option<String>) -> RequestRecord {
    RequestRecord {
        seq: 0,
        at_ms: world.clock.now().as_millisecond(),
        via: incoming.via,
        host: incoming.host.clone(),
        method: incoming.method.to_string(),
        path: incoming.path.clone(),
        query: incoming.raw_query.clone(),
        headers: headers_of(&incoming.headers),
        body: String::from_utf8_lossy(&incoming.body).into_owned(),
        endpoint: incoming.endpoint,
        account,
        status: None,
    }
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
