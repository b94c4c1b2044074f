//! Adding accounts, and signing them in again.

use std::path::Path;

use codex_lab_core::api::table::{ImportItem, ImportOutcome, Request, SecretText};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use serde_json::json;

use super::{change, sign_in};
use crate::args::Login;
use crate::output::{self, Output};
use crate::prompt;
use crate::table::table;

pub(super) async fn run(login: &Login, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let request = if login.way.api_key {
        let key = if output::can_ask() { prompt::secret("OpenAI API key: ").await? } else { prompt::all()? };
        Request::AddApiKey { key: SecretText(key) }
    } else if let Some(path) = &login.way.import {
        if path == Path::new("-") {
            Request::ImportText { text: SecretText(prompt::all()?) }
        } else {
            Request::ImportPath { path: path.display().to_string() }
        }
    } else {
        return sign_in::run(login, engine, output).await;
    };
    let Some((_, items)) = change(engine, request, output).await? else { return Ok(()) };
    tell_items(&items, output);
    all_saved(&items)
}

/// What an import did, one line for each login.
pub(super) fn tell_items(items: &[ImportItem], output: &Output) {
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let outcome = match item.outcome {
                ImportOutcome::Added => "added",
                ImportOutcome::Updated => "updated",
                ImportOutcome::Unchanged => "unchanged",
                ImportOutcome::Skipped => "skipped",
                ImportOutcome::Failed => "not saved",
            };
            let why = item.failure.as_ref().map_or_else(String::new, |failure| failure.message.clone());
            [outcome.to_owned(), item.name.clone().unwrap_or_default(), item.source.clone(), why]
        })
        .collect();
    output.result(&table(["RESULT", "PROFILE", "FROM", ""], &rows, output::width()), &json!({ "items": items }));
}

/// Whoever reads only how a command ended must hear of a good login that is not kept.
pub(super) fn all_saved(items: &[ImportItem]) -> Result<(), Failure> {
    let failed: Vec<&Failure> =
        items.iter().filter(|item| item.outcome == ImportOutcome::Failed).filter_map(|item| item.failure.as_ref()).collect();
    let Some(first) = failed.first() else { return Ok(()) };
    let message = format!("{} of {} logins could not be saved. {}", failed.len(), items.len(), first.message);
    let again = "Run the same command again then: what is saved already stays as it is.".to_owned();
    Err(Failure { code: first.code, message, hints: [first.hints.clone(), vec![again]].concat() })
}
