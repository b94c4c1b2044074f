//! A stream of server-sent events, read as it passes: where events end, and of what type each is. Keeps at most one event.

/// An event larger than this is not kept; it passes all the same. The largest honest ones carry an image of some MiB, or, as the
/// last one of an API key's answer, all of it once more.
const EVENT_LIMIT: usize = 64 << 10;
/// Most events need no more room than this; what a larger one has needed is given back, or each of a thousand streams would keep it.
const ROOM_LIMIT: usize = 1 << 10;

/// What an event is, as far as anyone in between cares (codex-runtime.md 2.1, 2.4, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nothing of the answer is in it: the next profile can still serve the request.
    Preamble,
    /// The turn ends badly here.
    Failure,
    /// The turn ends well here.
    End,
    /// A part of the answer.
    Answer,
}

/// The weight of an event's type.
pub fn weight(kind: &str) -> Weight {
    match kind {
        "response.created" | "response.in_progress" | "response.queued" | "response.metadata" | "codex.rate_limits" | "keepalive" => {
            Weight::Preamble
        }
        "response.failed" | "error" => Weight::Failure,
        "response.completed" | "response.incomplete" | "response.done" => Weight::End,
        _ => Weight::Answer,
    }
}

/// Finds the events in the pieces of a stream.
#[derive(Debug)]
pub struct Events {
    /// Of an event no more is kept.
    limit: usize,
    /// The event that has begun, as far as it is kept.
    pending: Vec<u8>,
    /// Whether more of it came than is kept.
    overflown: bool,
    /// Whether there is anything in the line that has begun.
    inked: bool,
}

/// One event that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its type: that of the JSON in it, which is the same as the event's name.
    pub kind: String,
    /// The JSON; empty where it was too large to be kept.
    pub json: Vec<u8>,
}

impl Default for Events {
    fn default() -> Self {
        Self::keeping(EVENT_LIMIT)
    }
}

impl Events {
    /// Keeps events up to this size.
    pub fn keeping(limit: usize) -> Self {
        Self { limit, pending: Vec::new(), overflown: false, inked: false }
    }

    /// Takes the next piece; the events that end in it come back.
    pub fn take(&mut self, piece: &[u8]) -> Vec<Event> {
        let mut ended = Vec::new();
        let mut rest = piece;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end + 1);
            let is_empty = !std::mem::take(&mut self.inked) && is_blank(line);
            self.keep(line);
            if is_empty {
                ended.extend(self.end());
            }
            rest = after;
        }
        if !rest.is_empty() {
            self.keep(rest);
            self.inked |= !is_blank(rest);
        }
        ended
    }

    fn keep(&mut self, bytes: &[u8]) {
        // The end of a line counts even where the rest is not kept.
        let room = self.limit.saturating_sub(self.pending.len());
        self.overflown |= bytes.len() > room;
        self.pending.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end(&mut self) -> Option<Event> {
        let text = std::mem::take(&mut self.pending);
        let event = event(&text, std::mem::take(&mut self.overflown));
        if text.capacity() <= ROOM_LIMIT {
            self.pending = text;
            self.pending.clear();
        }
        event
    }
}

/// The event that these lines are; `None` where they are but a comment.
fn event(lines: &[u8], overflown: bool) -> Option<Event> {
    let (mut json, mut named) = (Vec::new(), &[][..]);
    let mut rest = lines;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = &rest[(end + 1).min(rest.len())..];
        if let Some(data) = line.strip_prefix(b"data:") {
            if !json.is_empty() {
                json.push(b'\n');
            }
            json.extend_from_slice(value(data));
        } else if let Some(name) = line.strip_prefix(b"event:") {
            named = value(name);
        }
    }
    if json.is_empty() && named.is_empty() {
        return None;
    }
    let kind = if named.is_empty() { kind(&json)? } else { std::str::from_utf8(named).ok()?.to_owned() };
    Some(Event { kind, json: if overflown { Vec::new() } else { json } })
}

/// What a line says behind the name of its field.
fn value(behind: &[u8]) -> &[u8] {
    let value = behind.strip_prefix(b" ").unwrap_or(behind);
    value.strip_suffix(b"\r").unwrap_or(value)
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// The type that the JSON of an event says. Where the JSON is cut off, it is looked for at its beginning, where the provider
/// writes it.
pub fn kind(json: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Typed<'a> {
        #[serde(rename = "type", borrow)]
        kind: std::borrow::Cow<'a, str>,
    }
    if let Ok(typed) = serde_json::from_slice::<Typed<'_>>(json) {
        return Some(typed.kind.into_owned());
    }
    let rest = json.strip_prefix(br#"{"type":""#)?;
    let end = memchr::memchr(b'"', &rest[..rest.len().min(64)])?;
    String::from_utf8(rest[..end].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(pieces: &[&str]) -> Vec<String> {
        let mut events = Events::default();
        pieces.iter().flat_map(|piece| events.take(piece.as_bytes())).map(|event| event.kind).collect()
    }

    #[test]
    fn events_are_found_wherever_the_stream_is_cut() {
        let text = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n: comment\n\n\
                    data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\\n\\nb\"}\r\n\r\ndata: {\"type\":\n\
                    data: \"response.completed\"}\n\n";
        let all = ["response.created", "response.output_text.delta", "response.completed"];
        assert_eq!(kinds(&[text]), all);
        for cut in 1..text.len() {
            assert_eq!(kinds(&[&text[..cut], &text[cut..]]), all, "cut at {cut}");
        }
        let bytes: Vec<String> = text.chars().map(|c| c.to_string()).collect();
        assert_eq!(kinds(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), all);
    }

    #[test]
    fn a_huge_event_is_not_kept_and_still_ends() {
        let huge =
            format!("data: {{\"type\":\"response.image\",\"b64\":\"{}\"}}\n\ndata: {{\"type\":\"keepalive\"}}\n\n", "a".repeat(1 << 20));
        let mut events = Events::default();
        let ended: Vec<Event> = huge.as_bytes().chunks(1000).flat_map(|piece| events.take(piece)).collect();
        assert_eq!(ended[0], Event { kind: "response.image".to_owned(), json: Vec::new() });
        assert_eq!(ended[1].kind, "keepalive");
        assert!(events.pending.capacity() <= 2 * EVENT_LIMIT);
    }

    #[test]
    fn an_unknown_event_is_a_part_of_the_answer() {
        for (kind, expected) in [
            ("response.created", Weight::Preamble),
            ("codex.rate_limits", Weight::Preamble),
            ("response.failed", Weight::Failure),
            ("error", Weight::Failure),
            ("response.completed", Weight::End),
            ("response.output_item.added", Weight::Answer),
            ("", Weight::Answer),
        ] {
            assert_eq!(weight(kind), expected, "{kind}");
        }
    }

    #[test]
    fn what_is_no_event_is_no_event() {
        assert!(
            kinds(&["\n\n\n", ": a\n\n", "id: 3\n\n", "data: not json\n\n", "data: {\"type\": 3}\n\n", "data: \u{fffd}\n\n"]).is_empty()
        );
    }
}
