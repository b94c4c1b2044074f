//! The token endpoint: codes, refresh families, revocation, keys; and what tokens are good for.

use codex_lab_tests::sandbox::{CLIENT_ID, Counters, Endpoint, SandboxAccount, SandboxOptions};
use serde_json::json;

use crate::client::{Client, VERIFIER, authorize_url, claims, redirected, status_and_json};

async fn code_for(client: &Client, account: &str) -> String {
    redirected(&client.get(authorize_url(&[("sandbox_account", account)])).await, "code").unwrap()
}

#[tokio::test]
async fn a_code_is_traded_once_for_tokens_that_say_who_signed_in() {
    let client = Client::start().await;
    let work = client.sandbox.account("work").unwrap();
    let code = code_for(&client, "work").await;
    let (status, tokens) = client.exchange(&code, VERIFIER).await;
    assert_eq!(status, 200);
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(id["email"], "work@sandbox.example");
    assert_eq!(id["iss"], "https://auth.openai.com");
    let auth = &id["https://api.openai.com/auth"];
    assert_eq!(auth["chatgpt_account_id"], work.account_id.as_str());
    assert_eq!(auth["chatgpt_user_id"], work.user_id.as_str());
    assert_eq!(auth["chatgpt_plan_type"], "business");
    let access = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), work.access_lifetime);
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("rt_"));

    let (status, again) = client.exchange(&code, VERIFIER).await;
    assert_eq!((status, again["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(client.sandbox.counters_of("work").sign_ins, 1);
}

#[tokio::test]
async fn a_code_without_its_verifier_is_worth_nothing() {
    let client = Client::start().await;
    let code = code_for(&client, "main").await;
    let (status, refused) = client.exchange(&code, "another-verifier-that-is-long-enough-0123456789").await;
    assert_eq!((status, refused["error"].as_str()), (400, Some("invalid_grant")));
    let (status, _) = client.exchange("ac_never_given_out", VERIFIER).await;
    assert_eq!(status, 400);
    assert_eq!(client.sandbox.counters().sign_ins, 0);
}

#[tokio::test]
async fn a_refresh_token_is_spent_once_and_its_replay_revokes_the_family() {
    let client = Client::start().await;
    let first = client.sandbox.mint("main").unwrap();
    let bystander = client.sandbox.mint("main").unwrap();
    let (status, second) = client.refresh(&first.refresh_token).await;
    assert_eq!(status, 200);
    let second = second["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(second, first.refresh_token);
    assert!(client.sandbox.is_live(&second) && !client.sandbox.is_live(&first.refresh_token));

    let (status, replay) = client.refresh(&first.refresh_token).await;
    assert_eq!((status, replay["error"]["code"].as_str()), (401, Some("refresh_token_reused")));
    let (status, dead) = client.refresh(&second).await;
    assert_eq!((status, dead["error"]["code"].as_str()), (401, Some("refresh_token_invalidated")));
    assert!(client.sandbox.is_live(&bystander.refresh_token), "another login is another family");

    let (status, _) = client.refresh(&first.refresh_token).await;
    assert_eq!(status, 401);
    let counted = Counters { sign_ins: 2, refreshes: 1, replays: 2, families_revoked: 1, ..Counters::default() };
    assert_eq!(client.sandbox.counters_of("main"), counted);
}

#[tokio::test]
async fn a_refresh_may_come_as_a_form() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", &login.refresh_token)];
    let request = client.http.post("https://auth.openai.com/oauth/token").form(&form);
    let (status, tokens) = status_and_json(request.send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(tokens["token_type"], "Bearer");
}

#[tokio::test]
async fn refreshes_that_cannot_be_are_refused_in_the_shapes_of_upstream() {
    let mut short_lived = SandboxAccount::new("main");
    short_lived.refresh_lifetime = Some(-1);
    let client = Client::with(SandboxOptions { accounts: vec![short_lived], ..SandboxOptions::default() }).await;

    let expired = client.sandbox.mint("main").unwrap();
    let (status, body) = client.refresh(&expired.refresh_token).await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("refresh_token_expired")));

    let (status, body) = client.refresh("rt_never_minted").await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));

    let (status, body) = client.token(json!({"grant_type": "password"})).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("unsupported_grant_type")));

    let stranger = json!({"client_id": "app_other", "grant_type": "refresh_token", "refresh_token": expired.refresh_token});
    let (status, body) = client.token(stranger).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
}

#[tokio::test]
async fn revoking_ends_the_family_and_is_counted_once() {
    let client = Client::start().await;
    let login = client.sandbox.mint("backup").unwrap();
    let body = json!({"token": login.refresh_token, "token_type_hint": "refresh_token", "client_id": CLIENT_ID});
    for _ in 0..2 {
        let response = client.http.post("https://auth.openai.com/oauth/revoke").json(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert!(!client.sandbox.is_live(&login.refresh_token));
    assert_eq!(client.sandbox.counters_of("backup").revokes, 1);
}

#[tokio::test]
async fn an_id_token_is_traded_for_the_accounts_api_key_which_opens_the_platform() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let exchange = |token: &str| {
        json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "client_id": CLIENT_ID,
            "requested_token": "openai-api-key",
            "subject_token": token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        })
    };
    let (status, body) = client.token(exchange(&login.id_token)).await;
    let key = client.sandbox.account("main").unwrap().api_key;
    assert_eq!((status, body["access_token"].as_str()), (200, Some(key.as_str())));
    assert_eq!(client.token(exchange(&login.access_token)).await.0, 400);

    let models = |key: String| client.http.get("https://api.openai.com/v1/models").bearer_auth(key).send();
    let (status, list) = status_and_json(models(key).await.unwrap()).await;
    assert_eq!((status, list["object"].as_str()), (200, Some("list")));
    let (status, refused) = status_and_json(models("sk-wrong".to_owned()).await.unwrap()).await;
    assert_eq!((status, refused["error"]["code"].as_str()), (401, Some("invalid_api_key")));
}

#[tokio::test]
async fn a_bearer_opens_its_own_account_only_while_it_lasts() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let (status, usage) = client.backend("wham/usage", &login.access_token).await;
    assert_eq!((status, usage["email"].as_str()), (200, Some("main@sandbox.example")));
    assert_eq!(usage["rate_limit"]["primary_window"]["used_percent"], 38);
    assert_eq!(usage["rate_limit"]["secondary_window"]["limit_window_seconds"], 7 * 24 * 3600);

    let (status, body) = client.backend("wham/usage", "made-up").await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("token_invalidated")));

    client.sandbox.edit_account("main", |account| account.access_lifetime = -60).unwrap();
    let stale = client.sandbox.mint("main").unwrap();
    let (status, body) = client.backend("wham/usage", &stale.access_token).await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("token_expired")));

    let other = client.sandbox.account("work").unwrap().account_id;
    let mixed = client.http.get("https://chatgpt.com/backend-api/wham/usage").bearer_auth(&login.access_token);
    let (status, body) = status_and_json(mixed.header("chatgpt-account-id", other).send().await.unwrap()).await;
    assert_eq!((status, body["error"]["code"].as_str()), (403, Some("account_mismatch")));

    let seen = client.sandbox.requests();
    let owners: Vec<_> = seen.iter().map(|record| (record.account.as_deref(), record.status)).collect();
    assert_eq!(owners[..2], [(Some("main"), Some(200)), (None, Some(401))]);
    assert!(seen.iter().all(|record| record.endpoint == Endpoint::Usage && record.host == "chatgpt.com"));
}

#[tokio::test]
async fn every_secret_that_leaves_is_on_the_list() {
    let client = Client::start().await;
    let code = code_for(&client, "main").await;
    let (_, tokens) = client.exchange(&code, VERIFIER).await;
    let (_, rotated) = client.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    let minted = client.sandbox.minted_secrets();
    assert!(minted.contains(&code));
    for (set, field) in [(&tokens, "id_token"), (&tokens, "access_token"), (&rotated, "access_token"), (&rotated, "refresh_token")] {
        assert!(minted.iter().any(|secret| set[field] == secret.as_str()), "{field}");
    }
    for account in client.sandbox.accounts() {
        assert!(minted.contains(&account.api_key));
    }
}
