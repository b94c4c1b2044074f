//! The authorize page: what it accepts, whom it offers, where it leads.

use codex_lab_tests::sandbox::{BrowserError, Choice, Endpoint, SandboxAccount, SandboxOptions};

use crate::client::{Client, authorize_url, redirected};

#[tokio::test]
async fn the_picker_offers_every_account_and_a_way_out() {
    let client = Client::start().await;
    let response = client.get(authorize_url(&[])).await;
    assert_eq!(response.status(), 200);
    let html = response.text().await.unwrap();
    for name in ["main", "work", "backup"] {
        assert!(html.contains(&format!("data-account=\"{name}\"")), "{html}");
    }
    assert!(html.contains("work@sandbox.example · Sandbox Inc. · business"), "{html}");
    assert!(html.contains("id=\"cancel\""));
}

#[tokio::test]
async fn picking_an_account_leads_back_with_code_and_state() {
    let client = Client::start().await;
    let response = client.get(authorize_url(&[("sandbox_account", "work")])).await;
    assert_eq!(redirected(&response, "state").as_deref(), Some("state-of-this-sign-in"));
    let code = redirected(&response, "code").unwrap();
    assert!(client.sandbox.minted_secrets().contains(&code));
}

#[tokio::test]
async fn cancel_leads_back_with_access_denied() {
    let client = Client::start().await;
    let response = client.get(authorize_url(&[("sandbox_cancel", "1")])).await;
    assert_eq!(redirected(&response, "error").as_deref(), Some("access_denied"));
    assert_eq!(redirected(&response, "state").as_deref(), Some("state-of-this-sign-in"));
    assert_eq!(redirected(&response, "code"), None);
}

#[tokio::test]
async fn a_link_that_upstream_would_refuse_is_refused() {
    let client = Client::start().await;
    let bad = [
        ("client_id", "app_somebody_else"),
        ("client_id", ""),
        ("response_type", "token"),
        ("redirect_uri", "http://127.0.0.1:1456/auth/callback"),
        ("redirect_uri", "http://127.0.0.1:1455/other"),
        ("redirect_uri", "http://example.com:1455/auth/callback"),
        ("redirect_uri", "https://127.0.0.1:1455/auth/callback"),
        ("redirect_uri", "http://127.0.0.1:1455/auth/callback?next=1"),
        ("redirect_uri", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge", "short"),
        ("state", ""),
    ];
    for change in bad {
        let response = client.get(authorize_url(&[change, ("sandbox_account", "main")])).await;
        assert_eq!(response.status(), 400, "{change:?}");
    }
    for redirect in ["http://localhost:1457/auth/callback", "https://auth.openai.com/deviceauth/callback"] {
        let response = client.get(authorize_url(&[("redirect_uri", redirect), ("sandbox_account", "main")])).await;
        assert_eq!(response.status(), 302, "{redirect}");
    }
}

#[tokio::test]
async fn only_accounts_of_the_allowed_workspaces_are_offered() {
    let client = Client::start().await;
    let work = client.sandbox.account("work").unwrap();
    let limited = [("allowed_workspace_id", work.account_id.as_str())];
    let html = client.get(authorize_url(&limited)).await.text().await.unwrap();
    assert!(html.contains("data-account=\"work\"") && !html.contains("data-account=\"main\""), "{html}");

    let picked_anyway = [limited[0], ("sandbox_account", "main")];
    let response = client.get(authorize_url(&picked_anyway)).await;
    assert_eq!(redirected(&response, "error").as_deref(), Some("access_denied"));

    let not_offered = client.sandbox.browser().unwrap();
    let choice = Choice::Account("main".to_owned());
    let error = not_offered.sign_in(&authorize_url(&limited), &choice).await.unwrap_err();
    assert!(matches!(error, BrowserError::NotOffered(_)), "{error}");

    let forced = [limited[0], ("sandbox_account", "main"), ("sandbox_any_workspace", "1")];
    assert!(redirected(&client.get(authorize_url(&forced)).await, "code").is_some());
}

#[tokio::test]
async fn an_account_can_sign_in_by_itself() {
    let options = SandboxOptions { auto_approve: Some("backup".to_owned()), ..SandboxOptions::default() };
    let client = Client::with(options).await;
    let response = client.get(authorize_url(&[])).await;
    assert!(redirected(&response, "code").is_some());
}

#[tokio::test]
async fn two_workspaces_of_one_person_are_two_accounts() {
    let main = SandboxAccount::new("main");
    let team = SandboxAccount::new("team").same_person_as(&main).in_workspace("Team");
    let client = Client::with(SandboxOptions { accounts: vec![main.clone(), team.clone()], ..SandboxOptions::default() }).await;
    assert_eq!((&main.email, &main.user_id), (&team.email, &team.user_id));
    assert_ne!(main.account_id, team.account_id);

    let token = client.sandbox.mint("team").unwrap().access_token;
    let (status, check) = client.backend("wham/accounts/check", &token).await;
    assert_eq!(status, 200);
    assert_eq!(check["default_account_id"], team.account_id.as_str());
    assert_eq!(check["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(check["accounts"][1]["structure"], "workspace");
}

#[tokio::test]
async fn a_thousand_accounts_sign_in_with_tokens_of_their_own() {
    let options = SandboxOptions { accounts: SandboxAccount::crowd(1000), ..SandboxOptions::default() };
    let client = Client::with(options).await;
    let html = client.get(authorize_url(&[])).await.text().await.unwrap();
    assert_eq!(html.matches("data-account=").count(), 1000);

    let mut seen = std::collections::HashSet::new();
    for account in client.sandbox.accounts() {
        let login = client.sandbox.mint(&account.name).unwrap();
        for token in [login.id_token, login.access_token, login.refresh_token] {
            assert!(seen.insert(token), "a token was minted twice");
        }
        assert!(seen.insert(account.account_id), "a workspace id came twice");
    }
    assert_eq!(client.sandbox.counters().sign_ins, 1000);
}

#[tokio::test]
async fn markup_in_a_name_stays_text() {
    let odd = SandboxAccount::new("a<b>\"&c");
    let client = Client::with(SandboxOptions { accounts: vec![odd], ..SandboxOptions::default() }).await;
    let html = client.get(authorize_url(&[])).await.text().await.unwrap();
    assert!(html.contains("data-account=\"a&lt;b&gt;&quot;&amp;c\""), "{html}");
    assert_eq!(client.sandbox.requests().last().unwrap().endpoint, Endpoint::Authorize);
}
