//! From one point of quota's history to ten million, as many in each window as the product keeps when it has run for two years.

use std::fs;
use std::ops::Range;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::store::state::State;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Column, RUNS, RUNS_OF_LONG, STARTS, Unit, gateway, mib, millis, rows};
use crate::crowd::Crowd;
use crate::everyday::program;
use crate::measure::{Outcome, now};
use crate::report::Section;

const SIZES: [usize; 5] = [1, 1000, 100_000, 1_000_000, 10_000_000];
/// Each has two windows. With fewer, a history of this length would be thinned.
const PROFILES: usize = 1000;
const WINDOWS: [i64; 2] = [300, 10_080];
/// What is kept of one window: how many points, so many seconds apart, the newest of them so old.
const KEPT: [(i64, i64, i64); 4] = [(578, 6, 0), (2820, MINUTE, 61 * MINUTE), (912, HOUR, 49 * HOUR), (690, 24 * HOUR, 41 * 24 * HOUR)];
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

const COLUMNS: [Column; 8] = [
    ("state_mib", Unit::Mib),
    ("list_ms", Unit::Millis),
    ("usage_of_one_ms", Unit::Millis),
    ("usage_of_all_ms", Unit::Millis),
    ("gateway_start_ms", Unit::Millis),
    ("gateway_memory_mib", Unit::Mib),
    ("gateway_first_byte_ms", Unit::Millis),
    ("thinning_ms", Unit::Millis),
];

/// One home whose history grows.
pub(super) fn measure() -> Outcome<Section> {
    let program = program()?;
    let crowd = Crowd::new(PROFILES)?;
    let home = crowd.home()?;
    let profiles = crowd.profiles.list()?;
    let named = profiles.iter().min_by_key(|profile| profile.id.as_str()).ok_or("there is no profile")?.name.to_string();
    let mut ids: Vec<ProfileId> = profiles.into_iter().map(|profile| profile.id).collect();
    // In the order in which the table lies on the disk.
    ids.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    let begun = SystemClock.now();
    let (mut before, mut figures) = (0, Vec::new());
    for size in SIZES {
        fill(&crowd, &ids, before..size, begun)?;
        before = size;
        Crowd::settle();
        let list = millis(|| crowd.run(&program, &["list"]))?;
        let one = millis(|| crowd.run(&program, &["usage", &named]))?;
        let all = millis(|| crowd.run(&program, &["usage"]))?;
        let [started, memory, first] = gateway(crowd.folder())?;
        let disk = mib(fs::metadata(home.state())?.len());
        let (state, thinning) = (State::open(&home)?, now());
        state.thin_quota_history(begun)?;
        figures.push(vec![disk, list, one, all, started, memory, first, thinning.elapsed().as_secs_f64() * 1e3]);
    }
    Ok(Section {
        key: "growth_history",
        title: "Growth: history".to_owned(),
        note: format!(
            "A home with {PROFILES} profiles of two windows each, and points of quota's history in one window after the other: {} in each, \
             as many as are left of two years (one a minute after an hour, one an hour after two days, one a day after forty days), so \
             that ten million are two years of {PROFILES} busy profiles. Medians of {RUNS} runs, of what takes longer than a second \
             {RUNS_OF_LONG}. `usage` looks seven days back; \"of one\" is a profile whose windows were filled first. The gateway as above, \
             of {STARTS} starts. Thinning is what a process that stays does once a day, here where nothing is left to thin, done once.",
            ages().len(),
        ),
        columns: vec![
            "points",
            "`state.sqlite`",
            "`list`",
            "`usage` of one profile",
            "`usage` of all",
            "gateway, start",
            "gateway, memory at rest",
            "gateway, first byte",
            "thinning, once a day",
        ],
        rows: rows("points", &COLUMNS, &SIZES, &figures),
    })
}

/// Writes the points of these numbers, and what is known now of every window.
fn fill(crowd: &Crowd, profiles: &[ProfileId], numbers: Range<usize>, now: Timestamp) -> Outcome<()> {
    let home = crowd.home()?;
    // The tables; and nobody thins while something is measured.
    State::open(&home)?.set_fact("last_thinned", &SystemClock.now().as_millisecond().to_string())?;
    let ages = ages();
    let mut connection = Connection::open(home.state())?;
    // What breaks off here is thrown away.
    connection.execute_batch("pragma journal_mode = off; pragma synchronous = off")?;
    let transaction = connection.transaction()?;
    {
        let mut known = transaction.prepare(
            "insert or replace into quota_windows (profile, family, minutes, used, resets_at, observed_at, source)
             values (?1, 'codex', ?2, 4200, ?3, ?4, 'header')",
        )?;
        let mut insert = transaction.prepare(
            "insert into quota_history (profile, family, minutes, at, used, resets_at, source) values (?1, 'codex', ?2, ?3, ?4, ?5, 'header')",
        )?;
        let windows = profiles.iter().flat_map(|profile| WINDOWS.map(|minutes| (profile, minutes)));
        for (place, (profile, minutes)) in windows.enumerate() {
            let length = minutes * MINUTE * 1000;
            let reset = |at: i64| at - at.rem_euclid(length) + length;
            let now = now.as_millisecond();
            known.execute(params![profile.as_str(), minutes, reset(now), now])?;
            // The newest of a window come first, so the oldest are written first: in order.
            let first = place * ages.len();
            let wanted = numbers.start.max(first)..numbers.end.min(first + ages.len());
            for number in wanted.rev() {
                let at = now - ages.get(number - first).copied().unwrap_or_default();
                let used = i64::try_from(number * 37 % 10_000)?;
                insert.execute(params![profile.as_str(), minutes, at, used, reset(at)])?;
            }
        }
    }
    transaction.commit()?;
    drop(connection);
    // Changes are written to a log again.
    drop(State::open(&home)?);
    Ok(())
}

/// How old the points of one window are, in milliseconds.
fn ages() -> Vec<i64> {
    KEPT.into_iter().flat_map(|(points, apart, newest)| (0..points).map(move |place| (newest + apart * place) * 1000)).collect()
}
