//! `codex-lab-victim`: makes one switch, or one recovery, on real files, and kills itself at a named place.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::codex::home::CodexHome;
use codex_lab_core::codex::switch::Switch;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_core::store::state::State;
use codex_lab_tests::killer::Killer;
use codex_lab_tests::offline;

/// Switches in the homes of the environment (`CODEX_LAB_HOME`, `CODEX_HOME`).
#[derive(Parser)]
#[command(name = "codex-lab-victim")]
struct Cli {
    /// A profile's id, `none` to sign out, or `recover`.
    what: String,
    /// The place to be killed at.
    place: Option<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tracing::error!(%failure, "failed");
            ExitCode::from(failure.code.exit_status())
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let ports = Ports { checkpoint: Arc::new(Killer::at(cli.place)), ..offline::ports(Environment::of_process()) };
    let home = Home::open(&ports.environment)?;
    let codex = CodexHome::find(&ports.environment)?;
    let profiles = Profiles::open(home.clone(), &ports);
    let state = State::open(&home)?;
    let switch = Switch::new(home, codex, profiles, state, &ports);
    match cli.what.as_str() {
        "recover" => switch.recover().map(drop)?,
        "none" => switch.to(None).map(drop)?,
        id => switch.to(ProfileId::parse(id).as_ref()).map(drop)?,
    }
    Ok(())
}
