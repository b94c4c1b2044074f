//! The doctor's findings, and mending what is safe to mend.

use std::process::ExitCode;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_core::engine::doctor::mending::{self, Mended};
use codex_lab_core::engine::doctor::{self, Finding, Severity};
use codex_lab_core::failure::Failure;
use serde_json::json;

use crate::args::Doctor;
use crate::output::Output;

/// Prints every finding; the exit status is that of the first problem. The engine is opened only after what has to be mended before.
pub(crate) async fn run(
    wanted: &Doctor,
    environment: &Environment,
    open: impl Future<Output = Result<Engine, Failure>>,
    output: &Output,
) -> Result<ExitCode, Failure> {
    let mends = if wanted.fix { mending::look(environment, std::env::current_exe().ok()).await? } else { Vec::new() };
    if wanted.dry_run {
        let rows: Vec<_> = mends.iter().map(mending::Mend::row).collect();
        let text: Vec<_> = rows.iter().map(|row| line("would mend", row)).collect();
        let text = if text.is_empty() { "nothing to mend".to_owned() } else { text.join("\n") };
        output.result(&text, &json!({ "findings": [], "mended": rows, "dry_run": true }));
        output.note("Nothing was changed.");
        return Ok(ExitCode::SUCCESS);
    }
    let mut mended = mending::before_start(environment, mends.clone()).await?;
    let findings = match open.await {
        Ok(engine) => {
            mended.extend(engine.mend(mends).await?);
            engine.doctor().await
        }
        Err(failure) => Err(failure),
    };
    let findings = findings.unwrap_or_else(doctor::cannot_start);
    let mut lines: Vec<_> = mended.iter().map(|row| line(if row.done { "mended" } else { "not mended" }, row)).collect();
    lines.extend(findings.iter().flat_map(said));
    output.result(&lines.join("\n"), &json!({ "findings": findings, "mended": mended, "dry_run": false }));
    let worst = findings.iter().find(|finding| finding.severity == Severity::Problem);
    Ok(worst.and_then(|finding| finding.code).map_or(ExitCode::SUCCESS, |code| ExitCode::from(code.exit_status())))
}

fn said(finding: &Finding) -> Vec<String> {
    let mark = match finding.severity {
        Severity::Ok => "ok     ",
        Severity::Warning => "warning",
        Severity::Problem => "problem",
        Severity::NotApplicable => "-      ",
    };
    let mut lines = vec![format!("{mark}  {}: {}", finding.topic, finding.message)];
    lines.extend(finding.hints.iter().map(|hint| format!("         {hint}")));
    lines
}

fn line(how: &str, row: &Mended) -> String {
    let why = row.failure.as_ref().map_or_else(String::new, |failure| format!(": {}", failure.message));
    format!("{how}  {}: {}: {}{why}", row.topic, row.path, row.message)
}
