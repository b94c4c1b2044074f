//! The remote control: what shell scripts and the demo steer a sandbox with.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, status_and_json};

impl Client {
    async fn control(&self, method: Method, call: &str, body: Value) -> (u16, Value) {
        let reach = self.sandbox.reach();
        let request = self.http.request(method, format!("{}/_sandbox/{call}", reach.url));
        status_and_json(request.header("x-sandbox-key", &reach.control_key).json(&body).send().await.unwrap()).await
    }

    async fn ask(&self, call: &str) -> Value {
        let (status, body) = self.control(Method::GET, call, Value::Null).await;
        assert_eq!(status, 200, "{call}: {body}");
        body
    }
}

#[tokio::test]
async fn nothing_works_without_the_key_or_through_the_proxy() {
    let client = Client::start().await;
    let url = format!("{}/_sandbox/secrets", client.sandbox.reach().url);
    assert_eq!(client.get(&url).await.status(), 403);
    assert_eq!(client.http.get(&url).header("x-sandbox-key", "guess").send().await.unwrap().status(), 403);
    let key = &client.sandbox.reach().control_key;
    let tunnelled = client.http.get("https://chatgpt.com/_sandbox/secrets").header("x-sandbox-key", key);
    assert_eq!(tunnelled.send().await.unwrap().status(), 404);
    assert_eq!(client.control(Method::GET, "no-such-call", Value::Null).await.0, 404);
}

#[tokio::test]
async fn accounts_are_listed_added_and_changed() {
    let client = Client::start().await;
    let (status, _) = client.control(Method::POST, "accounts", json!({"name": "extra", "plan": "pro"})).await;
    assert_eq!(status, 200);
    let (_, changed) = client.control(Method::POST, "accounts", json!({"name": "main", "access_lifetime": 60})).await;
    assert_eq!((changed["plan"].as_str(), changed["access_lifetime"].as_i64()), (Some("plus"), Some(60)));
    let names: Vec<_> = client.ask("accounts").await.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["main", "work", "backup", "extra"]);
    assert_eq!(client.control(Method::POST, "accounts", json!({"plan": "pro"})).await.0, 400);
}

#[tokio::test]
async fn a_login_can_be_taken_from_it() {
    let client = Client::start().await;
    let auth = client.ask("auth/main").await;
    assert_eq!(auth["auth_mode"], "chatgpt");
    let account = client.sandbox.account("main").unwrap();
    assert_eq!(auth["tokens"]["account_id"], account.account_id.as_str());
    assert!(client.sandbox.is_live(auth["tokens"]["refresh_token"].as_str().unwrap()));
    assert!(client.ask("secrets").await.as_array().unwrap().contains(&auth["tokens"]["access_token"]));
    assert_eq!(client.control(Method::GET, "auth/nobody", Value::Null).await.0, 404);
}

#[tokio::test]
async fn scripts_are_put_in_force_and_taken_back() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    let script = json!({"on": "usage", "account": "main", "behaviour": {"reply": {"status": 503, "headers": [["retry-after", "3"]]}}});
    let (status, made) = client.control(Method::POST, "scripts", script).await;
    assert_eq!(status, 200);
    assert_eq!(client.backend("wham/usage", &token).await.0, 503);
    let call = format!("scripts/{}", made["id"]);
    assert_eq!(client.control(Method::DELETE, &call, Value::Null).await.0, 200);
    assert_eq!(client.control(Method::DELETE, &call, Value::Null).await.0, 404);
    assert_eq!(client.backend("wham/usage", &token).await.0, 200);

    let close = json!({"on": "usage", "times": 1, "behaviour": "close"});
    assert_eq!(client.control(Method::POST, "scripts", close).await.0, 200);
    assert_eq!(client.control(Method::DELETE, "scripts", Value::Null).await.0, 200);
    assert_eq!(client.backend("wham/usage", &token).await.0, 200);
    assert_eq!(client.control(Method::POST, "scripts", json!({"on": "nowhere"})).await.0, 400);
}

#[tokio::test]
async fn requests_are_listed_without_secrets_and_waited_for() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let wait = client.ask("wait?endpoint=refresh&account=main&seconds=60");
    let (seen, refreshed) = tokio::join!(wait, client.refresh(&login.refresh_token));
    assert_eq!(refreshed.0, 200);
    assert_eq!((seen["path"].as_str(), seen["status"].as_u64()), (Some("/oauth/token"), Some(200)));

    client.backend("wham/usage", &login.access_token).await;
    let all = client.ask("requests").await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let text = all.to_string();
    assert!(client.sandbox.minted_secrets().iter().all(|secret| !text.contains(secret.as_str())));
    let later = client.ask(&format!("requests?after={}", seen["seq"])).await;
    assert_eq!(later[0]["endpoint"], "usage");
    let nothing = client.control(Method::GET, "wait?endpoint=revoke&seconds=0", Value::Null).await;
    assert_eq!(nothing.0, 408);

    assert_eq!(client.ask("counters").await["refreshes"], 1);
    assert_eq!(client.ask("counters/work").await["refreshes"], 0);
}

#[tokio::test]
async fn devices_are_approved_and_held_requests_released() {
    let client = Client::start().await;
    let unknown = json!({"user_code": "AAAA-AAAA", "account": "main"});
    assert_eq!(client.control(Method::POST, "device", unknown).await.0, 404);
    assert_eq!(client.control(Method::POST, "release", Value::Null).await.0, 200);
    let asked = client.http.post("https://auth.openai.com/api/accounts/deviceauth/usercode");
    let body = json!({"client_id": codex_lab_tests::sandbox::CLIENT_ID});
    let (_, device) = status_and_json(asked.json(&body).send().await.unwrap()).await;
    let approve = json!({"user_code": device["user_code"], "account": "main"});
    assert_eq!(client.control(Method::POST, "device", approve).await.0, 200);
}
