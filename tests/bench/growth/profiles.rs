//! From one profile to 10,000.

use std::path::Path;

use super::{Column, RUNS, RUNS_OF_LONG, STARTS, Unit, gateway, mib, millis, on_disk, rows};
use crate::crowd::Crowd;
use crate::everyday::program;
use crate::measure::Outcome;
use crate::report::Section;

const SIZES: [usize; 5] = [1, 10, 100, 1000, 10_000];

const COLUMNS: [Column; 8] = [
    ("list_ms", Unit::Millis),
    ("list_unseen_ms", Unit::Millis),
    ("use_ms", Unit::Millis),
    ("gateway_start_ms", Unit::Millis),
    ("gateway_memory_mib", Unit::Mib),
    ("gateway_first_byte_ms", Unit::Millis),
    ("home_mib", Unit::Mib),
    ("profile_kib", Unit::Kib),
];

/// One home that grows.
pub(super) fn measure() -> Outcome<Section> {
    let program = program()?;
    let mut crowd = Crowd::waiting(SIZES.into_iter().max().unwrap_or_default())?;
    let mut figures = Vec::new();
    for size in SIZES {
        crowd.grow_to(size)?;
        Crowd::settle();
        let list = millis(|| crowd.run(&program, &["list"]))?;
        let unseen = millis(|| {
            crowd.forget_looks()?;
            crowd.run(&program, &["list"])
        })?;
        let disk = mib(on_disk(crowd.home()?.root())?);
        let switched = switch(&crowd, &program)?;
        let [started, memory, first] = gateway(crowd.folder())?;
        #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
        let each = disk * 1024.0 / size as f64;
        figures.push(vec![list, unseen, switched, started, memory, first, disk, each]);
    }
    Ok(Section {
        key: "growth_profiles",
        title: "Growth: profiles".to_owned(),
        note: format!(
            "One home that grows; medians of {RUNS} runs, of what takes longer than a second {RUNS_OF_LONG}. The terminal program, each time a new \
             process: `list` as it is run every day, and with no earlier look kept, so that every login is opened; `use` of the first and the last \
             profile in turn, of a single one and of no login. The gateway: from the start of its process until it takes requests, its proportional set size after 200 of \
             them and a moment of rest, and the median to the first byte of the short answers above, one at a time, of {STARTS} starts. The home: what its \
             files take on the disk, copies and index included."
        ),
        columns: vec![
            "profiles",
            "`list`",
            "`list`, nothing seen before",
            "`use`",
            "gateway, start",
            "gateway, memory at rest",
            "gateway, first byte",
            "home",
            "for each profile",
        ],
        rows: rows("profiles", &COLUMNS, &SIZES, &figures),
    })
}

/// Switches to and fro.
fn switch(crowd: &Crowd, program: &Path) -> Outcome<f64> {
    let names: Vec<String> = crowd.profiles.list()?.into_iter().map(|profile| profile.name.to_string()).collect();
    let turns = match names.as_slice() {
        [first, .., last] => [last.as_str(), first.as_str()],
        [only] => [only.as_str(), "--none"],
        [] => return Err("there is no profile".into()),
    };
    let mut turns = turns.into_iter().cycle();
    millis(|| crowd.run(program, &["use", turns.next().unwrap_or_default()]))
}
