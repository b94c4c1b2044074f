//! All profiles in one sealed file, and back.

use codex_lab_core::api::table::{Reply, Request, SecretText};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use serde_json::json;

use super::{change_for_reply, login};
use crate::args::{Export, Restore};
use crate::output::Output;
use crate::prompt;

pub(super) async fn export(wanted: &Export, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let passphrase = SecretText(prompt::new_passphrase(wanted.passphrase_stdin).await?);
    let path = wanted.file.display().to_string();
    let request = Request::Export { path, passphrase, replace: wanted.force };
    if let Some(Reply::Exported { path, profiles, left_out }) = change_for_reply(engine, request, output).await? {
        let count = if profiles == 1 { "1 profile is".to_owned() } else { format!("{profiles} profiles are") };
        output.result(&format!("{count} in {path}"), &json!({ "path": path, "profiles": profiles, "left_out": left_out }));
        for name in left_out {
            output.note(&format!("note: {name} is not in it: its login cannot be read."));
        }
        output.hint("Without the passphrase nobody can open it, nor can you.");
        output.hint("An export ages: each renewal of a login spends the tokens in it. Write a new one now and then.");
    }
    Ok(())
}

pub(super) async fn restore(wanted: &Restore, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let passphrase = SecretText(prompt::passphrase(wanted.passphrase_stdin).await?);
    let path = wanted.file.display().to_string();
    match engine.handle(Request::RestoreExport { path, passphrase, dry_run: wanted.dry_run }).await? {
        Reply::ImportPlan { items, .. } => {
            login::tell_items(&items, output);
            output.note("Nothing was changed.");
            Ok(())
        }
        Reply::Imported { items, .. } => {
            login::tell_items(&items, output);
            login::all_saved(&items)
        }
        _ => Ok(()),
    }
}
