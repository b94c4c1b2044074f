//! What the doctor says of one thing.

use serde::Serialize;

use crate::failure::{Code, Failure};

/// What the doctor found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub topic: String,
    /// How bad it is.
    pub severity: Severity,
    /// The code of a problem, and of a warning that has one.
    pub code: Option<Code>,
    /// What is so.
    pub message: String,
    /// How to mend it: the next step first.
    pub hints: Vec<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// In order.
    Ok,
    /// Works, but the user should know.
    Warning,
    /// Something does not work until it is mended.
    Problem,
    /// There is nothing to look at here.
    NotApplicable,
}

impl Finding {
    /// In order.
    pub(super) fn ok(topic: &str, message: impl Into<String>) -> Self {
        Self { topic: topic.to_owned(), severity: Severity::Ok, code: None, message: message.into(), hints: Vec::new() }
    }

    /// Nothing to look at.
    pub(super) fn not_applicable(topic: &str, message: impl Into<String>) -> Self {
        Self { severity: Severity::NotApplicable, ..Self::ok(topic, message) }
    }

    /// Not in order.
    pub(super) fn problem(topic: &str, failure: Failure) -> Self {
        let Failure { code, message, hints } = failure;
        Self { topic: topic.to_owned(), severity: Severity::Problem, code: Some(code), message, hints }
    }

    /// Works, but not as it should.
    pub(super) fn warning(topic: &str, failure: Failure) -> Self {
        Self { severity: Severity::Warning, ..Self::problem(topic, failure) }
    }

    /// The same without a code: nothing that was asked for fails by it.
    pub(super) fn remark(topic: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, hints: vec![hint.into()], ..Self::ok(topic, message) }
    }

    pub(super) fn of<T>(topic: &str, result: &Result<T, Failure>, good: impl FnOnce(&T) -> String) -> Self {
        match result {
            Ok(value) => Self::ok(topic, good(value)),
            Err(failure) => Self::problem(topic, failure.clone()),
        }
    }
}
