//! The last known good copies.

use codex_lab_core::api::table::{BackupItem, BackupOf, Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use serde_json::json;

use super::ask;
use crate::args::{Backup, RestoreBackup};
use crate::output::{self, Output};
use crate::prompt::{self, Input};
use crate::table::table;

const HEADING: [&str; 5] = ["ID", "OF", "PROFILE", "MADE", ""];

pub(super) async fn run(what: &Backup, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let items = list(engine).await?;
    match what {
        Backup::List => {
            tell(&items, output);
            Ok(())
        }
        Backup::Restore(wanted) => restore(wanted, &items, engine, output).await,
    }
}

async fn list(engine: &Engine) -> Result<Vec<BackupItem>, Failure> {
    match engine.handle(Request::ListBackups).await? {
        Reply::Backups { items } => Ok(items),
        _ => Ok(Vec::new()),
    }
}

fn tell(items: &[BackupItem], output: &Output) {
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            let of = match item.of {
                BackupOf::Index => "list",
                BackupOf::Login => "login",
                BackupOf::Live => "live login",
            };
            let made = item.made_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
            [item.id.clone(), of.to_owned(), item.name.clone().unwrap_or_default(), made, standing(item)]
        })
        .collect();
    let text = if rows.is_empty() { "no copies yet".to_owned() } else { table(HEADING, &rows, output::width()) };
    output.result(&text, &json!({ "items": items }));
    if !items.is_empty() {
        output.hint("`codex-lab backup restore ID` puts a copy back; what is there now becomes a copy first.");
    }
}

/// How a copy stands to what is there, in a few words.
fn standing(item: &BackupItem) -> String {
    match (&item.failure, item.of) {
        (Some(failure), _) => failure.message.clone(),
        (None, _) if item.current => "as it is now".to_owned(),
        (None, BackupOf::Index) => "earlier names, order and remarks".to_owned(),
        (None, _) if item.older => "older: its tokens were renewed since, so it likely no longer works".to_owned(),
        (None, _) if item.profile.is_none() => "no profile has this account now".to_owned(),
        (None, _) => "newer than what is there".to_owned(),
    }
}

/// What putting a copy back does.
fn effect(item: &BackupItem) -> String {
    let name = item.name.as_deref().unwrap_or("its account");
    match item.of {
        _ if item.current => "Nothing changes: this is what is there now.".to_owned(),
        BackupOf::Index => "The profiles get the names, the order and the remarks of this copy. No login changes.".to_owned(),
        BackupOf::Login | BackupOf::Live if item.profile.is_none() => format!("{name} becomes a profile again, with this login."),
        BackupOf::Login | BackupOf::Live => format!("The stored login of {name} is replaced by this copy, and becomes a copy itself."),
    }
}

async fn restore(wanted: &RestoreBackup, items: &[BackupItem], engine: &Engine, output: &Output) -> Result<(), Failure> {
    let item = items.iter().find(|item| item.id == wanted.id).ok_or_else(|| {
        Failure::new(Code::NotFound, "There is no such copy.").hint("`codex-lab backup list` shows the copies there are.")
    })?;
    if let Some(failure) = &item.failure {
        return Err(failure.clone());
    }
    let effect = effect(item);
    let refused = item.older && item.of != BackupOf::Index && !wanted.force;
    if wanted.dry_run {
        let said = if refused { "Nothing changes: this login is older than the one there now.".to_owned() } else { effect };
        output.result(&said, &json!({ "item": item, "restored": false, "would_change": !refused && !item.current }));
        if refused {
            output.hint("`--force` would put it back all the same; it may cost the account's login.");
        }
        return Ok(());
    }
    // What is refused in any case needs no answer first.
    if !refused && !item.current && !wanted.yes {
        confirm(&effect, item).await?;
    }
    ask(engine, Request::RestoreBackup { backup: wanted.id.clone(), force: wanted.force }).await?;
    let done = if item.current { effect } else { format!("{} is put back", item.id) };
    output.result(&done, &json!({ "item": item, "restored": !item.current }));
    Ok(())
}

async fn confirm(effect: &str, item: &BackupItem) -> Result<(), Failure> {
    if !output::can_ask() {
        return Err(Failure::new(Code::InvalidInput, effect).hint("Say --yes if you are sure.").hint("`--dry-run` changes nothing."));
    }
    let warning = if item.older && item.of != BackupOf::Index {
        " It is older than the login there now: its refresh token may be spent, and spending it again makes the provider revoke the \
         whole login."
    } else {
        ""
    };
    let sure = Input::new().agrees(&format!("{effect}{warning} Go on?")).await?;
    if sure { Ok(()) } else { Err(prompt::cancelled()) }
}
