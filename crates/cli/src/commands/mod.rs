//! One file for each group of verbs.

mod activity;
mod backup;
mod clients;
pub(crate) mod completions;
mod control;
pub(crate) mod doctor;
pub(crate) mod ending;
mod export;
mod gateway;
pub(crate) mod guard;
mod import;
mod list;
mod login;
pub(crate) mod man;
mod prime;
mod profiles;
mod quota;
mod remarks;
mod route;
mod sessions;
mod settings;
mod sign_in;
mod snooze;
mod status;
pub(crate) mod support;
mod switch;
mod uninstall;
mod usage;
mod vault;
pub(crate) mod why;

use std::process::ExitCode;

use codex_lab_core::api::table::{ImportItem, Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::Snapshot;
use serde_json::json;

use crate::args::{Run, Verb};
use crate::output::Output;

/// Runs a verb that needs the engine, with the vault's passphrase `piped` in or not. What the start has mended and what the verb has set aside is told now or never.
pub(crate) async fn run(verb: &Verb, piped: bool, engine: &Engine, output: &Output) -> Result<(), Failure> {
    // What a verb may wait for is large; it is no part of everything around it.
    Box::pin(around(verb, piped, engine, output, dispatch(verb, engine, output))).await
}

/// Starts Codex; its exit status is the program's.
pub(crate) async fn launch(wanted: &Run, verb: &Verb, piped: bool, engine: &Engine, output: &Output) -> Result<ExitCode, Failure> {
    around(verb, piped, engine, output, gateway::run(wanted, engine, output)).await
}

async fn around<R>(
    verb: &Verb,
    piped: bool,
    engine: &Engine,
    output: &Output,
    work: impl Future<Output = Result<R, Failure>>,
) -> Result<R, Failure> {
    let before = engine.snapshot();
    before.problems.iter().for_each(|problem| tell_problem(problem, output));
    let result = async {
        vault::open_for(verb, piped, engine).await?;
        work.await
    };
    let result = result.await;
    // A program that ends now would take with it what it could not save.
    tokio::select! {
        () = engine.until_saved(|failure| tell_problem(failure, output)) => {}
        // Where a signal was heard before, the system no longer ends the program at the next one.
        () = ending::ended() => {}
    }
    let after = engine.snapshot();
    after.problems.iter().filter(|problem| !before.problems.contains(problem)).for_each(|problem| tell_problem(problem, output));
    result
}

async fn dispatch(verb: &Verb, engine: &Engine, output: &Output) -> Result<(), Failure> {
    match verb {
        Verb::Login(login) => login::run(login, engine, output).await,
        Verb::Import(wanted) => import::run(wanted, engine, output).await,
        Verb::List => {
            list::list(engine, output);
            Ok(())
        }
        Verb::Status(wanted) => status::run(wanted, engine, output).await,
        Verb::Show { name } => list::show(name, engine, output),
        Verb::Use(wanted) => switch::switch(wanted, engine, output).await,
        Verb::Undo(_) => switch::undo(engine, output).await,
        Verb::Capture(_) => profiles::capture(engine, output).await,
        Verb::Rename { name, new_name, .. } => profiles::rename(name, new_name, engine, output).await,
        Verb::Renew { name, .. } => profiles::renew(name, engine, output).await,
        Verb::Set(set) => remarks::set(set, engine, output).await,
        Verb::Backup { what } => backup::run(what, engine, output).await,
        Verb::Export(wanted) => export::export(wanted, engine, output).await,
        Verb::Restore(wanted) => export::restore(wanted, engine, output).await,
        Verb::Vault { what } => vault::run(what, engine, output).await,
        Verb::Pause { name, .. } => profiles::pause(name, true, engine, output).await,
        Verb::Resume { name, .. } => profiles::pause(name, false, engine, output).await,
        Verb::Move { name, position, .. } => profiles::reorder(name, *position, engine, output).await,
        Verb::Remove(remove) => profiles::remove(remove, engine, output).await,
        Verb::Sessions { choose } => sessions::run(choose.as_ref(), engine, output).await,
        Verb::Route { what } => route::run(what.as_ref(), engine, output).await,
        Verb::Why(wanted) => why::run(wanted, engine, output).await,
        Verb::Activity(wanted) => activity::run(wanted, engine, output).await,
        Verb::Usage(wanted) => usage::run(wanted, engine, output).await,
        Verb::Prime(wanted) => prime::run(wanted, engine, output).await,
        Verb::Snooze(wanted) => snooze::run(wanted, engine, output).await,
        Verb::Background => prime::background(engine, output).await,
        Verb::Settings(wanted) => settings::run(wanted, engine, output).await,
        Verb::Connect(wanted) => clients::connect(wanted, engine, output).await,
        Verb::Disconnect(wanted) => clients::disconnect(wanted, engine, output).await,
        Verb::Uninstall(wanted) => uninstall::run(wanted, engine, output).await,
        Verb::Serve(wanted) => gateway::serve(wanted, engine, output).await,
        Verb::AppServer(wanted) => control::run(wanted, engine, output).await,
        Verb::Run(_) | Verb::Guard(_) | Verb::Doctor(_) | Verb::SupportBundle(_) | Verb::Completions { .. } | Verb::Man { .. } => Ok(()),
    }
}

/// A missing Codex is the doctor's to tell: here it would be said every time.
fn tell_problem(problem: &Failure, output: &Output) {
    if problem.code == Code::CodexMissing {
        return;
    }
    output.note(&format!("note: {}", problem.message));
    for hint in &problem.hints {
        output.hint(hint);
    }
}

/// Has the engine make a change; the snapshot after it, and what an import did. `None`: it was a dry run, and all is told.
async fn change(engine: &Engine, request: Request, output: &Output) -> Result<Option<(Snapshot, Vec<ImportItem>)>, Failure> {
    Ok(change_for_reply(engine, request, output).await?.map(|reply| after(engine, reply)))
}

/// The same for changes that have an answer of their own.
async fn change_for_reply(engine: &Engine, request: Request, output: &Output) -> Result<Option<Reply>, Failure> {
    if !output.is_dry_run() {
        return engine.handle(request).await.map(Some);
    }
    if let Reply::DryRun { would } = engine.handle(Request::DryRun { request: Box::new(request) }).await? {
        let lines: Vec<_> = would.iter().map(|what| format!("would {what}")).collect();
        let text = if lines.is_empty() { "nothing would change".to_owned() } else { lines.join("\n") };
        output.result(&text, &json!({ "dry_run": true, "would": would }));
        output.note("Nothing was changed.");
    }
    Ok(None)
}

/// Asks the engine, dry run or not; the snapshot after it, and what an import did.
async fn ask(engine: &Engine, request: Request) -> Result<(Snapshot, Vec<ImportItem>), Failure> {
    Ok(after(engine, engine.handle(request).await?))
}

fn after(engine: &Engine, reply: Reply) -> (Snapshot, Vec<ImportItem>) {
    match reply {
        Reply::Done { snapshot } | Reply::Clients { snapshot, .. } => (*snapshot, Vec::new()),
        Reply::Imported { snapshot, items } => (*snapshot, items),
        // These change nothing that is shown.
        Reply::ImportPlan { .. }
        | Reply::Backups { .. }
        | Reply::Exported { .. }
        | Reply::Decisions { .. }
        | Reply::Settings { .. }
        | Reply::Explained { .. }
        | Reply::UsageHistory { .. }
        | Reply::Primes { .. }
        | Reply::Primed { .. }
        | Reply::Background { .. }
        | Reply::Activity { .. }
        | Reply::DryRun { .. }
        | Reply::Snoozed { .. } => ((*engine.snapshot()).clone(), Vec::new()),
    }
}
