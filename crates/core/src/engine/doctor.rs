//! The doctor: looks at everything that has to be in order, and says how to mend what is not. Changes nothing.

use std::sync::Arc;

use serde::Serialize;

use super::{Engine, Shared, blocking, held, problems};
use crate::base::files::{self, Entry};
use crate::codex::live::{self, Live};
use crate::failure::{Code, Failure, shown};
use crate::model::profile::Profile;
use crate::store::settings;

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

    fn warning(topic: &str, failure: Failure) -> Self {
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
        blocking(move || Ok(examine(&shared))).await
    }
}

fn examine(shared: &Shared) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("home", shown(shared.home.root()))];
    findings.extend(held(&shared.told).iter().map(|failure| Finding::warning("home", failure.clone())));
    findings.push(Finding::of("settings", settings::read(&shared.home).map_err(Failure::from), |_| shown(&shared.home.config())));
    match shared.profiles.list() {
        Err(error) => findings.push(Finding::problem("profiles", error.into())),
        Ok(profiles) => {
            findings.push(Finding::ok("profiles", format!("{} in the index", profiles.len())));
            findings.extend(profiles.iter().map(|profile| examine_profile(shared, profile)));
        }
    }
    findings.push(Finding::of("state", shared.state.last_switch().map_err(Failure::from), |last| {
        last.map_or_else(|| "no switch yet".to_owned(), |last| format!("last switch at {}", last.at.strftime("%Y-%m-%d %H:%M UTC")))
    }));
    findings.push(match shared.codex.codex_program(&shared.ports.environment) {
        Some(program) => Finding::ok("codex", shown(&program)),
        None => Finding::warning("codex", problems::codex_missing()),
    });
    findings.push(Finding::of("codex store", problems::store_mode(&shared.codex), |()| "the login is kept in a file".to_owned()));
    findings.push(examine_live(shared));
    findings
}

fn examine_profile(shared: &Shared, profile: &Profile) -> Finding {
    let topic = format!("profile {}", profile.name);
    let login = match shared.profiles.login_of(profile) {
        Ok(login) => login,
        Err(error) => return Finding::problem(&topic, error.into()),
    };
    if login.subject().as_ref() != Some(&profile.subject) {
        let failure = Failure::new(Code::WrongAccount, format!("The stored login of {} is another account's.", profile.name))
            .hint(format!("Sign in again: codex-lab login --again '{}'", profile.name));
        return Finding::problem(&topic, failure);
    }
    if profile.needs_sign_in {
        let failure = Failure::new(Code::NeedsSignIn, format!("The provider no longer accepts the login of {}.", profile.name))
            .hint(format!("Sign in again: codex-lab login --again '{}'", profile.name));
        return Finding::problem(&topic, failure);
    }
    Finding::ok(&topic, if profile.paused { "paused" } else { "ready" })
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
            Ok(path) => Finding::ok(topic, shown(&path)),
        },
    }
}
