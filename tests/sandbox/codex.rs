//! The real, unmodified Codex CLI against the sandbox, under its default host names.
#![cfg(unix)]

use std::collections::HashMap;
use std::process::Stdio;

use codex_lab_tests::codex_cli::{CodexCli, CodexHome, CodexRun, QUIET};
use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Sandbox, SandboxOptions, Script, SteeredBrowser};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::client::PATIENCE;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codex-lab-sandbox");

/// A sandbox and a home of the CLI.
struct Setup {
    cli: CodexCli,
    sandbox: Sandbox,
    home: CodexHome,
}

impl Setup {
    async fn new(config: &str) -> Self {
        Self::with(SandboxOptions::default(), config).await
    }

    async fn with(options: SandboxOptions, config: &str) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let home = CodexHome::new(&sandbox, config).unwrap();
        Self { cli: CodexCli::locate().unwrap(), sandbox, home }
    }

    async fn exec(&self) -> CodexRun {
        self.cli.exec(&self.home, "say hi", PATIENCE).await.unwrap()
    }

    async fn run(&self, args: &[&str]) -> CodexRun {
        self.cli.run(&self.home, args, PATIENCE).await.unwrap()
    }

    /// Methods of the turns so far, prewarms aside.
    fn turns(&self) -> Vec<String> {
        let turns = self.sandbox.requests().into_iter().filter(|record| record.endpoint == Endpoint::Responses);
        turns.filter(|record| record.json()["generate"] != false).map(|record| record.method).collect()
    }
}

#[tokio::test]
async fn exec_with_nothing_silenced_prints_the_answer_over_a_websocket() {
    let setup = Setup::new("").await;
    let login = setup.sandbox.mint("main").unwrap();
    setup.home.write_auth(&login.auth_json()).unwrap();
    let run = setup.exec().await;
    assert!(run.status.success(), "{}", run.stderr);
    assert_eq!(run.stdout.trim(), "hello from main");

    assert_eq!(setup.turns(), ["FRAME"], "one turn, on the socket");
    let turn = setup.sandbox.requests().into_iter().find(|record| record.endpoint == Endpoint::Responses).unwrap();
    assert_eq!(turn.bearer(), Some(login.access_token.as_str()));
    assert_eq!(turn.header("chatgpt-account-id"), Some(login.account.account_id.as_str()));
    assert_eq!(turn.host, "chatgpt.com");
    let strangers: Vec<_> =
        setup.sandbox.requests().into_iter().filter(|record| record.bearer().is_some_and(|token| token != login.access_token)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    assert_eq!(setup.sandbox.counters().refreshes, 0);
}

#[tokio::test]
async fn exec_falls_back_to_http_when_the_upgrade_is_refused() {
    let setup = Setup::new(QUIET).await;
    setup.sandbox.script(Script::always(Endpoint::ResponsesSocket, Behaviour::status(426)));
    setup.sandbox.script(Script::always(Endpoint::Responses, Behaviour::says("as scripted")).by("work"));
    setup.home.write_auth(&setup.sandbox.auth_json("work").unwrap()).unwrap();
    let run = setup.exec().await;
    assert_eq!(run.stdout.trim(), "as scripted", "{}", run.stderr);
    assert_eq!(setup.turns(), ["POST"]);
    let turn = setup.sandbox.requests().into_iter().find(|record| record.is(Endpoint::Responses, "work")).unwrap();
    assert_eq!(turn.header("content-encoding"), Some("zstd"));
    assert_eq!(turn.json()["stream"], true, "the body is readable");
}

#[tokio::test]
async fn a_token_near_its_end_is_refreshed_once_by_the_cli() {
    let setup = Setup::new(QUIET).await;
    setup.sandbox.edit_account("main", |account| account.access_lifetime = 120).unwrap();
    let login = setup.sandbox.mint("main").unwrap();
    setup.home.write_auth(&login.auth_json()).unwrap();
    setup.sandbox.edit_account("main", |account| account.access_lifetime = 3600).unwrap();
    let run = setup.exec().await;
    assert_eq!(run.stdout.trim(), "hello from main", "{}", run.stderr);

    let counters = setup.sandbox.counters_of("main");
    assert_eq!((counters.refreshes, counters.replays), (1, 0));
    let stored = setup.home.auth().unwrap();
    let rotated = stored["tokens"]["refresh_token"].as_str().unwrap();
    assert_ne!(rotated, login.refresh_token);
    assert!(setup.sandbox.is_live(rotated));
    let refresh = setup.sandbox.requests().into_iter().find(|record| record.is(Endpoint::Refresh, "main")).unwrap();
    assert_eq!(refresh.host, "auth.openai.com");
    assert_eq!(refresh.json()["refresh_reason"], "proactive_expiry");
}

#[tokio::test]
async fn a_spent_refresh_token_is_told_to_the_user() {
    let setup = Setup::new(QUIET).await;
    setup.sandbox.edit_account("main", |account| account.access_lifetime = -60).unwrap();
    setup.home.write_auth(&setup.sandbox.auth_json("main").unwrap()).unwrap();
    let before = setup.home.auth().unwrap();
    setup.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::error(401, "refresh_token_reused")));
    let run = setup.exec().await;
    assert!(!run.status.success());
    assert!(run.stderr.contains("already used") || run.stderr.contains("sign in again"), "{}", run.stderr);
    assert_eq!(setup.home.auth().unwrap(), before, "the file is left as it was");
}

#[tokio::test]
async fn a_used_up_allowance_ends_the_turn_at_once() {
    let setup = Setup::new(QUIET).await;
    setup.sandbox.edit_account("main", |account| account.quota.primary.as_mut().unwrap().used_percent = 100).unwrap();
    setup.home.write_auth(&setup.sandbox.auth_json("main").unwrap()).unwrap();
    let run = setup.exec().await;
    assert!(!run.status.success());
    assert!(run.stderr.contains("usage limit"), "{}", run.stderr);
    assert_eq!(setup.sandbox.counters_of("main").turns, 0);
}

#[tokio::test]
async fn an_api_key_reaches_the_platform() {
    let setup = Setup::new(QUIET).await;
    let key = setup.sandbox.account("backup").unwrap().api_key;
    setup.home.write_auth(&format!("{{\"auth_mode\": \"apikey\", \"OPENAI_API_KEY\": \"{key}\"}}")).unwrap();
    let run = setup.exec().await;
    assert_eq!(run.stdout.trim(), "hello from backup", "{}", run.stderr);
    let turn = setup.sandbox.requests().into_iter().find(|record| record.is(Endpoint::Responses, "backup")).unwrap();
    assert_eq!(turn.host, "api.openai.com");
}

#[tokio::test]
async fn a_second_turn_of_a_conversation_is_resumed() {
    let setup = Setup::new(QUIET).await;
    setup.home.write_auth(&setup.sandbox.auth_json("main").unwrap()).unwrap();
    assert!(setup.exec().await.status.success());
    setup.sandbox.script(Script::always(Endpoint::Responses, Behaviour::says("still here")));
    let run = setup.run(&["exec", "--skip-git-repo-check", "resume", "--last", "and now?"]).await;
    assert_eq!(run.stdout.trim(), "still here", "{}", run.stderr);
    let last = setup.sandbox.requests().into_iter().rfind(|record| record.endpoint == Endpoint::Responses).unwrap();
    assert!(last.body.contains("hello from main") && last.body.contains("and now?"), "the history is sent");
}

#[tokio::test]
async fn the_app_server_reads_account_and_usage() {
    let setup = Setup::new(QUIET).await;
    setup.home.write_auth(&setup.sandbox.auth_json("work").unwrap()).unwrap();
    let mut command = setup.cli.command(&setup.home);
    let mut server = command.arg("app-server").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = server.stdin.take().unwrap();
    let client = json!({"name": "test", "title": "test", "version": "1"});
    for message in [
        json!({"id": 1, "method": "initialize", "params": {"clientInfo": client, "capabilities": {"experimentalApi": true}}}),
        json!({"method": "initialized"}),
        json!({"id": 2, "method": "account/read", "params": {}}),
        json!({"id": 3, "method": "account/rateLimits/read", "params": {}}),
    ] {
        stdin.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut answers = HashMap::new();
    while answers.len() < 3 {
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        let message: Value = serde_json::from_str(&line).unwrap();
        if message["method"].is_null() {
            answers.insert(message["id"].as_i64().unwrap(), message);
        }
    }
    let account = &answers[&2]["result"];
    assert_eq!(account["account"]["email"], "work@sandbox.example", "{account}");
    assert_eq!(account["account"]["planType"], "business");
    let limits = &answers[&3]["result"]["rateLimits"];
    assert_eq!(limits["primary"]["usedPercent"], 12, "{}", answers[&3]);
    assert_eq!(limits["secondary"]["windowDurationMins"], 7 * 24 * 60);
}

#[tokio::test]
async fn a_device_sign_in_and_a_sign_out() {
    let options = SandboxOptions { auto_approve: Some("work".to_owned()), ..SandboxOptions::default() };
    let setup = Setup::with(options, QUIET).await;
    let run = setup.run(&["login", "--device-auth"]).await;
    assert!(run.status.success(), "{}", run.stderr);
    let stored = setup.home.auth().unwrap();
    assert_eq!(stored["tokens"]["account_id"], setup.sandbox.account("work").unwrap().account_id.as_str());
    assert_eq!(setup.sandbox.counters_of("work").sign_ins, 1);

    let run = setup.run(&["logout"]).await;
    assert!(run.status.success(), "{}", run.stderr);
    assert!(setup.home.auth().is_err());
    assert_eq!(setup.sandbox.counters_of("work").revokes, 1);
}

#[tokio::test]
async fn a_browser_sign_in_leaves_the_file_the_sandbox_mints() {
    let _ports = LoginPorts::claim().await.unwrap();
    let setup = Setup::new(QUIET).await;
    let browser = SteeredBrowser::new(setup.home.path(), PROGRAM.as_ref(), setup.sandbox.reach()).unwrap();
    browser.pick("backup").unwrap();
    let mut login: Command = setup.cli.command(&setup.home);
    login.arg("login").env("BROWSER", browser.program());
    let output = timeout(PATIENCE, login.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let written = setup.home.auth().unwrap();
    let minted = setup.sandbox.mint("backup").unwrap().auth_value();
    let fields = |value: &Value| {
        let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(fields(&written), fields(&minted));
    assert_eq!(fields(&written["tokens"]), fields(&minted["tokens"]));
    for same in ["account_id", "oauth_provenance"] {
        assert_eq!(written["tokens"][same], minted["tokens"][same], "{same}");
    }
    assert_eq!(written["OPENAI_API_KEY"], setup.sandbox.account("backup").unwrap().api_key.as_str());
}
