//! Where words go: results to standard output, progress, hints and questions to standard error.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::progress::{Far, NoProgress, Progress, Underway, Work};
use codex_lab_core::failure::Failure;
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{Args, Verb};
use crate::paint::{Text, Tone, clean, steers};
use crate::progress::{Bars, Wishes};

/// The version of the JSON envelope.
const JSON_VERSION: u32 = 1;

/// How to speak to whoever called.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    dry_run: bool,
    /// Whether what is said beside the result has colours, and whether the result has.
    colours: (bool, bool),
    /// Whether colours are wanted at all, wherever the result goes.
    bar_colours: bool,
    /// Shows how far long work is, where somebody is to see it.
    progress: Arc<dyn Progress>,
    /// The result as JSON, until the end tells whether all went well: whoever reads it reads one document.
    held: RefCell<Option<Value>>,
}

impl Output {
    pub(crate) fn new(args: &Args, environment: &Environment) -> Self {
        let dumb = environment.text("TERM").is_none_or(|terminal| terminal == "dumb");
        let bar_colours = !args.no_color && environment.get("NO_COLOR").is_none();
        let unwanted = !bar_colours || dumb;
        let terminal = std::io::stderr().is_terminal();
        let wishes = Wishes { terminal, dumb, json: args.json, quiet: args.quiet, verbose: args.verbose };
        let colours = (!unwanted && terminal, !unwanted && std::io::stdout().is_terminal());
        Self {
            json: args.json,
            quiet: args.quiet,
            dry_run: args.verb.as_ref().is_some_and(Verb::is_dry_run),
            colours,
            bar_colours,
            progress: if wishes.drawn() { Arc::new(Bars::default()) } else { Arc::new(NoProgress) },
            held: RefCell::default(),
        }
    }

    /// Whether all that is wanted is what would change.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whoever is to be told of long work.
    pub(crate) fn progress(&self) -> Arc<dyn Progress> {
        Arc::clone(&self.progress)
    }

    /// Shows that something is waited for, until what is given back is dropped. Nothing else may be printed meanwhile.
    pub(crate) fn waiting(&self, work: Work, far: Far) -> Underway {
        Underway::begin(&self.progress, work, far)
    }

    /// The result: `text` for people, or `value` in the envelope.
    pub(crate) fn result(&self, text: &str, value: &impl Serialize) {
        self.painted_result(&text.into(), value);
    }

    /// The same of a text of which parts stand out.
    pub(crate) fn painted_result(&self, text: &Text, value: &impl Serialize) {
        if self.json {
            *self.held.borrow_mut() = Some(json!(value));
        } else if !text.is_empty() {
            print(&text.written(self.colours.1));
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

    /// One of the lines of a command that goes on; whether somebody reads them.
    pub(crate) fn goes_on(&self, text: &Text, value: &impl Serialize) -> bool {
        if self.json {
            let value = json!({ "version": JSON_VERSION, "ok": true, "result": value });
            return written(&escaped(&value.to_string()));
        }
        written(&text.written(self.colours.1))
    }

    /// Whether the result has colours.
    pub(crate) fn colours(&self) -> bool {
        self.colours.1
    }

    /// Whether a status bar is told of colours: a bar is no terminal, and has marks of its own for them.
    pub(crate) fn bar_colours(&self) -> bool {
        self.bar_colours
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
            self.say_after("hint:", Tone::Lead, text);
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
        self.say_after("error:", Tone::Alarm, &format!("{} [{}]", failure.message, failure.code.as_str()));
        for hint in &failure.hints {
            self.hint(hint);
        }
    }

    fn say_after(&self, word: &str, tone: Tone, text: &str) {
        let said = Text::default().with(word, tone).with(" ", Tone::Plain).with(text, Tone::Plain);
        say(&said.written(self.colours.0));
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
    written(text);
}

/// The same; whether it could be written.
pub(crate) fn written(text: &str) -> bool {
    writeln!(std::io::stdout(), "{text}").is_ok()
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

/// JSON in which nothing steers the terminal, and nothing is lost: such characters occur in strings alone.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_what_it_may_not_show() {
        let value = json!({ "email": "a\u{9b}2J\u{202e}b\u{1b}" });
        let text = escaped(&value.to_string());
        assert!(text.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
