//! Texts in rows and columns: put on the screen, cut and filled up to a width, and wrapped.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::paint::{Text, Tone};

/// Puts a text into a row, from this column on, in at most so many columns.
pub(super) fn put(buffer: &mut Buffer, (x, y): (u16, u16), text: &Text, columns: usize, colours: bool) {
    let area = buffer.area;
    if y >= area.bottom() || x >= area.right() {
        return;
    }
    let text = text.cut(columns.min(usize::from(area.right() - x)));
    let mut at = x;
    for (part, tone) in text.parts() {
        at = buffer.set_stringn(at, y, part, usize::from(area.right().saturating_sub(at)), style(tone, colours)).0;
    }
}

fn style(tone: Tone, colours: bool) -> Style {
    let plain = Style::new();
    let coloured = |colour| if colours { plain.fg(colour) } else { plain };
    match tone {
        Tone::Plain => plain,
        Tone::Lead => coloured(Color::Cyan),
        Tone::Warn => coloured(Color::Yellow),
        Tone::Alarm => coloured(Color::Red).add_modifier(Modifier::BOLD),
        Tone::Quiet => plain.add_modifier(Modifier::DIM),
        Tone::Strong => plain.add_modifier(Modifier::BOLD),
    }
}

/// A text in exactly so many columns.
pub(super) fn filled(text: &Text, columns: usize) -> Text {
    let text = if columns == 0 { Text::default() } else { text.cut(columns) };
    let missing = columns.saturating_sub(text.width());
    text.with(&" ".repeat(missing), Tone::Plain)
}

/// The same, at the right end of the columns.
pub(super) fn to_the_right(text: &Text, columns: usize) -> Text {
    let text = if columns == 0 { Text::default() } else { text.cut(columns) };
    let mut whole = Text::from(" ".repeat(columns.saturating_sub(text.width())));
    whole.append(text);
    whole
}

/// One text at the left and one at the right end of a row; the left one gives way.
pub(super) fn apart(left: &Text, right: Text, columns: usize) -> Text {
    let mut row = filled(left, columns.saturating_sub(right.width() + 1));
    row.push(" ", Tone::Plain);
    row.append(right);
    row.cut(columns.max(1))
}

/// A text in lines of at most so many columns, broken between words; a word that is longer is broken too.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() <= columns {
            append(&mut lines, &format!(" {word}"));
            continue;
        }
        if line > 0 {
            lines.push(String::new());
        }
        for piece in pieces(word, columns) {
            if lines.last().is_some_and(|line| !line.is_empty()) {
                lines.push(String::new());
            }
            append(&mut lines, &piece);
        }
    }
    lines
}

fn append(lines: &mut [String], text: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(text);
    }
}

/// A word in pieces of at most so many columns.
pub(super) fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > columns.max(2) {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        append(&mut pieces, c.encode_utf8(&mut [0; 4]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        for (text, columns, expected) in [
            ("", 5, vec![""]),
            ("one two three", 7, vec!["one two", "three"]),
            ("one two", 3, vec!["one", "two"]),
            ("abcdefgh ij", 3, vec!["abc", "def", "gh", "ij"]),
            ("a abcdefg b", 4, vec!["a", "abcd", "efg", "b"]),
            ("日本語", 4, vec!["日本", "語"]),
            ("日本", 0, vec!["日", "本"]),
        ] {
            assert_eq!(wrapped(text, columns), expected, "{text}");
        }
    }

    #[test]
    fn columns_are_filled_whatever_the_letters() {
        for (text, columns, expected) in
            [("ab", 4, "ab  "), ("abcdef", 4, "abc…"), ("日本語", 4, "日… "), ("日本", 4, "日本"), ("ab", 0, "")]
        {
            assert_eq!(filled(&text.into(), columns).written(false), expected);
        }
        assert_eq!(to_the_right(&"62 %".into(), 5).written(false), " 62 %");
        assert_eq!(apart(&"a long text".into(), "1/3".into(), 9).written(false), "a lo… 1/3");
        assert_eq!(apart(&"a".into(), "1/3".into(), 9).written(false), "a     1/3");
    }

    #[test]
    fn without_colours_there_are_none() {
        let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 4, 1));
        put(&mut buffer, (0, 0), &Text::default().with("ab", Tone::Alarm).with("日本", Tone::Warn), 4, false);
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
        assert_eq!(buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>(), "ab… ");
    }
}
