//! What the provider, or a network in its place, answers to a sign-in, and to the question for its models.

use std::time::Duration;

use codex_lab_core::auth::device::{self, DeviceCode, Poll};
use codex_lab_core::auth::exchange::{self, Grant};
use codex_lab_core::auth::refresh;
use codex_lab_core::base::secret::Secret;
use codex_lab_core::failure::Failure;
use codex_lab_core::prime::models;
use serde_json::json;

use crate::logins::{check_document, check_renewal, sample};
use crate::outside::{OneAnswer, jwt, now, status_and_body};

/// The answer to the question for a device code.
pub(crate) fn device_code(bytes: &[u8]) {
    match now(device::request_code(&OneAnswer::of(bytes))) {
        Ok(code) => {
            assert!((1..=32).contains(&code.user_code.len()) && code.user_code.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!((1..=4096).contains(&code.device_auth_id.expose().len()));
            assert!((Duration::from_secs(5)..=Duration::from_secs(60)).contains(&code.interval));
        }
        Err(error) => check_failure(&error.failure()),
    }
}

/// The answer to the question whether a device code was typed in.
pub(crate) fn device_poll(bytes: &[u8]) {
    let code = DeviceCode { user_code: "ABCD-12345".into(), interval: Duration::from_secs(5), device_auth_id: Secret::new("id") };
    match now(device::poll(&OneAnswer::of(bytes), &code)) {
        Ok(Poll::Approved(grant)) => {
            assert!([&grant.code, &grant.verifier].into_iter().all(|part| (1..=4096).contains(&part.expose().len())));
            assert_eq!(grant.redirect_uri, "https://auth.openai.com/deviceauth/callback");
        }
        Ok(Poll::Pending) => {}
        Err(error) => check_failure(&error.failure()),
    }
}

/// The token endpoint's answer, as it is, and as the claims of an otherwise good one.
pub(crate) fn exchange(bytes: &[u8]) {
    redeem(OneAnswer::of(bytes));
    let body = json!({ "id_token": jwt(bytes), "access_token": "at", "refresh_token": "rt" });
    redeem(OneAnswer::new(200, body.to_string().as_bytes()));
}

/// The answer to a refresh, by itself and as it changes a login.
pub(crate) fn refresh(bytes: &[u8]) {
    let (status, body) = status_and_body(bytes);
    match refresh::read(status, None, body) {
        Ok(renewed) => {
            let tokens = [&renewed.id_token, &renewed.access_token, &renewed.refresh_token];
            assert!(status == 200 && tokens.into_iter().flatten().all(|token| !token.is_empty()));
            assert!(renewed.access_token.is_some() || renewed.refresh_token.is_some());
            check_renewal(&sample(), &renewed);
        }
        Err(error) => {
            assert!(status != 200 || !error.is_final(), "a success may mean that a token is spent, never that it is refused");
            check_failure(&error.failure("main"));
        }
    }
}

/// The provider's list of models.
pub(crate) fn model_list(bytes: &[u8]) {
    let cheap = models::cheapest_first(bytes);
    assert!(cheap.len() <= 256);
    assert!(cheap.iter().all(|it| (1..=100).contains(&it.model.len()) && it.model.bytes().all(|byte| byte.is_ascii_graphic())));
    assert_eq!(models::choose(&cheap, None), cheap.first());
}

fn redeem(answer: OneAnswer) {
    let redirect_uri = "http://127.0.0.1:1455/auth/callback".to_owned();
    let grant = Grant { code: Secret::new("ac"), verifier: Secret::new("v"), redirect_uri };
    match now(exchange::exchange(&answer.ports(), &grant)) {
        Ok(document) => {
            assert!(document.subject().is_some(), "a login says whose it is");
            check_document(&document, document.text().expose());
        }
        Err(error) => check_failure(&error.failure()),
    }
}

fn check_failure(failure: &Failure) {
    assert!(!failure.message.is_empty() && !failure.hints.is_empty(), "every refusal says what to do");
}
