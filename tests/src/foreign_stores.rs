//! The stores of other tools in `tests/fixtures/imports`, laid out in a user's home with tokens put in for their braces.

use std::path::{Path, PathBuf};
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::secrets::MARK;

/// Where the tools keep their stores, below the home: from which fixture.
const USUAL: [(&str, &str); 12] = [
    (".codex/auth.json", "codex/auth.json"),
    (".code/auth_accounts.json", "every-code/auth_accounts.json"),
    (".config/opencode-multi-auth/accounts.json", "opencode-multi-auth-codex/accounts.json"),
    (".config/opencode-multi-auth/accounts.json.bak", "opencode-multi-auth-codex/list.json"),
    (".local/share/opencode/auth.json", "opencode/auth.json"),
    (".codex/accounts/registry.json", "codex-auth/accounts/registry.json"),
    (".codex/accounts/dXNlci1tYXJ5Ojp3cy1tYXJ5.auth.json", "codex-auth/accounts/dXNlci1tYXJ5Ojp3cy1tYXJ5.auth.json"),
    (".codex/accounts/auth.json.bak.20261110-080000", "codex-auth/accounts/auth.json.bak.20261110-080000"),
    (".cc-switch/config.json", "cc-switch/config.json"),
    (".cc-switch/codex_oauth_auth.json", "cc-switch/codex_oauth_auth.json"),
    (".codex/multi-auth/openai-codex-accounts.json", "codex-multi-auth/openai-codex-accounts.json"),
    (
        ".codex/multi-auth/projects/lab-0123456789ab/openai-codex-accounts.json",
        "codex-multi-auth/projects/lab-0123456789ab/openai-codex-accounts.json",
    ),
];

/// Puts the stores of all tools at their usual places, but for the fork that shares our home's name.
pub fn lay_out(home: &Path) -> io::Result<()> {
    for (place, fixture) in USUAL {
        write(&home.join(place), &store(fixture)?)?;
    }
    database(&home.join(".cc-switch/cc-switch.db"))
}

/// The home of the fork named Codex Lab.
pub fn lay_out_fork(folder: &Path) -> io::Result<()> {
    for name in ["auth-profiles.json", "auth-profiles/lab/auth.json"] {
        write(&folder.join(name), &store(&format!("codex-lab-fork/{name}"))?)?;
    }
    Ok(())
}

/// A database of cc-switch.
pub fn database(place: &Path) -> io::Result<()> {
    let statements = store("cc-switch/cc-switch.sql")?;
    Connection::open(place).and_then(|connection| connection.execute_batch(&statements)).map_err(io::Error::other)
}

/// A fixture with its tokens.
pub fn store(name: &str) -> io::Result<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/imports");
    Ok(filled(&fs::read_to_string(folder.join(name))?))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

fn filled(template: &str) -> String {
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
        ["id", user, workspace, plan] => jwt(user, workspace, plan, |address| json!({ "email": address })),
        ["access", user, workspace, plan] => {
            jwt(user, workspace, plan, |address| json!({ "https://api.openai.com/profile": { "email": address } }))
        }
        ["refresh", name] => format!("{MARK}-refresh-{name}-{MARK}"),
        ["key", name] => format!("sk-{MARK}-{name}-{MARK}"),
        _ => return None,
    })
}

fn jwt(user: &str, workspace: &str, plan: &str, email: fn(String) -> Value) -> String {
    let mut claims = email(format!("{user}@example.com"));
    claims["iss"] = "https://auth.openai.com".into();
    claims["iat"] = 1_763_280_000.into();
    claims["exp"] = 1_795_000_000.into();
    claims["https://api.openai.com/auth"] = json!({
        "chatgpt_user_id": format!("user-{user}"), "chatgpt_account_id": format!("ws-{workspace}"), "chatgpt_plan_type": plan,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{MARK}", part(&json!({ "alg": "none" })), part(&claims))
}
