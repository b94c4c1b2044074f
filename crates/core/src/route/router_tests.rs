//! Which profile serves, step by step: pins, homes, walls, blocks, trials, and what is said where nobody is left.

use std::sync::Arc;
use std::time::Duration;

use super::candidate::{Allowance, Candidate, Spent};
use super::ending::NoneLeft;
use super::lease::Desk;
use super::samples::{asked, at, candidate, id, number, question, router, served, step, way};
use super::walk::{Before, Pin, Question};
use crate::model::affinity::{BucketKey, SessionKey};
use crate::model::block::{BlockEnd, BlockKind, BlockState};
use crate::model::details::Thresholds;
use crate::model::model_name::ModelName;
use crate::model::profile::ProfileKind;
use crate::model::quota::Family;
use crate::model::routing::{FolderBinding, Force, RoutingSettings};
use crate::model::trouble::{LoginRefusal, Trouble};
use crate::model::verdict::{Choice, Reason, Verdict};

fn three() -> Vec<Candidate> {
    vec![candidate(1, 90, 9_000), candidate(2, 80, 9_000), candidate(3, 70, 9_000)]
}

fn limit(resets_at: i64) -> Trouble {
    Trouble::UsageLimit { family: Family::main(), resets_at: Some(at(resets_at)) }
}

fn pinned(session: &str, profile: u64, strict: bool) -> Question {
    Question { pin: Some(Pin { profile: id(profile), strict }), ..question(session) }
}

fn forced(profile: u64, strict: bool) -> RoutingSettings {
    RoutingSettings { force: Some(Force { profile: id(profile), until: Some(at(500)), strict }), ..RoutingSettings::default() }
}

#[test]
fn pins_go_before_homes_and_homes_before_strategies() {
    let mut router = router(three(), forced(2, false));
    let bucket = Some(BucketKey::of("repo", "model"));
    let with_bucket = |session: &str| Question { bucket: bucket.clone(), ..question(session) };
    assert_eq!(served(&mut router, Question { pin: Some(Pin { profile: id(3), strict: false }), ..with_bucket("a") }, 100), 3);
    assert_eq!(asked(&mut router, question("a"), 101), Some((2, Choice::Forced)));
    assert_eq!(asked(&mut router, pinned("a", 1, false), 101), Some((1, Choice::LaunchPin)));
    router.affinity.sessions.pin(&SessionKey::of("b").unwrap(), &id(2), at(101));
    assert_eq!(asked(&mut router, pinned("b", 1, true), 101), Some((2, Choice::SessionPin)));
    assert_eq!(asked(&mut router, question("a"), 500), Some((3, Choice::Sticky)), "the force is over by itself");
    assert_eq!(asked(&mut router, with_bucket("new"), 500), Some((3, Choice::Bucket)));
    assert_eq!(asked(&mut router, question("new"), 500), Some((1, Choice::Strategy)));
}

#[test]
fn a_strict_pin_has_no_stand_in() {
    for (strict, expected) in [(true, vec![2]), (false, vec![2, 1, 3])] {
        let mut pins = router(three(), RoutingSettings::default());
        assert_eq!(way(&mut pins, pinned("a", 2, strict), 100, 0), expected);
        let mut force = router(three(), forced(2, strict));
        assert_eq!(way(&mut force, question("a"), 100, 0), expected);
    }
    let mut router = router(three(), RoutingSettings::default());
    let mut walk = router.decide(pinned("a", 9, true), at(100), 0);
    assert!(matches!(router.next(&mut walk, at(100)), Err(NoneLeft::Unusable { .. })), "nobody knows it");
}

#[test]
fn a_healthy_session_stays_though_another_is_better() {
    let mut router = router(three(), RoutingSettings::default());
    assert_eq!(served(&mut router, question("a"), 100), 1);
    router.roster.update(&id(1), at(101), |it| {
        it.allowances.get_mut(&Family::main()).unwrap()[0].left_percent = 1;
        it.details.drain = true;
    });
    assert_eq!(asked(&mut router, question("a"), 102), Some((1, Choice::Sticky)));
    assert_eq!(asked(&mut router, question("b"), 102), Some((2, Choice::Strategy)));
}

#[test]
fn a_session_moves_when_its_profile_is_out_and_stays_where_it_went() {
    let mut router = router(three(), RoutingSettings::default());
    assert_eq!(served(&mut router, question("a"), 100), 1);
    let mut walk = router.decide(question("a"), at(101), 0);
    let first = router.next(&mut walk, at(101)).unwrap();
    let remedy = router.failed(&first, &limit(1_000), at(101));
    assert!(remedy.next);
    let mut second = router.next(&mut walk, at(101)).unwrap();
    assert_eq!((number(&second.chosen().profile), second.chosen().choice), (2, Choice::Fallback));
    router.served(&mut second, at(102));
    router.gone(&second, at(103));
    assert_eq!(asked(&mut router, question("a"), 2_000), Some((2, Choice::Sticky)), "it does not go back by itself");
    assert_eq!(asked(&mut router, question("b"), 999), Some((2, Choice::Strategy)));
    assert_eq!(asked(&mut router, question("b"), 1_000), Some((1, Choice::Strategy)), "its reset has passed");
}

#[test]
fn a_way_goes_on_over_another_connection() {
    let mut router = router(three(), RoutingSettings::default());
    let (two, one) = (id(2), [id(1)]);
    let open_on_two = Before { connected: Some(&two), ..Before::default() };
    let walk = router.decide_after(question("a"), open_on_two, at(100), 0);
    assert_eq!(router.peek(&walk, at(100)), Ok(id(2)), "a session that is at home nowhere stays on its connection");
    assert_eq!(router.log.latest().count(), 0, "to look is no decision");
    let walk = router.decide_after(pinned("a", 3, false), open_on_two, at(100), 0);
    assert_eq!(router.peek(&walk, at(100)), Ok(id(3)), "but the user's word goes first");
    assert_eq!(served(&mut router, question("a"), 100), 1);
    let walk = router.decide_after(question("a"), open_on_two, at(101), 0);
    assert_eq!(router.peek(&walk, at(101)), Ok(id(1)), "and so does a home");

    let mut walk = router.decide_after(question("b"), Before { tried: &one, connected: Some(&two) }, at(102), 0);
    let claim = router.next(&mut walk, at(102)).unwrap();
    assert_eq!((number(&claim.chosen().profile), claim.instead_of()), (2, Some(&id(1))), "who was tried is not tried again");
    let all = [id(1), id(2), id(3)];
    let walk = router.decide_after(question("c"), Before { tried: &all, connected: None }, at(102), 0);
    assert_eq!(router.peek(&walk, at(102)), Err(NoneLeft::Failed));
}

#[test]
fn walls_and_folders_are_never_left() {
    let folder = |name: &str| if cfg!(windows) { format!("C:\\{name}").into() } else { std::path::PathBuf::from(format!("/{name}")) };
    let settings = RoutingSettings {
        walls: [("work".to_owned(), vec![id(1), id(4)])].into(),
        folders: vec![
            FolderBinding { folder: folder("work"), profiles: vec![id(4), id(1)] },
            FolderBinding { folder: folder("one"), profiles: vec![id(2)] },
        ],
        force: Some(Force { profile: id(3), until: None, strict: false }),
        ..RoutingSettings::default()
    };
    let mut crowd = three();
    crowd.push(candidate(4, 60, 9_000));
    let mut router = router(crowd, settings);
    let inside = |name: &str| Question { folder: Some(folder(name).join("repo")), ..question("") };
    assert_eq!(way(&mut router, inside("work"), 100, 0), [1, 4], "a force does not reach into the folder");
    assert_eq!(asked(&mut router, inside("one"), 100), Some((2, Choice::Folder)));
    assert_eq!(way(&mut router, inside("one"), 100, 0), [2]);
    assert_eq!(way(&mut router, question(""), 100, 0), [3, 2], "from outside nobody falls back on those behind the wall");
    assert_eq!(way(&mut router, pinned("", 4, false), 100, 0), [4, 1]);
    let from_folder = Question { pin: Some(Pin { profile: id(3), strict: false }), ..inside("work") };
    assert_eq!(way(&mut router, from_folder, 100, 0), [3], "who is named serves, and nobody stands in across the wall");
    let reasons = |judged: &Verdict| if let Verdict::Refused(reasons) = judged { reasons.clone() } else { vec![] };
    let why: Vec<_> = router.explain(inside("one"), at(100)).iter().map(|it| reasons(&it.verdict)).collect();
    assert_eq!(why[2], [Reason::NotInFolderSet]);
    assert_eq!(why[0], [Reason::NotInFolderSet, Reason::RoleWall]);
}

#[test]
fn one_request_at_a_time_tries_whether_a_rest_is_over() {
    let mut router = router(vec![candidate(1, 90, 9_000)], RoutingSettings::default());
    let ask = |router: &mut super::router::Router, now| {
        let mut walk = router.decide(question(""), at(now), 0);
        router.next(&mut walk, at(now))
    };
    let first = ask(&mut router, 0).unwrap();
    router.failed(&first, &Trouble::Forbidden, at(0));
    assert_eq!(ask(&mut router, 599).unwrap_err(), NoneLeft::Resting { until: Some(at(600)) });
    let trial = ask(&mut router, 600).unwrap();
    assert_eq!(ask(&mut router, 601).unwrap_err(), NoneLeft::Resting { until: None });
    router.gone(&trial, at(602));
    let trial = ask(&mut router, 603).unwrap();
    router.failed(&trial, &Trouble::Forbidden, at(604));
    assert_eq!(ask(&mut router, 700).unwrap_err(), NoneLeft::Resting { until: Some(at(604 + 1200)) }, "longer each time");
    let mut trial = ask(&mut router, 1_804).unwrap();
    router.served(&mut trial, at(1_805));
    assert!(router.roster.blocks(&id(1)).is_empty() && ask(&mut router, 1_805).is_ok());
}

#[test]
fn a_workspace_out_of_credits_is_out_for_those_who_need_them() {
    let shared = |mut it: Candidate| {
        it.workspace = Some(Arc::from("acme"));
        it
    };
    let without_windows = |number| shared(Candidate::new(id(number), ProfileKind::Chatgpt));
    let crowd = vec![without_windows(1), without_windows(2), shared(candidate(3, 50, 9_000)), candidate(4, 50, 9_000)];
    let mut router = router(crowd, RoutingSettings::default());
    let mut walk = router.decide(pinned("", 1, false), at(0), 0);
    let claim = router.next(&mut walk, at(0)).unwrap();
    router.failed(&claim, &Trouble::CreditsDepleted, at(0));
    assert_eq!(way(&mut router, question(""), 1, 0), [3, 4], "a seat with an allowance of its own goes on");
    let verdicts = router.explain(question(""), at(1));
    assert_eq!(verdicts[1].verdict, Verdict::Refused(vec![Reason::WorkspaceOut { until: Some(at(1_800)) }]));
    assert_eq!(served(&mut router, pinned("", 2, false), 1_800), 2);
    assert!((1..=4).all(|number| router.roster.blocks(&id(number)).is_empty()), "what one finds out, all know");
    let mut walk = router.decide(pinned("", 3, true), at(2_000), 0);
    let claim = router.next(&mut walk, at(2_000)).unwrap();
    router.failed(&claim, &Trouble::WorkspaceGone, at(2_000));
    assert_eq!(way(&mut router, question(""), 2_001, 0), [4], "what is gone is gone for all");
}

#[test]
fn families_and_models_rest_apart() {
    let luna = ModelName::parse("gpt-6-luna").unwrap();
    let of_model = |family: &Family| Question { model: Some(luna.clone()), family: family.clone(), ..question("") };
    let family = Family::parse("codex-luna").unwrap();
    let mut router = router(three(), RoutingSettings::default());
    for trouble in [Trouble::ModelNotSupported, Trouble::UsageLimit { family: family.clone(), resets_at: Some(at(900)) }] {
        let mut walk = router.decide(of_model(&Family::main()), at(100), 0);
        let claim = router.next(&mut walk, at(100)).unwrap();
        router.failed(&claim, &trouble, at(100));
    }
    assert_eq!(way(&mut router, question(""), 101, 0), [1, 2, 3], "other models go on");
    assert_eq!(way(&mut router, of_model(&Family::main()), 101, 0), [3], "the family that was told is remembered for the model");
    assert_eq!(router.explain(of_model(&family), at(101))[0].verdict, Verdict::Refused(vec![Reason::ModelNotSupported]));
}

#[test]
fn what_is_paid_by_use_stands_in_up_to_the_cap_and_again_next_month() {
    let settings = RoutingSettings { api_key_fallback: true, api_key_spend_cap_cents: Some(100), ..RoutingSettings::default() };
    let paid = |number| Candidate { kind: ProfileKind::ApiKey, ..candidate(number, 90, 9_000) };
    let mut router = router(vec![candidate(1, 90, 9_000), paid(2), paid(3)], settings);
    let spent = |router: &mut super::router::Router, cents, now| router.roster.spent(Spent { cents, until: Some(at(500)) }, at(now));
    assert_eq!(way(&mut router, question(""), 100, 0), [1, 2, 3]);
    spent(&mut router, 99, 101);
    assert_eq!(way(&mut router, question(""), 101, 0), [1, 2, 3]);
    spent(&mut router, 100, 102);
    assert_eq!(way(&mut router, question(""), 102, 0), [1], "the cap is for all of them together");
    assert_eq!(router.explain(question(""), at(102))[2].verdict, Verdict::Refused(vec![Reason::OverSpendCap]));
    assert_eq!(way(&mut router, question(""), 499, 0), [1]);
    assert_eq!(way(&mut router, question(""), 500, 0), [1, 2, 3], "nobody has to say that a month is over");
    spent(&mut router, u32::MAX, 499);
    assert_eq!(way(&mut router, question(""), 499, 0), [1]);
}

#[test]
fn every_reason_is_found() {
    let settings = RoutingSettings { api_key_spend_cap_cents: Some(100), ..RoutingSettings::default() };
    let base = || candidate(1, 90, 9_000);
    let with = |change: &dyn Fn(&mut Candidate)| {
        let mut it = base();
        change(&mut it);
        it
    };
    let window =
        |left_percent, resets_at: Option<i64>, verified| Allowance { minutes: 300, left_percent, resets_at: resets_at.map(at), verified };
    let only = |it: &mut Candidate, window| drop(it.allowances.insert(Family::main(), vec![window]));
    let eligible = |rank| Verdict::Eligible { rank };
    use crate::model::verdict::Rank::{LastResort, Preferred, Spared};
    for (given, expected) in [
        (base(), eligible(Preferred)),
        (with(&|it| it.paused = true), Verdict::Refused(vec![Reason::Paused])),
        (with(&|it| it.needs_sign_in = true), Verdict::Refused(vec![Reason::NeedsSignIn])),
        (with(&|it| it.vault_locked = true), Verdict::Refused(vec![Reason::VaultLocked])),
        (with(&|it| it.details.drain = true), Verdict::Refused(vec![Reason::Draining])),
        (with(&|it| it.kind = ProfileKind::ApiKey), Verdict::Refused(vec![Reason::ApiKeyNotAllowed])),
        (
            with(&|it| {
                it.kind = ProfileKind::ApiKey;
                it.spent = Spent { cents: 100, until: Some(at(500)) };
            }),
            Verdict::Refused(vec![Reason::ApiKeyNotAllowed, Reason::OverSpendCap]),
        ),
        (
            with(&|it| only(it, window(0, Some(200), true))),
            Verdict::Refused(vec![Reason::Exhausted { minutes: 300, resets_at: Some(at(200)) }]),
        ),
        (with(&|it| only(it, window(0, Some(100), true))), eligible(Preferred)),
        (with(&|it| only(it, window(0, Some(200), false))), eligible(LastResort)),
        (with(&|it| only(it, window(0, None, true))), eligible(LastResort)),
        (
            with(&|it| {
                only(it, window(0, Some(200), true));
                it.has_credits = true;
            }),
            eligible(LastResort),
        ),
        (with(&|it| only(it, window(19, Some(200), true))), eligible(Spared)),
        (with(&|it| only(it, window(4, Some(200), true))), eligible(LastResort)),
        (
            with(&|it| {
                only(it, window(19, Some(200), true));
                it.details.thresholds = Thresholds { low: Some(10), critical: None };
            }),
            eligible(Preferred),
        ),
    ] {
        let router = router(vec![given.clone()], settings.clone());
        assert_eq!(router.explain(question(""), at(100))[0].verdict, expected, "{given:?}");
    }
    let mut router = router(vec![base()], settings);
    let mut walk = router.decide(question(""), at(0), 0);
    let claim = router.next(&mut walk, at(0)).unwrap();
    router.failed(&claim, &Trouble::LoginRefused(LoginRefusal::ForGood), at(0));
    let signed_out = Reason::Blocked { kind: BlockKind::SignedOut, until: None };
    assert_eq!(router.explain(question(""), at(999_999))[0].verdict, Verdict::Refused(vec![signed_out]));
    router.roster.signed_in(&id(1), at(5));
    assert!(router.explain(question(""), at(5))[0].verdict.is_eligible());
}

#[test]
fn where_nobody_is_left_the_first_to_come_back_is_told() {
    let out = |number, resets_at| candidate(number, 0, resets_at);
    let mut paused = out(1, 50);
    paused.paused = true;
    let mut router = router(vec![paused.clone(), out(2, 700), out(3, 600)], RoutingSettings::default());
    let ask = |router: &mut super::router::Router, question| {
        let mut walk = router.decide(question, at(10), 0);
        router.next(&mut walk, at(10)).map(|_| ()).unwrap_err()
    };
    assert_eq!(ask(&mut router, question("")), NoneLeft::Resting { until: Some(at(600)) });
    assert_eq!(ask(&mut router, pinned("", 2, true)), NoneLeft::Resting { until: Some(at(700)) });
    let NoneLeft::Unusable { reasons } = ask(&mut router, pinned("", 1, true)) else { panic!("only the user can help") };
    assert_eq!(reasons[0].1, [Reason::Paused, Reason::Exhausted { minutes: super::samples::WEEK, resets_at: Some(at(50)) }]);
    router.roster.set_candidates(vec![]);
    assert_eq!(ask(&mut router, question("")), NoneLeft::Unusable { reasons: vec![] });
    router.roster.set_candidates(vec![candidate(1, 90, 9_000), out(2, 700)]);
    let mut walk = router.decide(question(""), at(10), 0);
    assert_eq!(step(&mut router, &mut walk, 10).map(|(number, _)| number), Some(1));
    assert_eq!(router.next(&mut walk, at(10)).map(|_| ()).unwrap_err(), NoneLeft::Failed);
}

#[test]
fn a_lease_that_is_dropped_blames_nobody() {
    let desk = Desk::new(router(three(), RoutingSettings::default()));
    let in_flight = |desk: &Desk| desk.with(|router| router.roster.in_flight(&id(1)));
    let mut walk = desk.decide(question("a"), at(0), 0);
    let lease = desk.next(&mut walk, at(0)).unwrap();
    assert_eq!((lease.chosen().profile.clone(), in_flight(&desk)), (id(1), 1));
    drop(lease);
    assert_eq!(in_flight(&desk), 0);
    assert!(desk.with(|router| router.roster.blocks(&id(1)).is_empty() && router.affinity.sessions.is_empty()));
    let mut walk = desk.decide(question("a"), at(0), 0);
    let mut lease = desk.next(&mut walk, at(0)).unwrap();
    lease.serves(at(1));
    let remedy = lease.fails(&Trouble::TooManyRequests { retry_after: Some(Duration::from_secs(60)) }, at(2));
    assert!(remedy.next);
    assert_eq!(in_flight(&desk), 0);
    assert_eq!(desk.with(|router| router.roster.blocks(&id(1))[0].state(at(2))), BlockState::Holds(Some(at(62))));
    assert_eq!(desk.with(|router| router.affinity.sessions.len()), 1);
}

#[test]
fn blocks_outlive_a_new_list_and_are_saved_once() {
    let mut router = router(three(), RoutingSettings::default());
    let mut walk = router.decide(question(""), at(0), 0);
    let claim = router.next(&mut walk, at(0)).unwrap();
    router.failed(&claim, &limit(500), at(0));
    let unsaved = router.roster.take_unsaved();
    assert_eq!((unsaved.len(), unsaved[0].1.len(), unsaved[0].1[0].ends), (1, 1, BlockEnd::At(at(500))));
    assert!(router.roster.take_unsaved().is_empty());
    router.roster.set_candidates(three());
    assert_eq!(router.roster.blocks(&id(1)).len(), 1);
    router.roster.quota_seen(&id(1), &Family::main(), true, at(0), at(10));
    assert_eq!(router.roster.blocks(&id(1)).len(), 1, "the reading is no later than the block");
    router.roster.quota_seen(&id(1), &Family::main(), true, at(9), at(10));
    assert!(router.roster.blocks(&id(1)).is_empty());
    assert_eq!(router.roster.take_unsaved(), [(id(1), vec![])]);
    router.roster.set_candidates(vec![candidate(2, 1, 1)]);
    let gone = router.roster.take_unsaved();
    assert!(gone.len() == 2 && gone.iter().all(|(_, blocks)| blocks.is_empty()));
}

#[test]
fn decisions_say_why_and_a_session_that_stays_is_counted() {
    let mut router = router(three(), RoutingSettings::default());
    for second in 0..5 {
        served(&mut router, question("a"), second);
    }
    let log: Vec<_> = router.log.latest().cloned().collect();
    assert_eq!(
        log.iter().map(|it| (it.chosen.as_ref().unwrap().choice, it.times)).collect::<Vec<_>>(),
        [(Choice::Sticky, 4), (Choice::Strategy, 1)]
    );
    assert_eq!((log[0].at, log[0].verdicts.len(), log[0].others), (at(4), 3, 0));
    assert_eq!(router.log.take_unsaved().len(), 2);
    assert!(router.log.take_unsaved().is_empty());
    for session in 0..1_000 {
        asked(&mut router, question(&session.to_string()), 10);
    }
    assert_eq!(router.log.latest().count(), 500);
    assert_eq!(router.log.take_unsaved().len(), 500);
}
