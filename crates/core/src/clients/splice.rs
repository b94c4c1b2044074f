//! Replacing pieces of a text; what is not replaced stays as it is to the byte.

use std::ops::Range;

use crate::base::sorting;

/// A piece of a text, and what comes in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    /// New text where nothing goes.
    pub(super) fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }

    /// A piece that goes.
    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// The text with its pieces replaced; `None` if they overlap or lie outside of it.
pub(super) fn apply(text: &str, splices: &[Splice]) -> Option<String> {
    let mut ordered: Vec<&Splice> = splices.iter().collect();
    sorting::by_key(&mut ordered, |splice| splice.range.start);
    let mut result = String::with_capacity(text.len());
    let mut from = 0;
    for splice in ordered {
        result.push_str(text.get(from..splice.range.start)?);
        text.get(splice.range.clone())?;
        result.push_str(&splice.text);
        from = splice.range.end;
    }
    result.push_str(text.get(from..)?);
    Some(result)
}

/// Where the line begins that `at` is in.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Where the line ends that `at` is in, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.find('\n').unwrap_or(rest.len());
    at + if rest.get(..length).is_some_and(|line| line.ends_with('\r')) { length - 1 } else { length }
}

/// The line break that the text uses.
pub(super) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// The whole line or lines that a piece stands on, if nothing else does; else the piece alone.
pub(super) fn alone_on_its_lines(text: &str, piece: Range<usize>) -> Range<usize> {
    let start = line_start(text, piece.start);
    let before = text.get(start..piece.start).unwrap_or_default();
    let end = line_end(text, piece.end);
    let after = text.get(piece.end..end).unwrap_or_default();
    if !before.trim().is_empty() || !after.trim().is_empty() {
        return piece;
    }
    let rest = text.get(end..).unwrap_or_default();
    start..end + rest.find('\n').map_or(0, |newline| newline + 1)
}

/// The number of the line that `at` is in, from 1.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_replaced_in_any_order_and_never_twice() {
        let piece = |range, text: &str| Splice { range, text: text.into() };
        assert_eq!(apply("abcdef", &[piece(4..5, "E"), piece(0..1, ""), piece(2..2, "-")]).as_deref(), Some("b-cdEf"));
        assert_eq!(apply("abc", &[piece(0..2, ""), piece(1..3, "")]), None);
        assert_eq!(apply("abc", &[piece(2..9, "")]), None);
        assert_eq!(apply("aä", &[piece(2..3, "")]), None, "inside of a letter");
    }

    #[test]
    fn lines_are_found_by_either_line_break() {
        let text = "one\r\n  two  \r\nthree";
        assert_eq!((line_start(text, 8), line_end(text, 8)), (5, 12));
        assert_eq!((line_break(text), line_break("a\nb\r\n"), line_break("")), ("\r\n", "\n", "\n"));
        assert_eq!(alone_on_its_lines(text, 7..10), 5..14);
        assert_eq!(alone_on_its_lines(text, 7..9), 7..9, "a letter is left beside it");
        assert_eq!(alone_on_its_lines(text, 14..19), 14..19);
        assert_eq!((line_number(text, 0), line_number(text, 8), line_number(text, 99)), (1, 2, 3));
    }
}
