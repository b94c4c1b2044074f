//! Codex Lab in the terminal: turns words into requests to the engine, and snapshots into lines.

mod args;
mod bars;
mod browser;
mod commands;
mod names;
mod output;
mod paint;
mod processes;
mod progress;
mod prompt;
mod screen;
mod table;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use codex_lab_core::base::core_dumps;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::Https;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use args::{Args, Verb};
use browser::NoBrowser;
use output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    core_dumps::forbid();
    let args = words();
    let environment = Environment::of_process();
    let output = Output::new(&args, &environment);
    // A log between the lines of the screen would be no use to anybody.
    if args.verbose && (args.verb.is_some() || !std::io::stderr().is_terminal()) {
        log(&args);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(Code::Internal, format!("The system gives no threads: {error}.")).hint("Try again in a moment.");
            return tell(&failure, &output);
        }
    };
    let code = match runtime.block_on(run(&args, environment, &output)) {
        Ok(code) => {
            output.done();
            code
        }
        Err(failure) => tell(&failure, &output),
    };
    // A read of standard input that nobody answers must not keep the program from ending.
    runtime.shutdown_background();
    code
}

/// What was typed. Without a command it is the screen that is wanted, where there is a terminal to show it on.
fn words() -> Args {
    let on_terminal = screen::has_terminal();
    let mut command = Args::command().subcommand_required(!on_terminal).arg_required_else_help(!on_terminal);
    let args = Args::from_arg_matches(&command.get_matches_mut()).unwrap_or_else(|error| error.exit());
    if args.verb.is_none() && (args.json || args.vault_passphrase_stdin) {
        command.error(ErrorKind::MissingSubcommand, "this needs a command; the screen takes neither").exit();
    }
    args
}

async fn run(args: &Args, environment: Environment, output: &Output) -> Result<ExitCode, Failure> {
    let Some(verb) = &args.verb else {
        screen::must_draw(&environment)?;
        let engine = Engine::open(Ports::real(environment)?).await?;
        return screen::run(&engine, output.colours()).await.map(|()| ExitCode::SUCCESS);
    };
    match verb {
        Verb::Completions { shell } => {
            commands::completions::run(*shell);
            Ok(ExitCode::SUCCESS)
        }
        Verb::Man { folder } => commands::man::run(folder).map(|()| ExitCode::SUCCESS),
        Verb::Guard(wanted) => commands::guard::run(wanted, &open(verb, environment, output).await?, output),
        // The doctor has something to say about a home that does not even open.
        Verb::Doctor(wanted) => {
            let opened = open(verb, environment.clone(), output);
            Box::pin(commands::doctor::run(wanted, &environment, opened, output)).await
        }
        Verb::SupportBundle(wanted) => {
            let opened = open(verb, environment.clone(), output).await;
            Box::pin(commands::support::run(wanted, &environment, opened, output)).await.map(|()| ExitCode::SUCCESS)
        }
        Verb::Run(wanted) => {
            commands::launch(wanted, verb, args.vault_passphrase_stdin, &open(verb, environment, output).await?, output).await
        }
        verb => commands::run(verb, args.vault_passphrase_stdin, &open(verb, environment, output).await?, output)
            .await
            .map(|()| ExitCode::SUCCESS),
    }
}

async fn open(verb: &Verb, environment: Environment, output: &Output) -> Result<Engine, Failure> {
    let mut ports = Ports::real(environment)?;
    // Codex has the terminal then, or what is done is done for others.
    if !matches!(verb, Verb::Run(_) | Verb::Serve(_) | Verb::AppServer(_)) {
        ports.progress = output.progress();
    }
    if matches!(verb, Verb::Login(login) if login.leaves_browser_alone()) {
        ports.browser = Arc::new(NoBrowser);
    }
    if matches!(verb, Verb::Login(login) if login.no_ssl_verify) {
        output::must("warning: certificates are not checked in this call; whoever is between you and the provider can take the login");
        ports.http = Arc::new(Https::without_verification(&ports.environment)?);
    }
    let shows_none = matches!(verb, Verb::Status(status) if status.format.is_some() && !status.watch);
    if shows_none || matches!(verb, Verb::List | Verb::Show { .. } | Verb::Why(_) | Verb::Guard(_)) {
        ports.processes = Arc::new(processes::Unseen);
    }
    if verb.is_dry_run() { Engine::open_for_dry_runs(ports).await } else { Engine::open(ports).await }
}

fn tell(failure: &Failure, output: &Output) -> ExitCode {
    output.failure(failure);
    ExitCode::from(failure.code.exit_status())
}

/// What Codex Lab itself does, in detail; of what it is built on, warnings alone.
fn log(args: &Args) {
    let ours = Targets::new().with_target("codex_lab", LevelFilter::DEBUG).with_default(LevelFilter::WARN);
    let ours = ours.with_target("codex_lab_core", LevelFilter::DEBUG);
    let colour = !args.no_color && std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    tracing_subscriber::registry().with(ours).with(lines).init();
}
