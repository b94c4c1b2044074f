//! The machine side of sign-in: token, revoke and device endpoints (codex-auth.md 2 and 3).

use http::StatusCode;
use serde_json::json;

use super::device::Decision;
use super::grants::{Refusal, Tokens, challenge_of};
use super::intake::Incoming;
use super::reply::{Reply, error, json_reply, oauth_error, ok};
use super::world::World;
use super::{CLIENT_ID, ISSUER};

/// Where a device's code is redeemed: `redirect_uri` of its exchange.
pub(crate) fn device_callback() -> String {
    format!("{ISSUER}/deviceauth/callback")
}

/// `grant_type=authorization_code`.
pub(crate) fn exchange_code(world: &World, incoming: &Incoming) -> Reply {
    let form = &incoming.form;
    if form.text("client_id") != CLIENT_ID {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client");
    }
    let now = world.clock.unix();
    let mut books = world.books();
    let redeemed = books.grants.redeem_code(form.text("code"), form.text("code_verifier"), form.text("redirect_uri"), now);
    match redeemed.ok().and_then(|account| books.sign_in(&account, now)) {
        Some(tokens) => granted(&tokens),
        None => oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "the code is unknown, spent, too old or not for this client"),
    }
}

/// `grant_type=refresh_token`: single use, with rotation.
pub(crate) fn refresh(world: &World, incoming: &Incoming) -> Reply {
    let form = &incoming.form;
    if form.text("client_id") != CLIENT_ID {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client");
    }
    let now = world.clock.unix();
    let token = form.text("refresh_token");
    let mut books = world.books();
    let owner = books.grants.refresh_account(token).and_then(|name| books.account(name)).cloned();
    let Some(account) = owner else {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "unknown refresh token");
    };
    match books.grants.spend_refresh(token, now) {
        Ok(family) => {
            books.count(&account.name, |counters| counters.refreshes += 1);
            let books = &mut *books;
            granted(&books.grants.issue(&mut books.mint, &account, family, now))
        }
        Err(refusal) => {
            if let Refusal::Replayed { kills_family } = refusal {
                books.count(&account.name, |counters| {
                    counters.replays += 1;
                    counters.families_revoked += u64::from(kills_family);
                });
            }
            refused(refusal)
        }
    }
}

/// The exchange of an id token for an API key.
pub(crate) fn exchange_key(world: &World, incoming: &Incoming) -> Reply {
    let form = &incoming.form;
    let books = world.books();
    let account = books.grants.id_account(form.text("subject_token")).and_then(|name| books.account(name));
    match account {
        Some(account) if form.text("requested_token") == "openai-api-key" => {
            ok(&json!({"access_token": account.api_key, "token_type": "Bearer"}))
        }
        _ => oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "the subject token is unknown"),
    }
}

/// Any other grant.
pub(crate) fn unknown_grant() -> Reply {
    oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "the sandbox does not know this grant type")
}

/// `POST /oauth/revoke`: 200 whatever the token is (RFC 7009).
pub(crate) fn revoke(world: &World, incoming: &Incoming) -> Reply {
    let token = incoming.form.text("token");
    let mut books = world.books();
    let owner = books.grants.refresh_account(token).map(str::to_owned);
    if books.grants.revoke(token)
        && let Some(owner) = owner
    {
        books.count(&owner, |counters| counters.revokes += 1);
    }
    ok(&json!({}))
}

/// A device asks for a code.
pub(crate) fn device_code(world: &World, incoming: &Incoming) -> Reply {
    if incoming.form.text("client_id") != CLIENT_ID {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "unknown client");
    }
    let mut books = world.books();
    let (device_auth_id, user_code) = (books.mint.secret("deviceauth_"), books.mint.user_code());
    let decision = world.rules.auto_approve.clone().map_or(Decision::Pending, Decision::Approved);
    books.devices.open(device_auth_id.clone(), user_code.clone(), decision, world.clock.unix());
    ok(&json!({
        "device_auth_id": device_auth_id,
        "user_code": user_code,
        "interval": world.rules.device_interval.to_string(),
    }))
}

/// A device asks whether it was approved. Pending is 403; a refusal is 400, which ends the polling.
pub(crate) fn device_token(world: &World, incoming: &Incoming) -> Reply {
    let form = &incoming.form;
    let now = world.clock.unix();
    let mut books = world.books();
    match books.devices.poll(form.text("device_auth_id"), form.text("user_code"), now) {
        Some(Decision::Approved(account)) => {
            let books = &mut *books;
            let verifier = books.mint.secret("");
            let challenge = challenge_of(&verifier);
            let code = books.grants.open_code(&mut books.mint, &account, &challenge, &device_callback(), now);
            ok(&json!({"authorization_code": code, "code_challenge": challenge, "code_verifier": verifier}))
        }
        Some(Decision::Pending) => error(StatusCode::FORBIDDEN, "deviceauth_authorization_pending", "nobody approved the code yet"),
        Some(Decision::Denied) => oauth_error(StatusCode::BAD_REQUEST, "access_denied", "the sign-in was refused"),
        None => oauth_error(StatusCode::BAD_REQUEST, "expired_token", "the device code is unknown or too old"),
    }
}

fn granted(tokens: &Tokens) -> Reply {
    ok(&json!({
        "id_token": tokens.id,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.access_lifetime,
        "scope": "openid profile email offline_access",
    }))
}

fn refused(refusal: Refusal) -> Reply {
    let (code, message) = match refusal {
        Refusal::Replayed { .. } => (
            "refresh_token_reused",
            "Your refresh token has already been used to generate a new access token. Please try signing in again.",
        ),
        Refusal::Revoked => ("refresh_token_invalidated", "Your refresh token has been revoked."),
        Refusal::Expired => ("refresh_token_expired", "Your refresh token has expired."),
        Refusal::BadCode | Refusal::UnknownRefresh => {
            return oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "unknown grant");
        }
    };
    let error = json!({"message": message, "type": "invalid_request_error", "code": code, "param": null});
    json_reply(StatusCode::UNAUTHORIZED, &json!({"error": error}))
}
