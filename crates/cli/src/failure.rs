//! Telling a failure: one sentence, the next step, the code, the exit status.

use std::process::ExitCode;

use codex_lab_core::failure::Failure;

use crate::output::{self, Output};

/// Prints a failure and gives its exit status.
pub(crate) fn tell(failure: &Failure, output: &Output) -> ExitCode {
    if output.json {
        output::failure(failure);
    } else {
        output::error(&format!("error: {} [{}]", failure.message, failure.code.as_str()));
        for hint in &failure.hints {
            output.note(&format!("hint: {hint}"));
        }
    }
    ExitCode::from(failure.code.exit_status())
}
