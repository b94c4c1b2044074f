//! "What happened last night, and why?": the timeline tells it in order, after a restart too, and forgets what is old.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::clock::Clock as _;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Code;
use codex_lab_core::model::activity::{ActivityEntry, ActivityFilter, ActivityKind, ActivityWhy, Happened};
use codex_lab_core::model::block::{Block, BlockEnd, BlockKind, BlockScope};
use codex_lab_core::model::decision::{Chosen, Decision, Judged};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::snapshot::{SignInMethod, SignInPhase};
use codex_lab_core::model::verdict::{Choice, Reason, Verdict};
use codex_lab_core::store::activity::Noted;
use codex_lab_core::store::state::State;
use codex_lab_tests::sandbox::{Quota, SandboxAccount};
use codex_lab_tests::secrets::MARK;
use jiff::SignedDuration;

use crate::many_accounts::trio;
use crate::month_world::MonthWorld;
use crate::world::World;

/// A page, the newest first, and where the next one goes on.
async fn page(engine: &Engine, filter: ActivityFilter) -> (Vec<ActivityEntry>, Option<String>) {
    let Reply::Activity { entries, names, next } = engine.handle(Request::Activity { filter }).await.unwrap() else { panic!() };
    for id in entries.iter().flat_map(|entry| [&entry.from, &entry.to]).flatten() {
        assert!(names.contains_key(id), "everybody in it has a name");
    }
    (entries, next)
}

/// Everything but the everyday, the oldest first.
async fn told(engine: &Engine) -> Vec<ActivityEntry> {
    let (mut entries, next) = page(engine, ActivityFilter::default()).await;
    assert_eq!(next, None);
    entries.reverse();
    entries
}

fn whats(entries: &[ActivityEntry]) -> Vec<(Happened, Option<ProfileId>, Option<ProfileId>)> {
    entries.iter().map(|entry| (entry.what, entry.from.clone(), entry.to.clone())).collect()
}

/// Main is out of quota: work stands in, and main rests for an hour.
fn falls_back(world: &World, main: &ProfileId, work: &ProfileId) {
    let now = world.clock.now();
    let until = now + SignedDuration::from_hours(1);
    let spent = Verdict::Refused(vec![Reason::AlreadyTried, Reason::Blocked { kind: BlockKind::Exhausted, until: Some(until) }]);
    let decision = Decision {
        at: now,
        session: Some("s".into()),
        family: Family::main(),
        model: None,
        chosen: Some(Chosen { profile: work.clone(), choice: Choice::Fallback }),
        tried: vec![main.clone()],
        instead_of: Some(main.clone()),
        verdicts: vec![Judged { profile: main.clone(), verdict: spent }],
        others: 0,
        times: 1,
    };
    let state = State::open(world.engine.home()).unwrap();
    state.save_decisions(&[decision]).unwrap();
    let block = Block::new(BlockKind::Exhausted, BlockScope::Profile, BlockEnd::At(until), "usage_limit_reached", now);
    state.note_blocks(&[(main.clone(), vec![block])], now).unwrap();
}

#[tokio::test]
async fn a_night_is_told_in_order_with_who_why_and_until() {
    let mut world = World::new().await;
    let main = world.signed_in("main").await.id;
    world.clock.advance(1);
    let work = world.signed_in("work").await.id;
    world.clock.advance(1);
    world.ask(Request::SwitchTo { profile: Some(main.clone()) }).await.unwrap();
    world.clock.advance(1);
    world.ask(Request::SwitchTo { profile: Some(work.clone()) }).await.unwrap();
    world.clock.advance(1);
    falls_back(&world, &main, &work);
    world.clock.advance(1);
    world.ask(Request::Renew { profile: main.clone() }).await.unwrap();
    world.clock.advance(1);
    world.person.will_cancel();
    world.begin(SignInMethod::Browser, None).await.unwrap();
    assert_eq!(world.ended_sign_in().await.phase, SignInPhase::Failed);
    world.clock.advance(1);
    world.ask(Request::Remove { profile: work.clone(), sign_out: false }).await.unwrap();
    world.clock.advance(3600);

    let (m, w) = (|| Some(main.clone()), || Some(work.clone()));
    let expected = [
        (Happened::Added, None, m()),
        (Happened::Added, None, w()),
        (Happened::Switched, None, m()),
        (Happened::Switched, m(), w()),
        (Happened::BlockBegan, None, m()),
        (Happened::FellBack, m(), w()),
        (Happened::Renewed, None, m()),
        (Happened::SignInFailed, None, None),
        (Happened::Switched, w(), m()),
        (Happened::Removed, None, w()),
        (Happened::BlockEnded, None, m()),
    ];
    let mut entries = told(&world.engine).await;
    // Both are of one moment.
    entries.sort_by_key(|entry| (entry.at.as_millisecond(), entry.what == Happened::FellBack));
    assert_eq!(whats(&entries), expected);
    let of = |what: Happened| entries.iter().rfind(|entry| entry.what == what).unwrap();
    assert!(matches!(
        &of(Happened::FellBack).why,
        Some(ActivityWhy::Reason { reason: Reason::Blocked { kind: BlockKind::Exhausted, .. } })
    ));
    let end = Some(of(Happened::BlockEnded).at);
    assert_eq!((of(Happened::FellBack).until.is_some(), of(Happened::BlockBegan).until), (true, end));
    assert_eq!(of(Happened::SignInFailed).code, Some(Code::SignInRefused));
    assert_eq!(entries[3].why, Some(ActivityWhy::ByHand));
    assert_eq!(of(Happened::Switched).why, Some(ActivityWhy::WasRemoved), "nobody switched by hand");

    let before = told(&world.engine).await;
    world.restart().await.unwrap();
    assert_eq!(told(&world.engine).await, before);
    for file in ["state.sqlite", "state.sqlite-wal"] {
        let kept = std::fs::read(world.lab_home().join(file)).unwrap_or_default();
        assert!(!kept.windows(MARK.len()).any(|part| part == MARK.as_bytes()), "no secret in {file}");
    }
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended() {
    let (world, [main, work, backup]) = trio().await;
    for profile in [&main, &work, &backup, &main, &work] {
        world.clock.advance(1);
        world.ask(Request::SwitchTo { profile: Some(profile.clone()) }).await.unwrap();
    }
    let whole = told(&world.engine).await;
    assert_eq!(whole.iter().filter(|entry| entry.what == Happened::Imported).count(), 3);
    let (mut pieces, mut before) = (Vec::new(), None);
    loop {
        let (entries, next) = page(&world.engine, ActivityFilter { limit: Some(2), before, ..ActivityFilter::default() }).await;
        assert!(entries.len() <= 2);
        pieces.extend(entries);
        before = next;
        if before.is_none() {
            break;
        }
    }
    pieces.reverse();
    assert_eq!(pieces, whole);
    let only = |filter| async { page(&world.engine, filter).await.0 };
    let switches = only(ActivityFilter { kinds: vec![ActivityKind::Switch], ..ActivityFilter::default() }).await;
    assert_eq!(switches.len(), 5);
    let of_backup = ActivityFilter { profile: Some(backup.clone()), ..ActivityFilter::default() };
    assert!(only(of_backup).await.iter().all(|entry| entry.is_about(&backup)));
    let found = only(ActivityFilter { search: Some("SWITCHED backup".into()), ..ActivityFilter::default() }).await;
    assert_eq!(found.len(), 2);
    let since = Some(switches[1].at);
    assert_eq!(only(ActivityFilter { since, ..ActivityFilter::default() }).await.len(), 2);
    for wrong in [
        ActivityFilter { before: Some("yesterday".into()), ..ActivityFilter::default() },
        ActivityFilter { search: Some("x".repeat(101)), ..ActivityFilter::default() },
    ] {
        assert_eq!(world.engine.handle(Request::Activity { filter: wrong }).await.unwrap_err().code, Code::InvalidInput);
    }
}

#[tokio::test]
async fn what_is_rare_is_found_and_nothing_is_told_twice_among_thousands() {
    let (world, [main, _, backup]) = trio().await;
    let start = world.clock.now() - SignedDuration::from_hours(2);
    let noted = |second: i64, profile: &ProfileId| Noted {
        at: start + SignedDuration::from_secs(second),
        what: Happened::Renewed,
        profile: Some(profile.clone()),
        name: None,
        code: None,
    };
    let mut many = vec![noted(0, &backup)];
    many.extend((1..=2_000).map(|second| noted(second, &main)));
    // As many of one moment.
    many.extend((0..900).map(|_| noted(2_001, &main)));
    State::open(world.engine.home()).unwrap().note_activity(&many).unwrap();
    let renewals = || ActivityFilter { kinds: vec![ActivityKind::Renewal], limit: Some(500), ..ActivityFilter::default() };
    let (mut keys, mut before, mut pages) = (Vec::new(), None, 0);
    loop {
        let (entries, next) = page(&world.engine, ActivityFilter { before, ..renewals() }).await;
        keys.extend(entries.into_iter().map(|entry| entry.key));
        (before, pages) = (next, pages + 1);
        if before.is_none() {
            break;
        }
    }
    let told = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!((told, keys.len(), pages), (many.len(), many.len(), 6));
    let (found, next) = page(&world.engine, ActivityFilter { search: Some("backup".into()), ..renewals() }).await;
    assert_eq!((found.len(), next), (1, None));
}

#[tokio::test]
async fn a_week_that_was_started_is_told_and_what_is_old_is_forgotten() {
    let mut world = MonthWorld::new(vec![SandboxAccount::new("main").with_quota(Quota::plus(0, 0))]).await;
    let main = world.id("main");
    world.opt_in("main").await;
    let primed = |entries: &[ActivityEntry]| entries.iter().find(|entry| entry.what == Happened::Primed).cloned();
    for _ in 0..60 {
        world.round(SignedDuration::from_mins(10)).await;
    }
    let entries = told(&world.engine).await;
    let week = primed(&entries).expect("it is told");
    assert_eq!((week.to.as_ref(), week.why), (Some(&main), Some(ActivityWhy::WeekOver)));
    assert!(week.until.is_some() && week.model.as_deref() == Some("gpt-6-luna"));
    assert!(entries.iter().any(|entry| entry.what == Happened::Imported));
    let asked = ActivityFilter { kinds: vec![ActivityKind::Background], ..ActivityFilter::default() };
    assert!(!page(&world.engine, asked.clone()).await.0.is_empty());
    world.pass(SignedDuration::from_hours(24 * 91));
    world.round(SignedDuration::from_mins(10)).await;
    let entries = told(&world.engine).await;
    assert!(entries.iter().all(|entry| entry.what != Happened::Imported), "ninety days are kept");
    assert!(primed(&entries).is_some(), "weeks are kept for longer, by their own ledger");
}
