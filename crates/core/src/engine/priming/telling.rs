//! The preview: what would be sent, to whom and for which profile; and what was done.

use std::sync::Arc;

use super::Engine;
use crate::api::table::Reply;
use crate::engine::{blocking, held};
use crate::failure::Failure;
use crate::model::prime::{Hindrance, PrimePreview};
use crate::model::profile::ProfileId;
use crate::prime::models::Cheap;
use crate::prime::plan::Step;
use crate::prime::request;
use crate::provider::models::SMALL;

/// Records that are told at once.
const RECORDS_TOLD: u32 = 200;
/// The effort that is shown where no list of models is known.
const USUAL_EFFORT: &str = "low";

impl Engine {
    /// What would be done about every profile's week now, and what was done. Asks nobody.
    pub(in crate::engine) async fn primes(&self) -> Result<Reply, Failure> {
        let known = self.gather_all().await?;
        let now = self.shared.ports.clock.now();
        let steps = known.steps(now);
        let cheap = held(&self.shared.priming.models).values().find_map(|(_, models)| models.first().cloned());
        let cheap = cheap.unwrap_or_else(|| Cheap { model: SMALL.to_owned(), effort: USUAL_EFFORT.to_owned() });
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let profiles = shared.profiles.list()?;
            let previews = profiles.iter().map(|profile| PrimePreview {
                profile: profile.id.clone(),
                name: profile.name.to_string(),
                opted_in: profile.details.prime,
                hindrance: steps.get(&profile.id).map_or(Some(Hindrance::NotOptedIn), hindrance),
                by_hand: known.would_by_hand(&profile.id, now),
            });
            let previews = previews.collect();
            let records = shared.state.primes(RECORDS_TOLD)?;
            let removed = shared.profiles.removed()?;
            let all = removed.iter().map(|removed| &removed.profile).chain(&profiles);
            let spoken_of = |id: &ProfileId| records.iter().any(|record| record.profile == *id);
            let names =
                all.filter(|profile| spoken_of(&profile.id)).map(|profile| (profile.id.clone(), profile.name.to_string())).collect();
            Ok(Reply::Primes { previews, address: request::address(), body: format!("{:#}", request::body(&cheap)), records, names })
        })
        .await
    }
}

/// What keeps the request from going out now.
fn hindrance(step: &Step) -> Option<Hindrance> {
    match step {
        Step::Nothing(why) | Step::Wait { why, .. } => Some(*why),
        Step::Look { .. } => Some(Hindrance::Unclear { until: None }),
        Step::Judge { .. } => Some(Hindrance::AlreadyPrimed),
        Step::Prime { .. } => None,
    }
}
