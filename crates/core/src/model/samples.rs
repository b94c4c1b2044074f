//! Logins made by hand for tests in this crate.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::auth_document::AuthDocument;

/// The same, of the sign-in `chain`.
pub(crate) fn login_of_chain(user: &str, workspace: &str, day: u8, chain: &str) -> AuthDocument {
    let mut document: serde_json::Value = serde_json::from_str(login(user, workspace, day).text().expose()).unwrap();
    document["tokens"]["login_owner_id"] = chain.into();
    AuthDocument::parse(document.to_string()).unwrap()
}

/// A login of `user` in `workspace`, written on day `day` of November 2026 with refresh token `rt_<user>_<day>`.
pub(crate) fn login(user: &str, workspace: &str, day: u8) -> AuthDocument {
    let id = json!({"email": format!("{user}@example.com"), "https://api.openai.com/auth":
        {"chatgpt_user_id": user, "chatgpt_account_id": workspace, "chatgpt_plan_type": "plus"}});
    let document = json!({
        "auth_mode": "chatgpt", "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(id.to_string())),
            "access_token": format!("at_{user}_{day}"), "refresh_token": format!("rt_{user}_{day}"), "account_id": workspace,
        },
        "last_refresh": format!("2026-11-{day:02}T00:00:00Z"),
    });
    AuthDocument::parse(document.to_string()).unwrap()
}
