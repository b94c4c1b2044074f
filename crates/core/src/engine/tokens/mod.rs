//! Fresh tokens for whoever needs them: one refresh per rotation, whoever asks, in however many tasks and processes.
//!
//! one flight per profile in this process → the profile's file lock → read again under it → spend those tokens → save → hand out.

mod cache;
mod decide;
mod keep_alive;
mod lane;
mod live;
mod living;
mod renewal;
mod rest;
mod unsaved;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::{Engine, held};
use crate::base::secret::{Fingerprint, Secret};
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, Credential, TokenSet};
use crate::model::profile::ProfileId;
use crate::model::snapshot::TokenNote;
pub(super) use keep_alive::{next_keep_alive, spread};
pub(super) use living::living;
pub use renewal::PLACES;

/// What a request to the provider is signed with.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The access token, or the API key.
    pub token: Secret,
    /// The workspace that requests are made for; `None` for an API key.
    pub account_id: Option<String>,
    /// When the token ends, as far as it is known; never for an API key.
    pub ends_at: Option<Timestamp>,
}

/// What a caller wants of a profile's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// Any that are good for five minutes at least.
    Fresh,
    /// Others than these.
    Renewed(Option<Fingerprint>),
}

impl Want {
    fn excludes(self, tokens: &TokenSet) -> bool {
        matches!(self, Self::Renewed(seen) if seen == Some(tokens.refresh_token.fingerprint()))
    }
}

/// What this process knows of tokens. Other processes have their own; the files decide between them.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    cache: cache::Cache,
    rests: rest::Rests,
    unsaved: unsaved::Unsaved,
    /// Renewed, saved, and not yet written into the live login.
    unwritten: Mutex<BTreeSet<ProfileId>>,
    flights: Mutex<HashMap<ProfileId, Arc<tokio::sync::Mutex<()>>>>,
    terms: Mutex<keep_alive::Known>,
}

impl Tokens {
    /// What is to be said of a profile's tokens.
    pub(super) fn note(&self, id: &ProfileId, now: Timestamp) -> TokenNote {
        if self.unsaved.holds(id) {
            TokenNote::Unsaved
        } else {
            self.rests.until(id, now).map_or(TokenNote::Fine, |until| TokenNote::Resting { until })
        }
    }

    /// What the user should know now.
    pub(super) fn problems(&self) -> Vec<Failure> {
        self.unsaved.failures()
    }

    /// Drops every token that is handed out without a look into the vault.
    pub(super) fn forget(&self) {
        self.cache.clear();
    }

    fn unwritten(&self) -> Vec<ProfileId> {
        held(&self.unwritten).iter().cloned().collect()
    }

    fn written(&self, id: &ProfileId) {
        held(&self.unwritten).remove(id);
    }

    fn flight(&self, id: &ProfileId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(held(&self.flights).entry(id.clone()).or_default())
    }
}

impl Engine {
    /// A profile's access token, good for five minutes at least where the provider lets us renew it; an API key as it is.
    /// Costs a few looks at files as long as nothing has changed.
    pub async fn access_token(&self, id: &ProfileId) -> Result<Bearer, Failure> {
        if let Some(bearer) = self.shared.tokens.cache.get(&self.shared, id) {
            return Ok(bearer);
        }
        self.fly(id, Want::Fresh).await
    }

    /// Other tokens than those the provider has refused; renewed if nobody has since `seen` was read.
    pub(super) async fn renew_refused(&self, id: &ProfileId, seen: Option<Fingerprint>) -> Result<Bearer, Failure> {
        self.fly(id, Want::Renewed(seen)).await
    }

    /// Renews a profile's tokens, if nobody has since this was asked for.
    pub(super) async fn renew(&self, id: &ProfileId) -> Result<(), Failure> {
        let seen = self.stored_refresh_token(id).await?;
        if seen.is_none() {
            return Err(nothing_to_renew());
        }
        self.shared.tokens.rests.end(id);
        let flown = self.fly(id, Want::Renewed(seen)).await;
        let looked = self.publish().await;
        flown.and(looked).map(drop)
    }

    /// One flight at a time per profile. It goes on if its caller goes away: cut off between answer and save it would lose a login.
    async fn fly(&self, id: &ProfileId, want: Want) -> Result<Bearer, Failure> {
        let (engine, id, flight) = (self.clone(), id.clone(), self.shared.tokens.flight(id));
        let flown = self.shared.runtime.spawn(async move {
            let _flight = flight.lock_owned().await;
            let cached = if want == Want::Fresh { engine.shared.tokens.cache.get(&engine.shared, &id) } else { None };
            match cached {
                Some(bearer) => Ok(bearer),
                None => engine.renewed(&id, want).await,
            }
        });
        flown.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a refresh ended early");
            Err(Failure::new(Code::Internal, "Something went wrong inside Codex Lab.").hint("Please report this; the log has more."))
        })
    }
}

fn nothing_to_renew() -> Failure {
    Failure::new(Code::NotPossibleNow, "An API key does not run out, so there is nothing to renew.")
        .hint("To use another key, add it with `codex-lab login --api-key`.")
}

fn bearer(login: &AuthDocument) -> Bearer {
    match login.credential() {
        Credential::OAuth(tokens) => {
            Bearer { token: tokens.access_token.clone(), account_id: tokens.account_id.clone(), ends_at: Some(tokens.ends_at()) }
        }
        Credential::ApiKey(key) => Bearer { token: key.clone(), account_id: None, ends_at: None },
    }
}
