//! The support bundle: what somebody who helps has to see, as one text file that the user can read first. Everything in it goes through
//! the redaction.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::doctor::{Finding, cannot_start};
use super::{Engine, blocking};
use crate::api::table::{Reply, Request};
use crate::base::environment::Environment;
use crate::base::files::{self, FileErrorKind};
use crate::base::progress::{Far, Underway, Work};
use crate::failure::{Code, Failure, shown};
use crate::model::activity::ActivityFilter;
use crate::model::setting::Allowed;
use crate::model::snapshot::Snapshot;
use crate::store::home::Home;
use crate::view::redaction::Redaction;

/// The end of each log is enough, in bytes.
const LOG_TAIL: u64 = 64 << 10;
const LOGS: [&str; 4] = ["desktop.log", "desktop.log.1", "window.log", "window.log.1"];
/// A word of a command of at most this many bytes gives nothing away.
const SHORT: usize = 4;
/// The last day of quota.
const HOURS: u32 = 24;

/// A bundle that is not written yet.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    parts: Vec<(&'static str, String)>,
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its heading.
    pub name: &'static str,
    /// Its size.
    pub bytes: usize,
}

impl Bundle {
    /// Puts one together from what can be read; where the engine did not open, `opened` says why, and the logs say more. `version` is
    /// that of the program. Unless names are kept, profiles are called p1, p2 and so on, in their order.
    pub async fn gather(opened: Result<&Engine, &Failure>, environment: &Environment, version: &str, keeps_names: bool) -> Self {
        let mut redaction = Redaction::default();
        if let Some(home) = environment.user_home().and_then(Path::to_str) {
            redaction.home(home);
            if let Ok(real) = files::canonical(Path::new(home)) {
                redaction.home(&real.to_string_lossy());
            }
        }
        let mut bundle = Self::default();
        let findings = match opened {
            Ok(engine) => {
                let _underway = Underway::begin(&engine.shared.ports.progress, Work::Gather, Far::Unknown);
                let raw = Raw::of(engine).await;
                raw.teach(&mut redaction, keeps_names);
                for (name, value) in raw.parts() {
                    bundle.add(name, pretty(&redaction.value(&value)));
                }
                engine.doctor().await
            }
            Err(failure) => Err(failure.clone()),
        };
        let (folders, logs) = on_disk(environment).await;
        if !keeps_names {
            // Names of profiles that are gone, or that no index tells any more.
            for name in &folders {
                redaction.hide(name);
            }
        }
        let findings = findings.unwrap_or_else(cannot_start);
        bundle.parts.insert(0, ("doctor", redaction.text(&doctor(&findings))));
        bundle.parts.insert(0, ("versions", versions(version)));
        for (name, log) in logs {
            bundle.add(name, redaction.text(&log));
        }
        bundle
    }

    /// What is in it.
    pub fn parts(&self) -> Vec<Part> {
        self.parts.iter().map(|(name, text)| Part { name, bytes: text.len() }).collect()
    }

    /// All of it.
    pub fn text(&self) -> String {
        let mut text = String::from("Codex Lab support bundle. Read it before you show it to anybody.\n");
        for (name, part) in &self.parts {
            let _ = write!(text, "\n==== {name} ====\n{part}\n");
        }
        text
    }

    /// Writes it to a new file that only its owner may read. Nothing is written over.
    pub async fn write(self, path: PathBuf) -> Result<String, Failure> {
        blocking(move || match files::write_new(&path, self.text().as_bytes()) {
            Ok(()) => Ok(shown(&path)),
            Err(error) if error.kind == FileErrorKind::Exists => {
                Err(Failure::new(Code::AlreadyExists, format!("{} is there already, and is not written over.", shown(&path)))
                    .hint("Choose another file with --output."))
            }
            Err(error) => Err(error.into()),
        })
        .await
    }

    fn add(&mut self, name: &'static str, text: String) {
        if !text.is_empty() {
            self.parts.push((name, text));
        }
    }
}

/// What the engine tells, as it is.
struct Raw {
    snapshot: Snapshot,
    settings: Value,
    activity: Value,
    quota: Value,
    /// Names of profiles, those of removed ones too.
    names: Vec<String>,
    /// Words of the user's hooks.
    commands: Vec<String>,
}

impl Raw {
    async fn of(engine: &Engine) -> Self {
        let snapshot = (*engine.snapshot()).clone();
        let mut commands = Vec::new();
        let rows = match engine.handle(Request::Settings).await {
            Ok(Reply::Settings { rows }) => rows,
            _ => Vec::new(),
        };
        let mut settings = Map::new();
        for row in rows {
            // A command may hold anything.
            let is_command = row.allowed == Allowed::Command && !row.value.is_null();
            if is_command {
                words(&row.value, &mut commands);
            }
            let value = if is_command { "set".into() } else { row.value };
            settings.insert(row.key.to_owned(), json!({ "value": value, "from": row.source }));
        }
        let settings = Value::Object(settings);
        let (activity, names) = match engine.handle(Request::Activity { filter: ActivityFilter::default() }).await {
            Ok(Reply::Activity { entries, names, .. }) => (json!(entries), names.into_values().collect()),
            _ => (Value::Null, Vec::new()),
        };
        let quota = match engine.handle(Request::UsageHistory { profile: None, hours: HOURS }).await {
            Ok(Reply::UsageHistory { history }) => json!(history),
            _ => Value::Null,
        };
        Self { snapshot, settings, activity, quota, names, commands }
    }

    fn teach(&self, redaction: &mut Redaction, keeps_names: bool) {
        for word in &self.commands {
            redaction.hide(word);
        }
        for (number, row) in (1..).zip(&self.snapshot.profiles) {
            let stand_in = if keeps_names { row.name.clone() } else { format!("p{number}") };
            redaction.replace(row.id.as_str(), &stand_in);
            if !keeps_names {
                redaction.replace(&row.name, &stand_in);
            }
            let private = [&row.workspace, &row.details.note, &row.details.label];
            private.into_iter().flatten().flat_map(|text| text.lines()).for_each(|text| redaction.hide(text));
        }
        if !keeps_names {
            self.names.iter().for_each(|name| redaction.hide(name));
            self.snapshot.removed.iter().for_each(|removed| redaction.hide(&removed.name));
        }
    }

    fn parts(&self) -> [(&'static str, Value); 4] {
        [
            ("snapshot", json!(self.snapshot)),
            ("settings", self.settings.clone()),
            ("activity", self.activity.clone()),
            ("quota", self.quota.clone()),
        ]
    }
}

/// The words of a command, those inside an argument too; short ones are everybody's.
fn words(command: &Value, words_found: &mut Vec<String>) {
    match command {
        Value::String(text) => words_found.extend(text.split_whitespace().filter(|word| word.len() > SHORT).map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| words(item, words_found)),
        Value::Object(members) => members.values().for_each(|value| words(value, words_found)),
        _ => {}
    }
}

fn pretty(value: &Value) -> String {
    if value.is_null() { String::new() } else { format!("{value:#}") }
}

fn versions(version: &str) -> String {
    format!("codex-lab {version}\nsystem {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn doctor(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let code = finding.code.map_or_else(String::new, |code| format!(" [{}]", code.as_str()));
        let _ = writeln!(text, "{:?}  {}: {}{code}", finding.severity, finding.topic, finding.message);
        for hint in &finding.hints {
            let _ = writeln!(text, "    {hint}");
        }
    }
    text
}

/// The names of profiles' folders, and the ends of the logs. A home that cannot be read gives none.
async fn on_disk(environment: &Environment) -> (Vec<String>, Vec<(&'static str, String)>) {
    let environment = environment.clone();
    let read = blocking(move || {
        let Ok(home) = Home::find(&environment) else { return Ok((Vec::new(), Vec::new())) };
        let folders = files::names(&home.profiles()).unwrap_or_default();
        let log = |name: &'static str| Some((name, files::last_lines(&home.logs().join(name), LOG_TAIL).ok()??.0));
        Ok((folders, LOGS.into_iter().filter_map(log).collect()))
    });
    read.await.unwrap_or_default()
}
