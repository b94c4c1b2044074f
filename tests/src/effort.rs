//! How often faults are tried: some times in every test run, all of them in `make faults`, and for as long as one likes at night. And
//! what came of it, as a table.

use std::env;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::time::Duration;

use tokio::time::Instant;

use crate::artefacts;

/// `make faults` sets it to `all`, or to what its caller wants of the campaign: so many rounds, or minutes as in `480m`.
const VARIABLE: &str = "CODEX_LAB_FAULTS";
/// Where the rows of the table are.
const TABLE: &str = "faults.tsv";

/// How long something goes on that could go on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// So many rounds.
    Rounds(u32),
    /// Until so much time has passed.
    Time(Duration),
}

#[expect(clippy::disallowed_methods, reason = "the one word a person says to these tests")]
fn wish() -> Option<String> {
    env::var(VARIABLE).ok().filter(|wish| !wish.is_empty())
}

/// Whether this run tries everything.
pub fn all() -> bool {
    wish().is_some()
}

/// `all_of_them` in `make faults`, else `some`.
pub fn rounds(some: u32, all_of_them: u32) -> u32 {
    if all() { all_of_them } else { some }
}

impl Effort {
    /// What is wished for; `some` rounds in every test run, `all_of_them` in `make faults` unless it is told otherwise.
    pub fn wished(some: u32, all_of_them: u32) -> Self {
        wish().map_or(Self::Rounds(some), |wish| Self::of(&wish).unwrap_or(Self::Rounds(all_of_them)))
    }

    fn of(wish: &str) -> Option<Self> {
        let minutes = wish.strip_suffix('m').and_then(|minutes| minutes.parse::<u64>().ok());
        let time = minutes.map(|minutes| Self::Time(Duration::from_secs(minutes.saturating_mul(60))));
        time.or_else(|| wish.parse().ok().map(Self::Rounds))
    }

    /// Whether there is more to do, after so many rounds since then.
    pub fn goes_on(self, done: u32, since: Instant) -> bool {
        match self {
            Self::Rounds(rounds) => done < rounds,
            Self::Time(time) => since.elapsed() < time,
        }
    }
}

/// Notes a row of the table that `make faults` ends with.
pub fn tally(fault: &str, rounds: u32, findings: usize) -> io::Result<()> {
    if !all() {
        return Ok(());
    }
    let mut row = String::new();
    let _ = writeln!(row, "{fault}\t{rounds}\t{findings}");
    let mut table = OpenOptions::new().append(true).create(true).open(artefacts::beside_programs(TABLE)?)?;
    // In one piece: other tests write, too.
    table.write_all(row.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_rounds_or_minutes() {
        assert_eq!(Effort::of("480m"), Some(Effort::Time(Duration::from_secs(8 * 60 * 60))));
        assert_eq!(Effort::of("12"), Some(Effort::Rounds(12)));
        assert_eq!(["all", "", "m", "-1"].map(Effort::of), [None; 4]);
    }
}
