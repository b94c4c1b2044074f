//! `codex-lab-asker`: an engine with everything real, which does what it is told on standard input and answers on standard
//! output, a line of JSON each. It may kill itself at a named place.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clap::Parser;
use codex_lab_core::api::table::Request;
use codex_lab_core::base::clock::{Clock, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_tests::killer::Killer;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::Barrier;

/// Opens the engine of the environment (`CODEX_LAB_HOME`, `CODEX_HOME`) and takes orders until its input ends.
#[derive(Parser)]
#[command(name = "codex-lab-asker")]
struct Cli {
    /// The place to be killed at.
    #[arg(long)]
    die_at: Option<String>,
    /// Pass that place so many times before.
    #[arg(long, default_value_t = 0)]
    die_after: u32,
    /// So many seconds its clock is ahead of the machine's at first.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    ahead: i64,
}

/// The machine's clock, but ahead of it.
#[derive(Debug)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// One line of input.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// A profile's access token, wanted by so many tasks at once.
    Ask {
        /// The profile's name.
        profile: String,
        /// How many.
        tasks: usize,
    },
    /// A request, as a front end makes it.
    Do(Request),
    /// One round of chores, with a clock that is so many seconds ahead. The answer says in how many seconds the next is due, if any.
    Chores {
        /// Seconds.
        ahead: i64,
    },
    /// What is to be seen.
    Look,
}

fn main() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
        return ExitCode::FAILURE;
    };
    match runtime.block_on(run(Cli::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            answer(&json!({ "failure": failure }));
            ExitCode::from(failure.code.exit_status())
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    let real = Ports::real(Environment::of_process())?;
    let killer = Killer::at(cli.die_at).after(cli.die_after);
    let clock = Arc::new(Ahead(AtomicI64::new(cli.ahead)));
    let engine = Engine::open(Ports { checkpoint: Arc::new(killer), clock: clock.clone(), ..real }).await?;
    answer(&json!("ready"));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(order) = serde_json::from_str::<Order>(&line) else {
            return Err(Failure::new(Code::InvalidInput, "This is no order."));
        };
        answer(&follow(&engine, &clock, order).await);
    }
    Ok(())
}

async fn follow(engine: &Engine, clock: &Ahead, order: Order) -> Value {
    match order {
        Order::Chores { ahead } => {
            clock.0.store(ahead, Ordering::SeqCst);
            let next = |at: Timestamp| at.duration_since(clock.now()).as_secs();
            engine.do_chores().await.map_or_else(|failure| json!({ "failure": failure }), |at| json!({ "next": at.map(next) }))
        }
        Order::Ask { profile, tasks } => ask(engine, &profile, tasks).await,
        Order::Do(request) => {
            engine.handle(request).await.map_or_else(|failure| json!({ "failure": failure }), |reply| json!({ "reply": reply }))
        }
        Order::Look => match engine.handle(Request::Snapshot).await {
            Ok(_) => json!({ "snapshot": *engine.snapshot() }),
            Err(failure) => json!({ "failure": failure }),
        },
    }
}

/// The fingerprints of the tokens, and what those heard who got none.
async fn ask(engine: &Engine, name: &str, tasks: usize) -> Value {
    let Some(id) = engine.snapshot().profiles.iter().find(|row| row.name == name).map(|row| row.id.clone()) else {
        return json!({ "failure": Failure::new(Code::NotFound, "There is no such profile.") });
    };
    // All are there before the first one asks.
    let start = Arc::new(Barrier::new(tasks));
    let asking: Vec<_> = (0..tasks)
        .map(|_| {
            let (engine, id, start) = (engine.clone(), id.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                engine.access_token(&id).await
            })
        })
        .collect();
    let (mut tokens, mut failures) = (Vec::new(), Vec::new());
    for task in asking {
        match task.await {
            Ok(Ok(bearer)) => tokens.push(bearer.token.fingerprint().to_string()),
            Ok(Err(failure)) => failures.push(json!(failure)),
            Err(error) => failures.push(json!(error.to_string())),
        }
    }
    json!({ "tokens": tokens, "failures": failures })
}

/// One line. Whoever reads it may have gone.
fn answer(value: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{value}").and_then(|()| out.flush());
}
