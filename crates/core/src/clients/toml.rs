//! Keys of a TOML file's top level. The parser says where things are; the text is edited by its bytes, since writing a parsed
//! document out again would change line breaks and more.

use std::ops::Range;

use serde_json::Value;
use toml_edit::{Document, Item, Table};

use super::splice::{self, Splice};
use super::syntax::{Added, EditError, Place};
use crate::base::toml;

/// The line above a key of ours. It tells a reader whose key this is, and us too, should our notes be lost.
const MARK: &str = "# Set by Codex Lab; `codex-lab disconnect codex` takes it out again.";

/// Where a key is, and what it says.
pub(super) fn find(text: &str, key: &str) -> Result<Option<Place>, EditError> {
    let document = parse(text)?;
    let Some((name, item)) = document.as_table().get_key_value(key) else { return Ok(None) };
    let Item::Value(value) = item else { return Err(EditError::Blocked { key: key.to_owned() }) };
    let (Some(name), Some(range)) = (name.span(), value.span()) else { return Err(EditError::Unsafe) };
    let value = value.as_str().map_or(Value::Null, |text| Value::String(text.to_owned()));
    Ok(Some(Place { range, value, marked: mark_above(text, name.start).is_some() }))
}

/// Puts a key in after the last one of the top level, or at the very beginning.
pub(super) fn put(text: &str, key: &str, literal: &str) -> Result<(Splice, Added), EditError> {
    let document = parse(text)?;
    let newline = splice::line_break(text);
    let mark = format!("{MARK}{newline}");
    let (at, lead, trail) = match last_value_end(document.as_table()) {
        Some(end) => {
            let end = splice::line_end(text, end);
            match text.get(end..).and_then(|rest| rest.find('\n')) {
                Some(found) => (end + found + 1, mark, newline.to_owned()),
                None => (end, format!("{newline}{mark}"), String::new()),
            }
        }
        None if text.is_empty() || text.starts_with(['\n', '\r']) => (0, mark, newline.to_owned()),
        None => (0, mark, newline.repeat(2)),
    };
    let added = Added { lead, trail, made: 0 };
    Ok((Splice::insert(at, format!("{}{key} = {literal}{}", added.lead, added.trail)), added))
}

/// Takes a key out.
pub(super) fn take(text: &str, key: &str, added: &Added) -> Result<Vec<Splice>, EditError> {
    let document = parse(text)?;
    let Some((name, item)) = document.as_table().get_key_value(key) else { return Ok(Vec::new()) };
    let (Some(name), Some(value)) = (name.span(), item.span()) else { return Err(EditError::Unsafe) };
    let piece = name.start..value.end;
    let (before, after) = (text.get(..piece.start).unwrap_or_default(), text.get(piece.end..).unwrap_or_default());
    if !added.lead.is_empty() && before.ends_with(&added.lead) && after.starts_with(&added.trail) {
        return Ok(vec![Splice::remove(piece.start - added.lead.len()..piece.end + added.trail.len())]);
    }
    // Somebody has formatted it, or written beside it: what is theirs stays.
    let mut splices: Vec<_> = mark_above(text, piece.start).into_iter().map(Splice::remove).collect();
    splices.push(Splice::remove(splice::alone_on_its_lines(text, piece)));
    Ok(splices)
}

/// A value as it is written.
pub(super) fn literal(value: &Value) -> Result<String, EditError> {
    value.as_str().map(|text| toml_edit::Value::from(text).to_string()).ok_or(EditError::Unsafe)
}

/// Parses a text; of an error only its line is told.
pub(super) fn parse(text: &str) -> Result<Document<&str>, EditError> {
    toml::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        EditError::Syntax { line: splice::line_number(text, at) }
    })
}

/// The end of the last value that stands above all tables.
fn last_value_end(table: &Table) -> Option<usize> {
    let ends = table.iter().filter_map(|(_, item)| match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(table) if table.is_dotted() => last_value_end(table),
        _ => None,
    });
    ends.max()
}

/// The line right above the one `at` is in, if it is our mark.
fn mark_above(text: &str, at: usize) -> Option<Range<usize>> {
    let end = splice::line_start(text, at);
    let start = splice::line_start(text, end.checked_sub(1)?);
    (text.get(start..end)?.trim() == MARK).then_some(start..end)
}
