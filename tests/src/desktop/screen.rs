//! What is on the screen now, read from the virtual display's own memory: in a millisecond or two, and nobody notices.

use std::fs;
use std::path::PathBuf;

/// The display's first screen, as it keeps it in a file (X11's `XWDFile.h`).
#[derive(Debug, Clone)]
pub struct Screen {
    file: PathBuf,
}

/// Numbers of the header, by their place; each has four bytes, the most significant first.
const HEADER_SIZE: usize = 0;
const HEIGHT: usize = 5;
const LINE_BYTES: usize = 12;
const COLOURS: usize = 19;
/// Of a colour in the table between header and picture.
const COLOUR_BYTES: usize = 12;
/// Of a pixel.
const PIXEL_BYTES: usize = 4;
/// Every so-many-th line is looked at.
const LINES: usize = 4;

impl Screen {
    pub(super) fn of(file: PathBuf) -> Self {
        Self { file }
    }

    /// How much is drawn: places where a pixel differs from the one before it, in every fourth line. An empty window has its edges
    /// alone, text has many. 0 where the display cannot be read.
    pub fn drawn(&self) -> usize {
        fs::read(&self.file).ok().and_then(|file| drawn(&file)).unwrap_or_default()
    }
}

fn drawn(file: &[u8]) -> Option<usize> {
    let number = |place: usize| {
        let bytes = file.get(place * 4..place * 4 + 4)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let picture = file.get(number(HEADER_SIZE)? + number(COLOURS)? * COLOUR_BYTES..)?;
    let changes = |line: &[u8]| line.chunks_exact(PIXEL_BYTES).zip(line.chunks_exact(PIXEL_BYTES).skip(1)).filter(|(a, b)| a != b).count();
    Some(picture.chunks_exact(number(LINE_BYTES)?).take(number(HEIGHT)?).step_by(LINES).map(changes).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A screen of 4 by 8 pixels with one colour in its table.
    fn screen(pixels: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        let mut numbers = [0_u32; 25];
        (numbers[HEADER_SIZE], numbers[HEIGHT], numbers[LINE_BYTES], numbers[COLOURS]) = (100, 8, 16, 1);
        let mut file: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        file.extend([0xff; COLOUR_BYTES]);
        for (x, y) in (0..8).flat_map(|y| (0..4).map(move |x| (x, y))) {
            file.extend([pixels(x, y); PIXEL_BYTES]);
        }
        file
    }

    #[test]
    fn what_changes_along_a_line_is_drawn() {
        assert_eq!(drawn(&screen(|_, _| 7)), Some(0));
        assert_eq!(drawn(&screen(|x, _| u8::try_from(x).unwrap())), Some(6), "three in the first line, and three in the fifth");
        assert_eq!(drawn(&screen(|x, y| u8::from(y == 1 && x == 1))), Some(0), "between the lines that are looked at");
        for cut in [0, 3, 50, 105] {
            assert_eq!(drawn(&screen(|_, _| 7)[..cut]).unwrap_or_default(), 0);
        }
    }
}
