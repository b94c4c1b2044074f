//! What stands in a frame, as far as anyone in between has to know (codex-runtime.md 2.1, 3). Whatever cannot be read is passed on.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::super::intake::{Ask, short};
use super::super::strip::is_compacted;

/// The header, and the member of a frame, that a turn's state is told by.
const TURN_STATE: &str = "x-codex-turn-state";
/// A longer state is none.
const STATE_LIMIT: usize = 16 << 10;
/// The frame that begins a turn.
const CREATE: &str = "response.create";

/// A client's frame that begins a turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Create {
    /// Whether it only warms the connection up: nothing is generated.
    pub warms: bool,
    /// Whether it goes on from a response that this connection knows.
    pub continues: bool,
    /// Whether its history is in a sealed piece.
    pub compacted: bool,
    /// The state of the turn that it brings along.
    pub turn_state: Option<String>,
    session: Option<String>,
    model: Option<String>,
}

/// Only what is looked at, and nothing is said of its shape yet.
#[derive(Deserialize)]
struct Seen<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    generate: Option<&'a RawValue>,
    #[serde(borrow, default)]
    previous_response_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    prompt_cache_key: Option<&'a RawValue>,
    #[serde(borrow, default)]
    client_metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

impl Create {
    /// Reads a frame; `None` where it begins no turn.
    pub fn read(frame: &str) -> Option<Self> {
        let seen: Seen<'_> = serde_json::from_str(frame).ok().filter(|seen: &Seen<'_>| seen.kind == CREATE)?;
        let metadata: Map<String, Value> = seen.client_metadata.and_then(read).unwrap_or_default();
        let of_metadata = |name: &str| metadata.get(name).and_then(Value::as_str);
        let session = of_metadata("session_id").and_then(short);
        Some(Self {
            warms: seen.generate.and_then(read) == Some(false),
            continues: seen.previous_response_id.and_then(read::<Cow<'_, str>>).is_some(),
            compacted: seen.input.is_some_and(|input| is_compacted(input.get())),
            turn_state: of_metadata(TURN_STATE).filter(|state| state.len() <= STATE_LIMIT).map(str::to_owned),
            session: session.or_else(|| seen.prompt_cache_key.and_then(read::<Cow<'_, str>>).and_then(|key| short(&key))),
            model: seen.model.and_then(read::<Cow<'_, str>>).and_then(|model| short(&model)),
        })
    }

    /// Who asks: what the handshake said, but for the model, which may change from turn to turn.
    pub fn ask(&self, handshake: &Ask) -> Ask {
        let mut ask = handshake.clone();
        ask.model = self.model.clone().or(ask.model);
        ask.session = ask.session.or_else(|| self.session.clone());
        ask
    }
}

/// The turn's state in an event that tells it.
pub fn told_state(event: &Value) -> Option<&str> {
    let headers = event["headers"].as_object()?;
    let mut state = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(TURN_STATE))?.1;
    // As text, or as a list of values.
    for _ in 0..2 {
        state = state.get(0).unwrap_or(state);
    }
    state.as_str().filter(|state| state.len() <= STATE_LIMIT)
}

/// A frame without the turn's state.
pub fn without_state(frame: &str) -> Option<String> {
    let mut frame: Map<String, Value> = serde_json::from_str(frame).ok()?;
    frame.get_mut("client_metadata")?.as_object_mut()?.shift_remove(TURN_STATE)?;
    Some(Value::Object(frame).to_string())
}

fn read<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn create(more: &Value) -> Option<Create> {
        let mut frame = json!({"type": "response.create", "model": "m", "input": []});
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Create::read(&frame.to_string())
    }

    #[test]
    fn a_turn_is_told_from_what_is_none() {
        let plain = Create { model: Some("m".to_owned()), ..Create::default() };
        assert_eq!(create(&json!({})), Some(plain));
        assert!(create(&json!({"generate": false})).unwrap().warms);
        assert!(!create(&json!({"generate": true})).unwrap().warms && !create(&json!({"generate": 0})).unwrap().warms);
        assert!(create(&json!({"previous_response_id": "resp_1"})).unwrap().continues);
        assert!(!create(&json!({"previous_response_id": null})).unwrap().continues);
        for none in ["", "[]", "{}", "17", "{\"type\":3}", "{\"type\":\"response.cancel\"}", "{\"type\":\"response.create\""] {
            assert_eq!(Create::read(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_oddly_shaped_is_a_turn_all_the_same() {
        let odd =
            json!({"model": 3, "input": "hi", "generate": "no", "client_metadata": [1], "prompt_cache_key": {}, "previous_response_id": 5});
        assert_eq!(create(&odd), Some(Create::default()));
    }

    #[test]
    fn the_frame_names_the_model_and_the_handshake_the_session() {
        let frame =
            create(&json!({"model": "new", "client_metadata": {"session_id": "s", "x-codex-turn-state": "st"}, "prompt_cache_key": "c"}));
        let frame = frame.unwrap();
        assert_eq!(frame.turn_state.as_deref(), Some("st"));
        let handshake =
            Ask { session: Some("h".to_owned()), model: Some("old".to_owned()), launch: Some("l".to_owned()), ..Ask::default() };
        let ask = frame.ask(&handshake);
        assert_eq!((ask.session.as_deref(), ask.model.as_deref(), ask.launch.as_deref()), (Some("h"), Some("new"), Some("l")));
        assert_eq!(frame.ask(&Ask::default()).session.as_deref(), Some("s"));
        assert_eq!(create(&json!({"prompt_cache_key": "c"})).unwrap().ask(&Ask::default()).session.as_deref(), Some("c"));
    }

    #[test]
    fn a_sealed_history_is_seen() {
        let with = |item: Value| create(&json!({"input": [{"type": "message", "content": "compaction"}, item]})).unwrap().compacted;
        assert!(with(json!({"type": "compaction", "encrypted_content": "x"})));
        assert!(!with(json!({"type": "compaction_trigger"})));
        assert!(!with(json!({"type": "compaction"})));
        assert!(!with(json!({"type": "reasoning", "encrypted_content": "compaction"})));
        assert!(with(json!({"encrypted_content": 3, "type": "compaction"})));
        assert!(!create(&json!({"input": ["compaction", 3, null]})).unwrap().compacted);
    }

    #[test]
    fn a_turns_state_is_found_and_taken_out() {
        for (headers, state) in [
            (json!({"x-codex-turn-state": "st"}), Some("st")),
            (json!({"X-Codex-Turn-State": ["st"]}), Some("st")),
            (json!({"x-codex-turn-state": [["st"]]}), Some("st")),
            (json!({"x-codex-turn-state": 3}), None),
            (json!({"x-codex-turn-state": "s".repeat(STATE_LIMIT + 1)}), None),
            (json!({}), None),
            (json!("x"), None),
        ] {
            assert_eq!(told_state(&json!({"type": "response.metadata", "headers": headers})), state, "{headers}");
        }
        let frame = json!({"type": "response.create", "client_metadata": {"a": 1, "x-codex-turn-state": "st", "b": 2}, "z": 0}).to_string();
        assert_eq!(without_state(&frame).unwrap(), r#"{"type":"response.create","client_metadata":{"a":1,"b":2},"z":0}"#);
        assert_eq!(without_state("{\"client_metadata\":3}"), None);
        assert_eq!(without_state("x"), None);
    }
}
