//! One turn of a model: checked as strictly as the real backend does, charged, and told.

use serde_json::{Value, json};

use super::answer::{self, Answer, Beat, Telling};
use super::script::{Canned, usage_limit_body};
use super::world::{Caller, Proof, World};

/// Starts every encrypted content the sandbox hands out; the account's workspace id follows.
const SEAL: &str = "sandbox-sealed.";

/// Body fields the real backend refuses (codex-runtime.md 5.1).
const UNSUPPORTED: [&str; 3] = ["max_output_tokens", "temperature", "top_p"];

/// How the request came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Http,
    Socket,
}

/// A turn that goes well, at least at first.
pub(crate) struct Told {
    pub(crate) response_id: String,
    pub(crate) beats: Vec<Beat>,
    /// `x-codex-*` headers for HTTP.
    pub(crate) quota_headers: Vec<(String, String)>,
    /// The same as an event, for a WebSocket.
    pub(crate) quota_event: Value,
}

/// Takes a turn for `caller`, or refuses it.
pub(crate) fn take(world: &World, caller: &Caller, body: &Value, said: Option<Answer>, carrier: Carrier) -> Result<Told, Canned> {
    let now = world.clock.unix();
    let mut books = world.books();
    let Some(account) = books.settled(&caller.account, now).cloned() else {
        return Err(refusal(401, &json!({"error": {"code": "account_deactivated", "message": "The account is gone."}})));
    };
    if matches!(caller.proof, Proof::AccessToken { .. }) {
        check_fields(body, carrier)?;
    }
    check_seals(body, &account.account_id)?;
    if let Some(until) = account.quota.exhausted_until(now) {
        let mut refused = refusal(429, &usage_limit_body(&account.plan, until, now));
        refused.headers.extend(account.quota.headers(&account.plan, now));
        return Err(refused);
    }

    let response_id = books.mint.label("resp_");
    let sealed_thought = format!("{SEAL}{}.{}", account.account_id, books.mint.label(""));
    let said = said.unwrap_or_else(|| Answer::text(&format!("hello from {}", account.name)));
    let telling = Telling { response_id: &response_id, model: model_of(body), sealed_thought: &sealed_thought };
    let beats = answer::beats(&said, &telling);
    books.count(&account.name, |counters| counters.turns += 1);
    let mut quota = account.quota;
    // A turn that does not end starts no window (codex-runtime.md 7).
    if said.is_whole() {
        quota.spend_turn(now);
    }
    let told = Told { quota_headers: quota.headers(&account.plan, now), quota_event: quota.event(&account.plan, now), response_id, beats };
    if let Some(account) = books.settled(&account.name, now) {
        account.quota = quota;
    }
    Ok(told)
}

/// Answers a prewarm: a turn without input that costs nothing (codex-runtime.md 2.1).
pub(crate) fn prewarm(world: &World, body: &Value) -> (String, Vec<Beat>) {
    let response_id = world.books().mint.label("resp_");
    let beats = answer::prewarm(&Telling { response_id: &response_id, model: model_of(body), sealed_thought: "" });
    (response_id, beats)
}

fn model_of(body: &Value) -> &str {
    body["model"].as_str().unwrap_or("gpt-6.1-sol")
}

fn check_fields(body: &Value, carrier: Carrier) -> Result<(), Canned> {
    let complain = |detail: &str| Err(refusal(400, &json!({"detail": detail})));
    if !body["input"].is_array() {
        return complain("Input must be a list");
    }
    if body["store"] != json!(false) {
        return complain("Store must be set to false");
    }
    if carrier == Carrier::Http && body["stream"] != json!(true) {
        return complain("Stream must be set to true");
    }
    let over_http = (carrier == Carrier::Http).then_some("previous_response_id");
    let found = UNSUPPORTED.into_iter().chain(over_http).find(|name| !body[*name].is_null());
    found.map_or(Ok(()), |name| complain(&format!("Unsupported parameter: {name}")))
}

/// Encrypted content of another workspace cannot be read here (codex-runtime.md 6).
fn check_seals(body: &Value, account_id: &str) -> Result<(), Canned> {
    let items = body["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    let strays = |item: &Value| {
        item["encrypted_content"].as_str().and_then(|sealed| sealed.strip_prefix(SEAL)).is_some_and(|rest| !rest.starts_with(account_id))
    };
    if items.iter().any(strays) {
        let message = "The encrypted content could not be verified. Reason: organization_id did not match the target organization.";
        return Err(refusal(400, &json!({"error": {"code": "invalid_encrypted_content", "message": message}})));
    }
    Ok(())
}

fn refusal(status: u16, body: &Value) -> Canned {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Canned { status, headers, body: body.to_string() }
}
