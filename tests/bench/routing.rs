//! How long choosing a profile takes, among a few and among very many.

use std::collections::BTreeMap;
use std::hint::black_box;

use codex_lab_core::model::affinity::SessionKey;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::routing::{RoutingSettings, Strategy};
use codex_lab_core::route::candidate::{Allowance, Candidate};
use codex_lab_core::route::router::Router;
use codex_lab_core::route::walk::Question;
use jiff::Timestamp;

use crate::measure::{Outcome, measure_many, now};
use crate::report::{Row, Section};

/// Profiles to choose from.
const SIZES: [u32; 2] = [3, 10_000];
/// Times a choice is made.
const CHOICES: u32 = 20_000;

/// For each size: a session that stays, new sessions under each strategy, and new sessions while quota changes with each of them.
pub(crate) fn choosing() -> Outcome<Section> {
    let mut rows = Vec::new();
    for size in SIZES {
        let session = SessionKey::of("a-session");
        let stays = |_: u32| Question { session: session.clone(), ..Question::of(Family::main()) };
        let new = |number: u32| Question { session: SessionKey::of(&number.to_string()), ..Question::of(Family::main()) };
        rows.push(choose(&format!("choose, a session that stays, of {size}"), router(size, Strategy::StickyBest)?, false, stays)?);
        for strategy in Strategy::ALL {
            rows.push(choose(&format!("choose, {strategy:?}, of {size}"), router(size, strategy)?, false, new)?);
        }
        rows.push(choose(&format!("choose while quota changes, of {size}"), router(size, Strategy::StickyBest)?, true, new)?);
    }
    Ok(Section {
        key: "choosing",
        title: "Choosing a profile".to_owned(),
        note: format!("In process, without I/O, {CHOICES} choices each. Wanted: under 20 µs among 10,000."),
        columns: vec!["", "median", "best", "p99"],
        rows,
    })
}

fn choose(what: &str, mut router: Router, changes: bool, question: impl Fn(u32) -> Question) -> Outcome<Row> {
    let size = router.explain(Question::of(Family::main()), Timestamp::UNIX_EPOCH).len();
    let mut times = Vec::with_capacity(CHOICES as usize);
    for number in 0..CHOICES {
        let second = Timestamp::from_second(i64::from(number) / 100)?;
        if changes {
            let percent = u8::try_from(number % 90)?;
            router.roster.update(&profile(number % u32::try_from(size)?)?, second, |it| it.allowances = left(30 + percent));
        }
        let question = question(number);
        let started = now();
        let mut walk = router.decide(question, second, number.into());
        let claim = router.next(&mut walk, second);
        times.push(started.elapsed());
        let mut claim = black_box(claim).map_err(|_| "nobody serves")?;
        router.served(&mut claim, second);
        router.gone(&claim, second);
    }
    // The first one puts all of them in order.
    times.remove(0);
    Ok(measure_many(what, times))
}

fn router(size: u32, strategy: Strategy) -> Outcome<Router> {
    let mut router = Router::default();
    let candidates = (0..size).map(|number| {
        let allowances = left(u8::try_from(30 + number % 71)?);
        Ok(Candidate { allowances, ..Candidate::new(profile(number)?, ProfileKind::Chatgpt) })
    });
    router.roster.set_candidates(candidates.collect::<Outcome<_>>()?);
    router.roster.set_settings(RoutingSettings { strategy, ..RoutingSettings::default() });
    Ok(router)
}

fn left(percent: u8) -> BTreeMap<Family, Vec<Allowance>> {
    let resets_at = Timestamp::from_second(500_000).ok();
    let window = |minutes| Allowance { minutes, left_percent: percent.min(100), resets_at, verified: true };
    [(Family::main(), vec![window(300), window(10_080)])].into()
}

fn profile(number: u32) -> Outcome<ProfileId> {
    ProfileId::parse(&format!("{number:016x}")).ok_or_else(|| "no id".into())
}
