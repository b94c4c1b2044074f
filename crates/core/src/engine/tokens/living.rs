//! A token that is good already, for a question that is not worth a renewal.

use std::time::Duration;

use jiff::Timestamp;

use super::{Bearer, bearer};
use crate::engine::Shared;
use crate::model::auth_document::Credential;
use crate::model::lifetime::later;
use crate::model::profile::Profile;

/// A token that ends sooner may end on its way.
const MARGIN: Duration = Duration::from_secs(60);

/// The access token of a ChatGPT login, if it is still taken; nothing is renewed, and nothing is written.
pub(in crate::engine) fn living(shared: &Shared, profile: &Profile, now: Timestamp) -> Option<Bearer> {
    if let Some(cached) = shared.tokens.cache.get(shared, &profile.id) {
        return Some(cached).filter(|bearer| bearer.ends_at.is_some());
    }
    let login = shared.profiles.login_of(profile).ok()?;
    let Credential::OAuth(tokens) = login.credential() else { return None };
    tokens.is_alive(later(now, MARGIN)).then(|| bearer(&login))
}
