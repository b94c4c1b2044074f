//! Looking at everything and making the snapshot of it.

use super::{FIRST_RUN_READ, Shared, clients, held, notices, problems, settings, spending, vault};
use crate::codex::home::CodexHome;
use crate::codex::live;
use crate::codex::live::Live as LiveLogin;
use crate::codex::sessions;
use crate::codex::switch::Patience;
use crate::failure::{Code, Failure, shown};
use crate::model::auth_document::{AuthDocument, Credential, Freshness};
use crate::model::profile::{Profile, ProfileId};
use crate::model::routing::RoutingSettings;
use crate::model::snapshot::{Live, LiveState, ProfileRow, ProfileState, Removed, Session, Settings, Snapshot, Undo};
use crate::store::glance::Look;
use crate::store::home::Home;
use crate::store::profiles::StoreError;
use crate::store::routing_settings;

/// Sessions older than this many switches are named by the oldest of them.
const SWITCHES_SEEN: u32 = 200;

/// What is shown before the first look.
pub(super) fn empty(home: &Home, codex: &CodexHome) -> Snapshot {
    Snapshot::empty(shown(home.root()), shown(codex.root()))
}

/// Looks at everything. What cannot be read shows as a problem, not as an error of the whole.
pub(super) fn observe(shared: &Shared) -> Result<Snapshot, Failure> {
    // The sign-in first: where it says that it is done, the profiles read after it have what came of it.
    let sign_in = held(&shared.sign_in).as_ref().map(|active| active.shown.clone());
    let profiles = shared.profiles.list()?;
    let (live, live_login) = observe_live(shared, &profiles);
    let live_profile = profiles.iter().find(|profile| live.profile.as_ref() == Some(&profile.id));
    let behind = live_login.and_then(|login| read_back(shared, live_profile?, &login));
    let routing = routing_settings::read(&shared.home);
    let mut in_force = routing.as_ref().map_or_else(|_| RoutingSettings::default(), Clone::clone);
    in_force.force.take_if(|force| !force.holds(shared.ports.clock.now()));
    let mut vault = vault::view(shared);
    let rows = loop {
        let look = shared.profiles.look(&profiles);
        let rows = profiles.iter().map(|profile| row(shared, &look, profile, live_profile == Some(profile), &in_force)).collect();
        // Locked or opened meanwhile: the rows are to say the same as the vault.
        let now = vault::view(shared);
        if std::mem::replace(&mut vault, now.clone()) == now {
            break rows;
        }
    };
    shared.profiles.keep_look(&profiles);
    // Only now: reading the logins mends what is damaged.
    let mut problems = problems::standing(shared);
    problems.extend(behind);
    let settings = settings::in_force(shared).unwrap_or_else(|error| {
        problems.push(error.into());
        shared.overrides.over(Settings::default())
    });
    problems.extend(notices::problems(shared, &settings));
    // What is wrong with the whole file is told once.
    if let Some(failure) = routing.err().map(Failure::from).filter(|failure| !problems.contains(failure)) {
        problems.push(failure);
    }
    let switches = shared.state.switches(SWITCHES_SEEN)?;
    let chosen = held(&shared.choices).clone();
    let running = sessions::classify(&sessions::observe(&*shared.ports.processes, &shared.codex), &switches);
    let name = |id: &ProfileId| profiles.iter().find(|profile| profile.id == *id).map(|profile| profile.name.to_string());
    let sessions = running.into_iter().map(|running| Session {
        chosen: chosen.get(&running.pid).copied(),
        profile: running.profile.as_ref().and_then(name),
        pid: running.pid,
        kind: running.kind,
        folder: running.folder,
        started_at: running.started_at,
        stale: running.stale,
        choices: running.choices,
    });
    spending::look(shared)?;
    let mut removed = shared.profiles.removed()?;
    removed.retain(|removed| !profiles.iter().any(|profile| profile.subject == removed.profile.subject));
    Ok(Snapshot {
        first_run: shared.state.fact(FIRST_RUN_READ)?.is_none(),
        vault,
        profiles: rows,
        sign_in,
        undo: undo(shared)?,
        removed: removed.into_iter().next().map(|removed| Removed {
            id: removed.profile.id,
            name: removed.profile.name.to_string(),
            removed_at: removed.removed_at,
        }),
        sessions: sessions.collect(),
        pins: shared.state.session_pins()?,
        clients: clients::rows(shared)?,
        live,
        problems,
        settings,
        gateway: held(&shared.gateway).clone(),
        shortcut: held(&shared.shortcut).clone(),
        routing: in_force,
        spending: shared.spending.view(shared.ports.clock.now()),
        ..empty(&shared.home, &shared.codex)
    })
}

/// What "undo" would do: back to where the last switch came from, if that is still there and not live already.
pub(super) fn undo(shared: &Shared) -> Result<Option<Undo>, Failure> {
    let Some(last) = shared.state.last_switch()? else { return Ok(None) };
    let name = match &last.from {
        None => None,
        Some(id) => match shared.profiles.list()?.into_iter().find(|profile| profile.id == *id) {
            Some(profile) => Some(profile.name.to_string()),
            None => return Ok(None),
        },
    };
    Ok(Some(Undo { to: last.from, name, switched_at: last.at }))
}

/// The profiles that could be used at the last look and now need a sign-in.
pub(super) fn newly_unusable<'a>(before: &Snapshot, now: &'a Snapshot) -> impl Iterator<Item = &'a ProfileRow> {
    let unusable = |row: &ProfileRow| matches!(row.state, ProfileState::NeedsSignIn | ProfileState::Unreadable);
    let was_usable: Vec<_> = before.profiles.iter().filter(|row| !unusable(row)).map(|row| row.id.clone()).collect();
    now.profiles.iter().filter(move |row| unusable(row) && was_usable.contains(&row.id))
}

/// The live login as it is shown, and as it is where a profile has it.
fn observe_live(shared: &Shared, profiles: &[Profile]) -> (Live, Option<Box<AuthDocument>>) {
    let mut live = empty(&shared.home, &shared.codex).live;
    if let Err(failure) = problems::store_mode(&shared.codex) {
        live.state = if failure.code == Code::CodexStoreMode { LiveState::Elsewhere } else { LiveState::Unreadable };
        live.failure = Some(failure);
        return (live, None);
    }
    match live::read(&shared.codex) {
        LiveLogin::None => (live, None),
        LiveLogin::Unreadable(error) => {
            live.state = LiveState::Unreadable;
            live.failure = Some(error.into());
            (live, None)
        }
        LiveLogin::Login(login) => {
            if let Credential::OAuth(tokens) = login.credential() {
                live.email.clone_from(&tokens.claims.email);
                live.plan.clone_from(&tokens.claims.plan);
            }
            let subject = login.subject();
            let profile = profiles.iter().find(|profile| Some(&profile.subject) == subject.as_ref());
            live.state = if profile.is_some() { LiveState::Profile } else { LiveState::Unknown };
            live.profile = profile.map(|profile| profile.id.clone());
            let known = profile.is_some().then_some(login);
            (live, known)
        }
    }
}

/// What Codex rotated is kept at every look, and what we rotated is given to Codex: neither goes on with spent tokens. Why one
/// of them still does, if that is worth a word.
fn read_back(shared: &Shared, profile: &Profile, login: &AuthDocument) -> Option<Failure> {
    if shared.profiles.is_rehearsal() {
        return None;
    }
    let stored = match shared.profiles.login(&profile.id) {
        Ok(stored) => Some(stored),
        // Nobody can tell which is newer.
        Err(StoreError::Vault(_)) => return None,
        Err(_) => None,
    };
    let freshness = stored.as_ref().map_or(Freshness::Newer, |stored| login.freshness_against(stored));
    let (what, failure) = match (freshness, stored) {
        (Freshness::Newer, _) => ("Codex has a newer login of", Failure::from(shared.profiles.keep(login).err()?)),
        // We were killed, or the disk failed, between the store and the live file.
        (Freshness::Older, Some(stored)) => {
            let written = shared.switch().with_patience(Patience::of_a_look()).write_back(&stored);
            ("Codex does not have the renewed login of", Failure::from(written.err()?))
        }
        _ => return None,
    };
    tracing::warn!(%failure, profile = %profile.name, "the live login and the stored one are not the same yet");
    // Codex at work on its file, or another of us on the profiles: the next look comes soon.
    (failure.code != Code::Locked)
        .then(|| Failure { message: format!("{what} {}, and it could not be saved yet. {}", profile.name, failure.message), ..failure })
}

fn row(shared: &Shared, look: &Look, profile: &Profile, live: bool, routing: &RoutingSettings) -> ProfileRow {
    let now = shared.ports.clock.now();
    let state = if profile.paused {
        ProfileState::Paused
    } else if profile.needs_sign_in {
        ProfileState::NeedsSignIn
    } else {
        match shared.profiles.look_at(look, profile) {
            Ok(()) => ProfileState::Ready,
            // Nothing is known of it, least of all that the user is signed out.
            Err(StoreError::Vault(_)) => ProfileState::Locked,
            Err(_) => ProfileState::Unreadable,
        }
    };
    ProfileRow {
        id: profile.id.clone(),
        name: profile.name.to_string(),
        kind: profile.kind,
        email: profile.email.clone(),
        plan: profile.plan.clone(),
        workspace: profile.subject.workspace().map(str::to_owned),
        state,
        live,
        details: profile.details.clone(),
        token: shared.tokens.note(&profile.id, now),
        quota: shared.quotas.book(&profile.id).view(routing.thresholds(profile.details.thresholds), now),
        also_in: profile.imported_from.iter().cloned().collect(),
        added_at: profile.added_at,
        last_live_at: profile.last_live_at,
    }
}
