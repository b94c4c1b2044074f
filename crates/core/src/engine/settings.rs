//! The settings of the app: what is in force, where it comes from, and changing it.

use std::sync::Arc;

use super::{Engine, Shared, blocking};
use crate::api::table::Reply;
use crate::failure::Failure;
use crate::model::setting::{self, Changed, Setting};
use crate::model::snapshot::Settings;
use crate::store::settings::{self, SettingsError};

/// What is in force: what the environment sets, else what the file says, else the defaults.
pub(super) fn in_force(shared: &Shared) -> Result<Settings, SettingsError> {
    Ok(shared.overrides.over(settings::read(&shared.home)?))
}

impl Engine {
    /// Every setting with its default, what it can be, and where its value comes from.
    pub(super) async fn settings(&self) -> Result<Reply, Failure> {
        let (shared, snapshot) = (Arc::clone(&self.shared), self.snapshot());
        blocking(move || {
            // A file that cannot be read names nothing: the defaults are in force.
            let named = settings::named(&shared.home).unwrap_or_default();
            Ok(Reply::Settings { rows: setting::rows(&snapshot.settings, &snapshot.routing, &named, &shared.overrides) })
        })
        .await
    }

    /// Changes all of them. What the environment sets cannot be changed, and does not come into the file.
    pub(super) async fn set_settings(&self, wanted: Settings) -> Result<(), Failure> {
        let _turn = self.shared.turn.lock().await;
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(settings::write(&shared.home, &checked(&shared, wanted)?)?)).await
    }

    /// The settings as they would be in the file then, or why they would be refused.
    pub(super) async fn settings_with(&self, wanted: Settings) -> Result<Settings, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let checked = checked(&shared, wanted)?;
            settings::text_with(&shared.home, &checked)?;
            Ok(checked)
        })
        .await
    }

    /// Changes one of them, or one of routing, to what a text says; without one, it is taken out of the file.
    pub(super) async fn set_setting(&self, key: &str, text: Option<&str>) -> Result<(), Failure> {
        let (setting, changed) = self.with_setting(key, text).await?;
        if text.is_none() {
            if let Changed::Routing(routing) = changed {
                routing.checked()?;
            }
            let _turn = self.shared.turn.lock().await;
            let shared = Arc::clone(&self.shared);
            return blocking(move || Ok(settings::forget(&shared.home, setting.key)?)).await;
        }
        match changed {
            Changed::Settings(settings) => self.set_settings(*settings).await,
            Changed::Routing(routing) => self.set_routing(*routing).await,
        }
    }

    /// A setting, and all of them with that one changed.
    pub(super) async fn with_setting(&self, key: &str, text: Option<&str>) -> Result<(&'static Setting, Changed), Failure> {
        let setting = Setting::find(key)?;
        self.shared.overrides.check(setting.key)?;
        let now = self.publish().await?;
        Ok((setting, setting.changed(text, &now.settings, &now.routing)?))
    }
}

/// What the file is to say, without what the environment says.
fn checked(shared: &Shared, wanted: Settings) -> Result<Settings, Failure> {
    let in_file = settings::read(&shared.home).unwrap_or_default();
    Ok(shared.overrides.beneath(wanted.checked()?, &in_file)?)
}
