//! How the sandbox is reached: through the proxy under real names, or plainly on loopback.

use codex_lab_tests::sandbox::{Endpoint, Sandbox, SandboxAccount, SandboxOptions, Via};
use reqwest::Proxy;
use serde_json::Value;

use crate::client::{Client, http_client};

#[tokio::test]
async fn any_host_is_answered_here_and_an_unknown_one_is_logged() {
    let client = Client::start().await;
    let response = client.get("https://api.github.com/repos/openai/codex/releases/latest?page=2").await;
    assert_eq!(response.status(), 404);
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "not_found");
    let record = client.sandbox.requests().pop().unwrap();
    assert_eq!((record.host.as_str(), record.via, record.endpoint), ("api.github.com", Via::Tunnel, Endpoint::Unknown));
    assert_eq!((record.query.as_str(), record.status), ("page=2", Some(404)));
}

#[tokio::test]
async fn a_path_belongs_to_its_host() {
    let client = Client::start().await;
    for url in ["https://chatgpt.com/oauth/authorize", "https://auth.openai.com/v1/models", "https://example.com/backend-api/wham/usage"] {
        assert_eq!(client.get(url).await.status(), 404, "{url}");
    }
    let metrics = client.http.post("https://ab.chatgpt.com/otlp/v1/metrics").body("x").send().await.unwrap();
    assert_eq!(metrics.status(), 200);
}

#[tokio::test]
async fn the_plain_port_serves_every_path() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let url = format!("{}/backend-api/wham/usage", client.sandbox.reach().url);
    let response = client.http.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let record = client.sandbox.requests().pop().unwrap();
    assert_eq!((record.host.as_str(), record.via), ("127.0.0.1", Via::Plain));
}

#[tokio::test]
async fn the_proxy_takes_plain_requests_too() {
    let client = Client::start().await;
    let proxied = reqwest::Client::builder().proxy(Proxy::http(&client.sandbox.reach().proxy).unwrap()).build().unwrap();
    let response = proxied.get("http://auth.openai.com/codex/device").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let record = client.sandbox.requests().pop().unwrap();
    assert_eq!((record.host.as_str(), record.via), ("auth.openai.com", Via::Proxy));
}

#[tokio::test]
async fn each_sandbox_has_a_certificate_of_its_own() {
    let (one, other) = (Client::start().await, Client::start().await);
    let mixed = http_client(&one.sandbox);
    assert!(mixed.get("https://chatgpt.com/").send().await.is_ok());
    let ca = reqwest::Certificate::from_pem(&std::fs::read(other.sandbox.ca()).unwrap()).unwrap();
    let wrong_ca =
        reqwest::Client::builder().tls_certs_only([ca]).proxy(Proxy::https(&one.sandbox.reach().proxy).unwrap()).build().unwrap();
    let refused = wrong_ca.get("https://chatgpt.com/").send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused:?}");
}

#[tokio::test]
async fn the_environment_is_all_a_client_needs() {
    let client = Client::start().await;
    let env: std::collections::HashMap<_, _> = client.sandbox.env().into_iter().collect();
    assert_eq!(env["HTTPS_PROXY"], client.sandbox.reach().proxy);
    assert_eq!(env["CODEX_CA_CERTIFICATE"], env["SSL_CERT_FILE"]);
    assert_eq!(env["NO_PROXY"], "localhost,127.0.0.1");
    assert!(std::fs::read_to_string(&env["SSL_CERT_FILE"]).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn a_dropped_sandbox_leaves_nothing() {
    let sandbox = Sandbox::start_blocking(SandboxOptions::default()).unwrap();
    let (ca, url) = (sandbox.ca().to_owned(), sandbox.reach().url.clone());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(sandbox);
    assert!(!ca.exists());
    assert!(std::net::TcpStream::connect(&address).is_err());
}

#[tokio::test]
async fn accounts_can_join_later() {
    let client = Client::start().await;
    client.sandbox.put_account(SandboxAccount::new("late").with_plan("pro"));
    let login = client.sandbox.mint("late").unwrap();
    let (status, usage) = client.backend("wham/usage", &login.access_token).await;
    assert_eq!((status, usage["plan_type"].as_str()), (200, Some("pro")));
}
