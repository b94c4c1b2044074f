//! Changing the rules of routing: for all profiles, and one profile's own thresholds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::explaining::resolved;
use super::{Engine, blocking};
use crate::failure::{Code, Failure};
use crate::model::details::{DetailsError, ProfileDetails, Thresholds};
use crate::model::profile::ProfileId;
use crate::model::routing::{RoutingSettings, RoutingSettingsError};
use crate::store::routing_settings;

impl Engine {
    /// Changes how requests are given to profiles.
    pub(super) async fn set_routing(&self, mut wanted: RoutingSettings) -> Result<(), Failure> {
        let _turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            for binding in wanted.folders.iter_mut().filter(|binding| binding.folder.is_absolute()) {
                binding.folder = resolved(&binding.folder)?;
                if binding.folder.to_str().is_none() {
                    return Err(Failure::new(Code::InvalidInput, "The folder's name is not Unicode, so it cannot be bound.")
                        .hint("Bind a folder above it."));
                }
            }
            let wanted = wanted.checked().map_err(|error| match &error {
                // The user knows profiles by name.
                RoutingSettingsError::TwoWalls { profile, first, second } => shared.profiles.get(profile).map_or_else(
                    |_| error.clone().into(),
                    |profile| {
                        let message = format!("{} cannot stand behind two walls: {first} and {second}.", profile.name);
                        Failure::new(Code::InvalidInput, message).hint("Take it out of one of them first.")
                    },
                ),
                _ => error.into(),
            })?;
            if let Some(force) = &wanted.force {
                shared.profiles.get(&force.profile)?;
            }
            Ok(routing_settings::write(&shared.home, &wanted)?)
        })
        .await
    }

    /// Where the live profile alone serves until that is taken back, it is the new one that does after a switch. The switch is done
    /// in any case.
    pub(super) async fn force_follows(&self, from: &ProfileId, to: &ProfileId) {
        let mut routing = self.snapshot().routing.clone();
        let Some(force) = routing.force.as_mut().filter(|it| it.profile == *from && it.strict && it.until.is_none()) else { return };
        force.profile = to.clone();
        if let Err(failure) = self.set_routing(routing).await {
            tracing::warn!(code = ?failure.code, %failure, "routing stays with the profile that was live");
        }
    }

    /// Sets weights, all of them or none.
    pub(super) async fn set_weights(&self, weights: BTreeMap<ProfileId, u8>) -> Result<(), Failure> {
        if weights.values().any(|weight| *weight > 100) {
            return Err(DetailsError::WeightTooLarge.into());
        }
        self.edit(move |profiles| {
            let known = profiles.list()?;
            let changed = known.into_iter().filter_map(|profile| {
                let weight = *weights.get(&profile.id)?;
                (profile.details.weight != weight).then_some((profile.id, ProfileDetails { weight, ..profile.details }))
            });
            changed.map(|(id, details)| profiles.set_details(&id, details)).try_for_each(|done| done.map(drop))
        })
        .await
    }

    /// Notes the user's remarks on a profile, if its thresholds go together with those for all.
    pub(super) async fn set_details(&self, profile: ProfileId, details: ProfileDetails) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let thresholds = details.thresholds;
        if thresholds != Thresholds::default() {
            blocking(move || Ok(routing_settings::read(&shared.home)?.check_thresholds(thresholds)?)).await?;
        }
        self.edit(move |profiles| profiles.set_details(&profile, details)).await
    }
}
