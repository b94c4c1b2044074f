//! Every row of the table of answers (codex-runtime.md 5.2), over HTTP: what the first profile's account says, how often it is
//! asked, and who ends the turn.

use codex_lab_tests::sandbox::{Answer, Behaviour, Endpoint, Script, Step};
use serde_json::json;

use crate::world::{Transport, World};

/// How a turn ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The next profile answers.
    Next,
    /// Codex shows what was said, and stops.
    Stop,
}
use End::{Next, Stop};

/// What is said; how often main is asked; how the turn ends.
type Row = (&'static str, Behaviour, usize, End);

async fn told(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (name, behaviour, asked, end) in rows {
        let world = World::over(Transport::Http).await;
        world.sandbox.script(Script::always(Endpoint::Responses, behaviour).by("main"));
        let run = world.exec("say hi").await;
        let served = world.served_by();
        let expected: Vec<_> = std::iter::repeat_n("main", asked).chain((end == Next).then_some("work")).collect();
        if served != expected || run.status.success() != (end == Next) {
            wrong.push(format!("{name}: {served:?}, {}: {}", run.status, run.stderr.lines().last().unwrap_or_default()));
        }
        assert_eq!(run.stdout.matches("hello from").count(), usize::from(end == Next), "{name}: {}", run.stdout);
        assert!(world.renewals() <= 1, "{name}");
        world.stop().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn error(status: u16, fields: &serde_json::Value) -> Behaviour {
    Behaviour::json(status, &json!({ "error": fields }))
}

fn failed(code: &str) -> Behaviour {
    Behaviour::Say(Answer::failed(code))
}

#[tokio::test]
async fn too_many_requests_of_every_sort() {
    let depleted = ("x-codex-rate-limit-reached-type", "workspace_member_credits_depleted");
    told(vec![
        ("out of credits", Behaviour::usage_limit("business", 4_000_000_000).with_header(depleted.0, depleted.1), 1, Next),
        (
            "another family's limit",
            Behaviour::usage_limit("plus", 4_000_000_000).with_header("x-codex-active-limit", "codex-luna"),
            1,
            Next,
        ),
        ("no Codex in the plan", error(429, &json!({"type": "usage_not_included", "message": "Upgrade."})), 1, Next),
        ("the organization's limit", error(429, &json!({"code": "organization_usage_limit_exceeded", "message": "No."})), 1, Next),
        ("by the minute", Behaviour::status(429), 2, Next),
        ("by the minute, for long", Behaviour::retry_after(429, 100_000), 1, Next),
    ])
    .await;
}

#[tokio::test]
async fn refusals_of_every_sort() {
    told(vec![
        ("403", error(403, &json!({"code": "forbidden", "message": "No."})), 1, Next),
        (
            "a model this account has not",
            Behaviour::json(400, &json!({"detail": "The 'gpt-6.1-sol' model is not supported when using Codex with a ChatGPT account."})),
            1,
            Next,
        ),
        ("no such model", error(404, &json!({"code": "model_not_found", "message": "No such model."})), 1, Next),
        ("a bad request", Behaviour::json(400, &json!({"detail": "Input must be a list"})), 1, Stop),
        ("policy", error(400, &json!({"code": "cyber_policy", "message": "No."})), 1, Stop),
        ("an old client", Behaviour::json(400, &json!({"detail": "The model requires a newer version of Codex."})), 1, Stop),
    ])
    .await;
}

#[tokio::test]
async fn faults_of_the_provider() {
    told(vec![
        ("502", Behaviour::status(502), 3, Next),
        ("504", Behaviour::html(504), 3, Next),
        ("overloaded", error(503, &json!({"code": "server_is_overloaded", "message": "Full."})), 4, Next),
        ("garbage", Behaviour::garbage(), 2, Next),
        ("nothing", Behaviour::empty(), 2, Next),
        ("cut before the answer", Behaviour::Say(Answer::default().then(Step::Cut)), 3, Next),
    ])
    .await;
}

#[tokio::test]
async fn a_stream_that_fails_before_its_answer() {
    told(vec![
        ("usage_not_included", failed("usage_not_included"), 1, Next),
        ("insufficient_quota", failed("insufficient_quota"), 1, Next),
        ("organization_spend_limit_exceeded", failed("organization_spend_limit_exceeded"), 1, Next),
        ("account_deactivated", failed("account_deactivated"), 1, Next),
        ("token_expired", failed("token_expired"), 2, Next),
        ("server_error", failed("server_error"), 3, Next),
        ("server_is_overloaded", failed("server_is_overloaded"), 4, Next),
        ("model_not_found", failed("model_not_found"), 1, Next),
        ("context_length_exceeded", failed("context_length_exceeded"), 1, Stop),
        ("invalid_prompt", failed("invalid_prompt"), 1, Stop),
    ])
    .await;
}

#[tokio::test]
async fn what_is_over_soon_is_waited_out_on_the_same_profile() {
    for (name, behaviour) in [
        ("the edge blocks", Behaviour::html(403)),
        ("slow down", error(503, &json!({"code": "slow_down", "message": "Slower."}))),
        ("slow down in the stream", failed("slow_down")),
        ("by the minute, for a second", Behaviour::retry_after(429, 1)),
    ] {
        let world = World::over(Transport::Http).await;
        world.sandbox.script(Script::once(Endpoint::Responses, behaviour).by("main"));
        let run = world.exec("say hi").await;
        assert!(run.status.success() && run.stdout.contains("hello from main"), "{name}: {run:?}");
        assert_eq!(world.served_by(), ["main", "main"], "{name}");
        world.stop().await;
    }
}
