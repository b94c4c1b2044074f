//! What API keys have cost this month: counted as their answers end, saved together with what else routing learns, and read back where
//! another process may have served.

use std::sync::Mutex;

use jiff::Timestamp;

use super::{Shared, held};
use crate::failure::Failure;
use crate::model::profile::ProfileId;
use crate::model::spending::{Month, Spending as View, Sum, Sums, Usage, cents};
use crate::route::candidate::Spent;

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
        self.unsaved.add(Sum { month, profile: profile.clone(), micros });
    }

    /// These are in the state now.
    fn saved(&mut self, saved: &Sums, kept: Sums) {
        self.kept = kept;
        self.unsaved.take_off(saved);
    }

    fn view(&self, month: Month) -> View {
        let mut sums = self.kept.clone();
        sums.add_all(&self.unsaved);
        let (mut all, mut view) = (0_u64, View::default());
        for sum in sums.all().iter().filter(|sum| sum.month == month) {
            all = all.saturating_add(sum.micros);
            view.profiles.insert(sum.profile.clone(), cents(sum.micros));
        }
        View { cents: cents(all), ..view }
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
    if !unsaved.all().is_empty() {
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
        let sum = |month, number, micros| Sums::from_iter([(month, id(number), micros)]);
        let mut book = Book { kept: sum(november, 1, 10_000), unsaved: Sums::default() };
        book.note(november, &id(1), 5_000);
        let shown = |cents, profiles: &[(u8, u32)]| View {
            cents,
            profiles: profiles.iter().map(|(number, cents)| (id(*number), *cents)).collect(),
        };
        assert_eq!(book.view(november), shown(2, &[(1, 2)]));
        let saved = book.unsaved.clone();
        book.note(november, &id(2), 5_000);
        book.saved(&saved, sum(november, 1, 15_000));
        assert_eq!(book.view(november), shown(2, &[(1, 2), (2, 1)]), "each is rounded up, and so is the sum");
        assert_eq!(book.unsaved, sum(november, 2, 5_000));
        assert_eq!(book.view(december), View::default());
        book.note(december, &id(1), u64::MAX);
        book.note(december, &id(1), u64::MAX);
        assert_eq!(book.view(december), shown(u32::MAX, &[(1, u32::MAX)]));
    }
}
