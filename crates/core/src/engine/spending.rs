//! What API keys have cost this month: counted as their answers end, saved together with what else routing learns, and read back where
//! another process may have served.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;

use super::{Shared, held};
use crate::failure::Failure;
use crate::model::profile::ProfileId;
use crate::model::spending::{Month, Spending as View, Usage, cents};
use crate::route::candidate::Spent;
use crate::store::spending::Spent as Sums;

/// What this process knows of it.
#[derive(Debug, Default)]
pub(super) struct Spending {
    book: Mutex<Book>,
    /// Held by whoever reads or writes the state, so that nothing counts twice, and nothing is missing.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Book {
    /// As it was last seen in the state.
    kept: Sums,
    /// What has come since.
    unsaved: Sums,
}

impl Book {
    fn note(&mut self, month: Month, profile: &ProfileId, micros: u64) {
        let sum = self.unsaved.entry((month, profile.clone())).or_default();
        *sum = sum.saturating_add(micros);
    }

    /// These are in the state now.
    fn saved(&mut self, saved: &Sums, kept: Sums) {
        self.kept = kept;
        for (key, micros) in saved {
            self.unsaved.entry(key.clone()).and_modify(|sum| *sum = sum.saturating_sub(*micros));
        }
        self.unsaved.retain(|_, micros| *micros > 0);
    }

    /// What each profile has cost in a month.
    fn of(&self, month: Month) -> BTreeMap<&ProfileId, u64> {
        let mut sums: BTreeMap<&ProfileId, u64> = BTreeMap::new();
        for ((_, profile), micros) in self.kept.iter().chain(&self.unsaved).filter(|((of, _), _)| *of == month) {
            let sum = sums.entry(profile).or_default();
            *sum = sum.saturating_add(*micros);
        }
        sums
    }

    fn view(&self, month: Month) -> View {
        let sums = self.of(month);
        let all = sums.values().fold(0, |all: u64, micros| all.saturating_add(*micros));
        View { cents: cents(all), profiles: sums.into_iter().map(|(profile, micros)| (profile.clone(), cents(micros))).collect() }
    }
}

impl Spending {
    /// What all of them have cost so far in the month of this moment, as routing takes it.
    pub(super) fn spent(&self, now: Timestamp) -> Spent {
        let month = Month::of(now);
        Spent { cents: held(&self.book).view(month).cents, until: month.ends() }
    }

    /// The same as it is shown.
    pub(super) fn view(&self, now: Timestamp) -> View {
        held(&self.book).view(Month::of(now))
    }
}

/// An answer of a profile that is paid by use has ended. Who decides next knows of it.
pub(super) fn note(shared: &Shared, profile: &ProfileId, used: Usage) {
    let now = shared.ports.clock.now();
    shared.routing.desk.with(|router| {
        let micros = router.roster.settings().prices().cost(used);
        held(&shared.spending.book).note(Month::of(now), profile, micros);
        router.roster.spent(shared.spending.spent(now), now);
    });
}

/// Takes over what other processes have noted. Blocks.
pub(super) fn look(shared: &Shared) -> Result<(), Failure> {
    let _one = held(&shared.spending.writing);
    let kept = shared.state.spending()?;
    held(&shared.spending.book).kept = kept;
    Ok(())
}

/// Saves what is not saved yet; what cannot be is tried again with the next. Blocks.
pub(super) fn save(shared: &Shared) -> Result<(), Failure> {
    let _one = held(&shared.spending.writing);
    let unsaved = held(&shared.spending.book).unsaved.clone();
    if !unsaved.is_empty() {
        let kept = shared.state.add_spending(&unsaved)?;
        held(&shared.spending.book).saved(&unsaved, kept);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counts_twice_and_nothing_is_missing_while_it_is_saved() {
        let id = |number: u8| ProfileId::parse(&format!("{number:016x}")).unwrap();
        let [november, december] = ["2026-11-01", "2026-12-01"].map(|month| Month::parse(month).unwrap());
        let mut book = Book { kept: Sums::from([((november, id(1)), 10_000)]), unsaved: Sums::new() };
        book.note(november, &id(1), 5_000);
        let shown = |cents, profiles: &[(u8, u32)]| View {
            cents,
            profiles: profiles.iter().map(|(number, cents)| (id(*number), *cents)).collect(),
        };
        assert_eq!(book.view(november), shown(2, &[(1, 2)]));
        let saved = book.unsaved.clone();
        book.note(november, &id(2), 5_000);
        book.saved(&saved, Sums::from([((november, id(1)), 15_000)]));
        assert_eq!(book.view(november), shown(2, &[(1, 2), (2, 1)]), "each is rounded up, and so is the sum");
        assert_eq!(book.unsaved, Sums::from([((november, id(2)), 5_000)]));
        assert_eq!(book.view(december), View::default());
        book.note(december, &id(1), u64::MAX);
        book.note(december, &id(1), u64::MAX);
        assert_eq!(book.view(december), shown(u32::MAX, &[(1, u32::MAX)]));
    }
}
