//! Parsing TOML that anybody may have written.

use toml_edit::{Document, TomlError};
use toml_parser::parser::{RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ErrorSink, ParseError, Source};

/// As deep as `toml_edit` goes itself.
const DEPTH: u32 = 80;

/// Parses a text. `toml_edit` goes on after an error, and breaks down over some of what then follows (a key without a value that
/// a later line extends, seen with 0.23.10): so its parts look for an error first, and it gets no more than that error's lines.
pub fn parse(text: &str) -> Result<Document<&str>, TomlError> {
    let Some(at) = first_error(text) else { return Document::parse(text) };
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length);
    // What is cut off cannot have mended it; a lone sign of equality is an error wherever.
    Document::parse(text.get(..end).unwrap_or(text)).and_then(|_| Document::parse("="))
}

/// Where the first error of syntax is.
fn first_error(text: &str) -> Option<usize> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut first = None;
    let mut found = |error: ParseError| {
        let at = error.unexpected().or_else(|| error.context()).map_or(0, |span| span.start());
        first.get_or_insert(at);
    };
    let mut nothing = ();
    let mut whitespace = ValidateWhitespace::new(&mut nothing, source);
    parse_document(&tokens, &mut RecursionGuard::new(&mut whitespace, DEPTH), &mut found as &mut dyn ErrorSink);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_toml_edit_breaks_down_over_is_an_error() {
        for (text, line) in [("a =\na.b = 1\n", 1), ("x = 1\na = # no\n\na.b.c = 1", 2), ("[t]\na =\na.b = 1", 2)] {
            let error = parse(text).unwrap_err();
            let at = error.span().unwrap().start;
            assert_eq!(text[..at].matches('\n').count() + 1, line, "{text}: {error}");
        }
    }

    #[test]
    fn the_rest_is_as_ever() {
        for text in ["", "a = 1", "a.b = 1\na.c = { d = [1,\n2] }\r\n[[e]]\n# f", "\u{feff}a = 1"] {
            assert_eq!(parse(text).unwrap().into_mut().to_string(), text.parse::<toml_edit::DocumentMut>().unwrap().to_string());
        }
        for text in ["a = [", "a", "= 1", "a = 1\na = 2", "[a", "a = 'x", "a = 1 b = 2", "a = \"\\q\"", "a = {b = 1\n", "a = 2024-13-01"] {
            assert!(parse(text).is_err(), "{text}");
            assert!(text.parse::<toml_edit::DocumentMut>().is_err(), "{text}");
        }
        assert!(parse(&format!("a = {}", "[".repeat(10_000))).is_err());
    }
}
