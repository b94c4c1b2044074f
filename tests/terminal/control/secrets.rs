//! Every method is asked, with logins and a key that are known: nothing that is said holds a secret, and all of it fits its schema.

use codex_lab_core::control::{OWN, ROWS};
use codex_lab_tests::secrets::MARK;
use serde_json::{Value, json};

use super::replies::Check;
use super::server::{Server, Wire};
use crate::world::World;

const PASSPHRASE: &str = "a passphrase of three words";

/// Parameters for each method that needs some; in an order in which each can be asked.
fn calls(world: &World, key: &str) -> Vec<(&'static str, Value)> {
    let home = |name: &str| world.home().join(name).display().to_string();
    let login = world.sandbox.auth_json("work").unwrap();
    let file = world.file("login.json", &login).display().to_string();
    let settings = json!({ "key": "theme", "value": "dark" });
    let export = json!({ "path": home("sealed"), "passphrase": PASSPHRASE });
    vec![
        ("account/login/start", json!({ "type": "apiKey", "apiKey": key, "name": "key" })),
        ("account/login/start", json!({ "type": "apiKey", "apiKey": format!("sk-{MARK}wrong") })),
        ("account/login/start", json!({ "type": "chatgptDeviceCode" })),
        ("account/login/openPage", json!({})),
        ("account/login/pasteCallback", json!({ "url": "http://127.0.0.1:1455/auth/callback?code=x&state=y" })),
        ("account/login/cancel", json!({ "loginId": "none" })),
        ("account/login/decide", json!({ "add": false })),
        ("account/login/dismiss", json!({})),
        ("account/switch", json!({ "profile": "main" })),
        ("account/capture", json!({})),
        ("account/switch/undo", json!({})),
        ("account/import/preview", json!({ "path": file })),
        ("account/import/start", json!({ "path": file })),
        ("account/import/path", json!({ "path": file })),
        ("account/import/text", json!({ "text": login })),
        ("account/import/deleteLeftover", json!({ "path": file })),
        ("change/preview", json!({ "method": "account/rename", "params": { "profile": "backup", "name": "spare" } })),
        ("account/rename", json!({ "profile": "backup", "name": "spare" })),
        ("account/reorder", json!({ "profiles": ["spare"] })),
        ("account/pause", json!({ "profile": "spare", "paused": true })),
        ("account/setDetails", json!({ "profile": "spare", "details": { "note": "mine" } })),
        ("account/setWeights", json!({ "weights": {} })),
        ("account/renew", json!({ "profile": "main" })),
        ("account/snooze", json!({ "profile": "main" })),
        ("account/rateLimits/read", json!({ "profile": "main" })),
        ("account/remove", json!({ "profile": "work" })),
        ("session/pin", json!({ "session": "none", "profile": "main" })),
        ("session/unpin", json!({ "session": "none" })),
        ("session/choose", json!({ "pid": 1, "choice": "leave" })),
        ("routing/write", json!({ "settings": {} })),
        ("prime/start", json!({ "profile": "key" })),
        ("settings/write", settings),
        ("settings/replace", json!({ "settings": {} })),
        ("usage/history", json!({ "hours": 24 })),
        ("client/connect", json!({ "client": "codex", "dry_run": true })),
        ("client/disconnect", json!({ "client": "codex", "dry_run": true })),
        ("backup/restore", json!({ "backup": "none" })),
        ("backup/export", export.clone()),
        ("backup/restoreExport", export),
        ("vault/move", json!({ "to": "passphrase", "passphrase": PASSPHRASE })),
        ("vault/unlock", json!({ "passphrase": "wrong" })),
        ("policy/open", json!({ "policy": "terms" })),
        ("account/logout", json!({})),
    ]
}

#[tokio::test]
async fn no_reply_holds_a_secret_and_each_is_as_its_schema_says() {
    let world = World::with_trio().await;
    let server = Server::alone(&world).await;
    let mut wire = Wire::open(&server.address).await;
    wire.ask("snapshot/subscribe", json!({})).await;
    let check = Check::new();
    let key = world.sandbox.account("main").unwrap().api_key;
    let mut said = String::new();
    let given = calls(&world, &key);
    let bare = ROWS.iter().map(|(_, method)| *method).chain(OWN).filter(|method| given.iter().all(|(given, _)| given != method));
    let mut went_well = 0;
    for (method, params) in given.iter().cloned().chain(bare.map(|method| (method, json!({})))) {
        wire.say(method, params).await;
        loop {
            let line = wire.hear().await.expect("an answer");
            said.push_str(&line.to_string());
            if line["id"] != method {
                continue;
            }
            assert_ne!(line["error"]["code"], -32601, "{line}");
            if line.get("result").is_some() {
                check.holds(method, &line["result"]);
                went_well += 1;
            } else if line["error"]["code"].as_i64() > Some(1000) {
                assert!(line["error"]["data"]["code"].is_string() && line["error"]["data"]["hints"].is_array(), "{line}");
            }
            break;
        }
    }
    assert!(went_well > 35, "{went_well} went well");
    for secret in world.sandbox.minted_secrets() {
        assert!(!said.contains(&secret), "a secret was said");
    }
    assert!(!said.contains(MARK) && !said.contains(PASSPHRASE), "a planted secret was said");
    server.end().await;
}
