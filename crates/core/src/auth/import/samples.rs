//! The stores in `tests/fixtures/imports`, with tokens put in for their braces.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Account, ImportError};
use crate::model::auth_document::Credential;

/// A store's text.
pub(super) fn store(name: &str) -> String {
    filled(&std::fs::read_to_string(folder().join(name)).unwrap())
}

/// A database made from a fixture's statements.
pub(super) fn database(name: &str, at: &Path) {
    rusqlite::Connection::open(at).unwrap().execute_batch(&store(name)).unwrap();
}

/// The folder of all stores.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/imports")
}

/// Puts tokens in for what stands in braces.
pub(super) fn filled(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let token = after.split_once('}').and_then(|(inside, after)| Some((token(inside)?, after)));
        text.push_str(token.as_ref().map_or("{", |(token, _)| token));
        rest = token.as_ref().map_or(after, |(_, after)| after);
    }
    text + rest
}

fn token(inside: &str) -> Option<String> {
    let parts: Vec<_> = inside.split(':').collect();
    Some(match parts.as_slice() {
        ["id", user, workspace, plan] => jwt(&claims(user, workspace, plan, "email")),
        ["access", user, workspace, plan] => jwt(&claims(user, workspace, plan, "https://api.openai.com/profile")),
        ["refresh", name] => format!("PLANTED-refresh-{name}-PLANTED"),
        ["key", name] => format!("sk-PLANTED-{name}-PLANTED"),
        _ => return None,
    })
}

/// An id token says the e-mail at its top, an access token in a claim of its own.
fn claims(user: &str, workspace: &str, plan: &str, email: &str) -> Value {
    let address = format!("{user}@example.com");
    let address = if email == "email" { json!(address) } else { json!({ "email": address }) };
    json!({
        "iss": "https://auth.openai.com", "iat": 1_763_280_000, "exp": 1_795_000_000, email: address,
        "https://api.openai.com/auth":
            { "chatgpt_user_id": format!("user-{user}"), "chatgpt_account_id": format!("ws-{workspace}"), "chatgpt_plan_type": plan },
    })
}

fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.PLANTED", part(&json!({ "alg": "none" })), part(claims))
}

/// What was found, one line each: label, e-mail, and workspace or the reason.
pub(super) fn lines(accounts: &[Account]) -> Vec<String> {
    let line = |account: &Account| {
        let what = match &account.login {
            Ok(login) => match login.credential() {
                Credential::ApiKey(_) => "key".to_owned(),
                Credential::OAuth(tokens) => {
                    format!("{} {}", tokens.claims.email.clone().unwrap_or_default(), tokens.account_id.clone().unwrap_or_default())
                }
            },
            Err(error) => format!("{error}"),
        };
        format!("{}: {what}", account.label.as_deref().unwrap_or("-"))
    };
    accounts.iter().map(line).collect()
}

/// Which error it was, by its name.
pub(super) fn kind<T: std::fmt::Debug>(result: Result<T, ImportError>) -> String {
    let error = result.unwrap_err();
    assert!(!error.failure().message.contains("PLANTED") && !format!("{error:?}").contains("PLANTED"), "{error:?}");
    assert!(!error.failure().hints.is_empty(), "{error:?}");
    format!("{error:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}
