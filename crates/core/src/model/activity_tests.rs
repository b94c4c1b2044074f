//! The timeline's values: how decisions read, what a filter wants, where a page goes on.

use super::*;
use crate::model::block::BlockKind;
use crate::model::decision::Judged;
use crate::model::quota::Family;
use crate::model::verdict::Rank;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn id(number: u8) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

fn exhausted(second: i64) -> Reason {
    Reason::Exhausted { minutes: 300, resets_at: Some(at(second)) }
}

fn decision(chosen: Option<(u8, Choice)>, instead_of: Option<u8>, tried: &[u8]) -> Decision {
    let refused = |number, reasons: &[Reason]| Judged { profile: id(number), verdict: Verdict::Refused(reasons.to_vec()) };
    Decision {
        at: at(5),
        session: Some("s".into()),
        family: Family::main(),
        model: None,
        chosen: chosen.map(|(number, choice)| Chosen { profile: id(number), choice }),
        tried: tried.iter().map(|number| id(*number)).collect(),
        instead_of: instead_of.map(id),
        verdicts: vec![
            refused(1, &[Reason::AlreadyTried, exhausted(900)]),
            refused(2, &[Reason::Blocked { kind: BlockKind::RateLimited, until: Some(at(60)) }]),
            refused(3, &[Reason::ForcedElsewhere]),
            Judged { profile: id(4), verdict: Verdict::Eligible { rank: Rank::Preferred } },
        ],
        others: 0,
        times: 2,
    }
}

#[test]
fn a_decision_says_who_stood_in_for_whom_and_why() {
    let reason = |reason| Some(ActivityWhy::Reason { reason });
    let limited = Reason::Blocked { kind: BlockKind::RateLimited, until: Some(at(60)) };
    let choice = |choice| Some(ActivityWhy::Choice { choice });
    for (number, (given, what, from, to, why, until)) in [
        (decision(Some((4, Choice::Fallback)), Some(1), &[1]), Happened::FellBack, Some(1), Some(4), reason(exhausted(900)), Some(900)),
        (decision(Some((4, Choice::Fallback)), Some(2), &[]), Happened::FellBack, Some(2), Some(4), reason(limited), Some(60)),
        (decision(Some((4, Choice::Fallback)), None, &[2]), Happened::FellBack, Some(2), Some(4), reason(limited), Some(60)),
        (decision(Some((4, Choice::Fallback)), Some(9), &[9]), Happened::FellBack, Some(9), Some(4), None, None),
        (decision(Some((4, Choice::Forced)), Some(3), &[]), Happened::Chosen, None, Some(4), choice(Choice::Forced), None),
        (decision(Some((4, Choice::Forced)), Some(3), &[3]), Happened::FellBack, Some(3), Some(4), reason(Reason::ForcedElsewhere), None),
        (decision(Some((4, Choice::Strategy)), None, &[]), Happened::Chosen, None, Some(4), choice(Choice::Strategy), None),
        (decision(None, None, &[1]), Happened::NobodyLeft, Some(1), None, reason(limited), Some(60)),
    ]
    .into_iter()
    .enumerate()
    {
        let entry = ActivityEntry::of_decision("k".into(), given);
        assert_eq!((entry.what, entry.kind), (what, what.kind()), "case {number}");
        assert_eq!((entry.from, entry.to), (from.map(id), to.map(id)), "case {number}");
        assert_eq!((entry.why, entry.until), (why, until.map(at)), "case {number}");
        assert_eq!((entry.session.as_deref(), entry.times), (Some("s"), 2));
    }
}

#[test]
fn what_is_stored_by_name_is_read_again() {
    for what in Happened::ALL {
        assert_eq!(Happened::parse(what.as_str()), Some(what));
        assert_eq!(serde_json::to_value(what).unwrap(), what.as_str());
        assert!(ActivityKind::ALL.contains(&what.kind()));
    }
    assert_eq!(Happened::parse("weather"), None);
    for kind in ActivityKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str().replace('-', "_"));
        assert!(Happened::ALL.iter().any(|what| what.kind() == kind), "{kind:?}");
    }
}

#[test]
fn everyday_entries_are_wanted_only_by_name() {
    let wants = |kinds: &[ActivityKind], kind| ActivityFilter { kinds: kinds.to_vec(), ..ActivityFilter::default() }.wants(kind);
    assert!(wants(&[], ActivityKind::Switch) && !wants(&[], ActivityKind::Background) && !wants(&[], ActivityKind::Choice));
    assert!(wants(&[ActivityKind::Choice], ActivityKind::Choice) && !wants(&[ActivityKind::Choice], ActivityKind::Switch));
    for (asked, given) in [(None, 100), (Some(0), 1), (Some(7), 7), (Some(u32::MAX), 500)] {
        assert_eq!(ActivityFilter { limit: asked, ..ActivityFilter::default() }.page(), given);
    }
}

#[test]
fn a_page_goes_on_after_its_last_entry_even_within_one_moment() {
    let entry = |key: &str, second| ActivityEntry::of(key.into(), at(second), Happened::Renewed, None);
    let mut all = [entry("a", 1), entry("b", 2), entry("c", 2), entry("d", 3)];
    all.sort_by(ActivityEntry::order);
    let keys: Vec<_> = all.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["d", "c", "b", "a"]);
    let place = Place::parse(&all[1].place().to_string()).unwrap();
    let after: Vec<_> = all.iter().filter(|entry| place.is_before(entry)).map(|entry| entry.key.as_str()).collect();
    assert_eq!(after, ["b", "a"]);
    for hostile in ["", "1", "x a", "99999999999999999999 a"] {
        assert_eq!(Place::parse(hostile), None, "{hostile}");
    }
}
