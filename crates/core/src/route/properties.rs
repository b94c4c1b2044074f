//! What holds in every state, tried on generated ones: 100,000 over the suite.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::candidate::{Allowance, Candidate, Spent};
use super::router::Router;
use super::samples::{at, id};
use super::walk::{ATTEMPTS_LIMIT, Pin, Question};
use crate::model::affinity::{BucketKey, SessionKey};
use crate::model::block::{Block, BlockEnd, BlockKind, BlockScope};
use crate::model::details::{ProfileDetails, Thresholds};
use crate::model::model_name::ModelName;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::Family;
use crate::model::routing::{FolderBinding, Force, RoutingSettings, Strategy as Sort};
use crate::model::trouble::{LoginRefusal, TransportTrouble, Trouble};
use crate::model::verdict::{Choice, Verdict};
use crate::view::why;

/// Of each property; there are four.
const STATES: u32 = 25_000;
const NOW: i64 = 1_000;
const CROWD: u8 = 6;

fn model() -> ModelName {
    ModelName::parse("gpt-6-luna").unwrap()
}

fn folder() -> std::path::PathBuf {
    if cfg!(windows) { "C:\\repos".into() } else { "/repos".into() }
}

/// A state is drawn from bytes, which is fast, and where the bytes end everything is as plain as can be.
struct Draws<'a>(std::slice::Iter<'a, u8>);

impl Draws<'_> {
    fn below(&mut self, limit: u8) -> u8 {
        self.0.next().map_or(0, |byte| byte % limit)
    }

    fn percent(&mut self, percent: u16) -> bool {
        self.0.next().is_some_and(|byte| u16::from(*byte) * 100 >= (100 - percent) * 256)
    }

    fn one<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::from(self.below(u8::try_from(all.len()).unwrap()))].clone()
    }

    fn maybe<T>(&mut self, percent: u16, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(percent).then(|| draw(self))
    }

    fn some<T>(&mut self, limit: u8, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(limit)).map(|_| draw(self)).collect()
    }

    fn moment(&mut self) -> i64 {
        NOW + self.one(&[0, 1, -1, 30, -30, 600, -600, 9_000, 90_000])
    }

    /// Also one that nobody knows.
    fn profile(&mut self) -> ProfileId {
        id(self.below(CROWD + 1).into())
    }

    fn block(&mut self) -> Block {
        let kind = self.one(&[
            BlockKind::Exhausted,
            BlockKind::OutOfCredits,
            BlockKind::RateLimited,
            BlockKind::Forbidden,
            BlockKind::SignedOut,
            BlockKind::Unreliable,
            BlockKind::ModelNotSupported,
        ]);
        let scopes = [BlockScope::Profile, BlockScope::Workspace, BlockScope::Family(Family::main()), BlockScope::Model(model())];
        let scope = self.one(&scopes);
        let moment = at(self.moment());
        let ends = self.one(&[BlockEnd::At(moment), BlockEnd::Trial { from: moment }, BlockEnd::SignIn]);
        let mut block = Block::new(kind, scope, ends, "generated", at(NOW - 10));
        block.shared = self.percent(30);
        block.on_trial = self.maybe(30, |it| at(it.moment()));
        block
    }

    fn window(&mut self) -> Allowance {
        Allowance {
            minutes: self.one(&[10_080, 300]),
            left_percent: self.one(&[90, 0, 3, 15, 20, 100]),
            resets_at: self.maybe(80, |it| at(it.moment())),
            verified: self.percent(80),
        }
    }

    fn candidate(&mut self, number: u8) -> Candidate {
        let kind = if self.percent(20) { ProfileKind::ApiKey } else { ProfileKind::Chatgpt };
        Candidate {
            workspace: self.maybe(50, |it| it.below(2).to_string().into()),
            paused: self.percent(10),
            needs_sign_in: self.percent(10),
            vault_locked: self.percent(5),
            details: ProfileDetails {
                weight: self.one(&[10, 0, 1, 100]),
                drain: self.percent(10),
                thresholds: Thresholds { low: self.maybe(20, |it| it.below(100)), critical: None },
                ..ProfileDetails::default()
            },
            allowances: BTreeMap::from([(Family::main(), self.some(3, Self::window))]),
            has_credits: self.percent(10),
            spent: Spent { cents: self.below(200).into(), until: None },
            blocks: if self.percent(40) { self.some(3, Self::block) } else { Vec::new() },
            ..Candidate::new(id(number.into()), kind)
        }
    }

    fn settings(&mut self) -> RoutingSettings {
        let mut walls: BTreeMap<String, Vec<ProfileId>> = BTreeMap::new();
        if self.percent(50) {
            for number in 0..CROWD {
                let wall = self.below(3);
                walls.entry(wall.to_string()).or_default().push(id(number.into()));
            }
            // Those outside of all walls.
            walls.remove("0");
        }
        let profiles = self.maybe(50, |it| it.some(4, Self::profile)).filter(|profiles| !profiles.is_empty());
        RoutingSettings {
            strategy: self.one(&Sort::ALL),
            force: self.maybe(20, |it| Force { profile: it.profile(), until: it.maybe(70, |it| at(it.moment())), strict: it.percent(50) }),
            walls,
            folders: profiles.map(|profiles| FolderBinding { folder: folder(), profiles }).into_iter().collect(),
            api_key_fallback: self.percent(50),
            api_key_spend_cap_cents: self.maybe(40, |it| it.below(200).into()),
            ..RoutingSettings::default()
        }
    }

    fn asked(&mut self) -> Asked {
        Asked {
            question: Question {
                session: SessionKey::of("session"),
                bucket: Some(BucketKey::of("repository", "model")),
                folder: self.maybe(50, |_| folder().join("mine")),
                family: Family::main(),
                model: self.maybe(50, |_| model()),
                pin: self.maybe(30, |it| Pin { profile: it.profile(), strict: it.percent(50) }),
            },
            home: self.maybe(50, |it| (it.profile(), it.percent(20))),
            last: self.maybe(30, Self::profile),
            random: self.below(u8::MAX).into(),
        }
    }
}

#[derive(Debug, Clone)]
struct Asked {
    question: Question,
    home: Option<(ProfileId, bool)>,
    last: Option<ProfileId>,
    random: u64,
}

fn troubles() -> impl Strategy<Value = Vec<Trouble>> {
    let all = [
        Trouble::UsageLimit { family: Family::main(), resets_at: Some(at(NOW + 500)) },
        Trouble::CreditsDepleted,
        Trouble::TooManyRequests { retry_after: None },
        Trouble::LoginRefused(LoginRefusal::ForGood),
        Trouble::ModelNotSupported,
        Trouble::Transport(TransportTrouble::Cut),
        Trouble::Overloaded { retry_after: None },
    ];
    prop::collection::vec(any::<u8>(), 8)
        .prop_map(move |bytes| bytes.into_iter().map(|byte| all[usize::from(byte) % all.len()].clone()).collect())
}

fn state() -> impl Strategy<Value = (Vec<Candidate>, RoutingSettings, Asked)> {
    prop::collection::vec(any::<u8>(), 0..160).prop_map(|bytes| {
        let mut draws = Draws(bytes.iter());
        let (asked, settings) = (draws.asked(), draws.settings());
        let size = draws.below(CROWD + 1);
        ((0..size).map(|number| draws.candidate(number)).collect(), settings, asked)
    })
}

fn router(crowd: Vec<Candidate>, settings: RoutingSettings, asked: &Asked) -> Router {
    let mut router = Router::default();
    router.roster.set_candidates(crowd);
    router.roster.set_settings(settings);
    if let (Some((home, tied)), Some(session)) = (&asked.home, &asked.question.session) {
        if *tied {
            router.affinity.sessions.pin(session, home, at(NOW - 5));
        } else {
            router.affinity.sessions.served(session, home, at(NOW - 5));
        }
    }
    if let (Some(last), Some(bucket)) = (&asked.last, &asked.question.bucket) {
        router.affinity.buckets.served(bucket, last, at(NOW - 5));
    }
    router
}

proptest! {
    #![proptest_config(ProptestConfig { cases: STATES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_choice_is_the_right_one((crowd, settings, asked) in state()) {
        let mut router = router(crowd, settings, &asked);
        let verdicts = router.explain(asked.question.clone(), at(NOW));
        let eligible = |profile: &ProfileId| verdicts.iter().any(|it| it.profile == *profile && it.verdict.is_eligible());
        for judged in &verdicts {
            if let Verdict::Refused(reasons) = &judged.verdict {
                prop_assert!(!reasons.is_empty(), "a refusal has a reason");
                for reason in reasons {
                    prop_assert!(why::reason(reason, at(NOW)).len() > 3, "and the reason a sentence");
                }
            }
        }
        let mut walk = router.decide(asked.question.clone(), at(NOW), asked.random);
        let pinned = walk.pinned().map(|pinned| pinned.profile.clone());
        let chosen = router.next(&mut walk, at(NOW)).ok().map(|claim| claim.chosen().clone());
        prop_assert_eq!(chosen.is_some(), verdicts.iter().any(|it| it.verdict.is_eligible()), "somebody serves if anybody can");
        let Some(chosen) = chosen else { return Ok(()) };
        prop_assert!(eligible(&chosen.profile), "nobody serves who may not");
        match (pinned, asked.home) {
            (Some(pinned), _) if eligible(&pinned) => prop_assert_eq!(&chosen.profile, &pinned, "a pin is never broken"),
            (None, Some((home, _))) if eligible(&home) => {
                prop_assert_eq!((&chosen.profile, chosen.choice), (&home, Choice::Sticky), "a healthy session never moves");
            }
            _ => {}
        }
    }

    #[test]
    fn a_way_ends_and_goes_to_nobody_twice((crowd, settings, asked) in state(), troubles in troubles()) {
        let walls = settings.walls.clone();
        let side = |profile: &ProfileId| walls.iter().find(|(_, behind)| behind.contains(profile)).map(|(name, _)| name.clone());
        let mut router = router(crowd, settings, &asked);
        let mut walk = router.decide(asked.question.clone(), at(NOW), asked.random);
        let strict = walk.only_first.then(|| walk.pinned().map(|pinned| pinned.profile.clone())).flatten();
        let set = walk.set.clone();
        let mut gone_to = Vec::new();
        for trouble in troubles {
            let verdicts: BTreeSet<ProfileId> = {
                let entries = router.roster.entries().iter();
                entries.filter(|entry| walk.accepts(entry, &router.roster, at(NOW))).map(|entry| entry.candidate.id.clone()).collect()
            };
            let Ok(claim) = router.next(&mut walk, at(NOW)) else {
                prop_assert!(verdicts.is_empty() || gone_to.len() == ATTEMPTS_LIMIT, "the way ends where nobody is left");
                break;
            };
            let chosen = claim.chosen();
            prop_assert!(verdicts.contains(&chosen.profile));
            prop_assert!(strict.as_ref().is_none_or(|strict| *strict == chosen.profile), "a strict pin has no stand-in");
            let named = matches!(chosen.choice, Choice::SessionPin | Choice::LaunchPin);
            prop_assert!(named || set.as_ref().is_none_or(|set| set.contains(&chosen.profile)), "a folder is served by its own");
            gone_to.push(chosen.profile.clone());
            router.failed(&claim, &trouble, at(NOW));
        }
        prop_assert!(router.next(&mut walk, at(NOW)).is_err());
        prop_assert_eq!(gone_to.iter().collect::<BTreeSet<_>>().len(), gone_to.len(), "each at most once");
        prop_assert!(gone_to.windows(2).all(|two| side(&two[0]) == side(&two[1])), "walls are never crossed");
        prop_assert!((0..CROWD).all(|profile| router.roster.in_flight(&id(profile.into())) == 0));
    }

    #[test]
    fn a_way_without_faults_goes_to_all_who_may_serve((crowd, settings, asked) in state()) {
        let mut router = router(crowd, RoutingSettings { walls: BTreeMap::new(), ..settings }, &asked);
        let verdicts = router.explain(asked.question.clone(), at(NOW));
        let eligible: BTreeSet<_> = verdicts.into_iter().filter(|it| it.verdict.is_eligible()).map(|it| it.profile).collect();
        let mut walk = router.decide(asked.question.clone(), at(NOW), asked.random);
        let mut gone_to = BTreeSet::new();
        while let Ok(claim) = router.next(&mut walk, at(NOW)) {
            gone_to.insert(claim.chosen().profile.clone());
            router.gone(&claim, at(NOW));
        }
        prop_assert_eq!(gone_to, eligible);
    }

    #[test]
    fn what_is_kept_in_order_is_what_is_true((crowd, settings, asked) in state(), moments in prop::collection::vec(-700..10_000i64, 1..5), troubles in troubles()) {
        let mut router = router(crowd, settings, &asked);
        for (second, trouble) in moments.into_iter().map(|second| NOW + second).zip(troubles) {
            let mut walk = router.decide(asked.question.clone(), at(second), asked.random);
            if let Ok(claim) = router.next(&mut walk, at(second)) {
                router.failed(&claim, &trouble, at(second));
            }
            let eligible = router.explain(asked.question.clone(), at(second)).into_iter().any(|it| it.verdict.is_eligible());
            let mut walk = router.decide(asked.question.clone(), at(second), asked.random);
            let next = router.next(&mut walk, at(second));
            prop_assert_eq!(next.is_ok(), eligible, "at {}", second);
            if let Ok(mut claim) = next {
                router.served(&mut claim, at(second));
                router.gone(&claim, at(second));
            }
        }
    }
}
