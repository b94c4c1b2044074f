//! Adding accounts, and signing them in again.

use std::io::Read as _;
use std::path::Path;

use codex_lab_core::api::table::{ImportItem, ImportOutcome, Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{SignIn, SignInMethod, SignInPhase};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::ask;
use crate::args::Login;
use crate::names;
use crate::output::{self, Output};
use crate::table::table;

/// Nothing that is pasted is near this size.
const INPUT_LIMIT: u64 = 2 << 20;

pub(super) async fn run(login: &Login, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let way = &login.way;
    if way.api_key {
        if output::can_ask() {
            output.note("Paste the API key and press Enter, then Ctrl-D:");
        }
        let (_, items) = ask(engine, Request::AddApiKey { key: SecretText(standard_input()?) }).await?;
        tell_items(&items, output);
        return Ok(());
    }
    if let Some(path) = &way.import {
        let request = if path == Path::new("-") {
            Request::ImportText { text: SecretText(standard_input()?) }
        } else {
            Request::ImportPath { path: path.display().to_string() }
        };
        let (_, items) = ask(engine, request).await?;
        tell_items(&items, output);
        return Ok(());
    }
    let again = login.again.as_deref().map(|name| names::find(&engine.snapshot(), name).map(|row| row.id.clone())).transpose()?;
    let method = if way.device_code { SignInMethod::DeviceCode } else { SignInMethod::Browser };
    sign_in(engine, method, again, way.paste_callback, login.add_other, output).await
}

async fn sign_in(
    engine: &Engine,
    method: SignInMethod,
    again: Option<ProfileId>,
    paste: bool,
    add_other: bool,
    output: &Output,
) -> Result<(), Failure> {
    let mut latest = engine.subscribe();
    ask(engine, Request::BeginSignIn { method, again, replace: false }).await?;
    let mut told = false;
    let mut lines = paste.then(|| BufReader::new(tokio::io::stdin()).lines());
    loop {
        let sign_in = latest.borrow_and_update().sign_in.clone();
        let Some(sign_in) = sign_in else { return Err(cancelled()) };
        if !told && sign_in.phase == SignInPhase::Waiting && sign_in.url.is_some() {
            told = true;
            tell_link(&sign_in, paste, output);
        }
        match sign_in.phase {
            SignInPhase::Done => {
                tell_done(engine, &sign_in, output);
                return Ok(());
            }
            SignInPhase::Failed => return Err(sign_in.failure.unwrap_or_else(cancelled)),
            SignInPhase::OtherAccount => {
                let add = add_other || ask_about_other(&sign_in, output);
                ask(engine, Request::DecideSignIn { add }).await?;
                continue;
            }
            SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing => {}
        }
        tokio::select! {
            changed = latest.changed() => if changed.is_err() { return Err(cancelled()) },
            line = next_line(&mut lines) => match line {
                Some(address) => {
                    let pasted = Request::PasteCallback { url: SecretText(Secret::new(address)) };
                    if let Err(failure) = ask(engine, pasted).await {
                        output::error(&format!("{} Paste the address again:", failure.message));
                    }
                }
                // Nothing more will be pasted, but the browser may still come back here by itself.
                None => lines = None,
            },
            _ = tokio::signal::ctrl_c() => {
                ask(engine, Request::CancelSignIn).await?;
                return Err(cancelled());
            }
        }
    }
}

/// The next pasted line; never comes if nothing is read.
async fn next_line(lines: &mut Option<tokio::io::Lines<BufReader<tokio::io::Stdin>>>) -> Option<String> {
    match lines {
        Some(lines) => lines.next_line().await.ok().flatten(),
        None => std::future::pending().await,
    }
}

fn tell_link(sign_in: &SignIn, paste: bool, output: &Output) {
    let url = sign_in.url.as_deref().unwrap_or_default();
    if let Some(code) = &sign_in.user_code {
        output.note(&format!("Open {url} on any machine and type in this code:\n\n    {code}\n\nThe code is good for 15 minutes."));
        return;
    }
    if sign_in.browser_failed {
        output.note("The browser could not be opened; open this page by hand:");
    } else {
        output.note("Your browser opens to sign in. If it does not, or for another account, open this page (a private window asks anew):");
    }
    output.note(&format!("\n    {url}\n"));
    if paste {
        output.note("When the browser ends at an address that does not open, paste that whole address here and press Enter:");
    } else {
        output.note("Waiting for the browser. Ctrl-C cancels; nothing is changed then.");
    }
}

fn ask_about_other(sign_in: &SignIn, output: &Output) -> bool {
    let who = sign_in.email.as_deref().unwrap_or("another account");
    output.note(&format!("This sign-in was for {who}, not for the account of that profile."));
    if !output::can_ask() {
        output.note("`--add-other` would add it as a new profile.");
        return false;
    }
    output.note("Add it as a new profile? [y/N]");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

fn tell_done(engine: &Engine, sign_in: &SignIn, output: &Output) {
    let snapshot = engine.snapshot();
    let row = snapshot.profiles.iter().find(|row| Some(&row.id) == sign_in.profile.as_ref());
    let name = row.map_or("?", |row| &row.name);
    let who = sign_in.email.as_deref().unwrap_or("the account");
    let how = if sign_in.created { "profile" } else { "renewed the login of profile" };
    output.result(&format!("Signed in as {who}: {how} {name}"), &json!({ "profile": row, "created": sign_in.created }));
    if row.is_some_and(|row| !row.live) {
        output.note(&format!("`codex-lab use '{name}'` makes it the live login."));
    }
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
            };
            let why = item.failure.as_ref().map_or_else(String::new, |failure| failure.message.clone());
            [outcome.to_owned(), item.name.clone().unwrap_or_default(), item.source.clone(), why]
        })
        .collect();
    output.result(&table(["", "PROFILE", "FROM", ""], &rows), &json!({ "items": items }));
}

fn standard_input() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_LIMIT).read_to_string(&mut text);
    read.map_err(|_| Failure::new(Code::InvalidInput, "Standard input is not text.").hint("Pipe the file's text into this command."))?;
    Ok(Secret::new(text))
}

fn cancelled() -> Failure {
    Failure::new(Code::Cancelled, "The sign-in was cancelled; nothing was changed.").hint("`codex-lab login` starts another one.")
}
