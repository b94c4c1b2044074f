//! What lies in files: logins, the tokens in them, the index of profiles.

use std::collections::BTreeSet;

use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::auth_document::{AuthDocument, Credential, Freshness};
use codex_lab_core::model::claims::{self, Claims};
use codex_lab_core::model::renewal::RenewedTokens;
use codex_lab_core::model::subject::Subject;
use codex_lab_core::store::index::Index;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::outside::jwt;

/// No part of an identity is longer (`model::claims`).
const CLAIM_LIMIT: usize = 320;

/// A whole `auth.json`.
pub(crate) fn auth_json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(document) = AuthDocument::parse(text.to_owned()) {
        check_document(&document, text);
    }
}

/// A login that is renewed: the tokens are new, and nothing else has changed.
pub(crate) fn renewal(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let token = |text: &str| Some(Secret::new(text));
    let renewed = RenewedTokens { id_token: None, access_token: token("at_\"new\""), refresh_token: token("rt_new") };
    let Ok(document) = AuthDocument::parse(text.to_owned()) else { return };
    check_renewal(&document, &renewed);
}

/// Claims, an access token and a time, one a line, in an otherwise good `auth.json`: bytes at random rarely get that deep.
pub(crate) fn tokens(bytes: &[u8]) {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let [id, access, time, account] = std::array::from_fn(|_| lines.next().unwrap_or_default());
    let document = |time: &str| {
        let tokens = json!({ "id_token": jwt(id), "access_token": jwt(access), "refresh_token": time,
            "account_id": std::str::from_utf8(account).ok() });
        let text = json!({ "auth_mode": "chatgpt", "tokens": tokens, "last_refresh": time }).to_string();
        let document = AuthDocument::parse(text.clone()).ok()?;
        check_document(&document, &text);
        Some(document)
    };
    let (Some(one), Some(other)) = (document(&String::from_utf8_lossy(time)), document("2026-11-01T00:00:00Z")) else { return };
    let each_way = [one.freshness_against(&other), other.freshness_against(&one)];
    assert_ne!(each_way, [Freshness::Older; 2], "one of two logins is the newer, or none could ever be kept");
    assert_eq!(one.freshness_against(&one), Freshness::Same);
}

/// A token as it is, and as the claims of a token.
pub(crate) fn token_claims(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(claims) = claims::decode(&Secret::new(text))
    {
        check_claims(&claims);
    }
    let token = jwt(bytes);
    if let Ok(claims) = claims::decode(&Secret::new(token.as_str())) {
        check_claims(&claims);
        let (head, signature) = token.rsplit_once('.').unwrap_or_default();
        let padding = "=".repeat((4 - head.len().saturating_sub(4) % 4) % 4);
        assert_eq!(claims::decode(&Secret::new(format!("{head}{padding}.{signature}"))), Ok(claims), "padding does not matter");
    }
}

/// The index of profiles: what was read is what is written is what is read.
pub(crate) fn index(bytes: &[u8]) {
    let Ok(index) = Index::parse(bytes) else { return };
    let names: BTreeSet<_> = index.profiles.iter().map(|profile| profile.name.as_str().to_ascii_lowercase()).collect();
    assert_eq!(names.len(), index.profiles.len(), "no two profiles share a folder");
    let written = index.text().unwrap();
    let again = Index::parse(written.as_bytes()).unwrap();
    assert_eq!(again, index, "nothing is lost on the way through a file");
    assert_eq!(again.text().unwrap(), written);
}

pub(crate) fn check_document(document: &AuthDocument, text: &str) {
    assert_eq!(document.text().expose(), text, "the text is kept byte for byte");
    assert_eq!(document.freshness_against(document), Freshness::Same);
    if let Credential::OAuth(tokens) = document.credential() {
        check_claims(&tokens.claims);
    }
    match document.subject() {
        Some(Subject::ChatGpt { issuer, user, workspace }) => {
            assert!(!user.is_empty() && !workspace.is_empty(), "an identity is whole");
            for part in [issuer, user, workspace] {
                check_part(&part);
            }
        }
        Some(Subject::ApiKey { fingerprint }) => assert_eq!(fingerprint.len(), 32),
        None => {}
    }
}

/// A good login.
pub(crate) fn sample() -> AuthDocument {
    let claims = json!({ "https://api.openai.com/auth": { "chatgpt_user_id": "user-1", "chatgpt_account_id": "acc-1" } });
    let tokens = json!({ "id_token": jwt(claims.to_string().as_bytes()), "access_token": "at", "refresh_token": "rt" });
    AuthDocument::parse(json!({ "tokens": tokens, "last_refresh": null, "future": [1.5] }).to_string()).unwrap()
}

pub(crate) fn check_renewal(document: &AuthDocument, tokens: &RenewedTokens) {
    let Credential::OAuth(old) = document.credential() else { return };
    let renewed = match document.renewed(tokens, Timestamp::UNIX_EPOCH) {
        Ok(renewed) => renewed,
        Err(error) => {
            let bad_id = tokens.id_token.as_ref().is_some_and(|id| claims::decode(id).is_err());
            assert!(bad_id, "new tokens that were received are never refused: {error}");
            return;
        }
    };
    let Credential::OAuth(new) = renewed.credential() else { panic!("it is still the same kind of login") };
    for (new, old, brought) in [
        (&new.id_token, &old.id_token, &tokens.id_token),
        (&new.access_token, &old.access_token, &tokens.access_token),
        (&new.refresh_token, &old.refresh_token, &tokens.refresh_token),
    ] {
        assert_eq!(new, brought.as_ref().unwrap_or(old), "what was brought is there, what was not is as it was");
    }
    assert_eq!(new.last_refresh, Some(Timestamp::UNIX_EPOCH));
    assert_eq!(without_tokens(renewed.text().expose()), without_tokens(document.text().expose()), "all the rest is as it was");
}

/// What a renewal may not change.
fn without_tokens(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap_or_default();
    value.as_object_mut().map(|object| object.shift_remove("last_refresh"));
    if let Some(tokens) = value.get_mut("tokens").and_then(Value::as_object_mut) {
        for token in ["id_token", "access_token", "refresh_token"] {
            tokens.shift_remove(token);
        }
    }
    value
}

fn check_claims(claims: &Claims) {
    for claim in [&claims.issuer, &claims.email, &claims.plan, &claims.user_id, &claims.account_id].into_iter().flatten() {
        assert!(!claim.is_empty());
        check_part(claim);
    }
}

fn check_part(part: &str) {
    assert!(part.len() <= CLAIM_LIMIT && !part.chars().any(char::is_control), "what is shown and kept is short and printable");
}
