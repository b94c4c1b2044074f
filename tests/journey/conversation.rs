//! What the journey takes for granted of the real Codex CLI: an open conversation goes on with the login that its
//! daemon finds when it is restarted.

use std::time::Duration;

use codex_lab_tests::codex_cli::{CodexCli, CodexHome, QUIET};
use codex_lab_tests::sandbox::{Endpoint, Sandbox, SandboxOptions};
use codex_lab_tests::story::conversation::{Conversation, trust};
use codex_lab_tests::story::leftovers::{EndsWithMe, end_all_in, running_in};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_open_conversation_follows_its_restarted_daemon() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let cli = CodexCli::locate().unwrap();
    let home = CodexHome::new(&sandbox, QUIET).unwrap();
    home.write_config(&format!("{QUIET}{}", trust(&home))).unwrap();
    home.write_auth(&sandbox.auth_json("main").unwrap()).unwrap();

    let _daemon = EndsWithMe::new(home.path());
    let conversation = Conversation::open(&cli, &home, PATIENCE).await.unwrap();
    conversation.say("who is there", PATIENCE).await.unwrap();
    conversation.wait_for("hello from main", PATIENCE).await.unwrap();

    home.write_auth(&sandbox.auth_json("backup").unwrap()).unwrap();
    conversation.say("still there", PATIENCE).await.unwrap();
    sandbox.wait_for(|record| record.is(Endpoint::Responses, "main") && record.body.contains("still there"), PATIENCE).await.unwrap();

    let run = cli.run(&home, &["app-server", "daemon", "restart"], PATIENCE).await.unwrap();
    assert!(run.status.success(), "{}", run.stderr);
    conversation.say("and now", PATIENCE).await.unwrap();
    let screen = conversation.wait_for("hello from backup", PATIENCE).await.unwrap();
    assert!(screen.contains("who is there"), "the conversation is still open:\n{screen}");

    drop(conversation);
    end_all_in(home.path()).unwrap();
    assert_eq!(running_in(home.path()).unwrap(), Vec::<u32>::new());
}
