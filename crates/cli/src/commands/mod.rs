//! One file for each group of verbs.

pub(crate) mod completions;
pub(crate) mod doctor;
mod list;
mod login;
mod profiles;
mod sessions;
mod sign_in;
mod switch;

use codex_lab_core::api::table::{ImportItem, Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::snapshot::Snapshot;

use crate::args::Verb;
use crate::output::Output;

/// Runs a verb that needs the engine.
pub(crate) async fn run(verb: &Verb, engine: &Engine, output: &Output) -> Result<(), Failure> {
    match verb {
        Verb::Login(login) => login::run(login, engine, output).await,
        Verb::List => {
            list::list(engine, output);
            Ok(())
        }
        Verb::Status => {
            list::status(engine, output);
            Ok(())
        }
        Verb::Show { name } => list::show(name, engine, output),
        Verb::Use(wanted) => switch::switch(wanted, engine, output).await,
        Verb::Undo => switch::undo(engine, output).await,
        Verb::Capture => profiles::capture(engine, output).await,
        Verb::Rename { name, new_name } => profiles::rename(name, new_name, engine, output).await,
        Verb::Pause { name } => profiles::pause(name, true, engine, output).await,
        Verb::Resume { name } => profiles::pause(name, false, engine, output).await,
        Verb::Move { name, position } => profiles::reorder(name, *position, engine, output).await,
        Verb::Remove(remove) => profiles::remove(remove, engine, output).await,
        Verb::Sessions { choose } => sessions::run(choose.as_ref(), engine, output).await,
        Verb::Doctor | Verb::Completions { .. } => Ok(()),
    }
}

/// Asks the engine; the snapshot after it, and what an import did.
async fn ask(engine: &Engine, request: Request) -> Result<(Snapshot, Vec<ImportItem>), Failure> {
    Ok(match engine.handle(request).await? {
        Reply::Done { snapshot } => (*snapshot, Vec::new()),
        Reply::Imported { snapshot, items } => (*snapshot, items),
    })
}
