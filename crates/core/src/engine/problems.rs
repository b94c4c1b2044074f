//! What the user should know without having asked: mended things, and what stands in the way of a switch.

use std::path::Path;

use super::{Shared, held};
use crate::base::files::{self, Entry};
use crate::base::ports::Ports;
use crate::codex::config::{CodexConfig, StoreMode};
use crate::codex::home::CodexHome;
use crate::codex::recover::Recovered;
use crate::codex::switch::{Switch, SwitchError};
use crate::failure::{Code, Failure, shown};
use crate::store::home::Home;
use crate::store::profiles::{Profiles, Repair, StoreError};
use crate::store::state::State;

/// Mends what a killed process left behind; what the user should hear of comes back.
pub(super) fn mend(ports: &Ports, home: &Home, codex: &CodexHome, profiles: &Profiles, state: &State) -> Result<Vec<Failure>, Failure> {
    if profiles.is_rehearsal() {
        return Ok(Vec::new());
    }
    let mut told = match profiles.repair() {
        Ok(repairs) => repairs.iter().map(tell).collect(),
        // A newer version's index is read, as far as it goes, but nothing is mended in it.
        Err(StoreError::NewerIndex) => return Err(StoreError::NewerIndex.into()),
        Err(error) => vec![Failure::from(error)],
    };
    let switch = Switch::new(home.clone(), codex.clone(), profiles.clone(), state.clone(), ports);
    match switch.recover() {
        Ok(Some(Recovered::JournalSetAside { place })) => told.push(
            Failure::new(Code::Storage, "The journal of an interrupted switch was damaged; the live login was left as it is.")
                .hint(format!("Check which account is live, then delete {}.", shown(&place))),
        ),
        Ok(_) => {}
        Err(error) => told.push(error.into()),
    }
    Ok(told)
}

/// What stands now.
pub(super) fn standing(shared: &Shared) -> Vec<Failure> {
    let mut told = held(&shared.told);
    told.extend(shared.profiles.take_mended().iter().map(tell));
    told.extend(shared.state.take_set_aside().map(|place| fresh_state(&place)));
    let mut problems = told.clone();
    drop(told);
    problems.extend(shared.tokens.problems());
    // An IDE extension brings its own Codex: only where there is no trace of any is that worth a word.
    let no_trace = || files::entry(shared.codex.root()).is_ok_and(|entry| entry == Entry::Missing);
    if shared.codex.codex_program(&shared.ports.environment).is_none() && no_trace() {
        problems.push(codex_missing());
    }
    problems
}

/// Switching works without the CLI, but there is nobody to use the login.
pub(super) fn codex_missing() -> Failure {
    Failure::new(Code::CodexMissing, "The Codex CLI was not found on the search path.")
        .hint("Install it, for example with: npm install -g @openai/codex")
}

/// Whether the live login is kept in a file at all.
pub(super) fn store_mode(codex: &CodexHome) -> Result<(), Failure> {
    match CodexConfig::read(codex).map_err(|error| Failure::from(&error))?.store {
        StoreMode::File => Ok(()),
        mode => Err(SwitchError::StoreMode(mode).into()),
    }
}

fn kept_as(set_aside: Option<&Path>) -> String {
    set_aside.map_or_else(String::new, |place| format!(" The damaged file is kept as {}.", shown(place)))
}

fn fresh_state(set_aside: &Path) -> Failure {
    Failure::new(Code::Storage, "The history in state.sqlite was damaged, and begins anew. It held no login.")
        .hint(format!("Nothing needs to be done.{}", kept_as(Some(set_aside))))
}

fn tell(repair: &Repair) -> Failure {
    match repair {
        Repair::VaultRestored { set_aside } => {
            Failure::new(Code::Storage, "vault.json, which says how the logins are sealed, was damaged; its copy has taken its place.")
                .hint(format!("Nothing needs to be done.{}", kept_as(Some(set_aside))))
        }
        Repair::IndexRestored { set_aside, from_copy } => {
            let what = if set_aside.is_some() { "damaged" } else { "gone" };
            let how =
                if *from_copy { "has been restored from its last good copy" } else { "the profiles were found again by their folders" };
            let joint = if *from_copy { " and" } else { ";" };
            let check = if *from_copy { "Check the profiles." } else { "Check names and order." };
            Failure::new(Code::Storage, format!("The list of profiles was {what}{joint} {how}."))
                .hint(format!("{check}{}", kept_as(set_aside.as_deref())))
        }
        Repair::LoginRestored { name, set_aside, written_at } => {
            let what = if set_aside.is_some() { "damaged, or replaced by an older one," } else { "gone" };
            let when = written_at.map_or_else(String::new, |at| format!(" of {}", at.strftime("%Y-%m-%d %H:%M UTC")));
            Failure::new(Code::Storage, format!("The login of {name} was {what} and has been restored from its last good copy{when}."))
                .hint(format!("Nothing needs to be done.{}", kept_as(set_aside.as_deref())))
        }
        Repair::Adopted { name } => Failure::new(Code::Storage, format!("{name} was found in its folder and is a profile again."))
            .hint("Remove it if you do not want it."),
    }
}
