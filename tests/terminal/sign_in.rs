//! Signing in from the terminal, with a browser, a device code, or a pasted address.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{Behaviour, Browser, Choice, Endpoint, Sandbox, SandboxOptions, Script};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::world::World;

/// The link a waiting sign-in prints.
async fn link(child: &mut Child) -> (String, Lines<BufReader<ChildStderr>>) {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let found = async {
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(url) = line.trim().strip_prefix("https://auth.openai.com/oauth/") {
                return format!("https://auth.openai.com/oauth/{url}");
            }
            said.push(line);
        }
        panic!("no link was printed: {said:?}");
    };
    let url = tokio::time::timeout(Duration::from_secs(20), found).await.expect("a link in time");
    (url, lines)
}

#[tokio::test]
async fn the_browser_opens_and_the_profile_is_named() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.browser.pick("main").unwrap();
    let first = world.good(&["login"]).await;
    assert_eq!(first.stdout, "Signed in as main@sandbox.example: profile main-plus\n");
    assert!(first.stderr.contains("codex-lab use 'main-plus'"), "{first:?}");
    let second = world.good(&["login", "--again", "main-plus"]).await;
    assert_eq!(second.stdout, "Signed in as main@sandbox.example: renewed the login of profile main-plus\n");

    world.browser.pick("work").unwrap();
    world.refused(&["login", "--again", "main-plus"], "wrong_account", 12).await;
    let added = world.good(&["login", "--again", "main-plus", "--add-other"]).await;
    assert!(added.stdout.contains("profile work-business"), "{added:?}");
    assert_eq!(world.browser.visits().unwrap().len(), 5);
}

#[tokio::test]
async fn refusals_and_a_broken_provider_have_codes_of_their_own() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.browser.cancel().unwrap();
    world.refused(&["login"], "sign_in_refused", 11).await;
    world.browser.pick("main").unwrap();
    for (behaviour, code, status) in [
        (Behaviour::status(500), "provider", 21),
        (Behaviour::html(403), "provider", 21),
        (Behaviour::garbage(), "provider", 21),
        (Behaviour::Close, "network", 20),
    ] {
        world.sandbox.script(Script::next(2, Endpoint::ExchangeCode, behaviour));
        world.refused(&["login"], code, status).await;
    }
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 0);
    world.good(&["login"]).await;
}

#[tokio::test]
async fn busy_ports_are_said_and_a_device_code_helps() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    let taken = [1455, 1457].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
    world.refused(&["login"], "port_busy", 14).await;
    drop(taken);
    let mut child = world.start(&["login", "--device-code"]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let code = loop {
        let line = lines.next_line().await.unwrap().expect("a code is printed");
        let word = line.trim();
        if world.sandbox.approve_device(word, "backup").is_ok() {
            break word.to_owned();
        }
    };
    let ended = world.ended(child).await;
    assert_eq!((ended.status, code.is_empty()), (0, false), "{ended:?}");
    assert!(ended.stdout.contains("profile backup-plus"), "{ended:?}");
}

#[tokio::test]
async fn an_address_from_another_machine_is_pasted() {
    let mut world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    // Nothing opens here: the browser is on another machine.
    world.set("BROWSER", "/bin/true");
    let mut child = world.start(&["login", "--paste-callback"]);
    let (url, mut lines) = link(&mut child).await;
    let elsewhere = Browser::without_redirects(&world.sandbox.reach().proxy, world.sandbox.ca()).unwrap();
    let page = elsewhere.get(format!("{url}&sandbox_account=work")).send().await.unwrap();
    let address = page.headers()["location"].to_str().unwrap().to_owned();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"http://127.0.0.1:1455/auth/callback?code=x&state=forged\n").await.unwrap();
    loop {
        let line = lines.next_line().await.unwrap().expect("a word about the forged address");
        if line.contains("again") {
            break;
        }
    }
    stdin.write_all(format!("{address}\n").as_bytes()).await.unwrap();
    let ended = world.ended(child).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.stdout.contains("profile work-business"), "{ended:?}");
}

#[tokio::test]
async fn an_interrupt_cancels_and_frees_the_port() {
    let mut world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.set("BROWSER", "/bin/true");
    let mut child = world.start(&["login"]);
    let (_, lines) = link(&mut child).await;
    let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().unwrap().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let ended = world.ended(child).await;
    drop(lines);
    assert_eq!(ended.status, 130, "{ended:?}");
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).is_ok(), "the port is free again");
}

#[tokio::test]
async fn two_terminals_sign_in_at_once_and_a_third_hears_that_the_ports_are_busy() {
    let mut world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.set("BROWSER", "/bin/true");
    let (mut first, mut second) = (world.start(&["login"]), world.start(&["login"]));
    let ((first_url, _first_lines), (second_url, _second_lines)) = (link(&mut first).await, link(&mut second).await);
    world.refused(&["login"], "port_busy", 14).await;
    let browser = world.sandbox.browser().unwrap();
    browser.sign_in(&first_url, &Choice::Account("main".into())).await.unwrap();
    browser.sign_in(&second_url, &Choice::Account("work".into())).await.unwrap();
    assert_eq!((world.ended(first).await.status, world.ended(second).await.status), (0, 0));
    assert_eq!(world.json(&["list"]).await["result"]["profiles"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn unknown_certificates_are_taken_on_request_alone() {
    let mut world = World::new().await;
    let other = Sandbox::start(SandboxOptions::default()).await.unwrap();
    for variable in ["SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"] {
        world.set(variable, other.ca());
    }
    let key = world.sandbox.account("main").unwrap().api_key;
    let strict = world.run_with(&["login", "--api-key"], &key).await;
    assert_eq!(strict.status, 20, "{strict:?}");
    let lax = world.run_with(&["login", "--api-key", "--no-ssl-verify"], &key).await;
    assert_eq!(lax.status, 0, "{lax:?}");
    assert!(lax.stderr.contains("warning: certificates are not checked"), "{lax:?}");
    let later = world.run_with(&["login", "--api-key"], &key).await;
    assert_eq!(later.status, 20, "it is not remembered: {later:?}");
}
