//! The device-code flow, from asking for a code to tokens.

use codex_lab_tests::sandbox::{CLIENT_ID, Choice, SandboxError, SandboxOptions};
use serde_json::{Value, json};

use crate::client::{Client, status_and_json};

const PAGE: &str = "https://auth.openai.com/codex/device";

async fn ask(client: &Client) -> Value {
    let url = "https://auth.openai.com/api/accounts/deviceauth/usercode";
    let (status, body) = status_and_json(client.http.post(url).json(&json!({"client_id": CLIENT_ID})).send().await.unwrap()).await;
    assert_eq!(status, 200);
    body
}

async fn poll(client: &Client, device: &Value) -> (u16, Value) {
    let body = json!({"device_auth_id": device["device_auth_id"], "user_code": device["user_code"]});
    let url = "https://auth.openai.com/api/accounts/deviceauth/token";
    status_and_json(client.http.post(url).json(&body).send().await.unwrap()).await
}

async fn redeem(client: &Client, grant: &Value) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", grant["authorization_code"].as_str().unwrap()),
        ("redirect_uri", "https://auth.openai.com/deviceauth/callback"),
        ("code_verifier", grant["code_verifier"].as_str().unwrap()),
    ];
    status_and_json(client.http.post("https://auth.openai.com/oauth/token").form(&form).send().await.unwrap()).await
}

#[tokio::test]
async fn a_device_waits_until_it_is_approved_and_collects_once() {
    let client = Client::start().await;
    let device = ask(&client).await;
    assert!(device["interval"].is_string(), "the CLI wants a string: {device}");
    assert_eq!(poll(&client, &device).await.0, 403);

    client.sandbox.approve_device(device["user_code"].as_str().unwrap(), "work").unwrap();
    let (status, grant) = poll(&client, &device).await;
    assert_eq!(status, 200);
    let (status, tokens) = redeem(&client, &grant).await;
    assert_eq!(status, 200);
    assert!(tokens["refresh_token"].is_string());
    assert_eq!(client.sandbox.counters_of("work").sign_ins, 1);
    assert_eq!(poll(&client, &device).await.0, 400);
}

#[tokio::test]
async fn a_person_approves_on_the_page() {
    let client = Client::start().await;
    let device = ask(&client).await;
    let code = device["user_code"].as_str().unwrap();
    let browser = client.sandbox.browser().unwrap();
    assert_eq!(client.get(PAGE).await.status(), 200);

    let choice = Choice::Account("backup".to_owned());
    let visit = browser.approve_device(PAGE, &code.to_lowercase(), &choice).await.unwrap();
    assert_eq!((visit.status, visit.title.as_str()), (200, "Device signed in"));
    let (_, grant) = poll(&client, &device).await;
    assert_eq!(redeem(&client, &grant).await.0, 200);
    assert_eq!(client.sandbox.counters_of("backup").sign_ins, 1);

    let visit = browser.approve_device(PAGE, "WRNG-CODE", &choice).await.unwrap();
    assert_eq!((visit.status, visit.title.as_str()), (404, "No such code"));
}

#[tokio::test]
async fn a_refusal_ends_the_polling() {
    let client = Client::start().await;
    let by_hand = ask(&client).await;
    client.sandbox.deny_device(by_hand["user_code"].as_str().unwrap()).unwrap();
    let (status, body) = poll(&client, &by_hand).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("access_denied")));

    let on_page = ask(&client).await;
    let browser = client.sandbox.browser().unwrap();
    let visit = browser.approve_device(PAGE, on_page["user_code"].as_str().unwrap(), &Choice::Cancel).await.unwrap();
    assert_eq!(visit.title, "Sign-in refused");
    assert_eq!(poll(&client, &on_page).await.0, 400);
}

#[tokio::test]
async fn what_nobody_asked_for_cannot_be_approved() {
    let client = Client::start().await;
    let unknown_code = client.sandbox.approve_device("AAAA-AAAA", "main");
    assert!(matches!(unknown_code, Err(SandboxError::UnknownCode)));
    let device = ask(&client).await;
    let unknown_account = client.sandbox.approve_device(device["user_code"].as_str().unwrap(), "nobody");
    assert!(matches!(unknown_account, Err(SandboxError::UnknownAccount(_))));
    assert_eq!(poll(&client, &device).await.0, 403);
}

#[tokio::test]
async fn a_device_can_be_approved_from_the_start() {
    let client = Client::with(SandboxOptions { auto_approve: Some("main".to_owned()), ..SandboxOptions::default() }).await;
    let device = ask(&client).await;
    assert_eq!(poll(&client, &device).await.0, 200);
}
