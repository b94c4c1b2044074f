//! JWT claims, decoded in one place, for display and identity only: the signature is not checked.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

use crate::base::secret::Secret;

/// A longer token is not decoded; real ones have about 2 KiB.
const TOKEN_LIMIT: usize = 64 << 10;
/// A longer claim is cut off as not honest.
const CLAIM_LIMIT: usize = 320;

/// What the product reads from a token (codex-auth.md 1.4). Every field is bounded and free of control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// `iss`.
    pub issuer: Option<String>,
    /// `email`, or that of the profile claim.
    pub email: Option<String>,
    /// `chatgpt_plan_type`: an open set.
    pub plan: Option<String>,
    /// `chatgpt_user_id`, else `user_id`.
    pub user_id: Option<String>,
    /// `chatgpt_account_id`.
    pub account_id: Option<String>,
    /// `exp`.
    pub expires_at: Option<Timestamp>,
    /// `iat`.
    pub issued_at: Option<Timestamp>,
}

/// Why a text is no JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClaimsError {
    /// Over 64 KiB.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts that are not empty.
    #[error("the token does not have three parts")]
    Shape,
    /// The middle part is not base64url.
    #[error("the token is not base64url")]
    Encoding,
    /// The middle part is no JSON object of the expected types.
    #[error("the token holds no claims")]
    Json,
}

/// Decodes a token's claims.
pub fn decode(token: &Secret) -> Result<Claims, ClaimsError> {
    let text = token.expose();
    if text.len() > TOKEN_LIMIT {
        return Err(ClaimsError::TooLong);
    }
    let mut parts = text.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(ClaimsError::Shape);
    };
    if header.is_empty() || payload.is_empty() || signature.is_empty() {
        return Err(ClaimsError::Shape);
    }
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let json = GeneralPurpose::new(&base64::alphabet::URL_SAFE, config).decode(payload).map_err(|_| ClaimsError::Encoding)?;
    let raw: RawClaims = serde_json::from_slice(&json).map_err(|_| ClaimsError::Json)?;
    let auth = raw.auth.unwrap_or_default();
    Ok(Claims {
        issuer: clean(raw.iss),
        email: clean(raw.email.or(raw.profile.and_then(|profile| profile.email))),
        plan: clean(auth.chatgpt_plan_type),
        user_id: clean(auth.chatgpt_user_id.or(auth.user_id)),
        account_id: clean(auth.chatgpt_account_id),
        expires_at: raw.exp.and_then(|seconds| moment(seconds.as_i64())),
        issued_at: raw.iat.and_then(|seconds| moment(seconds.as_i64())),
    })
}

fn moment(seconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_second(seconds?).ok()
}

fn clean(claim: Option<String>) -> Option<String> {
    claim.filter(|text| !text.is_empty() && is_honest(text))
}

/// Whether a text may be part of an identity: short, and of characters that can be shown.
pub(super) fn is_honest(text: &str) -> bool {
    text.len() <= CLAIM_LIMIT && !text.chars().any(char::is_control)
}

#[derive(Deserialize)]
struct RawClaims {
    iss: Option<String>,
    email: Option<String>,
    exp: Option<serde_json::Number>,
    /// Nothing hangs on it, so it may be of any type.
    iat: Option<serde_json::Value>,
    #[serde(rename = "https://api.openai.com/auth")]
    auth: Option<RawAuth>,
    #[serde(rename = "https://api.openai.com/profile")]
    profile: Option<RawProfile>,
}

#[derive(Deserialize, Default)]
struct RawAuth {
    chatgpt_plan_type: Option<String>,
    chatgpt_user_id: Option<String>,
    user_id: Option<String>,
    chatgpt_account_id: Option<String>,
}

#[derive(Deserialize)]
struct RawProfile {
    email: Option<String>,
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

    use super::*;

    fn token(payload: &str) -> Secret {
        Secret::new(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload)))
    }

    #[test]
    fn claims_of_a_real_shape_are_read() {
        let payload = r#"{"iss":"https://auth.openai.com","exp":1790000000,"iat":1789000000,"email":"ada@example.com",
            "https://api.openai.com/auth":{"chatgpt_plan_type":"plus","user_id":"user-1","chatgpt_account_id":"acc-1"}}"#;
        let claims = decode(&token(payload)).unwrap();
        assert_eq!(claims.email.as_deref(), Some("ada@example.com"));
        assert_eq!(claims.plan.as_deref(), Some("plus"));
        assert_eq!(claims.user_id.as_deref(), Some("user-1"));
        assert_eq!(claims.account_id.as_deref(), Some("acc-1"));
        assert_eq!(claims.expires_at.unwrap().as_second(), 1_790_000_000);
        assert_eq!(claims.issued_at.unwrap().as_second(), 1_789_000_000);
    }

    #[test]
    fn padding_does_not_matter() {
        let payload = r#"{"email":"a@b"}"#;
        let padded = Secret::new(format!("e30.{}.sig", URL_SAFE.encode(payload)));
        assert_eq!(decode(&padded).unwrap(), decode(&token(payload)).unwrap());
    }

    #[test]
    fn the_profile_claim_stands_in_for_the_email() {
        let claims = decode(&token(r#"{"https://api.openai.com/profile":{"email":"b@c"}}"#)).unwrap();
        assert_eq!(claims.email.as_deref(), Some("b@c"));
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        let long = "a".repeat(TOKEN_LIMIT + 1);
        for (text, error) in [
            ("", ClaimsError::Shape),
            ("a.b", ClaimsError::Shape),
            ("a..c", ClaimsError::Shape),
            ("a.b.c.d", ClaimsError::Shape),
            ("a.!!.c", ClaimsError::Encoding),
            ("a.aGk.c", ClaimsError::Json),
            ("a.W10.c", ClaimsError::Json),
            (long.as_str(), ClaimsError::TooLong),
        ] {
            assert_eq!(decode(&Secret::new(text)), Err(error), "{text:.20}");
        }
    }

    #[test]
    fn dishonest_claims_are_dropped() {
        let claims = decode(&token(&format!(r#"{{"email":"a\nb","iss":"{}","exp":99999999999999999}}"#, "x".repeat(400)))).unwrap();
        assert_eq!(claims, Claims::default());
    }
}
