//! How long choosing a profile takes, among a few and among very many.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use codex_lab_core::model::affinity::SessionKey;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::routing::{RoutingSettings, Strategy};
use codex_lab_core::route::candidate::{Allowance, Candidate};
use codex_lab_core::route::router::Router;
use codex_lab_core::route::walk::Question;
use jiff::Timestamp;
use serde_json::json;

use crate::measure::{Outcome, at, now};
use crate::report::{Row, Section};

/// Profiles to choose from.
const SIZES: [u32; 6] = [1, 3, 10, 100, 1000, 10_000];
/// Times a choice is made.
const CHOICES: u32 = 20_000;

/// A session that stays, new sessions under each strategy, and new sessions while quota changes with each of them; a line each, with
/// what it takes among more and more profiles.
pub(crate) fn choosing() -> Outcome<Section> {
    let stays = |_: u32| Question { session: SessionKey::of("a-session"), ..Question::of(Family::main()) };
    let new = |number: u32| Question { session: SessionKey::of(&number.to_string()), ..Question::of(Family::main()) };
    let mut rows = vec![line("a session that stays", |size| choose(router(size, Strategy::StickyBest)?, false, stays))?];
    for strategy in Strategy::ALL {
        rows.push(line(&format!("{strategy:?}"), |size| choose(router(size, strategy)?, false, new))?);
    }
    rows.push(line("while quota changes", |size| choose(router(size, Strategy::StickyBest)?, true, new))?);
    Ok(Section {
        key: "choosing",
        title: "Choosing a profile".to_owned(),
        note: format!(
            "In process, without I/O, {CHOICES} choices each; medians, and of 10,000 the 99th of a hundred and the ratio to one. Wanted: under \
             20 µs among 10,000."
        ),
        columns: vec!["", "10,000 ÷ 1", "of 1", "of 3", "of 10", "of 100", "of 1,000", "of 10,000", "of 10,000, p99"],
        rows,
    })
}

/// The same among each number of profiles.
fn line(what: &str, among: impl Fn(u32) -> Outcome<Vec<Duration>>) -> Outcome<Row> {
    let mut times = Vec::new();
    for size in SIZES {
        let mut all = among(size)?;
        all.sort();
        times.push([0, 50, 99].map(|hundredths| at(&all, hundredths).as_secs_f64() * 1e6));
    }
    let [best, median, p99] = [0, 1, 2].map(|place| times.iter().map(|times| times[place]).collect::<Vec<f64>>());
    let ratio = median.last().zip(median.first()).map_or(0.0, |(last, first)| last / first);
    let shown = |micros: &f64| format!("{micros:.1} µs");
    let cells =
        [vec![what.to_owned(), format!("{ratio:.1}")], median.iter().map(shown).collect(), p99.last().map(shown).into_iter().collect()];
    let figures = json!({ "what": what, "profiles": SIZES, "best_us": best, "median_us": median, "p99_us": p99 });
    Ok(Row { cells: cells.concat(), figures })
}

fn choose(mut router: Router, changes: bool, question: impl Fn(u32) -> Question) -> Outcome<Vec<Duration>> {
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
    Ok(times)
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
