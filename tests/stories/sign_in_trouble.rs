//! Signing in, when something goes wrong: each trouble has its own code, and nothing is changed by it.

use std::net::{Ipv4Addr, TcpListener};

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{SignInMethod, SignInPhase};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};

use crate::world::World;

/// Every failure tells the next step.
fn told(failure: Option<Failure>) -> Code {
    let failure = failure.expect("a failed sign-in says why");
    assert!(failure.message.ends_with('.') && !failure.hints.is_empty(), "{failure:?}");
    failure.code
}

#[tokio::test]
async fn cancelling_at_the_page_is_a_refusal() {
    let world = World::new().await;
    world.person.will_cancel();
    world.begin(SignInMethod::Browser, None).await.unwrap();
    let ended = world.ended_sign_in().await;
    assert_eq!(told(ended.failure), Code::SignInRefused);
    assert!(world.names().is_empty());
}

#[tokio::test]
async fn cancelling_here_frees_the_port_and_a_late_callback_finds_nobody() {
    let world = World::new().await;
    world.begin(SignInMethod::Browser, None).await.unwrap();
    world.sign_in_at(|sign_in| sign_in.phase == SignInPhase::Waiting).await;
    world.ask(Request::CancelSignIn).await.unwrap();
    assert_eq!(told(world.ended_sign_in().await.failure), Code::Cancelled);
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 1455));
    assert!(free.is_ok(), "the port is free again");
}

#[tokio::test]
async fn a_broken_provider_is_told_apart_and_a_second_try_works() {
    let world = World::new().await;
    let troubles = [
        (Behaviour::status(500), Code::Provider),
        (Behaviour::html(403), Code::Provider),
        (Behaviour::garbage(), Code::Provider),
        (Behaviour::empty(), Code::Provider),
        (Behaviour::Close, Code::Network),
        (Behaviour::oauth_error(400, "invalid_grant"), Code::SignInRefused),
    ];
    for (behaviour, code) in troubles {
        world.sandbox.script(Script::once(Endpoint::ExchangeCode, behaviour));
        world.person.will_pick("main");
        world.begin(SignInMethod::Browser, None).await.unwrap();
        assert_eq!(told(world.ended_sign_in().await.failure), code);
        assert!(world.names().is_empty());
    }
    world.signed_in("main").await;
}

#[tokio::test]
async fn a_busy_first_port_falls_back_to_the_second() {
    let world = World::new().await;
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).unwrap();
    world.signed_in("main").await;
    assert!(world.person.opened()[0].contains("1457"));
}

#[tokio::test]
async fn two_busy_ports_are_said_and_a_device_code_still_works() {
    let world = World::new().await;
    let _taken = [1455, 1457].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
    world.begin(SignInMethod::Browser, None).await.unwrap();
    assert_eq!(told(world.ended_sign_in().await.failure), Code::PortBusy);
    assert!(world.person.opened().is_empty(), "no page is opened that could not come back");
    world.begin(SignInMethod::DeviceCode, None).await.unwrap();
    let waiting = world.sign_in_at(|sign_in| sign_in.user_code.is_some()).await;
    world.sandbox.approve_device(&waiting.user_code.unwrap(), "main").unwrap();
    assert_eq!(world.ended_sign_in().await.phase, SignInPhase::Done);
}

#[tokio::test]
async fn a_second_sign_in_waits_for_its_turn_or_replaces_the_first() {
    let world = World::new().await;
    world.begin(SignInMethod::Browser, None).await.unwrap();
    assert_eq!(world.begin(SignInMethod::Browser, None).await.unwrap_err().code, Code::SignInRunning);
    let first = world.engine.snapshot().sign_in.clone().unwrap().id;
    world.person.will_pick("backup");
    world.ask(Request::BeginSignIn { method: SignInMethod::Browser, again: None, replace: true }).await.unwrap();
    let done = world.sign_in_at(|sign_in| sign_in.phase == SignInPhase::Done).await;
    assert_ne!(done.id, first);
}

#[tokio::test]
async fn a_forged_callback_is_refused_and_the_true_one_still_counts() {
    let world = World::new().await;
    world.begin(SignInMethod::Browser, None).await.unwrap();
    let url = world.sign_in_at(|sign_in| sign_in.url.is_some()).await.url.unwrap();
    let plain = reqwest::Client::builder().no_proxy();
    let plain = plain.tls_backend_preconfigured(no_tls()).build().unwrap();
    let forged = plain.get("http://127.0.0.1:1455/auth/callback?code=x&state=forged").send().await.unwrap();
    assert_eq!(forged.status(), 400);
    let foreign = plain.get("http://127.0.0.1:1455/auth/callback?code=x&state=y").header("host", "evil.example").send().await.unwrap();
    assert!(foreign.status().is_client_error());
    let pasted = Request::PasteCallback { url: SecretText(Secret::new("http://127.0.0.1:1455/auth/callback?code=x&state=forged")) };
    // A forged paste is refused without ending the sign-in.
    let _ = world.ask(pasted).await;
    let visit = world.sandbox.browser().unwrap().sign_in(&url, &codex_lab_tests::sandbox::Choice::Account("main".into())).await.unwrap();
    assert_eq!(visit.status, 200);
    assert_eq!(world.ended_sign_in().await.phase, SignInPhase::Done);
}

#[tokio::test]
async fn a_refused_device_code_and_a_dead_device_endpoint_are_said() {
    let world = World::without_browser().await;
    world.sandbox.script(Script::once(Endpoint::DeviceCode, Behaviour::status(404)));
    world.begin(SignInMethod::DeviceCode, None).await.unwrap();
    told(world.ended_sign_in().await.failure);
    world.sandbox.script(Script::once(Endpoint::DeviceToken, Behaviour::status(400)));
    world.begin(SignInMethod::DeviceCode, None).await.unwrap();
    told(world.sign_in_at(|sign_in| sign_in.phase == SignInPhase::Failed).await.failure);
    assert!(world.names().is_empty());
}

#[tokio::test]
async fn a_bad_api_key_is_refused_and_never_shown() {
    let world = World::without_browser().await;
    for key in ["sk-unknown-planted-key", "", "hello", "sk-with space"] {
        let failure = world.ask(Request::AddApiKey { key: SecretText(Secret::new(key)) }).await.unwrap_err();
        assert!(matches!(failure.code, Code::SignInRefused | Code::InvalidInput), "{failure:?}");
        assert!(!format!("{failure:?}").contains("planted"));
    }
    assert!(world.names().is_empty());
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
