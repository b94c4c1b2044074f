//! Connecting other programs to the gateway, and undoing it.

use codex_lab_core::api::table::{ClientChange, Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::client::{Client, ClientState};
use serde_json::json;

use crate::args::{Connect, Disconnect};
use crate::output::Output;

pub(super) async fn connect(wanted: &Connect, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Connect { client, replace, dry_run } = *wanted;
    let changes = changes(engine, Request::ConnectClient { client, replace, dry_run }).await.map_err(|failure| match failure.code {
        Code::AlreadyExists => failure.hint("`--replace` has it replaced; with `--dry-run` it only shows how."),
        _ => failure,
    })?;
    let text: Vec<_> = changes.iter().map(|change| connected(change, dry_run)).collect();
    output.result(&text.join("\n"), &json!({ "changes": changes, "dry_run": dry_run }));
    remarks(&changes, output);
    if dry_run {
        output.note("Nothing was changed.");
        return Ok(());
    }
    match client {
        Client::Codex => output.hint("Sessions that are open go on as they are; the next ones go through Codex Lab."),
        Client::Opencode => output.hint("Start opencode anew, and choose a model of Codex Lab with /models."),
    }
    output.hint(&format!("{client} needs Codex Lab from now on: keep the app running, or `codex-lab serve`."));
    output.hint(&format!("`codex-lab disconnect {}` undoes exactly this.", client.word()));
    Ok(())
}

pub(super) async fn disconnect(wanted: &Disconnect, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let dry_run = wanted.dry_run;
    let changes = changes(engine, Request::DisconnectClient { client: wanted.client, dry_run }).await?;
    let text: Vec<_> = changes.iter().map(|change| disconnected(change, dry_run)).collect();
    let text = if text.is_empty() { "nothing is connected".to_owned() } else { text.join("\n") };
    output.result(&text, &json!({ "changes": changes, "dry_run": dry_run }));
    remarks(&changes, output);
    if dry_run {
        output.note("Nothing was changed.");
    }
    Ok(())
}

async fn changes(engine: &Engine, request: Request) -> Result<Vec<ClientChange>, Failure> {
    match engine.handle(request).await? {
        Reply::Clients { changes, .. } => Ok(changes),
        _ => Ok(Vec::new()),
    }
}

fn connected(change: &ClientChange, dry_run: bool) -> String {
    let ClientChange { client, path, .. } = change;
    let how = match (dry_run, is_empty(change)) {
        (_, true) => format!("{client} is connected already by {path}"),
        (true, false) => format!("{client} would be connected by {path}"),
        (false, false) => format!("{client} is connected by {path}"),
    };
    let undone = match (change.whole_file, change.puts_back.as_slice()) {
        (true, _) => "Disconnecting takes the file away again.".to_owned(),
        (false, []) => "Disconnecting takes it out again, and nothing else.".to_owned(),
        (false, back) => format!("Disconnecting puts back: {}", back.join(" ")),
    };
    let undone = if dry_run { format!("\n{undone}") } else { String::new() };
    format!("{how}{}{undone}", difference(change))
}

fn disconnected(change: &ClientChange, dry_run: bool) -> String {
    let ClientChange { client, path, .. } = change;
    let how = match (change.state, dry_run, is_empty(change)) {
        (ClientState::ChangedSince, _, true) => format!("{client} stays as it is in {path}"),
        (_, _, true) => format!("{client} is not connected by {path}"),
        (_, true, false) => format!("{client} would be disconnected in {path}"),
        (_, false, false) => format!("{client} is disconnected in {path}"),
    };
    let gone = match (change.whole_file, dry_run) {
        (false, _) => "",
        (true, true) => "\nThe file itself would be taken away: there was none before.",
        (true, false) => "\nThe file itself is gone: there was none before.",
    };
    format!("{how}{}{gone}", difference(change))
}

fn is_empty(change: &ClientChange) -> bool {
    change.put_in.is_empty() && change.taken_out.is_empty() && !change.whole_file
}

/// The lines that go and come; those around them are the user's own and may hold what is nobody's business.
fn difference(change: &ClientChange) -> String {
    // A tab would not be printed.
    let line = |sign: char, line: &String| format!("\n{sign} {}", line.replace('\t', "    "));
    let goes = change.taken_out.iter().map(|gone| line('-', gone));
    goes.chain(change.put_in.iter().map(|come| line('+', come))).collect()
}

fn remarks(changes: &[ClientChange], output: &Output) {
    for remark in changes.iter().flat_map(|change| &change.remarks) {
        output.note(&format!("note: {}", remark.message));
        remark.hints.iter().for_each(|hint| output.hint(hint));
    }
}
