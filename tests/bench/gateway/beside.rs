//! The gateway beside another one that many use, and both beside nginx: the same turn for everybody, in plain JSON, because others do
//! not unpack what Codex packs.

use std::path::Path;

use serde_json::json;

use super::answers::{Answers, COLUMNS, NGINX};
use super::portkey::version;
use super::roles::Player;
use super::rounds::{self, AT_ONCE};
use super::stage::{self, Contender};
use super::tables::{FEW, in_mib, mib, times};
use crate::crowd::Crowd;
use crate::measure::{Outcome, say};
use crate::report::{Report, Row, Section};

const TITLE: &str = "Beside other gateways";
/// Places among the contenders.
const BETWEEN: [usize; 3] = [NGINX, 2, 3];

/// What everybody came to.
struct Beside {
    answers: Answers,
    /// Of each, after all the rounds, in MiB.
    memory: Vec<f64>,
    version: String,
}

/// Measures it, or says why it could not be.
pub(crate) fn measure(report: &mut Report) -> Outcome<()> {
    say("beside other gateways")?;
    let few = Crowd::new(3)?;
    Crowd::settle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(version) = version() else {
        return report.add(left_out("it is not installed: `scripts/setup bench` does that where npm's packages can be reached"));
    };
    runtime.block_on(async {
        let provider = stage::provider()?;
        // That somebody else's does not work here is no reason to measure nothing.
        let theirs = match Contender::portkey(&provider).map(Contender::unpacked) {
            Ok(theirs) => theirs.warm_up().await.map(|()| theirs),
            Err(error) => Err(error),
        };
        match theirs {
            Ok(theirs) => {
                play(theirs, &provider, few.folder(), version).await?.tables().into_iter().try_for_each(|table| report.add(table))
            }
            Err(error) => report.add(left_out(&error.to_string())),
        }
    })
}

fn left_out(why: &str) -> Section {
    Section { key: "beside", title: TITLE.to_owned(), note: format!("Portkey was left out: {why}."), columns: Vec::new(), rows: Vec::new() }
}

async fn play(theirs: Contender, provider: &Player, home: &Path, version: String) -> Outcome<Beside> {
    let contenders =
        [Contender::direct(provider), Contender::nginx(provider)?, Contender::gateway(FEW, provider, home)?].map(Contender::unpacked);
    let contenders: Vec<Contender> = contenders.into_iter().chain([theirs]).collect();
    for contender in &contenders {
        contender.warm_up().await?;
    }
    let rounds = rounds::play(&contenders).await?;
    let memory = contenders.iter().map(|it| Ok(mib(it.footprint()?.memory_kib))).collect::<Outcome<_>>()?;
    Ok(Beside { answers: Answers { names: contenders.iter().map(|it| it.name.clone()).collect(), rounds }, memory, version })
}

impl Beside {
    fn tables(&self) -> [Section; 2] {
        [self.ratios(), self.short_answers()]
    }

    fn ratios(&self) -> Section {
        let row = |what: &str, figures: Vec<f64>, shown: fn(f64) -> String| Row {
            cells: [vec![what.to_owned()], figures.iter().map(|figure| shown(*figure)).collect()].concat(),
            figures: json!({ "what": what, "figures": figures }),
        };
        let mut rows: Vec<Row> = self.answers.ratios(&BETWEEN).into_iter().map(|it| row(&it.what, it.each, times)).collect();
        let busy = |place: usize| self.answers.of(place, AT_ONCE.len() - 1, |it| it.busy);
        let of = |what: &dyn Fn(usize) -> f64| BETWEEN.map(|place| what(place) / what(NGINX)).to_vec();
        rows.push(row("processor's time for an answer, 32 at once, ÷ nginx's", of(&busy), times));
        rows.push(row("memory after all that, ÷ nginx's", of(&|place| self.memory[place]), times));
        rows.push(row("memory after all that", BETWEEN.map(|place| self.memory[place]).to_vec(), in_mib));
        Section {
            key: "beside",
            title: TITLE.to_owned(),
            note: format!(
                "Portkey {} (`@portkey-ai/gateway` from npm, on Node), run as its makers say: one process, for production, without its \
                 page of logs, and told with each request where the provider is; it has no database here, and neither caches nor tries \
                 again. It waits 25 ms, on purpose, before it hands on the first event of an answer. It speaks the APIs of many \
                 providers, caches, and checks what is asked and answered by rules, which Codex Lab does not. Codex Lab keeps several \
                 sign-ins of Codex, renews them, reads from each answer what is left of their quota, and lets another one stand in, and \
                 it unpacks Codex's bodies, which Portkey does not. `NOTES.md` says which others were left out.",
                self.version
            ),
            columns: vec!["", "nginx", FEW, "Portkey"],
            rows,
        }
    }

    fn short_answers(&self) -> Section {
        Section {
            key: "beside_short_answers",
            title: format!("{TITLE}: short answers"),
            note: format!(
                "As in \"The gateway: short answers\", but for the body, which is 44 KB of plain JSON for everybody. {} rounds of {} ms.",
                rounds::ROUNDS,
                rounds::LASTING.as_millis(),
            ),
            columns: COLUMNS.to_vec(),
            rows: self.answers.rows(),
        }
    }
}
