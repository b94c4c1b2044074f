//! Changing the rules of routing: for all profiles, and one profile's own thresholds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::explaining::resolved;
use super::{Engine, Shared, blocking};
use crate::failure::{Code, Failure};
use crate::model::details::{DetailsError, ProfileDetails, Thresholds};
use crate::model::profile::ProfileId;
use crate::model::routing::{RoutingSettings, RoutingSettingsError};
use crate::store::profiles::{Profiles, StoreError};
use crate::store::routing_settings;

impl Engine {
    /// Changes how requests are given to profiles.
    pub(super) async fn set_routing(&self, wanted: RoutingSettings) -> Result<(), Failure> {
        let _turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(routing_settings::write(&shared.home, &checked(&shared, wanted)?)?)).await
    }

    /// The rules as they would be then, or why they would be refused.
    pub(super) async fn routing_with(&self, wanted: RoutingSettings) -> Result<RoutingSettings, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let checked = checked(&shared, wanted)?;
            routing_settings::text_with(&shared.home, &checked)?;
            Ok(checked)
        })
        .await
    }

    /// Where the live profile alone serves until that is taken back, it is the new one that does after a switch. The switch is done
    /// in any case.
    pub(super) async fn force_follows(&self, from: &ProfileId, to: &ProfileId) {
        let Some(routing) = following(&self.snapshot().routing, from, to) else { return };
        if let Err(failure) = self.set_routing(routing).await {
            tracing::warn!(code = ?failure.code, %failure, "routing stays with the profile that was live");
        }
    }

    /// Sets weights, all of them or none.
    pub(super) async fn set_weights(&self, weights: BTreeMap<ProfileId, u8>) -> Result<(), Failure> {
        self.edit(move |profiles| weigh(profiles, &weights)).await
    }

    /// Notes the user's remarks on a profile, if its thresholds go together with those for all.
    pub(super) async fn set_details(&self, profile: ProfileId, details: ProfileDetails) -> Result<(), Failure> {
        self.check_thresholds(details.thresholds).await?;
        self.edit(move |profiles| profiles.set_details(&profile, details)).await
    }

    /// Refuses a profile's own thresholds that do not go with those for all.
    pub(super) async fn check_thresholds(&self, thresholds: Thresholds) -> Result<(), Failure> {
        if thresholds == Thresholds::default() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(routing_settings::read(&shared.home)?.check_thresholds(thresholds)?)).await
    }
}

/// The rules after a switch, where the profile that was live serves alone; `None`: they stay.
pub(super) fn following(routing: &RoutingSettings, from: &ProfileId, to: &ProfileId) -> Option<RoutingSettings> {
    let mut routing = routing.clone();
    let force = routing.force.as_mut().filter(|it| it.profile == *from && it.strict && it.until.is_none())?;
    force.profile = to.clone();
    Some(routing)
}

/// Sets weights, all of them or none.
pub(super) fn weigh(profiles: &Profiles, weights: &BTreeMap<ProfileId, u8>) -> Result<(), StoreError> {
    if weights.values().any(|weight| *weight > 100) {
        return Err(DetailsError::WeightTooLarge.into());
    }
    for profile in profiles.list()? {
        match weights.get(&profile.id) {
            Some(weight) if profile.details.weight != *weight => {
                profiles.set_details(&profile.id, ProfileDetails { weight: *weight, ..profile.details })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// With the links of folders resolved, if all of it goes together.
fn checked(shared: &Shared, mut wanted: RoutingSettings) -> Result<RoutingSettings, Failure> {
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
    Ok(wanted)
}
