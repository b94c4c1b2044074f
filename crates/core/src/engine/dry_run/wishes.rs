//! What would become of the user's wishes: settings, what is told, and which programs are connected.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Would;
use crate::api::table::Reply;
use crate::engine::{Engine, blocking};
use crate::model::profile::ProfileId;
use crate::model::routing::RoutingSettings;
use crate::model::setting::{self, Changed};
use crate::model::snapshot::Settings;
use crate::model::snooze::Snooze;
use crate::store::settings;
use crate::view::would;

impl Engine {
    pub(super) fn would_snooze(&self, profile: Option<&ProfileId>, how: Snooze) -> Would {
        let until = self.snoozed_until(profile, how)?;
        let whose = profile.map_or_else(|| "all profiles".to_owned(), |id| self.name(id));
        Ok(vec![match until {
            Some(until) => format!("tell nothing of the quota of {whose} until {}", until.strftime("%Y-%m-%d %H:%M UTC")),
            None => format!("tell of the quota of {whose} again"),
        }])
    }

    pub(super) async fn would_set_one(&self, key: &str, text: Option<&str>) -> Would {
        let (setting, changed) = self.with_setting(key, text).await?;
        let shared = Arc::clone(&self.shared);
        let named = blocking(move || Ok(settings::named(&shared.home)?)).await?;
        let would = match changed {
            Changed::Settings(settings) => self.would_set(&self.settings_with(*settings).await?, &self.snapshot().routing),
            Changed::Routing(routing) => self.would_set(&self.snapshot().settings, &self.routing_with(*routing).await?),
        };
        let forgets = text.is_none() && would.is_empty() && named.contains(setting.key);
        Ok(if forgets { vec![format!("take {key} out of config.toml; it is the default already")] } else { would })
    }

    pub(super) fn would_set(&self, settings: &Settings, routing: &RoutingSettings) -> Vec<String> {
        let (now, none) = (self.snapshot(), BTreeSet::new());
        let rows = |settings: &Settings, routing: &RoutingSettings| setting::rows(settings, routing, &none, &self.shared.overrides);
        let mut would = would::settings(&rows(&now.settings, &now.routing), &rows(settings, routing));
        would.extend(would::routing(&now.routing, routing, |id| self.name(id)));
        would
    }
}

pub(super) fn in_clients(reply: &Reply) -> Vec<String> {
    let Reply::Clients { changes, .. } = reply else { return Vec::new() };
    let changed = changes.iter().filter(|change| change.whole_file || !change.put_in.is_empty() || !change.taken_out.is_empty());
    changed.map(|change| format!("change {} for {}", change.path, change.client)).collect()
}
