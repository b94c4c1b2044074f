//! The doctor: looks at everything that has to be in order, and says how to mend what is not. Changes nothing.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::{Engine, Shared, blocking, clients, held, problems};
use crate::base::files::{self, Entry};
use crate::base::locks::FileLock;
use crate::base::ports::{Command, Finished};
use crate::codex::config::CodexConfig;
use crate::codex::live::{self, Live};
use crate::codex::switch::SwitchError;
use crate::failure::{Code, Failure, shown};
use crate::model::profile::Profile;
use crate::model::snapshot::VaultMode;
use crate::store::settings;

/// Codex says its version at once; a wrapper around it may have to wake up.
const CODEX_PATIENCE: Duration = Duration::from_secs(10);
/// Characters of it; a version has far fewer.
const VERSION_SHOWN: usize = 60;

/// What the doctor found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub topic: String,
    /// How bad it is.
    pub severity: Severity,
    /// The code of a problem or a warning.
    pub code: Option<Code>,
    /// What is so.
    pub message: String,
    /// How to mend it.
    pub hints: Vec<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// In order.
    Ok,
    /// Works, but the user should know.
    Warning,
    /// Something does not work until it is mended.
    Problem,
}

impl Finding {
    /// In order.
    pub fn ok(topic: &str, message: impl Into<String>) -> Self {
        Self { topic: topic.to_owned(), severity: Severity::Ok, code: None, message: message.into(), hints: Vec::new() }
    }

    /// Not in order.
    pub fn problem(topic: &str, failure: Failure) -> Self {
        Self {
            topic: topic.to_owned(),
            severity: Severity::Problem,
            code: Some(failure.code),
            message: failure.message,
            hints: failure.hints,
        }
    }

    /// Works, but not as it should.
    pub(super) fn warning(topic: &str, failure: Failure) -> Self {
        Self { severity: Severity::Warning, ..Self::problem(topic, failure) }
    }

    fn of<T>(topic: &str, result: Result<T, Failure>, good: impl FnOnce(T) -> String) -> Self {
        match result {
            Ok(value) => Self::ok(topic, good(value)),
            Err(failure) => Self::problem(topic, failure),
        }
    }
}

impl Engine {
    /// Looks at everything.
    pub async fn doctor(&self) -> Result<Vec<Finding>, Failure> {
        let shared = Arc::clone(&self.shared);
        let mut findings = blocking(move || Ok(examine(&shared))).await?;
        findings.push(self.examine_codex().await);
        Ok(findings)
    }

    /// Whether there is a Codex CLI, and whether it runs.
    async fn examine_codex(&self) -> Finding {
        let topic = "codex";
        let Shared { ports, codex, .. } = &*self.shared;
        let Some(program) = codex.codex_program(&ports.environment) else {
            return Finding::warning(topic, problems::codex_missing());
        };
        let shown_program = shown(&program);
        let ask = Command { program, arguments: vec!["--version".to_owned()], variables: Vec::new(), timeout: CODEX_PATIENCE };
        if let Ok(Finished { success: true, output, .. }) = ports.processes.run(ask).await {
            let version: String = output.lines().next().unwrap_or_default().chars().take(VERSION_SHOWN).collect();
            return Finding::ok(topic, format!("{version} in {shown_program}"));
        }
        let failure = Failure::new(Code::CodexMissing, format!("{shown_program} does not run."));
        Finding::warning(topic, failure.hint("Install Codex again, for example with: npm install -g @openai/codex"))
    }
}

/// What is found where the engine does not even start.
pub fn cannot_start(failure: Failure) -> Vec<Finding> {
    let topic = match failure.code {
        Code::Network => "network",
        Code::CodexConfig | Code::CodexStoreMode | Code::CodexForced => "codex",
        Code::NewerVersion => "profiles",
        _ => "home",
    };
    vec![Finding::problem(topic, failure)]
}

fn examine(shared: &Shared) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("home", shown(shared.home.root()))];
    findings.extend(held(&shared.told).iter().map(|failure| Finding::warning("home", failure.clone())));
    findings.push(examine_locks(shared));
    findings.push(Finding::of("settings", settings::read(&shared.home).map_err(Failure::from), |_| shown(&shared.home.config())));
    findings.push(examine_network(shared));
    findings.push(examine_vault(shared));
    // One that cannot be read is told below, where the login is looked at.
    let config = CodexConfig::read(&shared.codex).unwrap_or_default();
    match shared.profiles.list() {
        Err(error) => findings.push(Finding::problem("profiles", error.into())),
        Ok(profiles) => {
            findings.push(Finding::ok("profiles", format!("{} in the index", profiles.len())));
            findings.extend(profiles.iter().map(|profile| examine_profile(shared, &config, profile)));
        }
    }
    findings.push(Finding::of("state", shared.state.last_switch().map_err(Failure::from), |last| {
        last.map_or_else(|| "no switch yet".to_owned(), |last| format!("last switch at {}", last.at.strftime("%Y-%m-%d %H:%M UTC")))
    }));
    findings.push(Finding::of("codex store", problems::store_mode(&shared.codex), |()| "the login is kept in a file".to_owned()));
    findings.push(examine_live(shared));
    findings.extend(clients::examine(shared).unwrap_or_else(|failure| vec![Finding::problem("clients", failure)]));
    findings
}

/// Whether a change could be made at once.
fn examine_locks(shared: &Shared) -> Finding {
    let locks = ["index", "switch"].map(|name| FileLock::acquire(&shared.home.lock(name), "to see whether it is free", Duration::ZERO));
    match locks.into_iter().find_map(Result::err) {
        None => Finding::ok("locks", "free"),
        Some(error) => Finding::warning("locks", error.into()),
    }
}

/// How logins are kept, and whether they can be read.
fn examine_vault(shared: &Shared) -> Finding {
    let vault = shared.profiles.vault();
    let mode = vault.look().and_then(|()| vault.mode()).map_err(Failure::from);
    Finding::of("vault", mode, |mode| match mode {
        VaultMode::File => "logins are kept in files that only you can read".to_owned(),
        VaultMode::Keyring => "logins are kept sealed; the keyring gives the key".to_owned(),
        VaultMode::Passphrase => "logins are kept sealed; your passphrase has opened them".to_owned(),
    })
}

/// What the environment says about the network. A proxy's address may hold a password, so it is not told.
fn examine_network(shared: &Shared) -> Finding {
    let environment = &shared.ports.environment;
    let set = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"];
    let set: Vec<_> = set.into_iter().filter(|name| environment.get(name).is_some()).collect();
    Finding::ok("network", if set.is_empty() { "nothing special is set".to_owned() } else { format!("set and usable: {}", set.join(", ")) })
}

fn examine_profile(shared: &Shared, config: &CodexConfig, profile: &Profile) -> Finding {
    let topic = format!("profile {}", profile.name);
    let again = |code, message: String| {
        Finding::problem(&topic, Failure::new(code, message).hint(format!("Sign in again: codex-lab login --again '{}'", profile.name)))
    };
    let login = match shared.profiles.login_of(profile) {
        Ok(login) => login,
        Err(error) => return Finding::problem(&topic, error.into()),
    };
    if login.subject().as_ref() != Some(&profile.subject) {
        return again(Code::WrongAccount, format!("The stored login of {} is another account's.", profile.name));
    }
    if profile.needs_sign_in {
        return again(Code::NeedsSignIn, format!("The provider no longer accepts the login of {}.", profile.name));
    }
    let file = shared.profiles.vault().place(&profile.name);
    if files::is_private(&file).is_ok_and(|private| !private) {
        let failure = Failure::new(Code::StorageDenied, format!("The login of {} can be read by other users.", profile.name))
            .hint(format!("Make it yours alone: chmod 600 '{}'", shown(&file)));
        return Finding::warning(&topic, failure);
    }
    match config.admits(&login) {
        Err(source) => Finding::warning(&topic, SwitchError::Forbidden { name: profile.name.clone(), source }.into()),
        Ok(()) => Finding::ok(&topic, if profile.paused { "paused" } else { "ready" }),
    }
}

fn examine_live(shared: &Shared) -> Finding {
    let topic = "live login";
    match live::read(&shared.codex) {
        Live::None if files::entry(shared.codex.root()).is_ok_and(|entry| entry == Entry::Missing) => {
            Finding::ok(topic, format!("none; Codex has not been used in {}", shown(shared.codex.root())))
        }
        Live::None => Finding::ok(topic, "none"),
        Live::Unreadable(error) => Finding::problem(topic, error.into()),
        Live::Login(_) => match live::place(&shared.codex) {
            // It can be read, but a switch would be refused.
            Err(error) => Finding::problem(topic, error.into()),
            Ok(path) if files::is_private(&path).is_ok_and(|private| !private) => {
                let failure = Failure::new(Code::StorageDenied, "The live login can be read by other users.")
                    .hint(format!("Make it yours alone: chmod 600 '{}'", shown(&path)));
                Finding::warning(topic, failure)
            }
            Ok(path) => Finding::ok(topic, shown(&path)),
        },
    }
}
