//! 64 processes with 8 tasks each ask for an expired profile's token at once: one refresh for all of them.

use std::time::Instant;

use codex_lab_tests::sandbox::Endpoint;
use serde_json::{Value, json};

use crate::asker::Asker;
use crate::place::{Place, Template, fingerprint};
use codex_lab_tests::effort::{rounds, tally};

pub(crate) const PROCESSES: usize = 64;
pub(crate) const TASKS: usize = 8;
/// So many rounds live the same processes; then there are new ones, which all start at once too.
const LIFE: u32 = 5;

/// Many engines of one home, open and waiting.
pub(crate) struct Crowd(Vec<Asker>);

impl Crowd {
    /// Starts them all at once and waits until each is ready.
    pub(crate) fn start(place: &Place) -> Self {
        Self::of(PROCESSES, place)
    }

    /// The same with so many.
    pub(crate) fn of(processes: usize, place: &Place) -> Self {
        let mut askers: Vec<_> = (0..processes).map(|_| Asker::start(place, None, &[])).collect();
        for asker in &mut askers {
            assert_eq!(asker.answer(), Some(json!("ready")));
        }
        Self(askers)
    }

    /// Lets all of them ask at once; the fingerprints they got.
    pub(crate) fn ask(&mut self, profile: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        for answer in self.try_ask(profile, || {}) {
            assert_eq!(answer["failures"], json!([]), "everybody gets a token");
            tokens.extend(answer["tokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap().to_owned()));
        }
        tokens
    }

    /// The same; what each of them heard. `meanwhile` happens once the last one was told.
    pub(crate) fn try_ask(&mut self, profile: &str, meanwhile: impl FnOnce()) -> Vec<Value> {
        let order = json!({ "ask": { "profile": profile, "tasks": TASKS } });
        self.0.iter_mut().for_each(|asker| asker.tell(&order));
        meanwhile();
        self.0.iter_mut().map(|asker| asker.answer().unwrap()).collect()
    }

    pub(crate) fn end(self) {
        self.0.into_iter().for_each(|asker| assert!(!asker.end()));
    }
}

#[test]
fn an_expired_token_is_renewed_once_whoever_asks() {
    let template = Template::new();
    let place = template.copy();
    // What is live is renewed as well; nobody else works with it here.
    place.good(&["list"]);
    let mut crowd = Crowd::start(&place);
    let rounds = rounds(3, 100);
    let mut slowest = 0;
    for round in 1..=rounds {
        let profile = if round % 2 == 0 { "main" } else { "work" };
        if round % LIFE == 0 {
            crowd.end();
            crowd = Crowd::start(&place);
        }
        let before = template.sandbox.counters_of(profile).refreshes;
        let spent = place.login(profile)["tokens"]["refresh_token"].clone();
        place.end_in(profile, -60);

        #[expect(clippy::disallowed_methods, reason = "a figure of the real machine")]
        let started = Instant::now();
        let tokens = crowd.ask(profile);
        slowest = slowest.max(started.elapsed().as_millis());

        let stored = place.login(profile);
        let expected = fingerprint(&stored["tokens"]["access_token"]);
        assert_eq!(tokens.len(), PROCESSES * TASKS);
        assert!(tokens.iter().all(|token| *token == expected), "round {round}: everybody has the token that is stored");
        let counters = template.sandbox.counters();
        assert_eq!((counters.replays, counters.families_revoked), (0, 0), "round {round}");
        assert_eq!(template.sandbox.counters_of(profile).refreshes, before + 1, "round {round}: one refresh per rotation");
        assert_ne!(stored["tokens"]["refresh_token"], spent);
        assert!(template.sandbox.is_live(text(&stored["tokens"]["refresh_token"])), "round {round}");
        if profile == "main" {
            assert!(place.live().as_ref() == place.logins().get("main"), "round {round}: Codex has the new tokens too");
        }
    }
    crowd.end();
    let requests = template.sandbox.requests().into_iter().filter(|record| record.endpoint == Endpoint::Refresh).count();
    assert_eq!(requests, rounds as usize, "no refresh was sent in vain");
    place.assert_sound(&crate::place::PROFILES, "after the storm");
    tally("64 processes want one login renewed", rounds, 0).unwrap();
    println!("{rounds} storms of {PROCESSES} x {TASKS}: {requests} refreshes, 0 replays, the slowest took {slowest} ms");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
