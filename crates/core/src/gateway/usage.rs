//! The tokens that an answer reports as used. All of it is the provider's word: numbers that make no sense become the nearest that do.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::spending::Usage;

/// An honest report has some hundred bytes.
const REPORT_LIMIT: usize = 4 << 10;

/// What an answer in one piece reports, or the event that ends one; `None` where it reports nothing.
pub fn reported(json: &[u8]) -> Option<Usage> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow, default)]
        response: Option<&'a RawValue>,
        #[serde(borrow, default)]
        usage: Option<&'a RawValue>,
    }
    let whole: Answer<'_> = serde_json::from_slice(json).ok()?;
    let usage = match whole.response {
        Some(response) => serde_json::from_str::<Answer<'_>>(response.get()).ok()?.usage,
        None => whole.usage,
    };
    let usage: Value = serde_json::from_str(usage.map(RawValue::get).filter(|usage| usage.len() <= REPORT_LIMIT)?).ok()?;
    let used = Usage { input: tokens(&usage["input_tokens"]), output: tokens(&usage["output_tokens"]) };
    (used != Usage::default()).then_some(used)
}

/// A count, however it is written; less than nothing is nothing.
fn tokens(count: &Value) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is below zero or too large becomes the nearest that fits"
    )]
    let rounded = |count: f64| count.ceil() as u64;
    count.as_u64().or_else(|| count.as_f64().map(rounded)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_found_in_an_event_and_in_an_answer() {
        let usage = json!({"input_tokens": 12, "input_tokens_details": {"cached_tokens": 8}, "output_tokens": 5, "total_tokens": 17});
        let expected = Some(Usage { input: 12, output: 5 });
        assert_eq!(reported(json!({"id": "r", "output": [], "usage": usage}).to_string().as_bytes()), expected);
        for kind in ["response.completed", "response.incomplete", "response.failed"] {
            let event = json!({"type": kind, "response": {"output": [{"usage": {"input_tokens": 9}}], "usage": usage}});
            assert_eq!(reported(event.to_string().as_bytes()), expected, "{kind}");
        }
        let long = json!({"response": {"instructions": "x".repeat(1 << 20), "usage": usage}});
        assert_eq!(reported(long.to_string().as_bytes()), expected);
    }

    #[test]
    fn hostile_numbers_become_the_nearest_that_make_sense() {
        let of = |usage: &str| reported(format!("{{\"response\":{{\"usage\":{usage}}}}}").as_bytes());
        let used = |input, output| Some(Usage { input, output });
        for (usage, expected) in [
            ("{\"input_tokens\":-5,\"output_tokens\":3}", used(0, 3)),
            ("{\"input_tokens\":18446744073709551615,\"output_tokens\":18446744073709551616}", used(u64::MAX, u64::MAX)),
            ("{\"input_tokens\":1e300,\"output_tokens\":-1e300}", used(u64::MAX, 0)),
            ("{\"input_tokens\":0.2}", used(1, 0)),
            ("{\"input_tokens\":\"7\",\"output_tokens\":[1]}", None),
            ("{\"output_tokens\":null}", None),
            ("[1,2]", None),
            ("17", None),
            ("null", None),
            ("{\"input_tokens\":1e999}", None),
            ("{\"input_tokens\":", None),
        ] {
            assert_eq!(of(usage), expected, "{usage}");
        }
        let padded = format!("{{\"input_tokens\":1,\"x\":\"{}\"}}", "x".repeat(REPORT_LIMIT));
        assert_eq!(of(&padded), None, "nobody reports at such length");
        for none in ["", "[]", "null", "{\"response\":3}", "{\"response\":null}", "\u{feff}{}"] {
            assert_eq!(reported(none.as_bytes()), None, "{none}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(reported(format!("{{\"response\":{{\"output\":{deep}").as_bytes()), None);
    }
}
