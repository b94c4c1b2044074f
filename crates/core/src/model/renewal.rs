//! A login with renewed tokens: only what was renewed is written anew, all the rest stays byte for byte.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::auth_document::{AuthDocument, AuthDocumentError};
use crate::base::secret::Secret;
use crate::base::sorting;

/// What a refresh brought. What is absent stays as it was (codex-auth.md 3.1).
#[derive(Debug, Default)]
pub struct RenewedTokens {
    /// See [`super::auth_document::TokenSet`].
    pub id_token: Option<Secret>,
    /// See [`super::auth_document::TokenSet`].
    pub access_token: Option<Secret>,
    /// See [`super::auth_document::TokenSet`].
    pub refresh_token: Option<Secret>,
}

impl AuthDocument {
    /// This login with renewed tokens, written at `now`. Unknown fields, order and spacing are kept.
    pub fn renewed(&self, renewed: &RenewedTokens, now: Timestamp) -> Result<Self, AuthDocumentError> {
        let text = self.text().expose();
        let places: Places<'_> = serde_json::from_str(text).map_err(|_| AuthDocumentError::Shape)?;
        let tokens: TokenPlaces<'_> =
            serde_json::from_str(places.tokens.ok_or(AuthDocumentError::NoTokens)?.get()).map_err(|_| AuthDocumentError::Shape)?;
        let string = |text: &str| serde_json::Value::from(text).to_string();
        let mut edits: Vec<(Range<usize>, Secret)> = Vec::new();
        for (place, token) in [
            (tokens.id_token, &renewed.id_token),
            (tokens.access_token, &renewed.access_token),
            (tokens.refresh_token, &renewed.refresh_token),
        ] {
            if let Some(token) = token {
                edits.push((range(text, place.ok_or(AuthDocumentError::NoTokens)?), Secret::new(string(token.expose()))));
            }
        }
        let written = string(&now.to_string());
        match (places.last_refresh, places.tokens) {
            (Some(place), _) => edits.push((range(text, place), Secret::new(written))),
            (None, Some(tokens)) => {
                let end = range(text, tokens).end;
                edits.push((end..end, Secret::new(format!(",\n  \"last_refresh\": {written}"))));
            }
            (None, None) => {}
        }
        Self::parse(splice(text, edits))
    }
}

/// Replaces ranges of a text that do not overlap.
fn splice(text: &str, mut edits: Vec<(Range<usize>, Secret)>) -> Secret {
    sorting::by_key(&mut edits, |(range, _)| range.start);
    let length = text.len() + edits.iter().map(|(_, new)| new.expose().len()).sum::<usize>();
    // Large enough from the start: growing would leave a copy of tokens behind.
    let mut spliced = String::with_capacity(length);
    let mut done = 0;
    for (range, new) in &edits {
        spliced.push_str(text.get(done..range.start).unwrap_or_default());
        spliced.push_str(new.expose());
        done = range.end;
    }
    spliced.push_str(text.get(done..).unwrap_or_default());
    Secret::new(spliced)
}

/// Where in the text a value stands that was borrowed from it.
fn range(text: &str, value: &RawValue) -> Range<usize> {
    let start = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + value.get().len()
}

#[derive(Deserialize)]
struct Places<'t> {
    #[serde(borrow)]
    tokens: Option<&'t RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    last_refresh: Option<&'t RawValue>,
}

/// A `null` is there too, and has a place.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of the file's fields")]
struct TokenPlaces<'t> {
    #[serde(borrow)]
    id_token: Option<&'t RawValue>,
    #[serde(borrow)]
    access_token: Option<&'t RawValue>,
    #[serde(borrow)]
    refresh_token: Option<&'t RawValue>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::auth_document::Credential;
    use crate::model::samples::login;

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn both() -> RenewedTokens {
        RenewedTokens { id_token: None, access_token: Some(Secret::new("at_new")), refresh_token: Some(Secret::new("rt_\"new\"")) }
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        let before = login("ada", "w", 1);
        let Credential::OAuth(tokens) = before.credential() else { panic!() };
        let id = tokens.id_token.expose();
        let text = |access: &str, refresh: &str, written: &str| {
            format!(
                "{{ \"future\" : 1.50e+3,\n\"last_refresh\":{written},\"tokens\":{{\"refresh_token\":{refresh},\"big\":123456789012345678901234567890,\
                 \"id_token\":\"{id}\",  \"access_token\" : {access} ,\"account_id\":\"w\"}}\t, \"auth_mode\":\"chatgpt\"}}\n"
            )
        };
        let document = AuthDocument::parse(text("\"at\"", "\"rt\"", "\"2026-11-01T00:00:00Z\"")).unwrap();
        let renewed = document.renewed(&both(), now()).unwrap();
        assert_eq!(renewed.text().expose(), text("\"at_new\"", "\"rt_\\\"new\\\"\"", "\"2026-11-21T08:00:00Z\""));
        let Credential::OAuth(tokens) = renewed.credential() else { panic!() };
        assert_eq!((tokens.refresh_token.expose(), tokens.last_refresh), ("rt_\"new\"", Some(now())));
    }

    #[test]
    fn a_missing_time_is_added_and_null_replaced() {
        let with_time = login("ada", "w", 1);
        let mut value: serde_json::Value = serde_json::from_str(with_time.text().expose()).unwrap();
        for missing in [true, false] {
            if missing {
                value.as_object_mut().unwrap().remove("last_refresh");
            } else {
                value["last_refresh"] = serde_json::Value::Null;
            }
            let renewed = AuthDocument::parse(format!("{value:#}")).unwrap().renewed(&both(), now()).unwrap();
            let Credential::OAuth(tokens) = renewed.credential() else { panic!() };
            assert_eq!((tokens.access_token.expose(), tokens.last_refresh), ("at_new", Some(now())));
        }
    }

    #[test]
    fn what_the_answer_left_out_stays() {
        let before = login("ada", "w", 1);
        let renewed = before.renewed(&RenewedTokens::default(), now()).unwrap();
        let (Credential::OAuth(old), Credential::OAuth(new)) = (before.credential(), renewed.credential()) else { panic!() };
        assert_eq!((&old.refresh_token, &old.access_token, &old.id_token), (&new.refresh_token, &new.access_token, &new.id_token));
        assert_eq!(new.last_refresh, Some(now()));
    }

    #[test]
    fn an_id_token_that_is_none_is_refused() {
        let bad = RenewedTokens { id_token: Some(Secret::new("garbage")), ..both() };
        assert!(matches!(login("ada", "w", 1).renewed(&bad, now()), Err(AuthDocumentError::IdToken(_))));
    }
}
