//! What is noted of every connection, so that it can be undone.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::connection::{Made, Touched};
use crate::model::client::Client;

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Whose.
    pub client: Client,
    /// The file that was changed.
    pub path: PathBuf,
    /// Since when.
    pub since: Timestamp,
    /// What was there of the file.
    pub made: Made,
    /// What was done in it.
    pub touched: Vec<Touched>,
}

/// All connections; a client with several homes has one for each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// From what was written down. What cannot be read is as good as none: a connection is known by its looks too.
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::default() };
        serde_json::from_str(text).unwrap_or_else(|error| {
            tracing::warn!(line = error.line(), "the notes of connected clients cannot be read");
            Self::default()
        })
    }

    /// To be written down; `None` if a path cannot be, because it is not Unicode.
    pub fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// The connection of a file.
    pub fn of(&self, client: Client, path: &Path) -> Option<&Note> {
        self.0.iter().find(|note| note.client == client && note.path == path)
    }

    /// Every connection.
    pub fn all(&self) -> &[Note] {
        &self.0
    }

    /// Notes a connection, in the place of an earlier one of the same file.
    pub fn put(&mut self, note: Note) {
        self.remove(note.client, &note.path);
        self.0.push(note);
    }

    /// Forgets a connection.
    pub fn remove(&mut self, client: Client, path: &Path) {
        self.0.retain(|note| note.client != client || note.path != path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_note_for_each_file() {
        let note = |client, path: &str, second| Note {
            client,
            path: path.into(),
            since: Timestamp::from_second(second).unwrap(),
            made: Made::File,
            touched: Vec::new(),
        };
        let mut notes = Notes::default();
        for (client, path, second) in
            [(Client::Codex, "/a", 1), (Client::Opencode, "/a", 2), (Client::Codex, "/b", 3), (Client::Codex, "/a", 4)]
        {
            notes.put(note(client, path, second));
        }
        let read = Notes::parse(notes.text().as_deref());
        assert_eq!(read, notes);
        assert_eq!(read.of(Client::Codex, Path::new("/a")).unwrap().since.as_second(), 4);
        notes.remove(Client::Codex, Path::new("/a"));
        assert_eq!(notes.all().len(), 2);
        for nonsense in ["", "{}", "[{}]", "[1"] {
            assert_eq!(Notes::parse(Some(nonsense)), Notes::default());
        }
    }
}
