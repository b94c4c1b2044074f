//! Codex Lab in the terminal: turns words into requests to the engine, and snapshots into lines.

mod args;
mod commands;
mod failure;
mod names;
mod output;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};

use args::{Args, Verb};
use output::Output;

fn main() -> ExitCode {
    let args = Args::parse();
    let environment = Environment::of_process();
    if args.verbose {
        let _ = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::DEBUG).try_init();
    }
    let output = Output::new(args.json, args.quiet);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(Code::Internal, format!("The system gives no threads: {error}.")).hint("Try again in a moment.");
            return failure::tell(&failure, &output);
        }
    };
    let code = runtime.block_on(run(&args, environment, &output)).unwrap_or_else(|failure| failure::tell(&failure, &output));
    // A read of standard input that nobody answers must not keep the program from ending.
    runtime.shutdown_background();
    code
}

async fn run(args: &Args, environment: Environment, output: &Output) -> Result<ExitCode, Failure> {
    match &args.verb {
        Verb::Completions { shell } => {
            commands::completions::run(*shell);
            Ok(ExitCode::SUCCESS)
        }
        // The doctor has something to say about a home that does not even open.
        Verb::Doctor => Ok(commands::doctor::run(open(environment).await, output).await),
        verb => commands::run(verb, &open(environment).await?, output).await.map(|()| ExitCode::SUCCESS),
    }
}

async fn open(environment: Environment) -> Result<Engine, Failure> {
    Engine::open(Ports::real(environment)?).await
}
