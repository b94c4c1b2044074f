//! Taking times, and what is in the middle of them.

use std::error::Error;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crate::report::Row;

/// What comes of a step; the first error ends everything.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Times each thing is done.
pub(crate) const RUNS: usize = 25;

/// Does it often, and tells how long it takes in the middle, at best and at worst.
pub(crate) fn measure(what: &str, mut once: impl FnMut() -> Outcome<()>) -> Outcome<Row> {
    once()?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = now();
        once()?;
        times.push(started.elapsed());
    }
    times.sort();
    Ok(row(what, [at(&times, 50), at(&times, 0), at(&times, 100)]))
}

/// The same of something that was done thousands of times; the last is the 99th of a hundred.
pub(crate) fn measure_many(what: &str, mut times: Vec<Duration>) -> Row {
    times.sort();
    row(what, [at(&times, 50), at(&times, 0), at(&times, 99)])
}

fn row(what: &str, times: [Duration; 3]) -> Row {
    let [median, best, worst] = times.map(shown);
    let micros = times.map(|time| (time.as_secs_f64() * 1e9).round() / 1e3);
    Row { cells: vec![what.to_owned(), median, best, worst], figures: serde_json::json!({ "what": what, "us": micros }) }
}

/// What lies at so many hundredths of times in order.
pub(crate) fn at(times: &[Duration], hundredths: usize) -> Duration {
    times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// What is in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

fn shown(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{:.1} µs", time.as_secs_f64() * 1e6)
    } else {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    }
}
