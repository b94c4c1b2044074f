//! `codex-lab-sandbox` as a program: it starts, is found, signs in for a user, and ends.
#![cfg(unix)]

use std::path::Path;
use std::process::{Output, Stdio};

use codex_lab_tests::sandbox::{Reach, Sandbox, SandboxOptions, SteeredBrowser};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::client::{PATIENCE, authorize_url, install_tls};

const PROGRAM: &str = env!("CARGO_BIN_EXE_codex-lab-sandbox");

/// The program, running; its ready file is read.
async fn started(folder: &Path, args: &[&str]) -> (Child, Reach) {
    let ready = folder.join("ready.json");
    let mut command = Command::new(PROGRAM);
    command.args(args).arg("--ready-file").arg(&ready).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    timeout(PATIENCE, stdout.read_line(&mut line)).await.unwrap().unwrap();
    let reach = Reach::read(&ready).unwrap();
    assert_eq!(line, format!("ready {}\n", reach.url));
    (child, reach)
}

async fn browse(args: &[&str], env: &[(&str, String)]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg("browse").args(args).env_clear().envs(env.iter().cloned()).stdin(Stdio::null());
    timeout(PATIENCE, command.output()).await.unwrap().unwrap()
}

/// A client that waits for its callback: the URL to send the browser to, and the request line it gets.
async fn callback(title: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let redirect = format!("http://{}/auth/callback", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let page = format!("<html><head><title>{title}</title></head></html>");
        let reply = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{page}", page.len());
        stream.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).lines().next().unwrap().to_owned()
    });
    (authorize_url(&[("redirect_uri", &redirect)]), served)
}

fn any_port() -> SandboxOptions {
    SandboxOptions { redirect_ports: None, ..SandboxOptions::default() }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, reach) = started(folder.path(), &["--accounts", "anna,ben:pro"]).await;
    install_tls();
    let accounts =
        reqwest::Client::new().get(format!("{}/_sandbox/accounts", reach.url)).header("x-sandbox-key", &reach.control_key).send();
    let accounts: serde_json::Value = accounts.await.unwrap().json().await.unwrap();
    assert_eq!((&accounts[0]["name"], &accounts[1]["plan"]), (&"anna".into(), &"pro".into()));

    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    let status = timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    assert!(!reach.ca.exists(), "the certificate stays behind");
}

#[tokio::test]
async fn it_ends_with_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, _) = started(folder.path(), &["--until-stdin-closes"]).await;
    drop(child.stdin.take());
    assert!(timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
}

#[tokio::test]
async fn browse_picks_an_account_and_follows_to_the_callback() {
    let sandbox = Sandbox::start(any_port()).await.unwrap();
    let (url, served) = callback("All done").await;
    let output = browse(&[&url, "--account", "work"], &sandbox.env()).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("200 All done (http://127.0.0.1:"), "{}", text(&output.stdout));
    let line = served.await.unwrap();
    assert!(line.starts_with("GET /auth/callback?code=ac_") && line.contains("state=state-of-this-sign-in"), "{line}");
    assert!(sandbox.minted_secrets().iter().all(|secret| !text(&output.stdout).contains(secret.as_str())));
}

#[tokio::test]
async fn browse_cancels() {
    let sandbox = Sandbox::start(any_port()).await.unwrap();
    let (url, served) = callback("Sign-in failed").await;
    let output = browse(&[&url, "--cancel"], &sandbox.env()).await;
    assert!(text(&output.stdout).starts_with("200 Sign-in failed"), "{}", text(&output.stdout));
    assert!(served.await.unwrap().contains("error=access_denied"));
}

#[tokio::test]
async fn browse_says_what_is_wrong() {
    let sandbox = Sandbox::start(any_port()).await.unwrap();
    let url = authorize_url(&[]);
    let no_choice = browse(&[&url], &sandbox.env()).await;
    assert!(text(&no_choice.stderr).contains("--account"), "{}", text(&no_choice.stderr));
    let no_proxy = browse(&[&url, "--cancel"], &[]).await;
    assert!(text(&no_proxy.stderr).contains("HTTPS_PROXY"), "{}", text(&no_proxy.stderr));
    let stranger = browse(&[&url, "--account", "nobody"], &sandbox.env()).await;
    assert!(text(&stranger.stderr).contains("does not offer Account(\"nobody\")"), "{}", text(&stranger.stderr));
    assert!([no_choice, no_proxy, stranger].iter().all(|output| output.status.code() == Some(1)));
}

#[tokio::test]
async fn a_steered_browser_is_told_through_a_file_whom_to_pick() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(any_port()).await.unwrap();
    let browser = SteeredBrowser::new(folder.path(), Path::new(PROGRAM), sandbox.reach()).unwrap();
    assert!(browser.visits().unwrap().is_empty());

    browser.pick("backup").unwrap();
    let (url, served) = callback("Welcome").await;
    let status = Command::new(browser.program()).arg(&url).env_clear().stdout(Stdio::null()).status().await.unwrap();
    assert!(status.success());
    assert!(served.await.unwrap().contains("code=ac_"));

    browser.cancel().unwrap();
    let (url, served) = callback("Refused").await;
    Command::new(browser.program()).arg(&url).env_clear().stdout(Stdio::null()).status().await.unwrap();
    assert!(served.await.unwrap().contains("error=access_denied"));

    let visits = browser.visits().unwrap();
    assert!(visits[0].starts_with("200 Welcome") && visits[1].starts_with("200 Refused"), "{visits:?}");
}
