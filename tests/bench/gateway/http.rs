//! As much of HTTP/1.1 as it takes to measure others: heads are looked through by hand, so that the program that measures, and
//! the provider, take little of the time that is measured.

/// A head that has come whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a>(&'a str);

impl<'a> Head<'a> {
    /// The head that these bytes begin with, and how long it is; nothing before it has come whole.
    pub(super) fn of(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let length = end_of_head(bytes)?;
        Some((Self(std::str::from_utf8(&bytes[..length]).ok()?), length))
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.0.split("\r\n").skip(1).find_map(|line| {
            let (given, value) = line.split_at_checked(name.len())?;
            if given.eq_ignore_ascii_case(name) { Some(value.strip_prefix(':')?.trim()) } else { None }
        })
    }

    /// Of a request or an answer with one.
    pub(super) fn length(&self) -> Option<usize> {
        self.value("content-length")?.parse().ok()
    }

    /// Of an answer.
    pub(super) fn status(&self) -> Option<u16> {
        self.0.split(' ').nth(1)?.parse().ok()
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| *byte == b'\n') {
        from += found + 1;
        if bytes[from..].starts_with(b"\r\n") {
            return Some(from + 2);
        }
    }
    None
}

/// Appends one piece of a chunked body.
pub(super) fn put_chunk(body: &mut Vec<u8>, piece: &[u8]) {
    body.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
    body.extend_from_slice(piece);
    body.extend_from_slice(b"\r\n");
}

/// The end of a chunked body.
pub(super) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
