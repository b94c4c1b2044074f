//! Setting keys in a client's configuration, and undoing exactly that: text in, text out.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::splice::{self, Splice};
use super::syntax::{Added, EditError, Syntax};

/// Earlier values of ours that still count as ours, where a process was killed between note and file.
const REMEMBERED: usize = 4;

/// A key that a connection sets.
#[derive(Debug, Clone)]
pub struct Setting {
    /// From the outermost object on.
    pub key: Vec<String>,
    /// What it is set to.
    pub value: Value,
    /// Whether another value is left alone, as good enough.
    pub if_absent: bool,
    /// Whether a value that is found is one of ours although nothing was noted: found first, then the one to set.
    pub recognise: fn(&Value, &Value) -> bool,
    /// Whether a value may hold a secret, which is not to be noted.
    pub hides_secret: fn(&Value) -> bool,
}

/// What was done to a key, and how it is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// From the outermost object on.
    pub key: Vec<String>,
    /// What was there.
    pub before: Before,
    /// What we have written, the newest first.
    pub ours: Vec<Value>,
}

/// What was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Nothing.
    Absent(Added),
    /// This text.
    Text(String),
}

/// What was there of the file itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A configuration.
    Nothing,
    /// No file.
    File,
    /// A file with nothing in it but this.
    Content(String),
}

/// A changed text, and the change for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edited {
    /// The text; `None` if there is to be no file.
    pub text: Option<String>,
    /// Lines that come in.
    pub put_in: Vec<String>,
    /// Lines that go.
    pub taken_out: Vec<String>,
}

/// A configuration with a connection in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The text.
    pub edited: Edited,
    /// For the undoing.
    pub made: Made,
    /// For the undoing, in the order it was done.
    pub touched: Vec<Touched>,
}

/// A configuration without the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnected {
    /// The text.
    pub edited: Edited,
    /// What somebody has changed since, which therefore stays.
    pub left: Vec<Touched>,
}

/// Why a configuration was not changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// The text cannot be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Somebody else has set the key: the user decides whether it is replaced.
    #[error("{key} is set to something else")]
    Taken {
        /// Which.
        key: String,
    },
    /// Somebody else has set the key to what may be a secret: the user takes it away, and keeps it, by hand.
    #[error("{key} may hold a secret")]
    HidesSecret {
        /// Which.
        key: String,
    },
}

/// How a configuration stands to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has none.
    Apart,
    /// It has ours.
    Connected,
    /// It had ours, and somebody has changed it.
    Changed,
}

/// Sets the keys; `noted` is what an earlier connection of the same file has noted.
pub fn connect(
    syntax: Syntax,
    text: Option<&str>,
    settings: &[Setting],
    noted: Option<(&Made, &[Touched])>,
    replace: bool,
) -> Result<Connected, ConnectionError> {
    let (mut made, start) = match text {
        None => (Made::File, syntax.blank()),
        Some(text) if !syntax.may_be_empty() && text.trim().is_empty() => (Made::Content(text.to_owned()), syntax.blank()),
        Some(text) => (Made::Nothing, text),
    };
    let (noted_made, noted) = noted.map_or((&Made::Nothing, &[][..]), |(made, touched)| (made, touched));
    let mut work = Work::on(syntax, start);
    let mut touched = Vec::new();
    for setting in settings {
        let key = &setting.key;
        let Some(place) = syntax.find(&work.text, key)? else {
            let (splice, added) = syntax.put(&work.text, key, &setting.value)?;
            work.apply(vec![splice])?;
            touched.push(Touched { key: key.clone(), before: Before::Absent(added), ours: vec![setting.value.clone()] });
            continue;
        };
        let earlier = noted.iter().find(|touched| touched.key == *key && touched.ours.contains(&place.value));
        let before = match earlier {
            Some(earlier) => {
                made = noted_made.clone();
                earlier.before.clone()
            }
            // Objects that hold nothing else were made for it, most likely.
            None if place.marked && (setting.recognise)(&place.value, &setting.value) => {
                Before::Absent(Added { made: key.len().saturating_sub(1), ..Added::default() })
            }
            None if place.value == setting.value => Before::Text(work.at(&place.range)),
            None if setting.if_absent => continue,
            None if !replace => return Err(ConnectionError::Taken { key: key.join(".") }),
            None if (setting.hides_secret)(&place.value) => return Err(ConnectionError::HidesSecret { key: key.join(".") }),
            None => Before::Text(work.at(&place.range)),
        };
        let mut ours = vec![setting.value.clone()];
        ours.extend(earlier.iter().flat_map(|earlier| &earlier.ours).filter(|value| **value != setting.value).cloned());
        ours.truncate(REMEMBERED);
        // What is right already is not written anew.
        if place.value != setting.value {
            let splice = syntax.replace(&work.text, &place, &setting.value)?;
            work.replace(key, splice)?;
        }
        touched.push(Touched { key: key.clone(), before, ours });
    }
    // What an earlier connection has set beyond that is still to be undone.
    let others = noted.iter().filter(|noted| !touched.iter().any(|touched| touched.key == noted.key));
    touched = others.cloned().chain(touched.iter().cloned()).collect();
    for setting in settings {
        let found = syntax.find(&work.text, &setting.key)?;
        if !setting.if_absent && found.is_none_or(|place| place.value != setting.value) {
            return Err(EditError::Unsafe.into());
        }
    }
    let mut edited = work.edited();
    if text.is_none() {
        edited.put_in = lines(edited.text.as_deref().unwrap_or_default());
    }
    Ok(Connected { edited, made, touched })
}

/// Puts back what was there, key by key, and no more than that.
pub fn disconnect(syntax: Syntax, text: Option<&str>, made: &Made, touched: &[Touched]) -> Result<Disconnected, ConnectionError> {
    let Some(text) = text else { return Ok(Disconnected { edited: Edited::default(), left: Vec::new() }) };
    // Nothing is in it any more, whatever there was.
    if !syntax.may_be_empty() && text.trim().is_empty() {
        return Ok(Disconnected { edited: Edited { text: Some(text.to_owned()), ..Edited::default() }, left: Vec::new() });
    }
    let (mut work, mut left) = (Work::on(syntax, text), Vec::new());
    for touched in touched.iter().rev() {
        let Some(place) = syntax.find(&work.text, &touched.key)? else { continue };
        match &touched.before {
            Before::Text(before) if work.at(&place.range) == *before => {}
            _ if !touched.ours.contains(&place.value) => left.push(touched.clone()),
            Before::Text(before) => work.replace(&touched.key, Splice { range: place.range, text: before.clone() })?,
            Before::Absent(added) => {
                let splices = syntax.take(&work.text, &touched.key, added)?;
                work.apply(splices)?;
                if syntax.find(&work.text, &touched.key)?.is_some() {
                    return Err(EditError::Unsafe.into());
                }
            }
        }
    }
    let mut edited = work.edited();
    if edited.text.as_deref() == Some(syntax.blank()) {
        match made {
            Made::Nothing => {}
            Made::File => edited = Edited { text: None, taken_out: lines(text), ..Edited::default() },
            Made::Content(before) => edited.text = Some(before.clone()),
        }
    }
    Ok(Disconnected { edited, left })
}

/// How a configuration stands. The first key decides: without the others a client works all the same.
pub fn standing(syntax: Syntax, text: Option<&str>, settings: &[Setting], noted: &[Touched]) -> Standing {
    let Some(setting) = settings.first() else { return Standing::Apart };
    let noted = noted.iter().find(|touched| touched.key == setting.key);
    let found = match syntax.find(text.unwrap_or_default(), &setting.key) {
        Ok(found) => found,
        Err(_) if noted.is_some() && text.is_some() => return Standing::Changed,
        Err(_) => None,
    };
    let Some(place) = found else { return Standing::Apart };
    let same = |before: &str| text.and_then(|text| text.get(place.range.clone())) == Some(before);
    match noted {
        None if place.marked && (setting.recognise)(&place.value, &setting.value) => Standing::Connected,
        None => Standing::Apart,
        Some(noted) if noted.ours.contains(&place.value) => Standing::Connected,
        Some(Touched { before: Before::Text(before), .. }) if same(before) => Standing::Apart,
        Some(_) => Standing::Changed,
    }
}

/// A text at work, and what came and went.
struct Work {
    syntax: Syntax,
    text: String,
    put_in: Vec<String>,
    taken_out: Vec<String>,
}

impl Work {
    fn on(syntax: Syntax, text: &str) -> Self {
        Self { syntax, text: text.to_owned(), put_in: Vec::new(), taken_out: Vec::new() }
    }

    fn at(&self, range: &Range<usize>) -> String {
        self.text.get(range.clone()).unwrap_or_default().to_owned()
    }

    /// Puts another value in the place of one.
    fn replace(&mut self, key: &[String], splice: Splice) -> Result<(), EditError> {
        let named = |value: &str| self.syntax.named(key, value);
        let (gone, come) = (named(&self.at(&splice.range)), named(&splice.text));
        self.text = splice::apply(&self.text, &[splice]).ok_or(EditError::Unsafe)?;
        self.taken_out.extend(lines(&gone));
        self.put_in.extend(lines(&come));
        Ok(())
    }

    fn apply(&mut self, splices: Vec<Splice>) -> Result<(), EditError> {
        let text = splice::apply(&self.text, &splices).ok_or(EditError::Unsafe)?;
        for splice in splices {
            self.taken_out.extend(lines(&self.at(&splice.range)));
            self.put_in.extend(lines(&splice.text));
        }
        self.text = text;
        Ok(())
    }

    fn edited(self) -> Edited {
        Edited { text: Some(self.text), put_in: self.put_in, taken_out: self.taken_out }
    }
}

/// The lines that say something.
fn lines(text: &str) -> Vec<String> {
    let says = |line: &&str| !matches!(line.trim(), "" | ",");
    text.lines().filter(says).map(|line| line.trim_end().to_owned()).collect()
}
