//! Undoing every change outside the home, and deleting the home on request.

use codex_lab_core::engine::Engine;
use codex_lab_core::engine::uninstall::Undoing;
use codex_lab_core::failure::{Code, Failure};
use serde_json::json;

use crate::args::Uninstall;
use crate::output::{self, Output};
use crate::prompt::{self, Input};

pub(super) async fn run(wanted: &Uninstall, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let plan = engine.uninstall_plan(wanted.delete_home).await?;
    let lost: Vec<String> =
        if wanted.delete_home { engine.snapshot().profiles.iter().map(|row| row.name.clone()).collect() } else { Vec::new() };
    if wanted.dry_run {
        tell(&plan, &lost, true, output);
        output.note("Nothing was changed.");
        return Ok(());
    }
    let deletes = if wanted.yes { wanted.delete_home } else { agree(wanted, &plan, &lost).await? };
    let mut steps = engine.uninstall().await?;
    let left = steps.iter().find(|step| !step.done).and_then(|step| step.failure.clone());
    if deletes && left.is_none() {
        steps.extend(engine.clone().delete_home().await?);
    }
    tell(&steps, if deletes { &lost } else { &[] }, false, output);
    match left {
        Some(failure) if deletes => Err(failure.hint("The home was not deleted: something outside still leads to it.")),
        Some(failure) => Err(failure),
        None => {
            output.hint("Codex stays signed in as it is: its login is its own file.");
            output.hint("Remove the program itself in the way you installed it.");
            Ok(())
        }
    }
}

/// Whether the home is deleted; a refusal of the rest ends it all.
async fn agree(wanted: &Uninstall, plan: &[Undoing], lost: &[String]) -> Result<bool, Failure> {
    if !output::can_ask() {
        return Err(Failure::new(Code::InvalidInput, "This undoes every change outside the home, and there is nobody to ask.")
            .hint("See what it would do with --dry-run, then say --yes."));
    }
    for step in plan {
        output::must(&line("would", step));
    }
    let mut input = Input::new();
    if !input.agrees("Undo all of this?").await? {
        return Err(prompt::cancelled());
    }
    if !wanted.delete_home {
        return Ok(false);
    }
    output::must(&format!("These logins would be lost for good: {}.", named(lost)));
    output::must("`codex-lab export FILE` keeps them in one sealed file; answer no to do that first.");
    input.agrees("Delete the home with them?").await
}

fn tell(steps: &[Undoing], lost: &[String], dry_run: bool, output: &Output) {
    let how = |step: &Undoing| {
        if dry_run {
            "would"
        } else if step.done {
            "done"
        } else {
            "left"
        }
    };
    let mut lines: Vec<_> = steps.iter().map(|step| line(how(step), step)).collect();
    if lines.is_empty() {
        lines.push("nothing outside the home was changed".to_owned());
    }
    if !lost.is_empty() && dry_run {
        lines.push(format!("lost: {}", named(lost)));
    }
    output.result(&lines.join("\n"), &json!({ "steps": steps, "lost": lost, "dry_run": dry_run }));
    for failure in steps.iter().filter_map(|step| step.failure.as_ref()) {
        output.note(&format!("note: {}", failure.message));
        failure.hints.iter().for_each(|hint| output.hint(hint));
    }
}

fn line(how: &str, step: &Undoing) -> String {
    format!("{how}  {}: {}", step.place, step.message)
}

fn named(lost: &[String]) -> String {
    if lost.is_empty() { "none".to_owned() } else { lost.join(", ") }
}
