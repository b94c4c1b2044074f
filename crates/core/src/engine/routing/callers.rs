//! Whose own tokens open the gateway: the live login's, and those that were live before, which running clients still hold.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::secret::Fingerprint;
use crate::base::stamp::{Stamp, stamp};
use crate::codex::live::{self, Live};
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::auth_document::Credential;

/// Tokens that are remembered; the one that was learnt first goes first.
const LIMIT: usize = 64;
/// The fact that holds their fingerprints, so that a restart turns no running client away.
const FACT: &str = "gateway_tokens";

/// The tokens that open the gateway, by what says nothing about them.
#[derive(Debug, Default)]
pub(super) struct Callers {
    known: VecDeque<Fingerprint>,
    /// What the live login's file looked like when it was last read.
    seen: Option<Stamp>,
}

impl Callers {
    /// Whether a token is among them. That it takes longer for some is no matter: what is compared is a digest.
    pub(super) fn knows(&self, token: &Fingerprint) -> bool {
        self.known.contains(token)
    }

    /// Whether it is new.
    fn learn(&mut self, token: Fingerprint) -> bool {
        if self.knows(&token) {
            return false;
        }
        if self.known.len() >= LIMIT {
            self.known.pop_front();
        }
        self.known.push_back(token);
        true
    }

    fn text(&self) -> String {
        self.known.iter().map(Fingerprint::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl Engine {
    /// Takes the live login's token in, if its file is another than when it was last looked at.
    pub(super) async fn learn_live_token(&self) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || learn(&shared)).await
    }
}

/// Those that were known when this home last served.
pub(super) fn restore(shared: &Shared) -> Result<(), Failure> {
    let stored = shared.state.fact(FACT)?.unwrap_or_default();
    let mut callers = held(&shared.routing.callers);
    for token in stored.split(' ').filter_map(Fingerprint::parse).take(LIMIT) {
        callers.learn(token);
    }
    callers.seen = None;
    Ok(())
}

/// The file's stamp is taken before it is read: a change in between is noticed next time.
pub(super) fn learn(shared: &Shared) -> Result<(), Failure> {
    let now = stamp(&shared.codex.auth_json());
    if now.is_some() && held(&shared.routing.callers).seen == now {
        return Ok(());
    }
    let Live::Login(login) = live::read(&shared.codex) else { return Ok(()) };
    let token = match login.credential() {
        Credential::OAuth(tokens) => tokens.access_token.fingerprint(),
        Credential::ApiKey(key) => key.fingerprint(),
    };
    let text = {
        let mut callers = held(&shared.routing.callers);
        callers.seen = now;
        if !callers.learn(token) {
            return Ok(());
        }
        callers.text()
    };
    Ok(shared.state.set_fact(FACT, &text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;

    #[test]
    fn the_last_tokens_are_known() {
        let token = |number: usize| Secret::new(number.to_string()).fingerprint();
        let mut callers = Callers::default();
        assert!(!callers.knows(&token(0)));
        for number in 0..=LIMIT {
            assert!(callers.learn(token(number)));
            assert!(!callers.learn(token(number)));
        }
        assert!(!callers.knows(&token(0)) && callers.knows(&token(1)) && callers.knows(&token(LIMIT)));
        assert_eq!(callers.text().split(' ').filter_map(Fingerprint::parse).count(), LIMIT);
    }
}
