//! What the short answers of all contenders came to: medians over the rounds, what each adds to asking directly, and that beside nginx.

use serde_json::json;

use super::rounds::{AT_ONCE, Round, Rounds};
use super::tables::{micros, whole};
use crate::measure::median;
use crate::report::Row;

/// Places among the contenders.
const DIRECT: usize = 0;
pub(super) const NGINX: usize = 1;

/// Headings of [`Answers::rows`].
pub(super) const COLUMNS: [&str; 7] =
    ["", "first byte, median (of rounds, from–to)", "p99", "added, median", "added, p99", "answers/s", "processor"];

/// The rounds of all contenders. The first two are nobody and nginx.
pub(super) struct Answers {
    pub(super) names: Vec<String>,
    pub(super) rounds: Rounds,
}

/// One thing about several contenders, beside the same about nginx.
pub(super) struct Ratios {
    pub(super) what: String,
    pub(super) wanted: &'static str,
    pub(super) each: Vec<f64>,
}

impl Answers {
    pub(super) fn of(&self, contender: usize, column: usize, what: fn(&Round) -> f64) -> f64 {
        median(self.rounds[contender][column].iter().map(what).collect())
    }

    fn added(&self, contender: usize, column: usize, what: fn(&Round) -> f64) -> f64 {
        self.of(contender, column, what) - self.of(DIRECT, column, what)
    }

    /// What these contenders take, in times of what nginx takes.
    pub(super) fn ratios(&self, contenders: &[usize]) -> Vec<Ratios> {
        let mut all = Vec::new();
        for (column, at_once) in AT_ONCE.into_iter().enumerate() {
            for (name, wanted, what) in [("median", "at most 1.5", (|it| it.p50) as fn(&Round) -> f64), ("p99", "at most 2", |it| it.p99)] {
                let nginx = self.added(NGINX, column, what);
                let each = contenders.iter().map(|contender| self.added(*contender, column, what) / nginx).collect();
                all.push(Ratios { what: format!("added time to first byte, {at_once} at once, {name}, ÷ nginx's"), wanted, each });
            }
        }
        let per_second = |contender| self.of(contender, AT_ONCE.len() - 1, |it| it.per_second);
        let each = contenders.iter().map(|contender| per_second(*contender) / per_second(NGINX)).collect();
        all.push(Ratios { what: "short answers per second, 32 at once, ÷ nginx's".to_owned(), wanted: "at least 0.7", each });
        all
    }

    /// Everything in its own units, a line for each contender and number of requests at once.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (column, at_once) in AT_ONCE.into_iter().enumerate() {
            for (place, name) in self.names.iter().enumerate() {
                let p50 = self.of(place, column, |it| it.p50);
                let p99 = self.of(place, column, |it| it.p99);
                let (added50, added99) = (self.added(place, column, |it| it.p50), self.added(place, column, |it| it.p99));
                let (per_second, busy) = (self.of(place, column, |it| it.per_second), self.of(place, column, |it| it.busy));
                let all = self.rounds[place][column].iter().map(|it| it.p50);
                let (least, most) = all.fold((f64::MAX, 0.0_f64), |(least, most), it| (least.min(it), most.max(it)));
                rows.push(Row {
                    cells: vec![
                        format!("{name}, {at_once} at once"),
                        format!("{} ({}–{})", micros(p50), whole(least), whole(most)),
                        micros(p99),
                        micros(added50),
                        micros(added99),
                        whole(per_second),
                        micros(busy),
                    ],
                    figures: json!({
                        "who": name, "at_once": at_once, "p50_us": p50, "p50_least_us": least, "p50_most_us": most, "p99_us": p99,
                        "added_p50_us": added50, "added_p99_us": added99, "per_second": per_second, "processor_us": busy,
                    }),
                });
            }
        }
        rows
    }
}
