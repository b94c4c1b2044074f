//! The vault: how logins are kept, and opening it for a command. A key is never handed from one command to the next.

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{VaultMode, VaultState, VaultView};
use serde_json::json;

use super::{ask, change};
use crate::args::{MoveVault, Vault, Verb};
use crate::output::{self, Output};
use crate::prompt;

/// So often a person may mistype.
const TRIES: usize = 3;

pub(super) async fn run(what: &Vault, engine: &Engine, output: &Output) -> Result<(), Failure> {
    match what {
        Vault::Status => {
            status(&engine.snapshot().vault, output);
            Ok(())
        }
        Vault::Move(wanted) => move_to(wanted, engine, output).await,
        Vault::Unlock { passphrase_stdin, .. } => unlock(*passphrase_stdin, engine, output).await,
        Vault::Lock(_) => lock(engine, output).await,
    }
}

/// Opens a vault that waits for its passphrase, for a verb that needs logins. Where nobody can be asked the verb itself has
/// the word.
pub(super) async fn open_for(verb: &Verb, piped: bool, engine: &Engine) -> Result<(), Failure> {
    let vault = &engine.snapshot().vault;
    if vault.mode != VaultMode::Passphrase || vault.state != VaultState::Locked {
        return Ok(());
    }
    if piped {
        return give(prompt::first_line()?, engine).await;
    }
    if needs_logins(verb) && output::can_ask() { ask_until_right(engine).await } else { Ok(()) }
}

fn needs_logins(verb: &Verb) -> bool {
    match verb {
        Verb::Vault { what } => matches!(what, Vault::Move(_)),
        Verb::Prime(wanted) => wanted.now,
        Verb::List
        | Verb::Status(_)
        | Verb::Show { .. }
        | Verb::Sessions { .. }
        | Verb::Route { .. }
        | Verb::Why(_)
        | Verb::Usage(_)
        | Verb::Guard(_)
        | Verb::Activity(_)
        | Verb::Settings(_)
        | Verb::Background
        | Verb::Snooze(_)
        | Verb::Doctor(_)
        | Verb::Uninstall(_)
        | Verb::SupportBundle(_)
        | Verb::Completions { .. }
        | Verb::Man { .. }
        | Verb::Connect(_)
        | Verb::Disconnect(_)
        | Verb::Rename { .. }
        | Verb::Set(_)
        | Verb::Pause { .. }
        | Verb::Resume { .. }
        | Verb::Move { .. }
        // Its client unlocks it.
        | Verb::AppServer(_) => false,
        Verb::Run(_)
        | Verb::Serve(_)
        | Verb::Login(_)
        | Verb::Import(_)
        | Verb::Use(_)
        | Verb::Undo(_)
        | Verb::Capture(_)
        | Verb::Renew { .. }
        | Verb::Remove(_)
        | Verb::Backup { .. }
        | Verb::Export(_)
        | Verb::Restore(_) => true,
    }
}

async fn give(passphrase: Secret, engine: &Engine) -> Result<(), Failure> {
    ask(engine, Request::UnlockVault { passphrase: Some(SecretText(passphrase)) }).await.map(drop)
}

async fn ask_until_right(engine: &Engine) -> Result<(), Failure> {
    let mut left = TRIES;
    loop {
        let given = give(prompt::secret("Passphrase of the vault: ").await?, engine).await;
        left -= 1;
        match given {
            Err(failure) if failure.code == Code::WrongPassphrase && left > 0 => output::must(&failure.message),
            given => return given,
        }
    }
}

fn status(vault: &VaultView, output: &Output) {
    output.result(&format!("mode   {}\nstate  {}", mode(vault.mode), state(vault)), vault);
    if let Some(failure) = &vault.failure {
        output.note(&format!("note: {}", failure.message));
        failure.hints.iter().for_each(|hint| output.hint(hint));
    }
}

async fn move_to(wanted: &MoveVault, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let (before, to) = (engine.snapshot().vault.mode, VaultMode::from(wanted.to));
    let passphrase = match to {
        VaultMode::Passphrase => Some(SecretText(prompt::new_passphrase(wanted.passphrase_stdin).await?)),
        VaultMode::File | VaultMode::Keyring => None,
    };
    let Some((snapshot, _)) = change(engine, Request::MoveVault { to, passphrase }, output).await? else { return Ok(()) };
    let text = match (before == to, to) {
        (true, VaultMode::Passphrase) => "the vault has a new passphrase".to_owned(),
        (true, _) => format!("nothing to move: logins are kept {}", mode(to)),
        (false, _) => format!("logins are now kept {}", mode(to)),
    };
    output.result(&text, &json!({ "vault": snapshot.vault, "moved": before != to }));
    match to {
        VaultMode::Passphrase => output.hint("Without the passphrase nobody can open them, nor can you. Keep it somewhere safe."),
        VaultMode::Keyring => {
            output.hint("A keyring can be lost with its machine: `codex-lab export` writes a file that does not need it.");
        }
        VaultMode::File => {}
    }
    Ok(())
}

async fn unlock(piped: bool, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = engine.snapshot();
    if output.is_dry_run() {
        let passphrase = match before.vault.mode {
            VaultMode::Passphrase => Some(SecretText(prompt::passphrase(piped).await?)),
            VaultMode::File | VaultMode::Keyring => None,
        };
        return change(engine, Request::UnlockVault { passphrase }, output).await.map(drop);
    }
    match before.vault.mode {
        VaultMode::Passphrase if piped => give(prompt::passphrase(true).await?, engine).await?,
        VaultMode::Passphrase if output::can_ask() => ask_until_right(engine).await?,
        VaultMode::Passphrase => give(prompt::passphrase(false).await?, engine).await?,
        VaultMode::File | VaultMode::Keyring => ask(engine, Request::UnlockVault { passphrase: None }).await.map(drop)?,
    }
    let text = match before.vault.mode {
        VaultMode::File => "nothing to unlock: logins are kept in plain files",
        VaultMode::Keyring => "open: the keyring gave the key",
        VaultMode::Passphrase => "the passphrase is right",
    };
    output.result(text, &json!({ "vault": engine.snapshot().vault }));
    if before.vault.mode == VaultMode::Passphrase {
        output.hint("No command hands the key to the next: each that needs logins asks, or takes --vault-passphrase-stdin.");
        output.hint("The app asks once, in its window, and keeps the key until it is locked or ends.");
    }
    Ok(())
}

async fn lock(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some((snapshot, _)) = change(engine, Request::LockVault, output).await? else { return Ok(()) };
    output.result("locked: every running Codex Lab has forgotten the key", &json!({ "vault": snapshot.vault }));
    if snapshot.vault.mode == VaultMode::Keyring {
        output.hint("The keyring gives the key to the next command that asks. To prevent that, lock the keyring itself.");
    }
    Ok(())
}

fn mode(mode: VaultMode) -> &'static str {
    match mode {
        VaultMode::File => "in files that only you can read",
        VaultMode::Keyring => "sealed, with the key in the keyring",
        VaultMode::Passphrase => "sealed under your passphrase",
    }
}

fn state(vault: &VaultView) -> &'static str {
    match vault.state {
        VaultState::Open => "open",
        VaultState::Locked => "locked",
        VaultState::Denied => "denied: the keyring refuses, or does not answer",
        VaultState::Missing => "missing: no keyring, or no key in it",
        VaultState::Corrupt => "corrupt: the key does not fit, or vault.json is damaged",
    }
}
