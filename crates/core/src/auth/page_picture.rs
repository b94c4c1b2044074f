//! The page of a sign-in as a QR code, so that a phone opens it without anything being typed.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::model::snapshot::PagePicture;

/// A longer address makes a picture that phones find hard to read.
const ADDRESS_LIMIT: usize = 256;

/// The picture of an address; `None` if it is too long for one.
pub(super) fn of(address: &str) -> Option<PagePicture> {
    if address.is_empty() || address.len() > ADDRESS_LIMIT {
        return None;
    }
    // Read off a screen, which has neither dirt nor folds: more correction would only make the squares smaller.
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let side = code.width();
    let colours = code.into_colors();
    let mut path = String::new();
    for (y, row) in colours.chunks(side).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                // Writing to a string does not fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Some(PagePicture { side: u32::try_from(side).ok()?, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The squares that a path draws, row by row.
    fn squares(picture: &PagePicture) -> Vec<Vec<bool>> {
        let side = picture.side as usize;
        let mut squares = vec![vec![false; side]; side];
        for run in picture.path.split_terminator('z') {
            let numbers: Vec<usize> = run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [x, y, length, ..] = numbers[..] else { panic!("{run}") };
            squares[y][x..x + length].fill(true);
        }
        squares
    }

    #[test]
    fn the_path_draws_the_code_square_by_square() {
        let address = "https://auth.openai.com/codex/device";
        let picture = of(address).unwrap();
        let code = QrCode::with_error_correction_level(address, EcLevel::M).unwrap();
        let squares = squares(&picture);
        assert_eq!(picture.side as usize, code.width());
        for (y, row) in squares.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                assert_eq!(*dark, code[(x, y)] == Color::Dark, "{x} {y}");
            }
        }
        // The corner that tells a camera where it is: a ring of seven, and a block of three.
        assert!(squares[0][..7].iter().all(|dark| *dark) && !squares[1][1] && squares[3][3]);
    }

    #[test]
    fn what_is_no_address_has_no_picture() {
        for (length, drawn) in [(0, false), (1, true), (ADDRESS_LIMIT, true), (ADDRESS_LIMIT + 1, false)] {
            assert_eq!(of(&"a".repeat(length)).is_some(), drawn, "{length}");
        }
    }
}
