//! Taking stores apart: each tool's own format, and what is no such store.

use super::samples::{database, folder, kind, lines, store};
use super::*;
use crate::model::auth_document::Credential;

fn parsed(from: ImportSource, text: &str) -> Vec<Account> {
    parse(from, text.as_bytes(), None).unwrap()
}

#[test]
fn codex() {
    assert_eq!(lines(&parsed(ImportSource::Codex, &store("codex/auth.json"))), ["-: ada@example.com ws-personal"]);
}

#[test]
fn every_code() {
    let text = store("every-code/auth_accounts.json");
    let expected = [
        "Personal: ada@example.com ws-personal",
        "2: ada@example.com ws-team",
        "Key: key",
        "Corporate proxy: the account has no refresh token",
        "5: the store does not have the fields of its tool",
    ];
    assert_eq!(lines(&parsed(ImportSource::EveryCode, &text)), expected);
    let twice = format!("{{\"version\":1}}\n{text}");
    assert_eq!(lines(&parsed(ImportSource::EveryCode, &twice)), expected, "the last document counts");
    assert_eq!(lines(&parsed(ImportSource::EveryCode, &store("codex/auth.json"))), ["-: ada@example.com ws-personal"], "its live login");
    assert!(parsed(ImportSource::EveryCode, " \n").is_empty(), "the tool takes it for an empty one");
}

#[test]
fn the_fork_named_codex_lab() {
    assert_eq!(
        lines(&parsed(ImportSource::CodexLabFork, &store("codex-lab-fork/auth-profiles/lab/auth.json"))),
        ["-: lin@example.com ws-lab"]
    );
}

#[test]
fn opencode_multi_auth_codex() {
    let from = ImportSource::OpencodeMultiAuthCodex;
    let list = parsed(from, &store("opencode-multi-auth-codex/list.json"));
    assert_eq!(lines(&list), ["grace: grace@example.com ws-grace", "cut off: the account has no refresh token"]);
    assert_eq!(list[1].email.as_deref(), Some("joan@example.com"));
    let named = parsed(from, &store("opencode-multi-auth-codex/accounts.json"));
    assert_eq!(lines(&named), ["grace: grace@example.com ws-grace", "opaque: the login names no user and workspace"]);
    assert!(parsed(from, "{}").is_empty());
}

#[test]
fn an_encrypted_store_opens_with_its_passphrase_alone() {
    let from = ImportSource::OpencodeMultiAuthCodex;
    let text = std::fs::read_to_string(folder().join("opencode-multi-auth-codex/encrypted.json")).unwrap();
    let with = |text: &str, passphrase: &str| parse(from, text.as_bytes(), Some(&Secret::new(passphrase)));
    assert_eq!(lines(&with(&text, "PLANTED passphrase").unwrap()), ["grace: grace@example.com ws-grace"]);
    assert_eq!(kind(with(&text, "another")), "WrongPassphrase");
    assert_eq!(kind(with(&text, "")), "WrongPassphrase");
    assert_eq!(kind(parse(from, text.as_bytes(), None)), "Encrypted");
    assert_eq!(kind(with(&text.replace("\"tag\": \"h", "\"tag\": \"i"), "PLANTED passphrase")), "WrongPassphrase");
    assert_eq!(kind(with(&text.replace("\"iv\": \"", "\"iv\": \"AAAA"), "PLANTED passphrase")), "NotWhole");
    assert_eq!(kind(with(&text.replace("\"version\": 2", "\"version\": 3"), "PLANTED passphrase")), "NewerStore");
}

#[test]
fn opencode() {
    let found = parsed(ImportSource::Opencode, &store("opencode/auth.json"));
    assert_eq!(lines(&found), ["openai: ada@example.com ws-personal"]);
    let key = r#"{"openai":{"type":"api","key":"sk-PLANTED"}}"#;
    assert_eq!(lines(&parsed(ImportSource::Opencode, key)), ["openai: key"]);
    for without in [r#"{"anthropic":{"type":"api","key":"x"}}"#, r#"{"openai":{"type":"wellknown","key":"x","token":"y"}}"#] {
        assert!(parsed(ImportSource::Opencode, without).is_empty());
    }
}

#[test]
fn codex_auth() {
    assert!(parsed(ImportSource::CodexAuth, &store("codex-auth/accounts/registry.json")).is_empty());
    let login = store("codex-auth/accounts/dXNlci1tYXJ5Ojp3cy1tYXJ5.auth.json");
    assert_eq!(lines(&parsed(ImportSource::CodexAuth, &login)), ["-: mary@example.com ws-mary"]);
    let newer = store("codex-auth/accounts/registry.json").replace("\"schema_version\": 3", "\"schema_version\": 4");
    assert_eq!(kind(parse(ImportSource::CodexAuth, newer.as_bytes(), None)), "NewerStore");
}

#[test]
fn cc_switch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cc-switch.db");
    database("cc-switch/cc-switch.sql", &path);
    let found = parse(ImportSource::CcSwitch, &std::fs::read(path).unwrap(), None).unwrap();
    let expected = ["OpenAI Official: kay@example.com ws-kay", "Some relay: the key is for another provider", "Own key: key"];
    assert_eq!(lines(&found), expected, "neither an unused entry nor another app's");
    assert_eq!(lines(&parsed(ImportSource::CcSwitch, &store("cc-switch/config.json"))), ["default: kay@example.com ws-kay"]);
    let own = parsed(ImportSource::CcSwitch, &store("cc-switch/codex_oauth_auth.json"));
    assert_eq!(lines(&own), ["6f0f0f4c-0000-4000-8000-000000000001: the account has no access token"]);
    assert_eq!(own[0].email.as_deref(), Some("dot@example.com"));
}

#[test]
fn codex_multi_auth() {
    let found = parsed(ImportSource::CodexMultiAuth, &store("codex-multi-auth/openai-codex-accounts.json"));
    assert_eq!(lines(&found), ["Rosa: rosa@example.com ws-rosa", "2: rosa@example.com ws-rosa-team", "3: the account has no access token"]);
}

#[test]
fn an_access_token_stands_in_for_a_missing_id_token() {
    let found = parsed(ImportSource::Opencode, &store("opencode/auth.json"));
    let Credential::OAuth(tokens) = found[0].login.as_ref().unwrap().credential() else { panic!() };
    assert_eq!(tokens.id_token, tokens.access_token);
    assert_eq!(tokens.last_refresh.unwrap().as_second(), 1_763_280_000, "when the token was issued");
    let whole = parsed(ImportSource::Codex, &store("codex/auth.json"));
    assert_eq!(found[0].login.as_ref().unwrap().subject(), whole[0].login.as_ref().unwrap().subject(), "it is the same account");
}

#[test]
fn the_same_store_gives_the_same_logins() {
    let text =
        |accounts: Vec<Account>| accounts.into_iter().map(|account| account.login.unwrap().text().expose().to_owned()).collect::<Vec<_>>();
    let read = || text(parsed(ImportSource::Opencode, &store("opencode/auth.json")));
    assert_eq!(read(), read());
}

/// The sources whose stores are JSON of their own.
const JSON: [ImportSource; 5] = [
    ImportSource::EveryCode,
    ImportSource::OpencodeMultiAuthCodex,
    ImportSource::Opencode,
    ImportSource::CcSwitch,
    ImportSource::CodexMultiAuth,
];

#[test]
fn bombs_and_halves_are_refused_in_one_word() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(200_000), close.repeat(200_000));
    let bombs = [deep("[", "]"), deep("{\"accounts\":", "}"), format!("{{\"accounts\":{}}}", deep("[", "]"))];
    for from in ImportSource::ALL {
        for text in bombs.iter().map(String::as_str).chain(["", "{", "[", "nonsense", "\u{0}", "{\"accounts\":[{\"a\"", "[]"]) {
            match parse(from, text.as_bytes(), None) {
                Ok(accounts) => assert!(accounts.iter().all(|account| account.login.is_err()), "{from}: {text:.20}"),
                Err(error) => assert!(!error.failure().hints.is_empty()),
            }
        }
        assert!(parse(from, b"{\"accounts\": \xff}", None).map_or(true, |accounts| accounts.iter().all(|account| account.login.is_err())));
    }
}

#[test]
fn newer_versions_are_not_guessed_at() {
    for (from, name) in [
        (ImportSource::EveryCode, "every-code/auth_accounts.json"),
        (ImportSource::OpencodeMultiAuthCodex, "opencode-multi-auth-codex/accounts.json"),
        (ImportSource::CcSwitch, "cc-switch/codex_oauth_auth.json"),
        (ImportSource::CodexMultiAuth, "codex-multi-auth/openai-codex-accounts.json"),
    ] {
        let mut value: serde_json::Value = serde_json::from_str(&store(name)).unwrap();
        value["version"] = 9.into();
        assert_eq!(kind(parse(from, value.to_string().as_bytes(), None)), "NewerStore", "{from}");
    }
}

#[test]
fn ten_thousand_accounts_are_nobodys_own() {
    let one = r#"{"refreshToken":"r","accessToken":"a","refresh_token":"r"}"#;
    let list = format!("{{\"accounts\":[{}{one}]}}", format!("{one},").repeat(9_999));
    let named = (0..10_000).map(|number| format!("\"{number}\":{one},")).collect::<Vec<_>>().concat();
    let named = format!("{{\"accounts\":{{{named}\"last\":{one}}}}}");
    for from in JSON.into_iter().filter(|from| *from != ImportSource::Opencode) {
        for text in [&list, &named] {
            assert_eq!(kind(parse(from, text.as_bytes(), None)), "TooManyAccounts", "{from}");
        }
    }
}

#[test]
fn what_a_store_calls_an_account_cannot_steer_a_terminal() {
    let text = store("opencode-multi-auth-codex/list.json").replace("\"cut off\"", "\"\\u001b[2J\\u0007\\n evil\"");
    let found = parsed(ImportSource::OpencodeMultiAuthCodex, &text);
    assert_eq!(found[1].label.as_deref(), Some("[2J evil"));
    let long = store("opencode-multi-auth-codex/list.json").replace("cut off", &"x".repeat(100_000));
    assert!(parsed(ImportSource::OpencodeMultiAuthCodex, &long)[1].label.as_deref().unwrap().len() < 100);
}
