//! What lies in files: logins, the tokens in them, the index of profiles.

use std::collections::BTreeSet;

use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::auth_document::{AuthDocument, Credential, Freshness};
use codex_lab_core::model::claims::{self, Claims};
use codex_lab_core::model::subject::Subject;
use codex_lab_core::store::index::Index;
use serde_json::json;

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
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(index) = Index::parse(text) else { return };
    let names: BTreeSet<_> = index.profiles.iter().map(|profile| profile.name.as_str().to_ascii_lowercase()).collect();
    assert_eq!(names.len(), index.profiles.len(), "no two profiles share a folder");
    let written = index.text().unwrap();
    let again = Index::parse(&written).unwrap();
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

fn check_claims(claims: &Claims) {
    for claim in [&claims.issuer, &claims.email, &claims.plan, &claims.user_id, &claims.account_id].into_iter().flatten() {
        assert!(!claim.is_empty());
        check_part(claim);
    }
}

fn check_part(part: &str) {
    assert!(part.len() <= CLAIM_LIMIT && !part.chars().any(char::is_control), "what is shown and kept is short and printable");
}
