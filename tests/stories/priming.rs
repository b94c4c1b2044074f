//! Starting weeks: by itself, by hand, and when it does not work.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::failure::Code;
use codex_lab_core::model::background::Purpose;
use codex_lab_core::model::event::Event;
use codex_lab_core::model::news::News;
use codex_lab_core::model::prime::{Hindrance, PrimeRecord, PrimeState, PrimeTrouble};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Quota, RequestRecord, SandboxAccount, Script, Window};
use jiff::SignedDuration;

use crate::month_world::MonthWorld;

/// One account whose week has not started.
async fn one() -> MonthWorld {
    MonthWorld::new(vec![SandboxAccount::new("main").with_quota(Quota::plus(0, 0))]).await
}

impl MonthWorld {
    async fn hours(&mut self, hours: i64) {
        let end = self.now + SignedDuration::from_hours(hours);
        while self.now < end {
            self.round(SignedDuration::from_mins(10)).await;
        }
    }

    fn asked(&self, endpoint: Endpoint) -> Vec<RequestRecord> {
        self.sandbox.requests().into_iter().filter(|request| request.endpoint == endpoint).collect()
    }

    async fn records(&self) -> Vec<PrimeRecord> {
        let Reply::Primes { records, .. } = self.engine.handle(Request::Primes).await.unwrap() else { panic!() };
        records
    }

    async fn hindrance(&self) -> Option<Hindrance> {
        let Reply::Primes { previews, .. } = self.engine.handle(Request::Primes).await.unwrap() else { panic!() };
        previews[0].hindrance
    }

    async fn prime_now(&self) -> Result<PrimeRecord, Code> {
        match self.engine.handle(Request::PrimeNow { profile: self.id("main") }).await {
            Ok(Reply::Primed { record }) => Ok(*record),
            Ok(other) => panic!("{other:?}"),
            Err(failure) => Err(failure.code),
        }
    }
}

#[tokio::test]
async fn a_week_is_started_with_the_least_request_and_seen_to_run() {
    let mut world = one().await;
    let mut events = world.engine.events();
    world.opt_in("main").await;
    assert_eq!(world.hindrance().await, Some(Hindrance::Unclear { until: None }), "nothing is known yet");
    world.hours(1).await;
    let sent = world.asked(Endpoint::Responses);
    assert_eq!((sent.len(), world.asked(Endpoint::Models).len()), (1, 1));
    let body = sent[0].json();
    assert_eq!((&body["model"], &body["reasoning"]["effort"]), (&"gpt-6-luna".into(), &"low".into()));
    assert!(["instructions", "tools", "previous_response_id"].iter().all(|key| body[key].is_null()), "{body}");
    let record = world.records().await.remove(0);
    assert_eq!((record.state, record.model.as_deref(), record.input_tokens), (PrimeState::Verified, Some("gpt-6-luna"), Some(12)));
    let Event::News(News::Primed { profile, resets_at: Some(resets_at), .. }) = events.try_recv().unwrap() else { panic!() };
    assert_eq!((profile, Some(resets_at)), (world.id("main"), record.resets_at));
    assert!(matches!(world.hindrance().await, Some(Hindrance::Running { until }) if until == resets_at));
    world.hours(48).await;
    assert_eq!(world.asked(Endpoint::Responses).len(), 1, "once");
    let Reply::Background { used, requests, budget } = world.engine.handle(Request::Background).await.unwrap() else { panic!() };
    assert!(used[0].used > 0 && used[0].used <= u32::from(budget));
    assert!(requests.iter().any(|request| request.purpose == Purpose::Prime && request.host == "chatgpt.com"));
    assert!(requests.iter().any(|request| request.purpose == Purpose::KeepAlive && request.host == "auth.openai.com"));
    assert_eq!(requests.len(), world.sandbox.requests().len(), "each request is in the ledger");
}

#[tokio::test]
async fn without_leave_nothing_is_sent() {
    let mut world = one().await;
    world.hours(2).await;
    assert!(world.asked(Endpoint::Responses).is_empty(), "off by default");
    world.opt_in("main").await;
    let profile = world.id("main");
    world.ask(Request::SetPaused { profile: profile.clone(), paused: true }).await;
    world.hours(1).await;
    assert_eq!(world.hindrance().await, Some(Hindrance::Paused));
    world.ask(Request::SetPaused { profile, paused: false }).await;
    world.set(|settings| settings.conservative = true).await;
    let before = world.sandbox.requests().len();
    world.hours(24).await;
    assert_eq!(world.hindrance().await, Some(Hindrance::Conservative));
    assert_eq!(world.sandbox.requests().len(), before, "conservative: nobody is asked for anything");
    world.set(|settings| settings.conservative = false).await;
    world.hours(1).await;
    assert_eq!(world.asked(Endpoint::Responses).len(), 1);
}

#[tokio::test]
async fn what_fails_is_tried_four_times_and_then_left_alone() {
    let mut world = one().await;
    world.opt_in("main").await;
    world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::error(400, "unsupported_model")));
    world.hours(2).await;
    let sent = world.asked(Endpoint::Responses);
    let minutes: Vec<i64> = sent.windows(2).map(|two| (two[1].at_ms - two[0].at_ms) / 60_000).collect();
    assert_eq!(sent.len(), 4);
    assert!((1..=6).contains(&minutes[0]) && (5..=11).contains(&minutes[1]) && (30..=36).contains(&minutes[2]), "{minutes:?}");
    let models: Vec<String> = sent.iter().map(|request| request.json()["model"].as_str().unwrap().to_owned()).collect();
    assert!(models[0] == "gpt-6-luna" && models[1] != models[0], "{models:?}");
    let record = world.records().await.remove(0);
    assert_eq!((record.state, record.attempts, record.trouble), (PrimeState::Failed, 4, Some(PrimeTrouble::Refused)));
    assert_eq!(world.hindrance().await, Some(Hindrance::GivenUp));
    world.sandbox.clear_scripts();
    world.hours(24 * 7).await;
    assert_eq!(world.asked(Endpoint::Responses).len(), 5, "the next week has its own tries");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_looked_at_before_it_is_sent_again() {
    let mut world = one().await;
    world.opt_in("main").await;
    world.sandbox.script(Script::once(Endpoint::Responses, Behaviour::LoseAnswer));
    world.hours(3).await;
    let record = world.records().await.remove(0);
    // The provider had answered; only the answer was lost: readings tell that the week runs.
    assert_eq!(world.asked(Endpoint::Responses).len(), 1);
    assert_eq!((record.state, record.trouble), (PrimeState::Failed, Some(PrimeTrouble::BrokeOff)));
    assert!(matches!(world.hindrance().await, Some(Hindrance::Running { .. })));
}

#[tokio::test]
async fn by_hand_it_is_started_once_and_only_where_two_readings_say_so() {
    let mut world = one().await;
    while world.asked(Endpoint::Usage).is_empty() {
        world.round(SignedDuration::from_mins(1)).await;
    }
    world.pass(SignedDuration::from_mins(1));
    let record = world.prime_now().await.unwrap();
    assert_eq!((record.state, record.by_user, record.attempts), (PrimeState::Sent, true, 1));
    assert_eq!(world.asked(Endpoint::Usage).len(), 2);
    assert_eq!(world.prime_now().await, Err(Code::NotPossibleNow), "the ledger holds for the user too");
    world.hours(1).await;
    assert_eq!(world.records().await[0].state, PrimeState::Verified);
    assert_eq!(world.prime_now().await, Err(Code::NotPossibleNow), "it runs");
    assert_eq!(world.asked(Endpoint::Responses).len(), 1);
    assert_eq!(world.hindrance().await, Some(Hindrance::NotOptedIn));
}

#[tokio::test]
async fn no_token_is_renewed_to_look_at_a_week_that_may_run() {
    // A week that has just begun looks like one that has not: it takes another reading, and the token ends before that.
    let mut world = MonthWorld::new(vec![SandboxAccount::new("main").with_access_lifetime(200).with_quota(Quota::plus(0, 0))]).await;
    let ends = world.now + SignedDuration::from_hours(48);
    let begun = Window { minutes: 10_080, used_percent: 0, resets_at: Some(ends.as_second()) };
    world.sandbox.edit_account("main", |account| account.quota.secondary = Some(begun)).unwrap();
    world.set(|settings| settings.keep_alive = false).await;
    world.opt_in("main").await;
    world.hours(47).await;
    let asked = |world: &MonthWorld| [Endpoint::Usage, Endpoint::Refresh, Endpoint::Responses].map(|endpoint| world.asked(endpoint).len());
    assert_eq!(asked(&world), [1, 0, 0], "one reading, with the token there was");
    // By that reading it is over now: the next one is to be started, which takes a token anyway.
    world.hours(3).await;
    let [_, renewals, turns] = asked(&world);
    assert!(renewals > 0 && turns == 1, "{renewals} {turns}");
    assert!(world.asked(Endpoint::Refresh).iter().all(|request| request.at_ms >= ends.as_millisecond()));
}
