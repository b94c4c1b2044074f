//! Columns that line up.

use unicode_width::UnicodeWidthStr as _;

use crate::paint::{Text, Tone};

/// A cut last column keeps at least this many columns.
const LEAST: usize = 8;

/// Rows under a heading, two spaces between columns, no space at the end of a line. In a terminal of `width` columns the
/// last column is cut to fit.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]], width: Option<usize>) -> String {
    let rows: Vec<Vec<Text>> = rows.iter().map(|row| row.iter().map(Text::from).collect()).collect();
    painted(&heading, &rows, width).written(false)
}

/// The same of cells of which parts stand out.
pub(crate) fn painted(heading: &[&str], rows: &[Vec<Text>], width: Option<usize>) -> Text {
    let mut widths: Vec<usize> = heading.iter().map(|cell| cell.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
    let last = width.map_or(usize::MAX, |width| width.saturating_sub(before).max(LEAST));
    let line = |cells: &[Text]| {
        let mut line = Text::default();
        for (place, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            if place + 1 == widths.len() {
                line.append(cell.cut(last));
            } else {
                line.append(cell.clone());
                line.push(&" ".repeat(width.saturating_sub(cell.width()) + 2), Tone::Plain);
            }
        }
        line.trimmed()
    };
    let mut text = line(&heading.iter().map(Text::from).collect::<Vec<_>>());
    for row in rows {
        text.push("\n", Tone::Plain);
        text.append(line(row));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["a".to_owned(), "long one".to_owned()], ["bcd".to_owned(), String::new()]];
        assert_eq!(table(["N", "TEXT"], &rows, None), "N    TEXT\na    long one\nbcd");
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let rows = [["日本".to_owned(), "x".to_owned()], ["abcd".to_owned(), "y".to_owned()]];
        assert_eq!(table(["N", "T"], &rows, None), "N     T\n日本  x\nabcd  y");
    }

    #[test]
    fn the_last_column_is_cut_to_the_terminal() {
        let rows = [["a".to_owned(), "0123456789abcdef".to_owned()]];
        assert_eq!(table(["N", "TEXT"], &rows, Some(13)), "N  TEXT\na  012345678…");
        assert_eq!(table(["N", "TEXT"], &rows, Some(1)), "N  TEXT\na  0123456…", "something is always left");
    }

    #[test]
    fn colours_take_no_columns() {
        let rows = [vec![Text::default().with("5 %", Tone::Alarm), Text::from("x")], vec![Text::from("100 %"), Text::from("y")]];
        let text = painted(&["LEFT", "N"], &rows, None).written(true);
        assert_eq!(text, "LEFT   N\n\u{1b}[1;31m5 %\u{1b}[0m    x\n100 %  y");
    }
}
