//! What is next about a week, case by case.

use super::*;
use crate::model::profile::ProfileId;

const NOW: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn reading(ago: i64, used: u8, resets_at: i64) -> Reading {
    Reading { at: at(NOW - ago), used: Percent::whole(used), resets_at: Some(at(resets_at)) }
}

fn seen(readings: &[Reading]) -> Sight {
    let mut sight = Sight::default();
    for reading in readings {
        sight.take(*reading);
    }
    sight
}

/// Not started, seen five minutes ago and just now.
fn sliding() -> Sight {
    seen(&[reading(400, 0, NOW - 400 + WEEK), reading(60, 0, NOW - 60 + WEEK)])
}

fn record(state: PrimeState, ended_ago: Option<i64>) -> PrimeRecord {
    PrimeRecord {
        profile: ProfileId::parse("0123456789abcdef").unwrap(),
        anchor: at(NOW - 1000 + WEEK),
        state,
        attempts: 1,
        by_user: false,
        reserved_at: at(NOW - 1000),
        sent_at: Some(at(NOW - 1000)),
        ended_at: ended_ago.map(|ago| at(NOW - ago)),
        next_at: None,
        model: None,
        input_tokens: None,
        output_tokens: None,
        resets_at: None,
        trouble: None,
    }
}

struct Case {
    sight: Sight,
    record: Option<PrimeRecord>,
    ends: Vec<Timestamp>,
}

impl Case {
    fn of(sight: Sight) -> Self {
        Self { sight, record: None, ends: Vec::new() }
    }

    fn after(sight: Sight, record: PrimeRecord) -> Self {
        Self { record: Some(record), ..Self::of(sight) }
    }

    fn next(&self, change: impl FnOnce(&mut Facts<'_>)) -> Step {
        let mut facts = Facts {
            opted_in: true,
            hindrance: None,
            has_week: Some(true),
            sight: &self.sight,
            record: self.record.as_ref(),
            asked_at: self.sight.latest().map(|reading| reading.at),
            asked_every: Duration::from_secs(300),
            others_end: &self.ends,
            apart: Duration::from_secs(3 * 60 * 60),
            budget_free_at: None,
            jitter: 0.0,
        };
        change(&mut facts);
        next(&facts, at(NOW))
    }
}

fn unclear(after: i64) -> Step {
    wait(at(NOW + after))
}

#[test]
fn a_window_that_has_not_started_is_started_and_no_other() {
    let primes = Step::Prime { anchor: at(NOW - 60 + WEEK) };
    assert_eq!(Case::of(sliding()).next(|_| {}), primes);
    for (number, (sight, step)) in [
        (Sight::default(), Step::Nothing(Hindrance::Unclear { until: None })),
        // One reading: another is needed, five minutes after the last question.
        (seen(&[reading(60, 0, NOW - 60 + WEEK)]), unclear(240)),
        (seen(&[reading(400, 0, NOW - 400 + WEEK)]), Step::Look { due: false }),
        // It runs.
        (seen(&[reading(60, 12, NOW + DAY)]), Step::Wait { until: at(NOW + DAY + 30), why: Hindrance::Running { until: at(NOW + DAY) } }),
        (
            seen(&[reading(400, 0, NOW + DAY), reading(60, 0, NOW + DAY)]),
            Step::Wait { until: at(NOW + DAY + 30), why: Hindrance::Running { until: at(NOW + DAY) } },
        ),
        // Its reset has passed.
        (seen(&[reading(4000, 61, NOW - 29)]), Step::Wait { until: at(NOW + 1), why: Hindrance::Running { until: at(NOW - 29) } }),
        (seen(&[reading(4000, 61, NOW - 30)]), Step::Look { due: true }),
        (seen(&[reading(9000, 0, NOW - 31), reading(4000, 0, NOW - 31)]), Step::Look { due: true }),
        // It had not started a while ago: a session may have started it since.
        (seen(&[reading(1000, 0, NOW - 1000 + WEEK), reading(400, 0, NOW - 400 + WEEK)]), Step::Look { due: true }),
        (seen(&[reading(1000, 0, NOW - 1000 + WEEK), reading(200, 0, NOW - 200 + WEEK)]), unclear(100)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(Case::of(sight).next(|_| {}), step, "case {number}");
    }
}

#[test]
fn nothing_is_sent_against_the_users_will_or_without_leave() {
    let case = Case::of(sliding());
    assert_eq!(case.next(|facts| facts.opted_in = false), Step::Nothing(Hindrance::NotOptedIn));
    assert_eq!(case.next(|facts| facts.has_week = Some(false)), Step::Nothing(Hindrance::NoWindow));
    for hindrance in [
        Hindrance::ApiKey,
        Hindrance::Paused,
        Hindrance::Draining,
        Hindrance::NeedsSignIn,
        Hindrance::VaultLocked,
        Hindrance::OwnedElsewhere,
        Hindrance::Blocked,
        Hindrance::Exhausted,
        Hindrance::InUse,
        Hindrance::Conservative,
    ] {
        assert_eq!(case.next(|facts| facts.hindrance = Some(hindrance)), Step::Nothing(hindrance));
        assert_eq!(Case::of(seen(&[reading(400, 0, 0)])).next(|facts| facts.hindrance = Some(hindrance)), Step::Nothing(hindrance));
    }
    let over = |until| Step::Wait { until: at(until), why: Hindrance::OverBudget { until: at(until) } };
    assert_eq!(case.next(|facts| facts.budget_free_at = Some(at(NOW + 9))), over(NOW + 9));
    assert!(matches!(case.next(|facts| facts.budget_free_at = Some(at(NOW))), Step::Prime { .. }));
}

#[test]
fn windows_are_kept_apart_but_tries_are_not_put_off() {
    let ends = vec![at(NOW + WEEK)];
    let turn = at(NOW + 3 * 60 * 60);
    assert_eq!(
        Case { ends: ends.clone(), ..Case::of(sliding()) }.next(|_| {}),
        Step::Wait { until: turn, why: Hindrance::Apart { until: turn } }
    );
    let failed = PrimeRecord { trouble: Some(PrimeTrouble::Unreachable), next_at: Some(at(NOW)), ..record(PrimeState::Failed, Some(900)) };
    assert!(matches!(Case { ends, ..Case::after(sliding(), failed) }.next(|_| {}), Step::Prime { .. }));
}

#[test]
fn the_ledger_has_the_last_word() {
    let failed = |next: Option<i64>, trouble, ended| PrimeRecord {
        trouble: Some(trouble),
        next_at: next.map(|after| at(NOW + after)),
        ..record(PrimeState::Failed, Some(ended))
    };
    let resting = Step::Wait { until: at(NOW + 30), why: Hindrance::Resting { until: at(NOW + 30) } };
    let primes = Step::Prime { anchor: at(NOW - 60 + WEEK) };
    for (number, (record, step)) in [
        (record(PrimeState::Verified, Some(900)), Step::Nothing(Hindrance::AlreadyPrimed)),
        (PrimeRecord { reserved_at: at(NOW - 60), ..record(PrimeState::Reserved, None) }, Step::Nothing(Hindrance::AlreadyPrimed)),
        (record(PrimeState::Reserved, None), primes),
        (failed(None, PrimeTrouble::Refused, 900), Step::Nothing(Hindrance::GivenUp)),
        (failed(Some(30), PrimeTrouble::Refused, 30), resting),
        (failed(Some(0), PrimeTrouble::Refused, 60), primes),
        // What broke off may have started it: only a reading from after it tells.
        (failed(Some(0), PrimeTrouble::BrokeOff, 119), unclear(240)),
        (failed(Some(0), PrimeTrouble::BrokeOff, 120), primes),
        // Another week.
        (PrimeRecord { anchor: at(NOW - 60), ..record(PrimeState::Verified, None) }, primes),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(Case::after(sliding(), record).next(|_| {}), step, "case {number}");
    }
}

#[test]
fn what_was_sent_is_judged_by_readings_from_after_it() {
    let sent = |ended_ago| record(PrimeState::Sent, ended_ago);
    let anchor = at(NOW - 1000 + WEEK);
    let stands = |ago| reading(ago, 0, NOW - 990 + WEEK);
    let slides = |ago| reading(ago, 0, NOW - ago + WEEK);
    let judged = |resets_at: Option<i64>| Step::Judge { anchor, resets_at: resets_at.map(at) };
    for (number, (readings, ended_ago, step)) in [
        (vec![stands(900), stands(400)], Some(990), judged(Some(NOW - 990 + WEEK))),
        (vec![slides(900), slides(400)], Some(990), judged(None)),
        // One from before and one from after tell nothing.
        (vec![slides(995), stands(400)], Some(990), Step::Look { due: false }),
        (vec![slides(995), stands(100)], Some(990), unclear(200)),
        // Nobody knows when it ended, if it did.
        (vec![stands(900), stands(800)], None, Step::Look { due: false }),
        (vec![stands(390), stands(310)], None, judged(Some(NOW - 990 + WEEK))),
        (vec![slides(390), slides(310)], None, judged(None)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(Case::after(seen(&readings), sent(ended_ago)).next(|_| {}), step, "case {number}");
    }
    let case = Case::after(seen(&[slides(995), stands(400)]), sent(Some(990)));
    assert_eq!(case.next(|facts| facts.opted_in = false), Step::Nothing(Hindrance::NotOptedIn), "nobody is asked for it any more");
    let known = Case::after(seen(&[stands(900), stands(400)]), sent(Some(990)));
    assert!(matches!(known.next(|facts| facts.opted_in = false), Step::Judge { .. }), "what is known is noted");
    let just_sent = PrimeRecord { sent_at: Some(at(NOW - 5)), ..sent(None) };
    assert!(matches!(Case::after(sliding(), just_sent).next(|_| {}), Step::Wait { .. }), "its process may still be at it");
    let old = PrimeRecord { anchor: at(NOW - DAY), ..sent(Some(8 * DAY)) };
    assert_eq!(Case::after(sliding(), old).next(|_| {}), Step::Prime { anchor: at(NOW - 60 + WEEK) }, "the next week");
}

#[test]
fn by_hand_it_takes_two_readings_too() {
    let look = |seconds| ByHand::Look(Duration::from_secs(seconds));
    for (number, (sight, step)) in [
        (Sight::default(), look(0)),
        (sliding(), ByHand::Start { anchor: at(NOW - 60 + WEEK) }),
        (seen(&[reading(20, 0, NOW - 20 + WEEK)]), look(40)),
        (seen(&[reading(1000, 0, NOW - 1000 + WEEK), reading(400, 0, NOW - 400 + WEEK)]), look(0)),
        (seen(&[reading(400, 0, NOW + DAY), reading(60, 0, NOW + DAY)]), ByHand::Runs { until: at(NOW + DAY) }),
        (seen(&[reading(60, 1, NOW + DAY)]), ByHand::Runs { until: at(NOW + DAY) }),
        (seen(&[reading(60, 1, NOW - 5)]), look(0)),
        (seen(&[reading(-9000, 0, NOW)]), look(60)),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(by_hand(&sight, at(NOW)), step, "case {number}");
    }
}

#[test]
fn what_comes_of_a_start_by_hand_is_known_before_it_is_asked_for() {
    let refused = |why| PrimeByHand::Refused { why };
    let runs = || refused(Hindrance::Running { until: at(NOW + DAY) });
    let of = |state| Some(record(state, Some(100)));
    let ends = Some(at(NOW + DAY));
    let standing = || seen(&[reading(400, 0, NOW + DAY), reading(60, 0, NOW + DAY)]);
    for (number, (sight, record, ends, expected)) in [
        (Sight::default(), None, None, PrimeByHand::Looks),
        (sliding(), None, None, PrimeByHand::Starts),
        (sliding(), of(PrimeState::Failed), None, PrimeByHand::Starts),
        (sliding(), of(PrimeState::Sent), ends, refused(Hindrance::AlreadyPrimed)),
        (Sight::default(), of(PrimeState::Sent), ends, refused(Hindrance::AlreadyPrimed)),
        (Sight::default(), of(PrimeState::Verified), ends, runs()),
        (Sight::default(), of(PrimeState::Verified), None, PrimeByHand::Looks),
        (seen(&[reading(60, 1, NOW + DAY)]), None, ends, runs()),
        (standing(), None, None, runs()),
        (seen(&[reading(400, 0, NOW - 5), reading(60, 0, NOW - 5)]), None, None, PrimeByHand::Looks),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(would_by_hand(&sight, record.as_ref(), ends, at(NOW)), expected, "case {number}");
    }
}

#[test]
fn a_clock_set_back_stops_nothing_for_long() {
    let case = Case::of(seen(&[reading(400, 0, NOW - 400 + WEEK)]));
    assert_eq!(case.next(|facts| facts.asked_at = Some(at(NOW + 9000))), Step::Look { due: false });
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let facts = Facts {
            opted_in: true,
            hindrance: None,
            has_week: None,
            sight: &case.sight,
            record: None,
            asked_at: Some(Timestamp::MAX),
            asked_every: Duration::MAX,
            others_end: &[],
            apart: Duration::MAX,
            budget_free_at: None,
            jitter: f64::NAN,
        };
        let _ = next(&facts, now);
    }
}
