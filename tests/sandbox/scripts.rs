//! Scripted behaviour and the request log, as tests of the app use them.

use std::time::Duration;

use codex_lab_tests::sandbox::{Behaviour, Endpoint, SandboxError, Script};

use crate::client::{Client, PATIENCE};

#[tokio::test]
async fn counted_scripts_queue_up_and_then_it_is_business_as_usual() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    client.sandbox.script(Script::next(2, Endpoint::Refresh, Behaviour::status(503)));
    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::retry_after(429, 7)));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(client.refresh(&login.refresh_token).await.0);
    }
    assert_eq!(seen, [503, 503, 429, 200], "a scripted refusal does not spend the token");
    assert_eq!(client.sandbox.counters_of("main").refreshes, 1);
}

#[tokio::test]
async fn a_script_for_one_account_leaves_the_others_alone() {
    let client = Client::start().await;
    let (main, work) = (client.sandbox.mint("main").unwrap(), client.sandbox.mint("work").unwrap());
    let id = client.sandbox.script(Script::always(Endpoint::Usage, Behaviour::error(401, "token_revoked")).by("main"));
    let (status, body) = client.backend("wham/usage", &main.access_token).await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("token_revoked")));
    assert_eq!(client.backend("wham/usage", &work.access_token).await.0, 200);
    assert!(client.sandbox.unscript(id) && !client.sandbox.unscript(id));
    assert_eq!(client.backend("wham/usage", &main.access_token).await.0, 200);
}

#[tokio::test]
async fn the_newest_standing_script_wins() {
    let client = Client::start().await;
    let token = client.sandbox.mint("main").unwrap().access_token;
    client.sandbox.script(Script::always(Endpoint::Usage, Behaviour::status(500)));
    client.sandbox.script(Script::always(Endpoint::Usage, Behaviour::html(403)));
    assert_eq!(client.backend("wham/usage", &token).await.0, 403);
    client.sandbox.clear_scripts();
    assert_eq!(client.backend("wham/usage", &token).await.0, 200);
}

#[tokio::test]
async fn answers_can_be_html_garbage_or_nothing() {
    let client = Client::start().await;
    let url = "https://auth.openai.com/oauth/token";
    let form = [("grant_type", "refresh_token")];
    for (behaviour, status, starts) in [
        (Behaviour::html(403), 403, "<!DOCTYPE html>"),
        (Behaviour::garbage(), 200, "{\"id_token\": \"half"),
        (Behaviour::empty(), 200, ""),
        (Behaviour::oauth_error(400, "invalid_grant"), 400, "{\"error\":\"invalid_grant\""),
    ] {
        client.sandbox.script(Script::once(Endpoint::Refresh, behaviour));
        let response = client.http.post(url).form(&form).send().await.unwrap();
        assert_eq!(response.status(), status);
        let body = response.text().await.unwrap();
        assert!(body.starts_with(starts) && (starts.is_empty() == body.is_empty()), "{body}");
    }
    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::retry_after(503, 9)));
    let response = client.http.post(url).form(&form).send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "9");
}

#[tokio::test]
async fn a_closed_connection_spends_nothing_but_a_lost_answer_does() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let url = "https://auth.openai.com/oauth/token";
    let form =
        [("grant_type", "refresh_token"), ("client_id", codex_lab_tests::sandbox::CLIENT_ID), ("refresh_token", &login.refresh_token)];
    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::Close));
    assert!(client.http.post(url).form(&form).send().await.is_err());
    assert!(client.sandbox.is_live(&login.refresh_token));

    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::LoseAnswer));
    assert!(client.http.post(url).form(&form).send().await.is_err());
    assert!(!client.sandbox.is_live(&login.refresh_token));
    assert_eq!(client.sandbox.counters_of("main").refreshes, 1);
}

#[tokio::test]
async fn a_held_request_waits_before_or_after_it_took_effect() {
    let client = Client::start().await;
    let before = client.sandbox.mint("main").unwrap();
    let after = client.sandbox.mint("work").unwrap();
    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::Hold).by("main"));
    client.sandbox.script(Script::once(Endpoint::Refresh, Behaviour::HoldAnswer).by("work"));
    let watch = async {
        client.sandbox.wait_held(2, PATIENCE).await.unwrap();
        assert!(client.sandbox.is_live(&before.refresh_token));
        assert!(!client.sandbox.is_live(&after.refresh_token));
        client.sandbox.release();
    };
    let (first, second, ()) = tokio::join!(client.refresh(&before.refresh_token), client.refresh(&after.refresh_token), watch);
    assert_eq!((first.0, second.0), (200, 200));
}

#[tokio::test]
async fn a_request_can_be_waited_for_and_read() {
    let client = Client::start().await;
    let login = client.sandbox.mint("main").unwrap();
    let waited = client.sandbox.wait_for(|record| record.is(Endpoint::Refresh, "main") && record.status.is_some(), PATIENCE);
    let (record, _) = tokio::join!(waited, client.refresh(&login.refresh_token));
    let record = record.unwrap();
    assert_eq!((record.host.as_str(), record.path.as_str()), ("auth.openai.com", "/oauth/token"));
    assert_eq!((record.method.as_str(), record.status), ("POST", Some(200)));
    assert_eq!(record.header("content-type"), Some("application/json"));
    assert_eq!(record.json()["refresh_token"], login.refresh_token.as_str());
    assert!(client.sandbox.requests_after(record.seq).is_empty());

    let never = client.sandbox.wait_for(|record| record.endpoint == Endpoint::Revoke, Duration::from_millis(1)).await;
    let Err(SandboxError::TimedOut { seen, .. }) = never else { panic!("nothing was revoked") };
    assert_eq!(seen, ["POST auth.openai.com/oauth/token (main) 200"]);
}

#[tokio::test(start_paused = true)]
async fn waiting_does_not_depend_on_the_clock_of_the_test() {
    let client = Client::start().await;
    let held = client.sandbox.wait_held(1, Duration::from_millis(20)).await;
    assert!(matches!(held, Err(SandboxError::TimedOut { .. })));
}
