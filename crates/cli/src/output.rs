//! Where words go: results to standard output, progress, hints and questions to standard error.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use codex_lab_core::base::environment::Environment;
use codex_lab_core::failure::Failure;
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::Args;

/// The version of the JSON envelope.
const JSON_VERSION: u32 = 1;
const RED: &str = "\u{1b}[1;31m";
const CYAN: &str = "\u{1b}[36m";
const PLAIN: &str = "\u{1b}[0m";

/// How to speak to whoever called.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    colour: bool,
    /// The result as JSON, until the end tells whether all went well: whoever reads it reads one document.
    held: RefCell<Option<Value>>,
}

impl Output {
    pub(crate) fn new(args: &Args, environment: &Environment) -> Self {
        let dumb = environment.text("TERM").is_none_or(|terminal| terminal == "dumb");
        let unwanted = args.no_color || environment.get("NO_COLOR").is_some() || dumb;
        Self { json: args.json, quiet: args.quiet, colour: !unwanted && std::io::stderr().is_terminal(), held: RefCell::default() }
    }

    /// The result: `text` for people, or `value` in the envelope.
    pub(crate) fn result(&self, text: &str, value: &impl Serialize) {
        if self.json {
            *self.held.borrow_mut() = Some(json!(value));
        } else if !text.is_empty() {
            print(&clean(text));
        }
    }

    /// A result of a command that goes on.
    pub(crate) fn now(&self, text: &str, value: &impl Serialize) {
        if self.json {
            envelope(&json!({ "version": JSON_VERSION, "ok": true, "result": value }));
        } else {
            print(&clean(text));
        }
    }

    /// The end of a command that went well.
    pub(crate) fn done(&self) {
        if let Some(result) = self.held.take() {
            envelope(&json!({ "version": JSON_VERSION, "ok": true, "result": result }));
        }
    }

    /// Progress: what quiet leaves out.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            say(&clean(text));
        }
    }

    /// A next step, with its label.
    pub(crate) fn hint(&self, text: &str) {
        if !self.quiet {
            say(&format!("{} {}", self.painted("hint:", CYAN), clean(text)));
        }
    }

    /// The end of one that did not: one sentence, the code, the next steps; and the result, where a part went well.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let mut value = json!({ "version": JSON_VERSION, "ok": false, "failure": failure });
            if let Some(result) = self.held.take() {
                value["result"] = result;
            }
            return envelope(&value);
        }
        say(&format!("{} {} [{}]", self.painted("error:", RED), clean(&failure.message), failure.code.as_str()));
        for hint in &failure.hints {
            self.hint(hint);
        }
    }

    fn painted(&self, word: &str, colour: &str) -> String {
        if self.colour { format!("{colour}{word}{PLAIN}") } else { word.to_owned() }
    }
}

/// Whether a person can be asked.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The columns of the terminal that standard output goes to, if it goes to one.
pub(crate) fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into())
}

/// Text as it is on standard output. A pipe that was closed early is the reader's choice, not an error.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What the user cannot go on without: said also when quiet.
pub(crate) fn must(text: &str) {
    say(&clean(text));
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn envelope(value: &Value) {
    print(&escaped(&format!("{value:#}")));
}

/// Names and e-mails come from outside: nothing in them may steer the terminal or turn the direction of writing.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !steers(*c)).collect()
}

/// The same for JSON, where nothing may be lost: such characters occur in strings alone.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            let _ = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}

fn steers(c: char) -> bool {
    c != '\n' && c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\rc\nd\u{9b}\u{202e}e"), "a[2Jbc\nde");
    }

    #[test]
    fn json_keeps_what_it_may_not_show() {
        let value = json!({ "email": "a\u{9b}2J\u{202e}b\u{1b}" });
        let text = escaped(&value.to_string());
        assert!(text.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
