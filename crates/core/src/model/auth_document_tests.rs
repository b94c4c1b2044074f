//! Tables for `auth.json`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

fn jwt(payload: &serde_json::Value) -> String {
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

fn document(changes: impl Fn(&mut serde_json::Value)) -> String {
    let id = jwt(&json!({"email": "ada@example.com", "https://api.openai.com/auth":
        {"chatgpt_user_id": "user-1", "chatgpt_account_id": "acc-claim", "chatgpt_plan_type": "plus"}}));
    let mut value = json!({
        "auth_mode": "chatgpt", "OPENAI_API_KEY": null, "future": {"x": 1.0},
        "tokens": {"id_token": id, "access_token": jwt(&json!({"exp": 1_790_000_000})), "refresh_token": "rt", "account_id": "acc-1", "more": [1]},
        "last_refresh": "2026-11-01T00:00:00.123456789Z",
    });
    changes(&mut value);
    value.to_string()
}

fn parse(text: &str) -> Result<AuthDocument, AuthDocumentError> {
    AuthDocument::parse(text.to_owned())
}

#[test]
fn the_text_is_kept_byte_for_byte() {
    let text = format!("{}\n\n ", document(|_| ()));
    assert_eq!(parse(&text).unwrap().text().expose(), text);
}

#[test]
fn the_workspace_of_the_file_wins_over_the_claim() {
    let Some(Subject::ChatGpt { user, workspace, .. }) = parse(&document(|_| ())).unwrap().subject() else { panic!() };
    assert_eq!((user.as_str(), workspace.as_str()), ("user-1", "acc-1"));
    let without = document(|value| value["tokens"]["account_id"] = serde_json::Value::Null);
    let Some(Subject::ChatGpt { workspace, .. }) = parse(&without).unwrap().subject() else { panic!() };
    assert_eq!(workspace, "acc-claim");
}

#[test]
fn bad_files_are_told_apart() {
    type Check = fn(&AuthDocumentError) -> bool;
    let cases: Vec<(String, Check)> = vec![
        (String::new(), |e| matches!(e, AuthDocumentError::Empty)),
        (" \n".into(), |e| matches!(e, AuthDocumentError::Empty)),
        (document(|_| ())[..40].to_owned(), |e| matches!(e, AuthDocumentError::NotJson)),
        ("[1]".into(), |e| matches!(e, AuthDocumentError::Shape)),
        ("{}".into(), |e| matches!(e, AuthDocumentError::NoTokens)),
        (document(|v| v["tokens"] = json!(null)), |e| matches!(e, AuthDocumentError::NoTokens)),
        (document(|v| v["tokens"]["refresh_token"] = json!(null)), |e| matches!(e, AuthDocumentError::NoTokens)),
        (document(|v| v["tokens"]["id_token"] = json!("no")), |e| matches!(e, AuthDocumentError::IdToken(_))),
        (document(|v| v["tokens"]["id_token"] = json!(7)), |e| matches!(e, AuthDocumentError::Shape)),
        (document(|v| v["tokens"]["account_id"] = json!("acc\n1")), |e| matches!(e, AuthDocumentError::Shape)),
        (document(|v| v["tokens"]["oauth_provenance"] = json!({"issuer": "x".repeat(400)})), |e| matches!(e, AuthDocumentError::Shape)),
        (document(|v| v["auth_mode"] = json!("magic")), |e| matches!(e, AuthDocumentError::UnsupportedMode(mode) if mode == "magic")),
        (document(|v| v["auth_mode"] = json!("apikey")), |e| matches!(e, AuthDocumentError::NoKey)),
        (r#"{"OPENAI_API_KEY":null,"personal_access_token":"at-1"}"#.into(), |e| matches!(e, AuthDocumentError::UnsupportedMode(_))),
    ];
    for (text, check) in cases {
        let error = parse(&text).unwrap_err();
        assert!(check(&error), "{error:?} for {text:.60}");
    }
}

#[test]
fn what_we_write_is_what_we_read() {
    let key = AuthDocument::of_api_key(&Secret::new("sk-1")).unwrap();
    assert!(matches!(key.credential(), Credential::ApiKey(key) if key.expose() == "sk-1"));
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    let login = NewTokens {
        id_token: Secret::new(jwt(&json!({"https://api.openai.com/auth": {"chatgpt_user_id": "u"}}))),
        access_token: Secret::new("opaque"),
        refresh_token: Secret::new("rt"),
        account_id: Some("w".into()),
        issuer: "https://auth.openai.com".into(),
        client_id: "app".into(),
        login_owner_id: "owner".into(),
    };
    let document = AuthDocument::of_login(&login, now).unwrap();
    let Credential::OAuth(tokens) = document.credential() else { panic!() };
    assert_eq!(tokens.last_refresh, Some(now));
    assert!(document.subject().is_some());
}

#[test]
fn the_later_write_is_the_newer_login() {
    let at = |time: &str, token: &str| {
        let (time, token) = (time.to_owned(), token.to_owned());
        parse(&document(move |v| {
            v["last_refresh"] = json!(time);
            v["tokens"]["refresh_token"] = json!(token);
        }))
        .unwrap()
    };
    let (old, new) = (at("2026-11-01T00:00:00Z", "a"), at("2026-11-02T00:00:00Z", "b"));
    assert_eq!(new.freshness_against(&old), Freshness::Newer);
    assert_eq!(old.freshness_against(&new), Freshness::Older);
    assert_eq!(old.freshness_against(&old), Freshness::Same);
    assert_eq!(at("garbage", "c").freshness_against(&old), Freshness::Older);
}

#[test]
fn the_providers_clock_goes_before_that_of_whoever_wrote_it() {
    let login = |written: &str, made: Option<i64>| {
        let written = written.to_owned();
        parse(&document(move |v| {
            v["last_refresh"] = json!(written);
            v["tokens"]["access_token"] = json!(jwt(&json!({"exp": 1_790_000_000, "iat": made})));
            v["tokens"]["refresh_token"] = json!(format!("{written} {made:?}"));
        }))
        .unwrap()
    };
    // One was written by a clock that was a week ahead, the other after it was set right.
    let (wrong, right) = (login("2026-11-09T00:00:00Z", Some(1_789_000_000)), login("2026-11-02T00:00:00Z", Some(1_789_000_600)));
    assert_eq!((right.freshness_against(&wrong), wrong.freshness_against(&right)), (Freshness::Newer, Freshness::Older));
    assert_eq!((right.is_later_than(&wrong), wrong.is_later_than(&right)), (Some(true), Some(false)));
    // Where one of them does not say it, or both say the same, it is when they were written.
    for made in [None, Some(1_789_000_600)] {
        let other = login("2026-11-03T00:00:00Z", made);
        assert_eq!((other.freshness_against(&right), right.freshness_against(&other)), (Freshness::Newer, Freshness::Older));
        assert_eq!((other.is_later_than(&right), right.is_later_than(&other)), (Some(true), Some(false)));
    }
}
