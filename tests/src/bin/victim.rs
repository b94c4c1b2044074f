//! `codex-lab-victim`: makes one switch, one move of the vault, or one recovery, or puts one copy back, on real files, and kills
//! itself at a named place.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::base::secret::Secret;
use codex_lab_core::codex::home::CodexHome;
use codex_lab_core::codex::switch::Switch;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_core::store::state::State;
use codex_lab_tests::killer::Killer;
use codex_lab_tests::offline;
use codex_lab_tests::pocket_keyring::PocketKeyring;

/// The passphrase of every vault that has one.
const PASSPHRASE: &str = "planted horse battery staple";

/// Switches in the homes of the environment (`CODEX_LAB_HOME`, `CODEX_HOME`).
#[derive(Parser)]
#[command(name = "codex-lab-victim")]
struct Cli {
    /// A profile's id, `none` to sign out, `recover`; `move-file`, `move-keyring` or `move-passphrase`, `repair`, or
    /// `put-back:` and a copy's name.
    what: String,
    /// The place to be killed at.
    place: Option<String>,
    /// So often the place is passed before.
    #[arg(long, default_value_t = 0)]
    after: u32,
    /// The folder of the keyring.
    #[arg(long)]
    keyring: Option<PathBuf>,
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
    let mut ports = Ports { checkpoint: Arc::new(Killer::at(cli.place).after(cli.after)), ..offline::ports(Environment::of_process()) };
    if let Some(folder) = cli.keyring {
        ports.keyring = Arc::new(PocketKeyring::new(&folder).map_err(|_| Failure::new(Code::Internal, "no keyring"))?);
    }
    let home = Home::open(&ports.environment)?;
    let codex = CodexHome::find(&ports.environment)?;
    let profiles = Profiles::open(home.clone(), &ports);
    let passphrase = Secret::new(PASSPHRASE);
    if profiles.vault().mode()? == VaultMode::Passphrase {
        profiles.vault().unlock(Some(&passphrase))?;
    }
    if let Some(copy) = cli.what.strip_prefix("put-back:") {
        return Ok(profiles.put_back(copy, true)?);
    }
    let state = State::open(&home)?;
    let switch = Switch::new(home, codex, profiles.clone(), state, &ports);
    match cli.what.as_str() {
        "recover" => switch.recover().map(drop)?,
        "repair" => profiles.repair().map(drop)?,
        "move-file" => profiles.move_vault(VaultMode::File, None)?,
        "move-keyring" => profiles.move_vault(VaultMode::Keyring, None)?,
        "move-passphrase" => profiles.move_vault(VaultMode::Passphrase, Some(&passphrase))?,
        "none" => switch.to(None).map(drop)?,
        id => switch.to(ProfileId::parse(id).as_ref()).map(drop)?,
    }
    Ok(())
}
