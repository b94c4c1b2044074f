//! Leave to ask the provider in the background: each request is noted before it goes out, and there are only so many.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Engine, Shared, blocking, settings};
use crate::api::table::Reply;
use crate::chores::budget::{self, Spent};
use crate::failure::Failure;
use crate::model::background::{BackgroundRequest, BackgroundUse, Purpose};
use crate::model::profile::{Profile, ProfileId};
use crate::model::snapshot::Settings;
use crate::provider::chatgpt;
use crate::store::quota::Asked;

/// Where accounts are asked about.
pub(super) const BACKEND: &str = chatgpt::BACKEND;
/// Where logins are renewed.
pub(super) const ISSUER: &str = chatgpt::ISSUER;
/// Requests that are shown.
const SHOWN: u32 = 500;

/// By what right a request goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// There is something left of the budget.
    Budget,
    /// The user has just asked for it: it is noted, and never refused.
    User,
}

/// What every chore is decided on, read once for all of them.
#[derive(Debug)]
pub(super) struct Ground {
    /// Settings that cannot be read are no leave to contact anyone.
    pub(super) settings: Settings,
    /// All profiles, in the user's order.
    pub(super) profiles: Vec<Profile>,
    /// When the usage endpoint was last asked about each.
    pub(super) asks: BTreeMap<ProfileId, Asked>,
    spent: BTreeMap<ProfileId, Spent>,
}

impl Ground {
    /// Reads all of it.
    pub(super) fn read(shared: &Shared, now: Timestamp) -> Result<Self, Failure> {
        let settings = settings::in_force(shared)?;
        let (profiles, asks) = (shared.profiles.list()?, shared.state.quota_asks()?);
        Ok(Self { settings, profiles, asks, spent: spent(shared, now)? })
    }

    /// When the budget of a profile allows so many requests for a purpose; `None`: now.
    pub(super) fn free_at(&self, id: &ProfileId, purpose: Purpose, requests: u32) -> Option<Timestamp> {
        let spent = self.spent.get(id).copied().unwrap_or_default();
        let spent = Spent { count: spent.count.saturating_add(requests.saturating_sub(1)), ..spent };
        budget::free_at(spent, self.settings.background_budget, purpose)
    }
}

impl Engine {
    /// Whether a request may go out now; if so, it is noted.
    pub(super) async fn may_ask(&self, id: &ProfileId, address: &'static str, purpose: Purpose, leave: Leave) -> Result<bool, Failure> {
        let (shared, id) = (Arc::clone(&self.shared), id.clone());
        blocking(move || claim(&shared, &id, address, purpose, leave)).await
    }

    /// What was asked in the background, and what is left of the budget.
    pub(super) async fn background(&self) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let budget = budget::allowed(settings::in_force(&shared)?.background_budget);
            let spent = spent(&shared, shared.ports.clock.now())?;
            let used = shared.profiles.list()?.into_iter().map(|profile| BackgroundUse {
                used: spent.get(&profile.id).map_or(0, |spent| spent.count),
                name: profile.name.to_string(),
                profile: profile.id,
            });
            Ok(Reply::Background { budget, used: used.collect(), requests: shared.state.background_requests(SHOWN)? })
        })
        .await
    }
}

/// Whether a request may go out now; if so, it is noted.
pub(super) fn claim(shared: &Shared, id: &ProfileId, address: &str, purpose: Purpose, leave: Leave) -> Result<bool, Failure> {
    let limit = match leave {
        Leave::Budget => budget::limit(settings::in_force(shared)?.background_budget, purpose),
        Leave::User => u32::MAX,
    };
    let host = address.parse::<http::Uri>().ok().and_then(|address| address.host().map(str::to_owned)).unwrap_or_default();
    let request = BackgroundRequest { at: shared.ports.clock.now(), profile: id.clone(), host, purpose };
    Ok(shared.state.claim_request(&request, limit)?)
}

/// What each profile has cost within the last day.
fn spent(shared: &Shared, now: Timestamp) -> Result<BTreeMap<ProfileId, Spent>, Failure> {
    let costs = shared.state.request_costs(now)?;
    Ok(costs.into_iter().map(|(id, cost)| (id, Spent { count: cost.count, first: Some(cost.first.min(now)) })).collect())
}
