//! Changing the rules of routing: for all profiles, and one profile's own thresholds.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::explaining::resolved;
use super::{Engine, blocking};
use crate::failure::{Code, Failure};
use crate::model::details::{ProfileDetails, Thresholds};
use crate::model::profile::ProfileId;
use crate::model::routing::{RoutingSettings, RoutingSettingsError};
use crate::store::{routing_settings, settings};

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

    /// Notes the user's remarks on a profile, if its thresholds go together with those for all.
    pub(super) async fn set_details(&self, profile: ProfileId, details: ProfileDetails) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let thresholds = details.thresholds;
        if thresholds != Thresholds::default() {
            blocking(move || Ok(routing_settings::read(&shared.home)?.check_thresholds(thresholds)?)).await?;
        }
        self.edit(move |profiles| profiles.set_details(&profile, details)).await
    }

    /// The settings that `config.toml` itself names, `routing.low` among them; the others have their defaults.
    pub async fn settings_in_file(&self) -> Result<BTreeSet<String>, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(settings::named(&shared.home)?)).await
    }
}
