//! Importing logins: what is there, what would happen, and what has happened.

use std::path::{self, Path};

use codex_lab_core::api::table::{ImportItem, ImportOutcome, Leftover, Reply, Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use serde_json::json;

use super::login::all_saved;
use super::{ask, change};
use crate::args::Import;
use crate::output::{self, Output};
use crate::prompt::{self, Input};
use crate::table::table;

pub(super) async fn run(wanted: &Import, engine: &Engine, output: &Output) -> Result<(), Failure> {
    if let Some(path) = &wanted.delete_leftover {
        return delete_leftover(path, wanted.yes, engine, output).await;
    }
    if wanted.path.as_deref() == Some(Path::new("-")) {
        return import_text(wanted, engine, output).await;
    }
    let passphrase = if wanted.passphrase { Some(passphrase().await?) } else { None };
    if wanted.dry_run {
        let (items, leftovers) = find(wanted, passphrase, engine).await?;
        tell_plan(&items, &leftovers, output);
        return Ok(());
    }
    // Whoever names nothing has not seen yet what there is.
    if wanted.from.is_none() && wanted.path.is_none() && wanted.only.is_empty() && !wanted.yes {
        let (items, _) = find(wanted, passphrase.clone(), engine).await?;
        agree(&items).await?;
    }
    let only = (!wanted.only.is_empty()).then(|| wanted.only.clone());
    let request = Request::ImportFrom { from: wanted.from, path: path_of(wanted), passphrase: passphrase.map(SecretText), only };
    let (_, items) = ask(engine, request).await?;
    tell_done(&items, output);
    all_saved(&items)
}

async fn find(wanted: &Import, passphrase: Option<Secret>, engine: &Engine) -> Result<(Vec<ImportItem>, Vec<Leftover>), Failure> {
    let request = Request::FindImports { from: wanted.from, path: path_of(wanted), passphrase: passphrase.map(SecretText) };
    match engine.handle(request).await? {
        Reply::ImportPlan { items, leftovers } => Ok((items, leftovers)),
        _ => Ok((Vec::new(), Vec::new())),
    }
}

async fn import_text(wanted: &Import, engine: &Engine, output: &Output) -> Result<(), Failure> {
    if wanted.from.is_some() {
        return Err(Failure::new(Code::InvalidInput, "From standard input, a single auth.json is imported as it is.")
            .hint("Leave out --from, or name a file."));
    }
    let request = Request::ImportText { text: SecretText(prompt::all()?) };
    let Some((_, items)) = change(engine, request, output).await? else { return Ok(()) };
    tell_done(&items, output);
    all_saved(&items)
}

async fn passphrase() -> Result<Secret, Failure> {
    if output::can_ask() { prompt::secret("Passphrase of the store: ").await } else { prompt::line() }
}

fn path_of(wanted: &Import) -> Option<String> {
    wanted.path.as_ref().map(|path| path.display().to_string())
}

/// Shows what would happen, and asks whether it may. Where no login would be touched there is nothing to ask.
async fn agree(items: &[ImportItem]) -> Result<(), Failure> {
    let changes = items.iter().filter(|item| matches!(item.outcome, ImportOutcome::Added | ImportOutcome::Updated)).count();
    if changes == 0 {
        return Ok(());
    }
    if !output::can_ask() {
        return Err(Failure::new(Code::InvalidInput, format!("{changes} logins of other tools would be imported."))
            .hint("See them with `codex-lab import --dry-run`.")
            .hint("Say --yes to import all of them, or name a tool with --from."));
    }
    output::must(&rows(items, "WOULD", would));
    let agreed = Input::new().agrees(&format!("Import {changes} of these logins?")).await?;
    if agreed { Ok(()) } else { Err(prompt::cancelled()) }
}

async fn delete_leftover(path: &Path, sure: bool, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let absolute = path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string();
    if !sure && !output.is_dry_run() {
        if !output::can_ask() {
            return Err(Failure::new(Code::InvalidInput, "A deleted file does not come back.").hint("Say --yes if you are sure."));
        }
        if !Input::new().agrees(&format!("Delete {absolute}? It does not come back.")).await? {
            return Err(prompt::cancelled());
        }
    }
    if change(engine, Request::DeleteLeftover { path: absolute.clone() }, output).await?.is_none() {
        return Ok(());
    }
    output.result(&format!("{absolute} is deleted"), &json!({ "deleted": absolute }));
    Ok(())
}

fn tell_plan(items: &[ImportItem], leftovers: &[Leftover], output: &Output) {
    let mut text = rows(items, "WOULD", would);
    if !leftovers.is_empty() {
        let rows: Vec<_> = leftovers.iter().map(|file| [file.from.word().to_owned(), file.path.clone(), file.what.clone()]).collect();
        text.push_str("\n\n");
        text.push_str(&table(["LEFT BY", "FILE", "WHAT IT IS"], &rows, output::width()));
    }
    output.result(&text, &json!({ "items": items, "leftovers": leftovers }));
    tell_advice(items, output);
    if leftovers.iter().any(|file| file.deletable) {
        output.hint("`codex-lab import --delete-leftover FILE` deletes a copy that nothing works with any more.");
    }
}

/// What an import did, one line for each login.
pub(super) fn tell_done(items: &[ImportItem], output: &Output) {
    output.result(&rows(items, "RESULT", done), &json!({ "items": items }));
    tell_advice(items, output);
}

/// Each piece of advice once, however many logins it is about.
fn tell_advice(items: &[ImportItem], output: &Output) {
    let mut told: Vec<&str> = Vec::new();
    for advice in items.iter().filter_map(|item| item.advice.as_deref()) {
        if !told.contains(&advice) {
            output.hint(advice);
            told.push(advice);
        }
    }
}

fn would(outcome: ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Added => "add",
        ImportOutcome::Updated => "update",
        ImportOutcome::Unchanged => "leave",
        ImportOutcome::Skipped | ImportOutcome::Failed => "skip",
    }
}

fn done(outcome: ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Added => "added",
        ImportOutcome::Updated => "updated",
        ImportOutcome::Unchanged => "unchanged",
        ImportOutcome::Skipped => "skipped",
        ImportOutcome::Failed => "not saved",
    }
}

fn rows(items: &[ImportItem], heading: &'static str, word: fn(ImportOutcome) -> &'static str) -> String {
    if items.is_empty() {
        return "Nothing to import was found.".to_owned();
    }
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            [
                word(item.outcome).to_owned(),
                item.from.map_or("-", |from| from.word()).to_owned(),
                or_dash(&item.email),
                or_dash(&item.plan),
                or_dash(&item.workspace),
                or_dash(&item.name),
                item.source.clone(),
                why(item),
            ]
        })
        .collect();
    table([heading, "SOURCE", "ACCOUNT", "PLAN", "WORKSPACE", "PROFILE", "WHERE", ""], &rows, output::width())
}

/// Why it is skipped, or where else the login is.
fn why(item: &ImportItem) -> String {
    match &item.failure {
        Some(failure) => failure.message.clone(),
        None if item.also_at.is_empty() => String::new(),
        None => format!("also at {}", item.also_at.join(", ")),
    }
}
