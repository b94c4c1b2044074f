//! What each strategy chooses, and that lots are drawn as they should be.

use std::collections::BTreeMap;

use super::candidate::{Allowance, Candidate};
use super::samples::{WEEK, asked, at, candidate, id, question, router, way};
use crate::model::details::ProfileDetails;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::Family;
use crate::model::routing::{RoutingSettings, Strategy};

fn settings(strategy: Strategy) -> RoutingSettings {
    RoutingSettings { strategy, ..RoutingSettings::default() }
}

fn weighing(number: u64, weight: u8) -> Candidate {
    let details = ProfileDetails { weight, ..ProfileDetails::default() };
    Candidate { details, ..candidate(number, 90, 10_000) }
}

#[test]
fn each_strategy_has_its_order() {
    let mut five_hours = candidate(4, 95, 9_000);
    let window = Allowance { minutes: 300, left_percent: 30, resets_at: Some(at(500)), verified: true };
    five_hours.allowances.get_mut(&Family::main()).unwrap().push(window);
    let unknown = Candidate::new(id(5), ProfileKind::Chatgpt);
    let crowd = vec![candidate(1, 60, 8_000), candidate(2, 90, 9_500), candidate(3, 90, 9_400), five_hours, unknown];
    for (strategy, expected) in [
        (Strategy::StickyBest, [3, 2, 1, 5, 4]),
        (Strategy::SoonestReset, [1, 4, 3, 2, 5]),
        (Strategy::RoundRobin, [1, 2, 3, 4, 5]),
        (Strategy::LeastUsed, [1, 2, 3, 4, 5]),
        (Strategy::Priority, [1, 2, 3, 4, 5]),
    ] {
        let mut router = router(crowd.clone(), settings(strategy));
        assert_eq!(way(&mut router, question("a"), 100, 0), expected, "{strategy:?}");
    }
}

#[test]
fn the_users_order_decides_and_goes_before_the_lists() {
    let order = vec![id(3), id(9), id(2)];
    let crowd = (1..=4).map(|number| candidate(number, 90, 9_000)).collect::<Vec<_>>();
    for strategy in [Strategy::Priority, Strategy::StickyBest, Strategy::SoonestReset] {
        let mut router = router(crowd.clone(), RoutingSettings { order: order.clone(), ..settings(strategy) });
        assert_eq!(way(&mut router, question("a"), 100, 0), [3, 2, 1, 4], "{strategy:?}");
    }
}

#[test]
fn round_robin_goes_round() {
    let mut router = router((1..=3).map(|number| candidate(number, 90, 9_000)).collect(), settings(Strategy::RoundRobin));
    let chosen: Vec<u64> = (0..7).map(|session| asked(&mut router, question(&session.to_string()), 100 + session).unwrap().0).collect();
    assert_eq!(chosen, [1, 2, 3, 1, 2, 3, 1]);
}

#[test]
fn the_least_used_has_the_fewest_on_their_way_and_was_idle_for_longest() {
    let mut router = router((1..=3).map(|number| candidate(number, 90, 9_000)).collect(), settings(Strategy::LeastUsed));
    let mut claims = Vec::new();
    for second in 0..4 {
        let mut walk = router.decide(question(&second.to_string()), at(second), 0);
        claims.push(router.next(&mut walk, at(second)).unwrap());
    }
    let chosen: Vec<&ProfileId> = claims.iter().map(|claim| &claim.chosen().profile).collect();
    assert_eq!(chosen, [&id(1), &id(2), &id(3), &id(1)]);
    router.gone(&claims[2], at(5));
    assert_eq!(asked(&mut router, question("x"), 6).unwrap().0, 3);
    assert_eq!([1, 2, 3].map(|number| router.roster.in_flight(&id(number))), [2, 1, 0]);
}

#[test]
fn lots_fall_by_weight_and_each_gets_its_turn() {
    let mut router = router(vec![weighing(1, 10), weighing(2, 30), weighing(3, 0), weighing(4, 60)], settings(Strategy::Weighted));
    let mut shares: BTreeMap<u64, u32> = BTreeMap::new();
    for random in 0..10_000 {
        let way = way(&mut router, question(""), 100, random);
        *shares.entry(way[0]).or_default() += 1;
        assert_eq!((way.len(), way[3]), (4, 3), "all of them, and the one without weight at the end: {way:?}");
    }
    for (number, expected) in [(1, 1000), (2, 3000), (4, 6000)] {
        assert!(shares[&number].abs_diff(expected) < 300, "{shares:?}");
    }
}

#[test]
fn lots_without_weights_are_alike_and_follow_from_their_number() {
    let crowd: Vec<Candidate> = (1..=4).map(|number| candidate(number, 90, 9_000)).collect();
    let mut random = router(crowd.clone(), settings(Strategy::Random));
    let mut shares: BTreeMap<u64, u32> = BTreeMap::new();
    for number in 0..8_000 {
        let first = way(&mut random, question(""), 100, number);
        assert_eq!(first, way(&mut random, question(""), 100, number));
        *shares.entry(first[0]).or_default() += 1;
    }
    assert!(shares.len() == 4 && shares.values().all(|share| share.abs_diff(2000) < 300), "{shares:?}");
    let weightless = crowd.into_iter().map(|mut it| {
        it.details.weight = 0;
        it
    });
    let mut weighted = router(weightless.collect(), settings(Strategy::Weighted));
    assert_eq!(way(&mut weighted, question(""), 100, 5).len(), 4);
}

#[test]
fn thresholds_and_money_come_before_any_strategy() {
    let key = Candidate { kind: ProfileKind::ApiKey, allowances: BTreeMap::new(), ..candidate(1, 0, 0) };
    let crowd = vec![key, candidate(2, 4, 9_000), candidate(3, 19, 9_000), candidate(4, 20, 9_000)];
    for strategy in Strategy::ALL {
        let allowed = RoutingSettings { api_key_fallback: true, ..settings(strategy) };
        assert_eq!(way(&mut router(crowd.clone(), allowed), question("a"), 100, 3), [4, 3, 2, 1], "{strategy:?}");
        assert_eq!(way(&mut router(crowd.clone(), settings(strategy)), question("a"), 100, 3), [4, 3, 2], "{strategy:?}");
    }
}

#[test]
fn the_order_follows_what_changes() {
    let mut router = router(vec![candidate(1, 90, 9_000), candidate(2, 50, 200), candidate(3, 0, 300)], settings(Strategy::StickyBest));
    assert_eq!(way(&mut router, question("a"), 100, 0), [1, 2]);
    assert_eq!(way(&mut router, question("a"), 200, 0), [2, 1], "a reset has passed");
    assert_eq!(way(&mut router, question("a"), 300, 0), [2, 3, 1], "and another one");
    assert_eq!(way(&mut router, question("a"), 100, 0), [1, 2], "the clock was set back");
    router.roster.update(&id(1), at(100), |candidate| candidate.paused = true);
    router.roster.update(&id(3), at(100), |candidate| {
        let window = Allowance { minutes: WEEK, left_percent: 60, resets_at: None, verified: true };
        candidate.allowances.insert(Family::main(), vec![window]);
    });
    assert_eq!(way(&mut router, question("a"), 100, 0), [3, 2]);
}
