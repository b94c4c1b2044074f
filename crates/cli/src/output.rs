//! Where words go: results to standard output, progress and hints to standard error.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use serde_json::json;

/// The version of the JSON envelope.
const JSON_VERSION: u32 = 1;

/// How to speak to whoever called.
#[derive(Debug)]
pub(crate) struct Output {
    /// One JSON value on standard output, nothing else there.
    pub(crate) json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// The result: `text` for people, or `value` in the envelope.
    pub(crate) fn result(&self, text: &str, value: &impl Serialize) {
        if self.json {
            envelope(&json!({ "version": JSON_VERSION, "ok": true, "result": value }));
        } else if !text.is_empty() {
            line(text);
        }
    }

    /// Progress, hints, questions.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{}", clean(text));
        }
    }
}

/// A failure, in the envelope.
pub(crate) fn failure(failure: &impl Serialize) {
    envelope(&json!({ "version": JSON_VERSION, "ok": false, "failure": failure }));
}

/// An error on standard error: also when quiet.
pub(crate) fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", clean(text));
}

/// Whether a person can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn envelope(value: &serde_json::Value) {
    line(&format!("{value:#}"));
}

/// A pipe that was closed early is the reader's choice, not an error.
fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", clean(text));
}

/// Names and e-mails come from outside: nothing in them may steer the terminal.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(super::clean("a\u{1b}[2Jb\rc\nd\u{9b}"), "a[2Jbc\nd");
    }
}
