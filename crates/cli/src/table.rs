//! Columns that line up.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

/// A cut last column keeps at least this many columns.
const LEAST: usize = 8;

/// Rows under a heading, two spaces between columns, no space at the end of a line. In a terminal of `width` columns the
/// last column is cut to fit.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]], width: Option<usize>) -> String {
    let mut widths = heading.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let before: usize = widths.iter().take(N.saturating_sub(1)).map(|width| width + 2).sum();
    let last = width.map_or(usize::MAX, |width| width.saturating_sub(before).max(LEAST));
    let line = |cells: &[&str]| {
        let mut line = String::new();
        for (place, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if place + 1 == N {
                line.push_str(&cut(cell, last));
            } else {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
            }
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&heading)];
    lines.extend(rows.iter().map(|row| line(&row.each_ref().map(String::as_str))));
    lines.join("\n")
}

/// As much of a cell as fits into `width` columns.
fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut used = 0;
    let mut text: String = cell
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used < width
        })
        .collect();
    text.push('…');
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
}
