//! What the app and its window say to each other: one JSON object on each line.

use codex_lab_core::failure::{Code, Failure};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::Page;

/// No line is longer, in bytes: a snapshot of ten thousand profiles is a fifth of this.
pub(super) const LONGEST: usize = 64 << 20;

/// The app's first line, which the window waits for: what it shows is drawn without another question.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FirstLine {
    /// What is shown.
    pub(super) page: Page,
    /// How things are; nothing where the app does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) snapshot: Option<Box<RawValue>>,
}

/// What the window says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromWindow {
    /// A request of the table; it is answered under the same number.
    Call {
        /// A number that no other call of this window has.
        id: u64,
        /// The request, unread.
        request: Box<RawValue>,
    },
    /// Snapshots are wanted from now on: the current one at once, and every later one.
    Follow {
        /// As for a call.
        id: u64,
    },
    /// The window shows what it was asked to show for the so-many-th time.
    Shown(u64),
}

/// What the app says after its first line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToWindow {
    /// How a call ended.
    Answer(Answer),
    /// How things are now.
    Snapshot(Box<RawValue>),
    /// The window is to come to the front with this page.
    Show {
        /// The how-many-th time.
        time: u64,
        /// What is shown.
        page: Page,
    },
}

/// How a call ended: one of both is there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The number of the call.
    pub(super) id: u64,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Box<RawValue>>,
    /// Why nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Box<RawValue>>,
}

impl Answer {
    /// What came of a call.
    pub(super) fn of(id: u64, outcome: Result<impl Serialize, Failure>) -> Self {
        let told = outcome.and_then(|reply| to_raw_value(&reply).map_err(|error| senseless(&error)));
        match told {
            Ok(reply) => Self { id, reply: Some(reply), failure: None },
            Err(failure) => Self { id, reply: None, failure: to_raw_value(&failure).ok() },
        }
    }
}

/// What one side says makes no sense to the other.
pub(super) fn senseless(error: &serde_json::Error) -> Failure {
    Failure::new(Code::Internal, format!("The window and the app do not understand each other: {error}."))
        .hint("Quit Codex Lab and start it again; if that does not help, please report it.")
}

#[cfg(test)]
mod tests {
    use codex_lab_core::view::link::Link;

    use super::*;

    fn there_and_back<T: Serialize + for<'a> Deserialize<'a>>(said: &T) -> String {
        let line = serde_json::to_string(said).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::to_string(&serde_json::from_str::<T>(&line).unwrap()).unwrap(), line);
        line
    }

    #[test]
    fn every_sentence_arrives_as_it_was_said() {
        let request = to_raw_value(&serde_json::json!({"method": "snapshot", "params": {"text": "a\nb"}})).unwrap();
        for said in [FromWindow::Call { id: 7, request }, FromWindow::Follow { id: 8 }, FromWindow::Shown(2)] {
            there_and_back(&said);
        }
        let line = there_and_back(&ToWindow::Answer(Answer::of(7, Ok("done"))));
        assert_eq!(line, r#"{"answer":{"id":7,"reply":"done"}}"#);
        let failed = Answer::of(7, Err::<(), _>(Failure::new(Code::Internal, "No.")));
        assert!(failed.reply.is_none() && failed.failure.as_ref().is_some_and(|failure| failure.get().contains("No.")));
        there_and_back(&ToWindow::Answer(failed));
        there_and_back(&ToWindow::Show { time: 2, page: Page::SignIn });
        let knows = FirstLine { page: Page::Accounts, snapshot: to_raw_value(&[7]).ok() };
        assert_eq!(there_and_back(&knows), r#"{"page":"accounts","snapshot":[7]}"#);
        there_and_back(&FirstLine { page: Page::Accounts, snapshot: None });
        let asked = Page::of_link(Link::parse("codex-lab://switch/my%20work"));
        assert_eq!(there_and_back(&ToWindow::Show { time: 1, page: asked }), r#"{"show":{"time":1,"page":{"link":{"switch":"my work"}}}}"#);
        let nothing = Page::of_link(Link::parse("codex-lab://remove/work"));
        assert_eq!(there_and_back(&ToWindow::Show { time: 1, page: nothing }), r#"{"show":{"time":1,"page":{"link":null}}}"#);
    }
}
