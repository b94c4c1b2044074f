//! Sessions that the user has tied to a profile. Any process of this home may tie one; the one that serves takes it over before it
//! decides the next request.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::entropy::random_hex;
use crate::base::files;
use crate::base::stamp::{Looked, Stamp, stamp};
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::{Code, Failure};
use crate::model::affinity::SessionKey;
use crate::model::profile::ProfileId;

/// Of a session's id, at least so many characters name it.
const SHORTEST: usize = 4;
/// The file that is replaced with every change, so that a look at its stamp tells whoever serves.
const CHANGED: &str = "pins";

/// What is in force here.
#[derive(Debug, Default)]
pub(super) struct Pins {
    tied: BTreeMap<SessionKey, ProfileId>,
    seen: Option<Stamp>,
    looked: Looked,
}

impl Engine {
    /// Ties a session to a profile: its requests go there, and wait or are refused where that cannot serve. Without a profile it is
    /// untied, and stays where it is at home.
    pub(in crate::engine) async fn pin_session(&self, session: String, profile: Option<ProfileId>) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let key = may_pin(&shared, &session, profile.as_ref())?;
            shared.state.pin_session(&key, profile.as_ref(), shared.ports.clock.now())?;
            Ok(files::write_private(&changed(&shared), random_hex(&*shared.ports.entropy, 8).as_bytes())?)
        })
        .await
    }

    /// Whether tying, or untying, a session would change anything; refuses what that would.
    pub(in crate::engine) async fn would_pin(&self, session: String, profile: Option<ProfileId>) -> Result<bool, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || {
            let key = may_pin(&shared, &session, profile.as_ref())?;
            let tied = shared.state.session_pins()?.into_iter().find(|pin| pin.session == key.as_str());
            Ok(tied.map(|pin| pin.profile) != profile)
        })
        .await
    }

    /// Takes over what has changed since the last look.
    pub(super) async fn look_for_pins(&self) {
        if self.knows_pins() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let taken = blocking(move || take_over(&shared, &shared.profiles.list()?.into_iter().map(|profile| profile.id).collect())).await;
        if let Err(failure) = taken {
            tracing::warn!(code = ?failure.code, %failure, "which sessions are tied cannot be read");
        }
    }

    fn knows_pins(&self) -> bool {
        let (pins, now) = (held(&self.shared.routing.pins), self.shared.ports.clock.now());
        if pins.looked.holds(now) {
            return true;
        }
        let is_known = pins.seen == stamp(&changed(&self.shared));
        if is_known {
            pins.looked.note(now);
        }
        is_known
    }
}

/// Ties and unties sessions at the desk as the state says. A tie to a profile that is not there has no effect.
pub(super) fn take_over(shared: &Shared, there: &BTreeSet<ProfileId>) -> Result<(), Failure> {
    // The stamp is taken before: a change in between is noticed next time.
    let seen = stamp(&changed(shared));
    let now = shared.ports.clock.now();
    let pins = shared.state.session_pins()?.into_iter().filter(|pin| there.contains(&pin.profile));
    let tied: BTreeMap<_, _> = pins.filter_map(|pin| Some((SessionKey::of(&pin.session)?, pin.profile))).collect();
    let mut known = held(&shared.routing.pins);
    shared.routing.desk.with(|router| {
        let sessions = &mut router.affinity.sessions;
        known.tied.keys().filter(|session| !tied.contains_key(*session)).for_each(|session| sessions.unpin(session, now));
        for (session, profile) in &tied {
            if sessions.home(session, now).is_none_or(|home| !home.pinned || home.profile != *profile) {
                sessions.pin(session, profile, now);
            }
        }
    });
    *known = Pins { tied, seen, looked: Looked::default() };
    Ok(())
}

/// These were tied when this home last served.
pub(super) fn restore(shared: &Shared, tied: BTreeMap<SessionKey, ProfileId>) {
    *held(&shared.routing.pins) = Pins { tied, ..Pins::default() };
}

/// The session that is meant, if it may be tied to that profile.
fn may_pin(shared: &Shared, session: &str, profile: Option<&ProfileId>) -> Result<SessionKey, Failure> {
    if let Some(profile) = profile {
        shared.profiles.get(profile)?;
    }
    known(shared, session)
}

/// The session that is meant: by its whole id, or by how that begins.
fn known(shared: &Shared, session: &str) -> Result<SessionKey, Failure> {
    let unknown = || {
        Failure::new(Code::NotFound, "No session of that id has come through the gateway.")
            .hint("`codex-lab why` lists the last sessions; give an id as it stands there, or how it begins.")
    };
    let asked = SessionKey::of(session.trim()).ok_or_else(unknown)?;
    let homes = shared.state.session_homes()?.into_iter().map(|(key, _)| key);
    let pins = shared.state.session_pins()?.into_iter().filter_map(|pin| SessionKey::of(&pin.session));
    let all: BTreeSet<SessionKey> = homes.chain(pins).collect();
    if all.contains(&asked) {
        return Ok(asked);
    }
    let mut begins = all.into_iter().filter(|key| asked.as_str().len() >= SHORTEST && key.as_str().starts_with(asked.as_str()));
    match (begins.next(), begins.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(unknown()),
        (Some(_), Some(_)) => {
            Err(Failure::new(Code::InvalidInput, "Several sessions begin like that.").hint("Give more of the session's id."))
        }
    }
}

fn changed(shared: &Shared) -> PathBuf {
    shared.home.runtime().join(CHANGED)
}
