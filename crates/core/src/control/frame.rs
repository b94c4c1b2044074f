//! Frames: one JSON object a line, and no line without bounds. Pure.

/// Bytes of a frame at most, without the end of its line.
pub const FRAME_LIMIT: usize = 1 << 20;

/// A line that has come to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// As it came, without its end.
    Whole(Vec<u8>),
    /// It was longer than [`FRAME_LIMIT`]; nothing of it was kept.
    TooLong,
}

/// The line that is coming in.
#[derive(Debug, Default)]
pub struct Frames {
    line: Vec<u8>,
    too_long: bool,
}

impl Frames {
    /// Goes past bytes that have come, up to the end of a line; `None` once all of them are taken and the line goes on.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        let end = memchr::memchr(b'\n', bytes);
        let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        *bytes = rest.get(1..).unwrap_or_default();
        if self.line.len() + part.len() > FRAME_LIMIT {
            self.too_long = true;
            self.line = Vec::new();
        }
        if !self.too_long {
            self.line.extend_from_slice(part);
        }
        end?;
        self.last()
    }

    /// Whether a line has begun that has not come to its end.
    pub(super) fn is_begun(&self) -> bool {
        self.too_long || !self.line.is_empty()
    }

    /// What is left when nothing more comes.
    pub fn last(&mut self) -> Option<Frame> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.too_long) {
            return Some(Frame::TooLong);
        }
        Some(Frame::Whole(line)).filter(|frame| !matches!(frame, Frame::Whole(line) if line.iter().all(u8::is_ascii_whitespace)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(parts: &[&[u8]]) -> Vec<Frame> {
        let (mut frames, mut found) = (Frames::default(), Vec::new());
        for part in parts {
            let mut bytes = *part;
            while !bytes.is_empty() {
                found.extend(frames.next(&mut bytes));
            }
        }
        found.extend(frames.last());
        found
    }

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let whole = |text: &str| Frame::Whole(text.as_bytes().to_vec());
        for (parts, expected) in [
            (vec![&b"{}\n{\"a\":1}\n"[..]], vec![whole("{}"), whole("{\"a\":1}")]),
            (vec![b"{", b"}", b"\n", b"\n", b" \r\n", b"1"], vec![whole("{}"), whole("1")]),
            (vec![b"\xff\n"], vec![Frame::Whole(vec![0xff])]),
            (vec![b""], vec![]),
        ] {
            assert_eq!(frames(&parts), expected);
        }
    }

    #[test]
    fn a_long_line_is_not_kept_and_the_next_one_is_read() {
        let long = vec![b'x'; FRAME_LIMIT];
        assert_eq!(frames(&[&long, b"\n"]), [Frame::Whole(long.clone())]);
        assert_eq!(frames(&[&long, b"x", &long, b"\n{}\n"]), [Frame::TooLong, Frame::Whole(b"{}".to_vec())]);
        let mut endless = Frames::default();
        for _ in 0..100 {
            assert_eq!(endless.next(&mut &long[..]), None);
        }
        assert!(endless.line.capacity() <= 2 * FRAME_LIMIT);
        assert_eq!(endless.last(), Some(Frame::TooLong));
    }
}
