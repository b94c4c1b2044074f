//! Every way in which the provider is known to answer other than it should, by endpoint: what a fault campaign draws from.

use codex_lab_core::provider::errors as codes;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::sandbox::{Answer, Behaviour, Canned, Endpoint, Script, Step};

/// The endpoints at which something can go wrong in the middle of everyday work.
pub const ENDPOINTS: [Endpoint; 4] = [Endpoint::Refresh, Endpoint::Responses, Endpoint::Usage, Endpoint::Models];

/// What the token endpoint says of a token that it will never take again.
const FINAL: [&str; 4] = ["refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated", "invalid_grant"];
/// Statuses without a word of the provider's own.
const STATUSES: [u16; 12] = [400, 401, 402, 403, 404, 408, 409, 429, 500, 502, 503, 504];
/// Seconds in `Retry-After`.
const PAUSES: [u64; 4] = [0, 1, 60, 100_000];

/// One misbehaviour.
#[derive(Debug, Clone)]
pub struct Misbehaviour {
    /// Where.
    pub on: Endpoint,
    /// What.
    pub behaviour: Behaviour,
}

impl Misbehaviour {
    /// Any one, at any endpoint; `now` is a Unix second of the provider's.
    pub fn draw(chance: &mut Chance, now: i64) -> Self {
        let on = *chance.pick(&ENDPOINTS);
        let known = known(on, now);
        Self { on, behaviour: chance.pick(&known).clone() }
    }

    /// Whether it keeps its requests until they are released.
    pub fn holds(&self) -> bool {
        match &self.behaviour {
            Behaviour::Hold | Behaviour::HoldAnswer => true,
            Behaviour::Say(answer) => answer.steps.contains(&Step::Hold),
            _ => false,
        }
    }

    /// Whether a login that is renewed meanwhile may be lost by no fault of ours: its token is spent, and no answer comes, or none in
    /// time.
    pub fn may_lose_a_login(&self) -> bool {
        self.on == Endpoint::Refresh && matches!(self.behaviour, Behaviour::LoseAnswer | Behaviour::Hold | Behaviour::HoldAnswer)
    }

    /// The script that lets it happen so often.
    pub fn script(&self, times: u32) -> Script {
        Script::next(times, self.on, self.behaviour.clone())
    }
}

/// Everything an endpoint is known to answer, or not to answer, other than what was asked for.
pub fn known(on: Endpoint, now: i64) -> Vec<Behaviour> {
    let mut all = anywhere();
    match on {
        Endpoint::Refresh => {
            all.extend(FINAL.iter().flat_map(|code| [Behaviour::oauth_error(400, code), Behaviour::error(401, code)]));
            all.extend([Behaviour::oauth_error(403, "access_denied"), Behaviour::oauth_error(401, "invalid_client")]);
            all.extend(
                [json!({}), json!({"access_token": ""}), json!({"access_token": 7}), json!([])].map(|body| Behaviour::json(200, &body)),
            );
        }
        Endpoint::Usage => all.extend(odd_usage(now)),
        Endpoint::Responses => {
            all.extend(coded(now));
            all.extend(said());
        }
        _ => all.extend([json!({}), json!({"models": "none"}), json!([])].map(|body| Behaviour::json(200, &body))),
    }
    all
}

/// What any server, and anything before it, may do.
fn anywhere() -> Vec<Behaviour> {
    let mut all = vec![Behaviour::Close, Behaviour::LoseAnswer, Behaviour::Hold, Behaviour::HoldAnswer];
    all.extend([Behaviour::garbage(), Behaviour::empty(), Behaviour::html(200), Behaviour::html(403), Behaviour::html(502)]);
    all.push(Behaviour::html(403).with_header(codes::CHALLENGE_HEADER, "challenge"));
    all.push(Behaviour::status(302).with_header("location", "https://elsewhere.example/"));
    all.extend(STATUSES.map(Behaviour::status));
    all.extend(PAUSES.map(|seconds| Behaviour::retry_after(429, seconds)));
    all.extend(PAUSES.map(|seconds| Behaviour::retry_after(503, seconds)));
    all.push(Behaviour::status(429).with_header("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"));
    all.push(Behaviour::status(429).with_header("retry-after", "soon"));
    all
}

/// A turn's refusals, each with every code that the provider has for it.
fn coded(now: i64) -> Vec<Behaviour> {
    let groups: [(u16, &[&str]); 15] = [
        (429, &codes::USAGE_LIMIT),
        (403, &codes::NOT_INCLUDED),
        (429, &codes::ORGANIZATION_LIMIT),
        (429, &codes::TOO_MANY),
        (401, &codes::TOKEN_EXPIRED),
        (401, &codes::TOKEN_GONE),
        (402, &codes::WORKSPACE_GONE),
        (404, &codes::NO_SUCH_MODEL),
        (400, &codes::ENCRYPTED_CONTENT),
        (400, &codes::CONTEXT_TOO_LONG),
        (400, &codes::POLICY),
        (503, &codes::OVERLOADED),
        (429, &codes::SLOW_DOWN),
        (500, &codes::SERVER_ERROR),
        (400, &codes::REQUEST_BAD),
    ];
    let mut all: Vec<_> = groups.iter().flat_map(|(status, codes)| codes.iter().map(|code| Behaviour::error(*status, code))).collect();
    all.extend([now - 60, now + 30, now + 3 * 3600, i64::MAX].map(|resets_at| Behaviour::usage_limit("plus", resets_at)));
    all.push(Behaviour::status(429).with_header(codes::LIMIT_REACHED_HEADER, "workspace_owner_credits_depleted"));
    all
}

/// Turns that begin well.
fn said() -> Vec<Behaviour> {
    let half = || Answer::text("half a word");
    let failing = [&codes::OVERLOADED[..], &codes::TOO_MANY, &codes::USAGE_LIMIT, &codes::SERVER_ERROR, &codes::CONTEXT_TOO_LONG].concat();
    let mut all: Vec<_> = failing.iter().map(|code| Behaviour::Say(Answer::failed(code))).collect();
    all.extend(
        [
            half().then(Step::Cut),
            half().then(Step::Hold),
            half().then(Step::Fail("server_error".to_owned())),
            half().then(Step::Raw("data: {\"type\":\"response.".to_owned())).then(Step::Cut),
            half().then(Step::Raw("\u{0}not an event\n\n".to_owned())),
            half().then(Step::Large(300_000)),
            Answer::default().then(Step::Cut),
            Answer::default().then(Step::Hold),
        ]
        .map(Behaviour::Say),
    );
    all
}

/// Readings that say nothing, or too much.
fn odd_usage(now: i64) -> Vec<Behaviour> {
    let window = |used: Value, length: Value, resets_at: Value| {
        json!({"plan_type": "plus", "rate_limit": {"allowed": true, "limit_reached": false, "primary_window": null, "secondary_window": {
            "used_percent": used, "limit_window_seconds": length, "reset_after_seconds": 1, "reset_at": resets_at,
        }}})
    };
    let week = 7 * 24 * 3600;
    [
        json!({}),
        json!([]),
        json!({"rate_limit": null}),
        window(json!(-1), json!(week), json!(now + 60)),
        window(json!(1e300), json!(week), json!(now + 60)),
        window(json!("7"), json!(week), json!(now + 60)),
        window(json!(50), json!(0), json!(now + 60)),
        window(json!(50), json!(i64::MAX), json!(i64::MIN)),
        window(json!(50), json!(week), json!(i64::MAX)),
    ]
    .iter()
    .map(|body| Behaviour::json(200, body))
    .collect()
}

/// What it is, in a few words, for a report.
pub fn name(behaviour: &Behaviour) -> String {
    match behaviour {
        Behaviour::Reply(Canned { status, .. }) => format!("answers {status}"),
        Behaviour::Close => "closes".to_owned(),
        Behaviour::LoseAnswer => "loses its answer".to_owned(),
        Behaviour::Hold => "holds the request".to_owned(),
        Behaviour::HoldAnswer => "holds its answer".to_owned(),
        Behaviour::Say(_) => "breaks a turn".to_owned(),
    }
}
