//! The live login and a profile's own are one token chain in two places. What Codex renewed is taken in; what we renewed is written back.

use std::time::Duration;

use super::decide;
use crate::codex::idle;
use crate::codex::live::{self, Live};
use crate::codex::sessions::{self, Running};
use crate::engine::Shared;
use crate::failure::Failure;
use crate::model::auth_document::{AuthDocument, Freshness, TokenSet};
use crate::model::lifetime::later;
use crate::model::profile::Profile;
use crate::model::snapshot::SessionKind;

/// Codex renews its login within this time of its start, before any log tells of a turn.
const STARTING: Duration = Duration::from_secs(60);

/// Whether a profile's login is live, and may be in use there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) live: bool,
}

/// Takes in what Codex has renewed.
pub(super) fn read_back(shared: &Shared, profile: &Profile, stored: &AuthDocument) -> Result<(Standing, Option<AuthDocument>), Failure> {
    let (standing, newer) = compare(shared, profile, stored);
    if let Some(newer) = &newer {
        shared.profiles.keep(newer)?;
    }
    Ok((standing, newer))
}

/// How the live login stands to a stored one, and the live one where it is newer. A login that cannot be read belongs to nobody as far
/// as anyone can tell.
pub(super) fn compare(shared: &Shared, profile: &Profile, stored: &AuthDocument) -> (Standing, Option<AuthDocument>) {
    let Live::Login(live) = live::read(&shared.codex) else { return (Standing { live: false }, None) };
    if live.subject().as_ref() != Some(&profile.subject) {
        return (Standing { live: false }, None);
    }
    let is_newer = live.freshness_against(stored) == Freshness::Newer;
    (Standing { live: true }, is_newer.then_some(*live))
}

/// Whether Codex may spend the tokens of the live login at any moment.
pub(super) fn codex_may_spend(shared: &Shared, standing: Standing, tokens: &TokenSet) -> bool {
    let now = shared.ports.clock.now();
    let turn_running = || {
        let running = sessions::classify(&sessions::observe(&*shared.ports.processes, &shared.codex), &[]);
        // `codex exec` is at work as long as it runs; the logs that are looked at are not its own.
        let is_at_it = |session: &Running| session.kind == SessionKind::Exec || now < later(session.started_at, STARTING);
        running.iter().any(is_at_it)
            // Where the logs cannot be read, doubt is for Codex.
            || !running.is_empty() && !idle::is_idle(&shared.codex, now).unwrap_or(false)
    };
    standing.live && !tokens.is_fresh(now) && decide::codex_may_spend(false, turn_running())
}

/// Whether what comes of a refresh could be saved. If the live file could not be replaced, Codex would be left with spent tokens.
pub(super) fn savable(shared: &Shared, standing: Standing) -> Result<(), Failure> {
    shared.home.try_disk()?;
    if standing.live {
        live::place(&shared.codex)?;
    }
    Ok(())
}
