//! How things grow: from one profile to 10,000, and from a thousand points of quota's history to ten million.

mod history;
mod profiles;

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use serde_json::{Map, Value};

use crate::gateway::alone::Alone;
use crate::measure::{Outcome, median, now, say};
use crate::report::{Report, Row};

/// Times each thing is done in each home; once more before, which does not count.
const RUNS: usize = 7;
/// What takes longer than this is done so often that it is seen, and not more.
const LONG: Duration = Duration::from_secs(1);
/// Times, of what takes long.
const RUNS_OF_LONG: usize = 2;

/// Gateways that are started in each home.
const STARTS: usize = 3;

/// Measures all of it.
pub(crate) fn measure(report: &mut Report) -> Outcome<()> {
    say("growth: profiles")?;
    report.add(profiles::measure()?)?;
    say("growth: history")?;
    report.add(history::measure()?)
}

/// How a figure is written.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Millis,
    Mib,
    Kib,
}

/// A column: its name in the JSON, and what its figures are.
type Column = (&'static str, Unit);

/// The figures of all sizes as lines of a table: first how much more the largest takes than the first, then each size.
fn rows(what: &str, columns: &[Column], sizes: &[usize], figures: &[Vec<f64>]) -> Vec<Row> {
    let mut rows = Vec::new();
    if let ([first, .., last], [least, .., most]) = (figures, sizes) {
        let ratios: Vec<f64> = last.iter().zip(first).map(|(last, first)| last / first).collect();
        let cells = ratios.iter().map(|ratio| format!("{ratio:.1}"));
        let name = format!("{} {what} ÷ {}", counted(*most), counted(*least));
        rows.push(row(name, columns, None, &ratios, cells.collect()));
    }
    rows.extend(sizes.iter().zip(figures).map(|(size, figures)| {
        let cells = columns.iter().zip(figures).map(|((_, unit), figure)| unit.shown(*figure));
        row(counted(*size), columns, Some(*size), figures, cells.collect())
    }));
    rows
}

fn row(name: String, columns: &[Column], size: Option<usize>, figures: &[f64], cells: Vec<String>) -> Row {
    let mut told = Map::new();
    told.insert("what".to_owned(), name.clone().into());
    told.insert("size".to_owned(), size.into());
    told.extend(columns.iter().zip(figures).map(|((key, _), figure)| ((*key).to_owned(), Value::from(*figure))));
    Row { cells: [vec![name], cells].concat(), figures: Value::Object(told) }
}

impl Unit {
    fn shown(self, figure: f64) -> String {
        match self {
            Self::Millis if figure >= 10_000.0 => format!("{:.1} s", figure / 1e3),
            Self::Millis => format!("{figure:.1} ms"),
            Self::Mib => format!("{figure:.1} MiB"),
            Self::Kib => format!("{figure:.1} KiB"),
        }
    }
}

/// How long it takes in the middle, in milliseconds.
fn millis(mut once: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let begun = now();
    once()?;
    let runs = if begun.elapsed() > LONG { RUNS_OF_LONG } else { RUNS };
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = now();
        once()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// The gateway of a home: milliseconds up to its being there, memory at rest in MiB, and milliseconds to the first byte.
fn gateway(home: &Path) -> Outcome<[f64; 3]> {
    let all = (0..STARTS).map(|_| Alone::measure(home)).collect::<Outcome<Vec<_>>>()?;
    let of = |what: fn(&Alone) -> f64| median(all.iter().map(what).collect());
    Ok([of(|it| it.started * 1e3), of(|it| mib(it.memory_kib * 1024)), of(|it| it.first * 1e3)])
}

/// A thousand is 1,000.
pub(crate) fn counted(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "far below that")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// What the files in a folder take on the disk, in bytes.
fn on_disk(folder: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut sum = fs::metadata(folder)?.blocks() * 512;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += if entry.file_type()?.is_dir() { on_disk(&entry.path())? } else { entry.metadata()?.blocks() * 512 };
    }
    Ok(sum)
}
