//! The words of the timeline.

use jiff::tz::TimeZone;

use super::*;
use crate::model::block::BlockKind;
use crate::model::prime::PrimeTrouble;
use crate::model::verdict::Choice;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn id(number: u8) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

fn names() -> Names {
    [(id(1), "main".to_owned()), (id(2), "work".to_owned())].into()
}

fn entry(what: Happened, from: Option<u8>, to: Option<u8>, why: Option<ActivityWhy>) -> ActivityEntry {
    ActivityEntry { from: from.map(id), why, ..ActivityEntry::of("k".into(), at(0), what, to.map(id)) }
}

#[test]
fn an_entry_says_what_and_why() {
    let reason = |reason| Some(ActivityWhy::Reason { reason });
    let limited = Reason::Blocked { kind: BlockKind::RateLimited, until: Some(at(60)) };
    let news = |topic, level| Some(ActivityWhy::News { topic, level, minutes: Some(10_080) });
    for (given, expected_what, expected_why) in [
        (entry(Happened::Switched, Some(1), Some(2), Some(ActivityWhy::ByHand)), "switched from main to work", "you asked for it"),
        (
            entry(Happened::Switched, Some(9), None, Some(ActivityWhy::WasRemoved)),
            "signed out locally from a removed profile",
            "the profile before was removed",
        ),
        (
            entry(Happened::FellBack, Some(1), Some(2), reason(Reason::Exhausted { minutes: 300, resets_at: Some(at(9)) })),
            "work stood in for main",
            "its 5-hour limit is used up",
        ),
        (entry(Happened::NobodyLeft, None, None, reason(limited)), "no profile could serve", "it had too many requests in a short time"),
        (entry(Happened::BlockBegan, None, Some(1), reason(limited)), "main rests", "it had too many requests in a short time"),
        (
            entry(Happened::BlockEnded, None, Some(1), reason(limited)),
            "main does not rest any more",
            "over: it had too many requests in a short time",
        ),
        (
            entry(Happened::Chosen, None, Some(1), Some(ActivityWhy::Choice { choice: Choice::Strategy })),
            "main was given a session",
            "the strategy's choice for a new session",
        ),
        (
            entry(Happened::PrimeFailed, None, Some(1), Some(ActivityWhy::Prime { trouble: PrimeTrouble::StillSlides })),
            "could not start main's week",
            "it was answered, and the week has not started",
        ),
        (entry(Happened::Told, None, Some(1), news(Topic::Quota, 3)), "you were told that the weekly limit of main is used up", ""),
        (
            ActivityEntry { code: Some(crate::failure::Code::NeedsSignIn), ..entry(Happened::RenewalRefused, None, Some(1), None) },
            "main needs a new sign-in",
            "the provider refuses to renew it",
        ),
    ] {
        assert_eq!((what(&given, &names()).as_str(), why(&given).as_str()), (expected_what, expected_why));
    }
}

#[test]
fn an_end_is_told_with_as_much_of_its_time_as_is_needed() {
    let now = "2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC);
    for (what, time, expected) in [
        (Happened::BlockBegan, "2026-11-21T14:00:00Z", "until 14:00"),
        (Happened::BlockBegan, "2026-11-21T09:00:00Z", "until 21 Nov 09:00"),
        (Happened::BlockBegan, "2026-11-20T09:00:00Z", "until 09:00"),
        (Happened::PrimeFailed, "2026-11-26T14:00:00Z", "next try Thu 14:00"),
    ] {
        let since = "2026-11-20T08:00:00Z".parse().unwrap();
        let given = ActivityEntry { at: since, until: time.parse().ok(), ..entry(what, None, Some(1), None) };
        assert_eq!(until(&given, &now), expected);
    }
    assert_eq!(until(&entry(Happened::BlockBegan, None, Some(1), None), &now), "");
}

#[test]
fn a_search_looks_at_all_that_is_shown() {
    let given = ActivityEntry {
        session: Some("019C-sess".into()),
        model: Some("gpt-6-sol".into()),
        ..entry(
            Happened::FellBack,
            Some(1),
            Some(2),
            Some(ActivityWhy::Reason { reason: Reason::Exhausted { minutes: 300, resets_at: None } }),
        )
    };
    for (search, found) in [
        (vec![], true),
        (vec!["main"], true),
        (vec!["5-hour", "work"], true),
        (vec!["019c"], true),
        (vec!["sol"], true),
        (vec!["fallback"], true),
        (vec!["backup"], false),
        (vec!["main", "backup"], false),
    ] {
        let words: Vec<String> = search.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(is_found(&given, &names(), &words), found, "{search:?}");
    }
}
