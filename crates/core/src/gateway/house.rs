//! What the gateway needs of the house it stands in: who asks what, tokens, and somebody to tell what it hears.

use std::fmt;

use async_trait::async_trait;
use http::HeaderMap;
use serde_json::Value;

use super::intake::Ask;
use crate::base::secret::{Fingerprint, Secret};
use crate::failure::Failure;
use crate::model::launch::LaunchReport;
use crate::model::profile::ProfileId;
use crate::model::spending::Usage;
use crate::route::NoneLeft;
use crate::route::walk::Question;

/// The engine, as the gateway sees it.
#[async_trait]
pub trait House: fmt::Debug + Send + Sync {
    /// Whether a token with this fingerprint opens the gateway: the live login's, or one that was.
    fn knows(&self, token: &Fingerprint) -> bool;

    /// Looks again which tokens there are.
    async fn look_for_tokens(&self);

    /// What is asked, in the words of routing: with the launch's pin, and the folder it works in.
    async fn question(&self, ask: &Ask) -> Result<Question, Failure>;

    /// What became of a launch so far; `None` for one that has asked for nothing.
    fn launch(&self, name: &str) -> Option<LaunchReport>;

    /// A profile's tokens, good for some minutes at least.
    async fn pass(&self, profile: &ProfileId) -> Result<Pass, Failure>;

    /// Others than these, which the provider has refused.
    async fn renewed(&self, profile: &ProfileId, refused: &Pass) -> Result<Pass, Failure>;

    /// An answer's headers, which may tell of quota.
    fn heard(&self, profile: &ProfileId, ask: &Ask, headers: &HeaderMap);

    /// A frame or an event `codex.rate_limits`, which tells of quota.
    fn told(&self, profile: &ProfileId, ask: &Ask, event: &Value);

    /// An answer of a profile that is paid by use has ended, and has used this.
    fn spent(&self, profile: &ProfileId, used: Usage);

    /// A profile has begun to serve a request, perhaps in place of another. Called where something may have to be saved or told.
    fn served(&self, profile: &ProfileId, ask: &Ask, instead_of: Option<&ProfileId>);

    /// A profile rests from now on, or nobody is left: what routing knows has changed.
    fn changed(&self, ask: &Ask, none_left: Option<&NoneLeft>);
}

/// With what, and where, a profile's requests are made.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The access token, or the API key.
    pub token: Secret,
    /// The workspace that requests are made for; `None` for an API key.
    pub account: Option<String>,
    /// The provider's base: allow-listed, without a path's end.
    pub base: &'static str,
}
