//! What the model says in one turn, as the events both transports carry (codex-runtime.md 2.4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A scripted turn. The first and the last event come by themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What happens between `response.created` and `response.completed`.
    pub steps: Vec<Step>,
}

/// One part of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The model says this.
    Text(String),
    /// The model thinks; the encrypted content is bound to the account that got it.
    Reasoning,
    /// A finished output item, such as a function call, as it is.
    Item(Value),
    /// One raw event.
    Event(Value),
    /// These bytes as they are: a piece of the stream, or a whole frame on a WebSocket.
    Raw(String),
    /// One raw event with a text of this many bytes in it.
    Large(usize),
    /// Nothing more until released.
    Hold,
    /// The connection breaks here.
    Cut,
    /// What the last event reports as used, instead of the usual.
    Usage(Value),
    /// The turn ends with `response.failed` and this error code.
    Fail(String),
}

impl Answer {
    /// The model says one thing.
    pub fn text(text: &str) -> Self {
        Self { steps: vec![Step::Text(text.to_owned())] }
    }

    /// The turn fails in the stream, with HTTP status 200.
    pub fn failed(code: &str) -> Self {
        Self { steps: vec![Step::Fail(code.to_owned())] }
    }

    /// The same answer with one more step.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// What a transport does next.
#[derive(Clone, Debug)]
pub(crate) enum Beat {
    Event(Value),
    Raw(String),
    Hold,
    Cut,
}

/// What an answer is told with.
pub(crate) struct Telling<'a> {
    /// The id of the response.
    pub(crate) response_id: &'a str,
    /// The model named in the request.
    pub(crate) model: &'a str,
    /// The encrypted content of a reasoning item.
    pub(crate) sealed_thought: &'a str,
}

impl Answer {
    fn usage(&self) -> Option<&Value> {
        self.steps.iter().find_map(|step| if let Step::Usage(usage) = step { Some(usage) } else { None })
    }

    /// Whether it comes to its end.
    pub(crate) fn is_whole(&self) -> bool {
        !self.steps.iter().any(|step| matches!(step, Step::Cut | Step::Fail(_)))
    }
}

/// An empty turn: what a prewarm is answered with.
pub(crate) fn prewarm(telling: &Telling<'_>) -> Vec<Beat> {
    vec![created(telling), completed(&Answer::default(), telling)]
}

/// The whole turn.
pub(crate) fn beats(answer: &Answer, telling: &Telling<'_>) -> Vec<Beat> {
    let mut beats = vec![created(telling)];
    for (index, step) in answer.steps.iter().enumerate() {
        match step {
            Step::Text(text) => beats.extend(said(text, index, telling)),
            Step::Reasoning => beats.extend(item_done(index, &reasoning(index, telling))),
            Step::Item(item) => beats.extend(item_done(index, item)),
            Step::Event(event) => beats.push(Beat::Event(event.clone())),
            Step::Raw(bytes) => beats.push(Beat::Raw(bytes.clone())),
            Step::Large(size) => beats.push(Beat::Event(json!({"type": "response.output_text.delta", "delta": "x".repeat(*size)}))),
            Step::Hold => beats.push(Beat::Hold),
            Step::Usage(_) => {}
            Step::Cut => {
                beats.push(Beat::Cut);
                return beats;
            }
            Step::Fail(code) => {
                beats.push(failed(code, answer, telling));
                return beats;
            }
        }
    }
    beats.push(completed(answer, telling));
    beats
}

fn created(telling: &Telling<'_>) -> Beat {
    let response = json!({"id": telling.response_id, "object": "response", "status": "in_progress", "model": telling.model, "output": []});
    Beat::Event(json!({"type": "response.created", "response": response}))
}

fn completed(answer: &Answer, telling: &Telling<'_>) -> Beat {
    Beat::Event(json!({"type": "response.completed", "response": {
        "id": telling.response_id,
        "object": "response",
        "status": "completed",
        "model": telling.model,
        "output": [],
        "usage": answer.usage().cloned().unwrap_or_else(|| json!({
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 17,
        })),
    }}))
}

fn failed(code: &str, answer: &Answer, telling: &Telling<'_>) -> Beat {
    Beat::Event(json!({"type": "response.failed", "response": {
        "id": telling.response_id,
        "object": "response",
        "status": "failed",
        "error": {"code": code, "message": format!("sandbox says {code}")},
        "usage": answer.usage(),
    }}))
}

fn said(text: &str, index: usize, telling: &Telling<'_>) -> Vec<Beat> {
    let id = format!("msg_{}_{index}", telling.response_id);
    let message =
        |content: Value, status: &str| json!({"id": id, "type": "message", "role": "assistant", "status": status, "content": content});
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    vec![
        Beat::Event(json!({"type": "response.output_item.added", "output_index": index, "item": message(json!([]), "in_progress")})),
        Beat::Event(
            json!({"type": "response.content_part.added", "item_id": id, "output_index": index, "content_index": 0, "part": part("")}),
        ),
        Beat::Event(json!({"type": "response.output_text.delta", "item_id": id, "output_index": index, "content_index": 0, "delta": text})),
        Beat::Event(json!({"type": "response.output_text.done", "item_id": id, "output_index": index, "content_index": 0, "text": text})),
        Beat::Event(json!({"type": "response.output_item.done", "output_index": index, "item": message(json!([part(text)]), "completed")})),
    ]
}

fn reasoning(index: usize, telling: &Telling<'_>) -> Value {
    json!({
        "id": format!("rs_{}_{index}", telling.response_id),
        "type": "reasoning",
        "summary": [],
        "encrypted_content": telling.sealed_thought,
    })
}

fn item_done(index: usize, item: &Value) -> [Beat; 2] {
    [
        Beat::Event(json!({"type": "response.output_item.added", "output_index": index, "item": item})),
        Beat::Event(json!({"type": "response.output_item.done", "output_index": index, "item": item})),
    ]
}
