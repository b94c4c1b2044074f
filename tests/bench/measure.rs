//! Taking times, and printing what is in the middle.

use std::error::Error;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// Times each thing is done.
pub(crate) const RUNS: usize = 25;

/// Does it often, and says how long it takes at best, in the middle and at worst.
pub(crate) fn measure(what: &str, mut once: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    once()?;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = now();
        once()?;
        times.push(started.elapsed());
    }
    times.sort();
    let (best, median, worst) = (shown(times[0]), shown(times[RUNS / 2]), shown(times[RUNS - 1]));
    say(&format!("{what:<42} median {median:>12}   best {best:>12}   worst {worst:>12}"))
}

/// Says how long something took that was done thousands of times.
pub(crate) fn measure_many(what: &str, mut times: Vec<Duration>) -> Result<(), Box<dyn Error>> {
    times.sort();
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied().map(shown).unwrap_or_default();
    say(&format!("{what:<42} median {:>12}   best {:>12}   p99   {:>12}", at(50), at(0), at(99)))
}

#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn say(line: &str) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

fn shown(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{:.1} µs", time.as_secs_f64() * 1e6)
    } else {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    }
}
