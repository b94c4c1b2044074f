//! Draws that can be made again: all of them follow from one number, which is told.

use std::env;

use crate::effort;

/// Names the number, to make the same draws again.
const VARIABLE: &str = "CODEX_LAB_FAULTS_SEED";
/// The number of every normal test run.
const USUAL: u64 = 1;

/// A source of draws.
#[derive(Debug, Clone)]
pub struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    /// Draws of this number.
    pub fn of(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// Draws of the number that the environment names; without one the usual draws, or any in `make faults`. Only the draws are the
    /// same then: when a process gets its turn is up to the system.
    #[expect(clippy::disallowed_methods, reason = "the one word a person says to these tests")]
    pub fn from_environment() -> Result<Self, getrandom::Error> {
        let named = env::var(VARIABLE).ok().and_then(|text| text.trim().parse().ok());
        if let Some(seed) = named.or((!effort::all()).then_some(USUAL)) {
            return Ok(Self::of(seed));
        }
        let mut any = [0; 4];
        getrandom::fill(&mut any)?;
        Ok(Self::of(u64::from(u32::from_le_bytes(any))))
    }

    /// What makes the same draws again.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The next 64 bits (`SplitMix64`).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; 0 of nothing.
    pub fn below(&mut self, end: usize) -> usize {
        let drawn = self.next() % u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(drawn).unwrap_or_default()
    }

    /// A number from the first to the last.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or_default().saturating_add(1);
        first.saturating_add(i64::try_from(self.next() % span.max(1)).unwrap_or_default())
    }

    /// True once in so many draws.
    pub fn one_in(&mut self, draws: usize) -> bool {
        self.below(draws) == 0
    }

    /// One of these.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
