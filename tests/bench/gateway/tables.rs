//! The figures in tables: first what was wanted, as ratios, then what they are made of.

use serde_json::json;

use super::answers::{Answers, COLUMNS, Ratios};
use super::failing_over;
use super::nginx::CONFIGURATION;
use super::rounds::{self, AT_ONCE, Round};
use super::streams::{self, Grown, Taken};
use crate::measure::median;
use crate::report::{Row, Section};

/// Names of gateways, by what they have.
pub(super) const FEW: &str = "Codex Lab, 3 profiles";
pub(super) const MANY: &str = "Codex Lab, 1,000 profiles";
pub(super) const LONG: &str = "Codex Lab, 3 profiles, long history";
/// Places of the gateways among the contenders, and last of their libraries alone.
const BETWEEN: [usize; 4] = [2, 3, 4, 5];

/// All that was measured.
pub(super) struct Figures {
    pub(super) short: Answers,
    pub(super) failing_over: Vec<failing_over::Round>,
    /// Of the gateway, and of nginx.
    pub(super) streams: [Vec<Taken>; 2],
    pub(super) long_stream: Vec<Grown>,
}

/// The rounds of one contender, a line for each number of requests at once.
pub(super) fn glance(name: &str, rounds: &[Vec<Round>; AT_ONCE.len()]) -> Vec<String> {
    let line = |(at_once, rounds): (usize, &Vec<Round>)| {
        let of = |what: fn(&Round) -> f64| median(rounds.iter().map(what).collect());
        let [p50, p99, per_second, busy] = [of(|it| it.p50), of(|it| it.p99), of(|it| it.per_second), of(|it| it.busy)];
        format!("{name}, {at_once} at once: {p50:.0} µs, p99 {p99:.0} µs, {per_second:.0}/s, processor {busy:.0} µs")
    };
    AT_ONCE.into_iter().zip(rounds).map(line).collect()
}

impl Figures {
    pub(super) fn tables(&self) -> Vec<Section> {
        vec![self.wanted(), self.short_answers(), self.failing_over(), self.memory(), configuration()]
    }

    fn wanted(&self) -> Section {
        let mut rows = Vec::new();
        let mut put = |what: String, wanted: &str, figures: Vec<f64>, shown: fn(f64) -> String| {
            let mut cells = vec![what.clone(), wanted.to_owned()];
            cells.extend(figures.iter().map(|figure| shown(*figure)));
            cells.resize(2 + BETWEEN.len(), String::new());
            rows.push(Row { cells, figures: json!({ "what": what, "wanted": wanted, "figures": figures }) });
        };
        for Ratios { what, wanted, each } in self.short.ratios(&BETWEEN) {
            put(what, wanted, each, times);
        }
        let memory = median(self.streams[0].iter().map(|it| mib(it.most) - mib(it.idle)).collect());
        put(format!("memory under {} streams, above idle", streams::STREAMS), "under 64 MiB", vec![memory], in_mib);
        let grown = median(self.long_stream.iter().map(|it| mib(it.most) - mib(it.early)).collect());
        put("memory that an hour's stream adds".to_owned(), "none", vec![grown], in_mib);
        let over = |it: &failing_over::Round| it.over[0] - it.twice[0];
        let cost = median(self.failing_over.iter().map(over).collect());
        put("failing over, above the two answers, median".to_owned(), "under 1,000 µs", vec![f64::NAN, cost], micros);
        Section {
            key: "gateway_wanted",
            title: "The gateway: what was wanted".to_owned(),
            note: "Ratios are of medians over all rounds. \"Added\" is the time above asking the same provider directly. \"Libraries alone\" is \
                   a program with the gateway's listener and its way out and no decision in between: the least that anything built on \
                   them takes."
                .to_owned(),
            columns: vec!["", "wanted", "3 profiles", "1,000 profiles", "3, long history", "libraries alone"],
            rows,
        }
    }

    fn short_answers(&self) -> Section {
        Section {
            key: "gateway_short_answers",
            title: "The gateway: short answers".to_owned(),
            note: format!(
                "A turn as the Codex CLI asks for it (its headers, 24 KB of zstd), an answer of three events and 1.5 KB with quota in \
                 its headers, plain HTTP/1.1 on loopback, connections kept. {} rounds of {} ms for each line, everyone in turn; the \
                 client asks again as soon as it was answered. Client, provider and whoever is in between share the processors. The last \
                 column is the processor's time that the program in between took for each answer. \"Long history\" is a home with \
                 1,000,000 points of quota's history, 500 decisions and 10,000 homes of sessions.",
                rounds::ROUNDS,
                rounds::LASTING.as_millis(),
            ),
            columns: COLUMNS.to_vec(),
            rows: self.short.rows(),
        }
    }

    fn failing_over(&self) -> Section {
        let of = |what: fn(&failing_over::Round) -> f64| median(self.failing_over.iter().map(what).collect());
        let rows = [
            ("a refusal and an answer, asked for directly", of(|it| it.twice[0]), of(|it| it.twice[1])),
            ("the answer of the profile that stands in", of(|it| it.over[0]), of(|it| it.over[1])),
        ];
        Section {
            key: "gateway_failing_over",
            title: "The gateway: failing over".to_owned(),
            note: format!(
                "One profile of 1,000 is refused with 429 `usage_limit_reached`, and the next one serves. {} rounds of {} times, both in \
                 turn; to the first byte.",
                failing_over::ROUNDS,
                failing_over::TIMES,
            ),
            columns: vec!["", "median", "p99"],
            rows: rows
                .map(|(what, p50, p99)| Row {
                    cells: vec![what.to_owned(), micros(p50), micros(p99)],
                    figures: json!({ "what": what, "p50_us": p50, "p99_us": p99 }),
                })
                .into(),
        }
    }

    fn memory(&self) -> Section {
        let streams = [FEW, "nginx"].into_iter().zip(&self.streams).map(|(who, taken)| {
            let idle = median(taken.iter().map(|it| mib(it.idle)).collect());
            let most = median(taken.iter().map(|it| mib(it.most)).collect());
            (format!("{who}, {} streams", streams::STREAMS), idle, most)
        });
        let early = median(self.long_stream.iter().map(|it| mib(it.early)).collect());
        let most = median(self.long_stream.iter().map(|it| mib(it.most)).collect());
        let rows = streams.chain([(format!("{FEW}, one stream of an hour"), early, most)]);
        let bytes = self.long_stream.first().map(|it| it.bytes).unwrap_or_default();
        Section {
            key: "gateway_memory",
            title: "The gateway: memory".to_owned(),
            note: format!(
                "Proportional set size of a fresh process, {} runs each. Many streams: before, and the most while all of them are open and \
                 tell an event each second, for {} s. One stream: {} events ({} MB), as many as an hour has at a hundred a second, as fast \
                 as they pass; after the first tenth, and the most from then on.",
                streams::RUNS,
                streams::STAY.as_secs(),
                streams::EVENTS,
                bytes / 1_000_000,
            ),
            columns: vec!["", "before", "most", "more"],
            rows: rows
                .map(|(what, before, most)| Row {
                    cells: vec![what.clone(), in_mib(before), in_mib(most), in_mib(most - before)],
                    figures: json!({ "what": what, "before_mib": before, "most_mib": most }),
                })
                .collect(),
        }
    }
}

/// What nginx was told.
fn configuration() -> Section {
    Section {
        key: "nginx",
        title: "The configuration of nginx".to_owned(),
        note: format!("```nginx\n{}```", CONFIGURATION.replace("USER\n", "")),
        columns: Vec::new(),
        rows: Vec::new(),
    }
}

pub(super) fn mib(kib: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below that")]
    let kib = kib as f64;
    kib / 1024.0
}

pub(super) fn in_mib(mib: f64) -> String {
    format!("{mib:.1} MiB")
}

pub(super) fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}

pub(super) fn micros(micros: f64) -> String {
    if micros.is_nan() { String::new() } else { format!("{micros:.0} µs") }
}

pub(super) fn whole(number: f64) -> String {
    format!("{number:.0}")
}
