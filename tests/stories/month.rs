//! A month of looking after itself: every week that is to be started is started once and in time, no other ever is, nothing costs more
//! than its budget, and nothing is told twice, whatever the machine goes through.

use std::collections::BTreeMap;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::model::news::News;
use codex_lab_core::model::prime::{PrimeRecord, PrimeState};
use codex_lab_core::model::snapshot::ProfileState;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Quota, RequestRecord, SandboxAccount, Script, Window};
use jiff::{SignedDuration, Timestamp};

use crate::month_world::MonthWorld;

const BUDGET: u16 = 16;
const DAYS: i64 = 30;
const HOUR: i64 = 60 * 60;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A week is started at latest so long after the last one is over and the machine is awake: a crash costs some of it, the distance to
/// others' weeks the rest.
const BOUND: SignedDuration = SignedDuration::from_hours(3);
/// A machine whose clock is behind thinks a week over so much later.
const BEHIND: SignedDuration = SignedDuration::from_hours(3);
const APART_HOURS: u8 = 1;
/// The accounts: those whose weeks are to be started, one that nobody has opted in, one that has no week.
const OPTED_IN: [&str; 3] = ["fresh", "half", "full"];
/// Of those, the one about which the user wants to hear nothing.
const MUTED: &str = "half";
/// On these days so much of a week of the one that nobody has opted in is used: it is low, nearly out, and out.
const USED: [(i64, u32); 3] = [(13, 85), (14, 97), (15, 100)];
/// From these days on the login of the one that has no week is refused when it is next renewed, until its user signs in again.
const REFUSED: [i64; 2] = [5, 20];

fn account(name: &str, week: Option<Window>) -> SandboxAccount {
    let quota = Quota { primary: Some(Window::fresh(300)), secondary: week, turn_cost: 0 };
    SandboxAccount::new(name).with_access_lifetime(10 * 24 * HOUR).with_quota(quota)
}

fn running(used_percent: u32, ends: Timestamp) -> Window {
    Window { minutes: 10_080, used_percent, resets_at: Some(ends.as_second()) }
}

async fn seats() -> (MonthWorld, BTreeMap<&'static str, Timestamp>) {
    let names = ["fresh", "half", "full", "unasked", "weekless"];
    let world = MonthWorld::new(names.iter().map(|name| account(name, Some(Window::fresh(10_080)))).collect()).await;
    let hours = |hours| world.now + SignedDuration::from_hours(hours);
    let ends = BTreeMap::from([("fresh", world.now), ("half", hours(60)), ("full", hours(100))]);
    for (name, week) in [
        ("half", Some(running(61, ends["half"]))),
        ("full", Some(running(100, ends["full"]))),
        ("unasked", Some(Window::fresh(10_080))),
        ("weekless", None),
    ] {
        world.sandbox.edit_account(name, |account| account.quota.secondary = week).unwrap();
    }
    (world, ends)
}

#[tokio::test]
async fn every_week_is_started_once_in_time_and_within_the_budget() {
    let (mut world, ends) = seats().await;
    world.set(|settings| (settings.background_budget, settings.prime_apart_hours) = (BUDGET, APART_HOURS)).await;
    for name in OPTED_IN.iter().chain(&["weekless"]) {
        world.opt_in(name).await;
    }
    world.note(MUTED, |details| details.muted = true).await;
    world.has_a_desktop();
    world.dies_at(&["prime-claimed", "prime-judged", "prime-answered"]);
    let (begin, mut asleep) = (world.now, Vec::new());
    // Days into the month, and hours.
    let mut naps: Vec<(i64, i64)> = vec![(2, 9), (4, 30), (9, 60), (16, 12), (22, 5)];
    let (mut set_back, mut behind_since) = (Some(12), world.now);
    let (mut used, mut refused, mut sign_ins) = (USED.to_vec(), REFUSED.to_vec(), 0);
    while world.now < begin + SignedDuration::from_hours(24 * DAYS) {
        world.round(SignedDuration::from_hours(1)).await;
        let day = world.now.duration_since(begin).as_hours() / 24;
        if naps.first().is_some_and(|(on, _)| *on <= day) {
            let (_, hours) = naps.remove(0);
            let from = world.now;
            world.sleep(SignedDuration::from_hours(hours));
            asleep.push((from, world.now));
        }
        if set_back.is_some_and(|on| on <= day) {
            (set_back, behind_since) = (None, world.now);
            world.set_back(BEHIND);
        }
        if used.first().is_some_and(|(on, _)| *on <= day) {
            world.uses("unasked", used.remove(0).1);
        }
        if refused.first().is_some_and(|on| *on <= day) {
            refused.remove(0);
            world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::oauth_error(400, "invalid_grant")).by("weekless"));
        }
        if world.row("weekless").state == ProfileState::NeedsSignIn {
            world.sandbox.clear_scripts();
            world.sign_in("weekless").await;
            sign_ins += 1;
        }
    }
    assert_eq!((used.len(), refused.len(), sign_ins), (0, 0, REFUSED.len()), "all of it has happened");
    assert_eq!((world.crashes, naps.len(), set_back), (3, 0, None), "all of it has happened");

    let requests = world.sandbox.requests();
    let deadline = |ended: Timestamp| {
        let awake = awake_by(ended + BOUND, ended, &asleep);
        if ended > behind_since { awake + BEHIND } else { awake }
    };
    let mut weeks = 0;
    for name in OPTED_IN {
        let mut ended = ends[name];
        for started in turns(&requests, name) {
            assert!(started >= ended, "{name}: a week that runs was started at {started}, {ended}");
            assert!(started <= deadline(ended), "{name}: it ended at {ended}, and the next was started at {started}");
            ended = started + WEEK;
            weeks += 1;
        }
        assert!(deadline(ended) > world.now - SignedDuration::from_hours(1), "{name}: the week after {ended} was not started");
    }
    assert!(weeks >= 12, "{weeks}");
    for name in ["unasked", "weekless"] {
        assert!(turns(&requests, name).is_empty() && !requests.iter().any(|request| request.is(Endpoint::Models, name)), "{name}");
    }
    within_budget(&requests);
    let Reply::Primes { records, .. } = world.engine.handle(Request::Primes).await.unwrap() else { panic!() };
    assert_eq!(records.len(), weeks, "one record for each week");
    let verified: Vec<PrimeRecord> = records.into_iter().filter(|record| record.state == PrimeState::Verified).collect();
    assert!(verified.len() + 1 >= weeks, "{} of {weeks}", verified.len());
    told_once(&world, &verified, sign_ins);
}

/// What the user has heard of: each thing once, and everything that was to be told.
fn told_once(world: &MonthWorld, verified: &[PrimeRecord], sign_ins: usize) {
    let desktop = world.desktop.as_ref().unwrap();
    desktop.assert_nothing_twice(|news| matches!(news, News::SignInNeeded { .. }));
    for record in verified {
        let told = desktop.of_kind(
            |news| matches!(news, News::Primed { profile, resets_at, .. } if (profile, resets_at) == (&record.profile, &record.resets_at)),
        );
        let expected = usize::from(record.profile != world.id(MUTED));
        assert_eq!(told.len(), expected, "{record:?}: {told:?}");
    }
    let of = |name: &str| desktop.of_kind(|news| news.profile() == Some(&world.id(name)));
    let in_short = |news: &[&News]| news.iter().map(|news| (news.key().topic.as_str(), news.key().level)).collect::<Vec<_>>();
    assert_eq!(of(MUTED), Vec::<&News>::new());
    // The other one's reset passed while the machine slept, longer ago than anybody wants to hear of.
    assert!(in_short(&of("full")).iter().filter(|(topic, _)| *topic != "primed").eq(&[("quota", 3)]), "{:?}", of("full"));
    assert_eq!(in_short(&of("unasked")), [("quota", 1), ("quota", 2), ("quota", 3), ("reset", 0)]);
    assert_eq!(in_short(&of("weekless")), vec![("sign_in", 0); sign_ins]);
    assert!(in_short(&of("fresh")).iter().all(|(topic, _)| *topic == "primed"));
}

/// When an account's weeks were started.
fn turns(requests: &[RequestRecord], name: &str) -> Vec<Timestamp> {
    let turns = requests.iter().filter(|request| request.is(Endpoint::Responses, name));
    turns.map(|request| Timestamp::from_millisecond(request.at_ms).unwrap()).collect()
}

/// The latest moment at which the week after one that ended may be started, by a machine that slept now and then.
fn awake_by(mut deadline: Timestamp, ended: Timestamp, asleep: &[(Timestamp, Timestamp)]) -> Timestamp {
    for (from, to) in asleep {
        if *from < deadline && *to > ended {
            deadline = deadline.max(*to + BOUND);
        }
    }
    deadline
}

fn within_budget(requests: &[RequestRecord]) {
    let mut of: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for request in requests {
        of.entry(request.account.as_deref().unwrap()).or_default().push(request.at_ms);
    }
    assert_eq!(of.len(), 5);
    for (name, times) in of {
        assert!(times.len() > 100, "{name} was asked about {} times", times.len());
        for (place, at) in times.iter().enumerate() {
            let since = times[..=place].iter().filter(|other| **other > at - 24 * HOUR * 1000).count();
            assert!(since <= usize::from(BUDGET), "{name}: {since} requests within a day");
        }
    }
}
