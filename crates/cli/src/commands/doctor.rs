//! The doctor's findings.

use std::process::ExitCode;

use codex_lab_core::engine::Engine;
use codex_lab_core::engine::doctor::{self, Severity};
use codex_lab_core::failure::Failure;
use serde_json::json;

use crate::output::Output;

/// Prints every finding; the exit status is that of the first problem.
pub(crate) async fn run(opened: Result<Engine, Failure>, output: &Output) -> ExitCode {
    let findings = match opened {
        Ok(engine) => engine.doctor().await,
        Err(failure) => Err(failure),
    };
    let findings = findings.unwrap_or_else(doctor::cannot_start);
    let mut lines = Vec::new();
    for finding in &findings {
        let mark = match finding.severity {
            Severity::Ok => "ok     ",
            Severity::Warning => "warning",
            Severity::Problem => "problem",
        };
        lines.push(format!("{mark}  {}: {}", finding.topic, finding.message));
        lines.extend(finding.hints.iter().map(|hint| format!("         {hint}")));
    }
    output.result(&lines.join("\n"), &json!({ "findings": findings }));
    let worst = findings.iter().find(|finding| finding.severity == Severity::Problem);
    worst.and_then(|finding| finding.code).map_or(ExitCode::SUCCESS, |code| ExitCode::from(code.exit_status()))
}
