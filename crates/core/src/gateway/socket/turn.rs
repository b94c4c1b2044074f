//! One turn on a WebSocket: what is kept of it until something of an answer comes. Pure.

use std::collections::VecDeque;

use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::super::intake::Ask;
use super::super::sse::{Weight, weight};
use super::frames::Create;
use crate::route::lease::Lease;

/// Events before an answer are small; whoever sends more of them is passed on as it is.
const HELD_LIMIT: usize = 1 << 20;
/// Tells that the turn goes on, and nothing else: no client has to wait for it.
const KEEPALIVE: &str = "keepalive";

/// A turn that a client asks for.
pub(super) struct Asked {
    pub(super) create: Create,
    pub(super) ask: Ask,
    /// The frame as it came, or as it was sent.
    pub(super) frame: Utf8Bytes,
    /// Whether something of its answer has gone to the client.
    pub(super) begun: bool,
}

/// A turn that the provider has been asked for.
pub(super) struct Turn {
    pub(super) asked: Asked,
    pub(super) lease: Lease,
    /// How often it was sent again after a pause.
    pub(super) tries: u8,
    /// Whether it was sent again without sealed pieces.
    pub(super) stripped: bool,
    pub(super) held: Held,
}

/// The messages of a turn that are kept back.
#[derive(Debug, Default)]
pub(super) struct Held {
    messages: VecDeque<Message>,
    size: usize,
    begun: bool,
}

impl Asked {
    /// Whether it can begin anew on another connection of the provider: all of it is in its frame, and nothing has come of it. Else
    /// only the client can send it again, with what has come so far.
    pub(super) fn is_whole(&self) -> bool {
        !self.create.continues && !self.begun
    }
}

/// What is to be done with a message of the provider.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Nothing yet.
    Keep,
    /// It goes to the client, and whatever was kept goes before it.
    Pass {
        /// Something of an answer has come for the first time.
        begins: bool,
        /// The turn ends with it.
        ends: bool,
    },
    /// It goes to the client now, whatever is kept.
    PassAlone,
    /// The turn fails with it.
    Fail,
}

impl Held {
    /// What is to be done with a message, given the type of the event in it. One that is kept is taken here.
    pub(super) fn weigh(&mut self, kind: Option<&str>, message: &Message) -> Course {
        // What is no event is no part of an answer.
        let weight = kind.map_or(Weight::Preamble, weight);
        match weight {
            Weight::Failure => Course::Fail,
            Weight::Preamble if self.begun => Course::Pass { begins: false, ends: false },
            Weight::Preamble if kind == Some(KEEPALIVE) => Course::PassAlone,
            Weight::Preamble if self.size.saturating_add(message.len()) <= HELD_LIMIT => {
                self.size += message.len();
                self.messages.push_back(message.clone());
                Course::Keep
            }
            Weight::Preamble | Weight::Answer | Weight::End => {
                Course::Pass { begins: !std::mem::replace(&mut self.begun, true), ends: weight == Weight::End }
            }
        }
    }

    /// Whether something of an answer has gone to the client.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// All that was kept, in its order.
    pub(super) fn release(&mut self) -> VecDeque<Message> {
        self.size = 0;
        std::mem::take(&mut self.messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::sse::kind;

    fn event(kind: &str) -> Message {
        Message::text(format!("{{\"type\":\"{kind}\"}}"))
    }

    fn weigh(held: &mut Held, message: &Message) -> Course {
        held.weigh(message.to_text().ok().and_then(|text| kind(text.as_bytes())).as_deref(), message)
    }

    const ON: Course = Course::Pass { begins: false, ends: false };

    #[test]
    fn nothing_goes_out_before_the_answer_begins() {
        let mut held = Held::default();
        for (message, course) in [
            (event("response.created"), Course::Keep),
            (event("keepalive"), Course::PassAlone),
            (event("codex.rate_limits"), Course::Keep),
            (Message::text("no event"), Course::Keep),
            (event("response.failed"), Course::Fail),
            (event("response.output_item.added"), Course::Pass { begins: true, ends: false }),
            (event("response.in_progress"), ON),
            (event("keepalive"), ON),
            (event("error"), Course::Fail),
            (event("response.output_text.delta"), ON),
            (event("response.completed"), Course::Pass { begins: false, ends: true }),
        ] {
            assert_eq!(weigh(&mut held, &message), course, "{message}");
        }
        assert_eq!(held.release(), [event("response.created"), event("codex.rate_limits"), Message::text("no event")]);
        assert!(held.has_begun() && held.release().is_empty());
        assert_eq!(weigh(&mut Held::default(), &event("response.completed")), Course::Pass { begins: true, ends: true });
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut held = Held::default();
        let large = Message::text("x".repeat(HELD_LIMIT / 2));
        assert_eq!([weigh(&mut held, &large), weigh(&mut held, &large)], [Course::Keep, Course::Keep]);
        assert_eq!(weigh(&mut held, &event("response.created")), Course::Pass { begins: true, ends: false });
        assert_eq!(held.release().len(), 2);
    }
}
