//! Logins in Codex's format, made by hand. Every secret in them holds the word `planted`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A ChatGPT login of `user`; a greater `age` is a later refresh.
pub(crate) fn chatgpt(user: &str, age: u32) -> String {
    let mut login = chatgpt_value(user, age);
    // What we do not know must survive.
    login["future"] = json!({ "kept": [1, 2.50] });
    format!("{login:#}")
}

/// The same as a value, for spoiling.
pub(crate) fn chatgpt_value(user: &str, age: u32) -> Value {
    let id = json!({ "email": format!("{user}@example.com"), "https://api.openai.com/auth":
        { "chatgpt_user_id": format!("user-{user}"), "chatgpt_account_id": format!("ws-{user}"), "chatgpt_plan_type": "plus" } });
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": jwt(&id),
            "access_token": jwt(&json!({ "exp": 1_800_000_000 + i64::from(age), "jti": format!("planted-at-{user}-{age}") })),
            "refresh_token": format!("planted-rt-{user}-{age}"),
            "account_id": format!("ws-{user}"),
        },
        "last_refresh": format!("2026-11-{:02}T00:00:00.123456789Z", age + 1),
    })
}

/// A login with an API key.
pub(crate) fn api_key(name: &str) -> String {
    format!("{:#}", json!({ "auth_mode": "apikey", "OPENAI_API_KEY": format!("sk-planted-{name}") }))
}

pub(crate) fn jwt(payload: &Value) -> String {
    format!("{}.{}.planted", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(payload.to_string()))
}
