//! What holds of every run of events: nothing is told twice, and nothing that is worse is swallowed.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::model::news::{Bulletin, News, NewsKey, Told};
use crate::model::quota::{Minutes, Percent};
use crate::notices::gather::{after_quiet_hours, together};
use crate::notices::samples::{NOW, at, id};

/// News of two profiles and two windows, whose resets are some seconds apart, as a provider tells them.
fn news() -> impl Strategy<Value = News> {
    let window = prop_oneof![Just(Minutes::FIVE_HOURS), Just(Minutes::WEEK)];
    (0..7u8, 1..3u8, window, 0..3i64, -30..30i64).prop_map(|(sort, profile, minutes, cycle, jitter)| {
        let (profile, reset) = (id(profile), Some(at(NOW + (cycle + 1) * i64::from(minutes.get()) * 60 + jitter)));
        match sort {
            0 | 1 => News::Low { profile, minutes, left: Percent::whole(9), critical: sort == 1, resets_at: reset },
            2 => News::Exhausted { profile, minutes, resets_at: reset },
            3 => News::Reset { profile, minutes, reset },
            4 => News::Primed { profile, minutes, resets_at: reset },
            5 => News::FellBack { from: profile, to: id(3), why: None, until: reset },
            _ => News::SignInNeeded { profile },
        }
    })
}

fn takes(ledger: &mut Vec<Told>, key: NewsKey, second: i64) -> bool {
    let is_news = !key.was_told(ledger, at(second));
    if is_news {
        ledger.push(Told { key, at: at(second) });
    }
    is_news
}

proptest! {
    #[test]
    fn nothing_is_told_twice_of_one_window(all in vec((news(), 0..600i64), 0..60)) {
        let (mut ledger, mut told) = (Vec::new(), Vec::<NewsKey>::new());
        let mut second = NOW;
        for (news, pause) in all {
            second += pause;
            let key = news.key();
            let is_worse = !told.iter().any(|known| known.is_about(&key) && known.has_same_reset(&key) && known.level >= key.level);
            let is_told = takes(&mut ledger, key.clone(), second);
            if matches!(news, News::Low { .. } | News::Exhausted { .. } | News::Reset { .. } | News::Primed { .. }) {
                prop_assert_eq!(is_told, is_worse, "{:?}", news);
            }
            prop_assert!(!takes(&mut ledger, key.clone(), second), "twice at once: {:?}", news);
            if is_told {
                told.push(key);
            }
        }
    }

    #[test]
    fn what_is_gathered_says_all_that_is_worst(all in vec(news(), 0..12)) {
        let bulletins = together(&all);
        prop_assert!(bulletins.len() <= 2);
        let told: Vec<&News> = bulletins.iter().flat_map(Bulletin::news).collect();
        for news in &all {
            let key = news.key();
            prop_assert!(told.iter().any(|other| other.key().is_about(&key) && other.key().level >= key.level), "{:?} is lost", news);
        }
        prop_assert!(told.iter().all(|news| all.contains(news)), "something is made up");
        let held = after_quiet_hours(&all);
        prop_assert_eq!(held.is_none(), all.is_empty());
    }
}

#[test]
fn the_same_is_told_again_only_when_it_is_new() {
    let low = |minutes, resets_in: Option<i64>, critical| {
        let resets_at = resets_in.map(|seconds| at(NOW + seconds));
        News::Low { profile: id(1), minutes, left: Percent::whole(3), critical, resets_at }.key()
    };
    let exhausted =
        |resets_in: i64| News::Exhausted { profile: id(1), minutes: Minutes::FIVE_HOURS, resets_at: Some(at(NOW + resets_in)) }.key();
    let nobody = |until: Option<i64>| News::AllExhausted { first: None, until: until.map(|seconds| at(NOW + seconds)) }.key();
    let fell_back =
        |to, until: Option<i64>| News::FellBack { from: id(1), to: id(to), why: None, until: until.map(|it| at(NOW + it)) }.key();
    let five = Minutes::FIVE_HOURS;
    for (what, first, then, after, told) in [
        ("again", low(five, Some(3_600), false), low(five, Some(3_600), false), 60, false),
        ("some seconds off", low(five, Some(3_600), false), low(five, Some(3_590), false), 60, false),
        ("worse", low(five, Some(3_600), false), low(five, Some(3_600), true), 60, true),
        ("better", exhausted(3_600), low(five, Some(3_600), true), 60, false),
        ("the next window", exhausted(3_600), exhausted(3_600 + 18_000), 60, true),
        ("another length", low(five, Some(3_600), false), low(Minutes::WEEK, Some(3_600), false), 60, true),
        ("no reset is known any more", low(five, Some(3_600), false), low(five, None, false), 60, false),
        ("nor any more, and it has passed", low(five, Some(3_600), false), low(five, None, false), 3_600, true),
        ("no reset is known", low(five, None, false), low(five, None, false), 17_999, false),
        ("for as long as it lasts", low(five, None, false), low(five, None, false), 18_000, true),
        ("nobody, still", nobody(Some(3_600)), nobody(Some(7_200)), 3_599, false),
        ("nobody, anew", nobody(Some(3_600)), nobody(Some(7_200)), 3_600, true),
        ("nobody, and now it is known until when", nobody(None), nobody(Some(7_200)), 60, true),
        ("nobody knows", nobody(None), nobody(None), 3_599, false),
        ("nobody knows, still", nobody(None), nobody(None), 3_600, true),
        ("the same stands in", fell_back(2, Some(3_600)), fell_back(2, Some(9_999)), 3_599, false),
        ("it stands in anew", fell_back(2, Some(3_600)), fell_back(2, Some(9_999)), 3_600, true),
        ("another stands in", fell_back(2, Some(3_600)), fell_back(3, Some(3_600)), 60, true),
        ("it stands in for no known time", fell_back(2, None), fell_back(2, None), 599, false),
        ("and again", fell_back(2, None), fell_back(2, None), 600, true),
        ("signed out, still", News::SignInNeeded { profile: id(1) }.key(), News::SignInNeeded { profile: id(1) }.key(), 99_999, false),
    ] {
        let ledger = [Told { key: first, at: at(NOW) }];
        assert_eq!(!then.was_told(&ledger, at(NOW + after)), told, "{what}");
    }
}
