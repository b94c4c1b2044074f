//! What would become of each login that was found. Pure: no files, no clock.

use std::collections::BTreeMap;
use std::fmt;

use super::{Found, ImportError};
use crate::base::secret::Fingerprint;
use crate::model::auth_document::{AuthDocument, Credential, Freshness};
use crate::model::import_source::ImportSource;
use crate::model::profile::{Profile, ProfileId};
use crate::model::subject::Subject;

/// A profile and its login, as the store has them.
#[derive(Debug)]
pub struct Known {
    /// The profile.
    pub profile: Profile,
    /// Its login, if that can be read.
    pub login: Option<AuthDocument>,
}

/// A login that was found, and what would become of it.
#[derive(Debug)]
pub struct Planned {
    /// What was found.
    pub found: Found,
    /// Other tools' places that hold the same refresh token.
    pub also_at: Vec<String>,
    /// The owners of its refresh token beside us. The live login of the stock Codex is none, since what Codex makes of that is
    /// read back.
    pub owners: Vec<Holder>,
    /// What would become of it.
    pub fate: Fate,
}

/// A tool that holds a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The tool.
    pub tool: ImportSource,
    /// Where in its store.
    pub source: String,
}

impl Holder {
    fn is_live(&self, live: &str) -> bool {
        self.tool == ImportSource::Codex && self.source == live
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.tool, self.source)
    }
}

/// What would become of a login.
#[derive(Debug)]
pub enum Fate {
    /// It becomes a profile.
    Add,
    /// It takes the place of this profile's login.
    Update(Profile),
    /// This profile's login is the same, or newer.
    Unchanged(Profile),
    /// Another place in the plan has the same account's login, as new or newer.
    Elsewhere,
    /// It is of no use; the reason is in what was found.
    Skip,
}

impl Found {
    /// Names it among the items of one plan; stays the same while the source does.
    pub fn key(&self) -> String {
        self.from.map_or_else(|| self.source.clone(), |from| format!("{}:{}", from.word(), self.source))
    }

    /// The place in a tool's store; a file of the user's own has no owner.
    fn holder(&self) -> Option<Holder> {
        Some(Holder { tool: self.from?, source: self.source.clone() })
    }

    fn subject(&self) -> Option<Subject> {
        self.login.as_ref().ok()?.subject()
    }

    fn chain(&self) -> Option<Fingerprint> {
        chain(self.login.as_ref().ok()?)
    }
}

/// Decides on every login that was found. `beside` are logins found at other places, which are not to be imported and yet
/// own what they hold; `only` these keys are chosen; `live` is where the stock Codex keeps its login.
pub fn plan(found: Vec<Found>, beside: &[Found], only: Option<&[String]>, known: &[Known], live: &str) -> Vec<Planned> {
    let found = without_doubles(found);
    let holders = holders(found.iter().chain(beside));
    let mut first_of_chain: BTreeMap<Fingerprint, (Subject, String)> = BTreeMap::new();
    for Known { profile, login } in known {
        if let Some(chain) = login.as_ref().and_then(chain) {
            first_of_chain.entry(chain).or_insert_with(|| (profile.subject.clone(), profile.name.to_string()));
        }
    }
    let mut planned: Vec<Planned> = found
        .into_iter()
        .map(|mut found| {
            let (mut also_at, mut owners) = (Vec::new(), Vec::new());
            if let (Some(chain), Some(subject)) = (found.chain(), found.subject()) {
                let me = found.holder();
                let holders = holders.get(&chain).map(Vec::as_slice).unwrap_or_default();
                also_at = holders.iter().filter(|holder| Some(*holder) != me.as_ref()).map(Holder::to_string).collect();
                owners = holders.iter().filter(|holder| !holder.is_live(live)).cloned().collect();
                let name = || me.as_ref().map_or_else(|| found.source.clone(), Holder::to_string);
                let (owner, other) = first_of_chain.entry(chain).or_insert_with(|| (subject.clone(), name()));
                if *owner != subject {
                    found.login = Err(ImportError::SameTokens { other: other.clone() });
                }
            }
            Planned { found, also_at, owners, fate: Fate::Skip }
        })
        .collect();
    planned.retain(|item| only.is_none_or(|only| only.contains(&item.found.key())));
    for place in freshest(&planned) {
        planned[place].fate = Fate::Add;
    }
    for item in &mut planned {
        let Ok(login) = &item.found.login else { continue };
        let known = known.iter().find(|known| login.subject().as_ref() == Some(&known.profile.subject));
        item.fate = match (known, std::mem::replace(&mut item.fate, Fate::Elsewhere)) {
            (Some(known), Fate::Add) => against(login, known),
            (Some(known), _) if known.login.as_ref().is_some_and(|stored| login.freshness_against(stored) != Freshness::Newer) => {
                Fate::Unchanged(known.profile.clone())
            }
            (None, Fate::Add) => Fate::Add,
            _ => Fate::Elsewhere,
        };
    }
    planned
}

/// The profiles that were shared with another tool, and are ours alone now: no tool holds a login of their account any more, not
/// even a spent one. `everything` is all that was found at all tools; where a tool that shared one could not be read, it may
/// still hold it.
pub fn freed(everything: &[&Found], known: &[Known], live: &str) -> Vec<ProfileId> {
    let holds = |found: &&Found, profile: &Profile, owners: &str| match (&found.login, found.holder()) {
        (_, None) => false,
        (Ok(login), Some(holder)) => !holder.is_live(live) && login.subject().as_ref() == Some(&profile.subject),
        (Err(_), Some(holder)) => owners.contains(&holder.tool.to_string()),
    };
    let freed = known.iter().filter(|known| {
        let owners = known.profile.imported_from.as_deref();
        owners.is_some_and(|owners| !everything.iter().any(|found| holds(found, &known.profile, owners)))
    });
    freed.map(|known| known.profile.id.clone()).collect()
}

/// The same rule as [`crate::store::profiles::Profiles::keep`] has.
fn against(login: &AuthDocument, known: &Known) -> Fate {
    let newer = known.login.as_ref().is_none_or(|stored| login.freshness_against(stored) == Freshness::Newer);
    if newer { Fate::Update(known.profile.clone()) } else { Fate::Unchanged(known.profile.clone()) }
}

/// Whether a tool keeps the login it is using twice, which makes it no second owner. Each home of the stock Codex is one.
fn keeps_doubles(tool: ImportSource) -> bool {
    tool != ImportSource::Codex
}

/// What a tool keeps twice is one row.
fn without_doubles(found: Vec<Found>) -> Vec<Found> {
    let mut seen = Vec::new();
    found
        .into_iter()
        .filter(|found| {
            let Some(subject) = found.subject() else { return true };
            let mark = (found.from, subject, found.chain());
            let double = found.from.is_some_and(keeps_doubles) && seen.contains(&mark);
            seen.push(mark);
            !double
        })
        .collect()
}

/// Who holds which refresh token.
fn holders<'a>(found: impl Iterator<Item = &'a Found>) -> BTreeMap<Fingerprint, Vec<Holder>> {
    let mut holders: BTreeMap<Fingerprint, Vec<Holder>> = BTreeMap::new();
    for (chain, holder) in found.filter_map(|found| Some((found.chain()?, found.holder()?))) {
        let of_chain = holders.entry(chain).or_default();
        if of_chain.iter().all(|known| known.tool != holder.tool || !keeps_doubles(holder.tool) && *known != holder) {
            of_chain.push(holder);
        }
    }
    holders
}

/// For each account, the place in the list that has its newest login; the first of equal ones.
fn freshest(planned: &[Planned]) -> Vec<usize> {
    let mut best: Vec<(Subject, usize)> = Vec::new();
    for (place, item) in planned.iter().enumerate() {
        let (Ok(login), Some(subject)) = (&item.found.login, item.found.subject()) else { continue };
        match best.iter_mut().find(|(known, _)| *known == subject) {
            None => best.push((subject, place)),
            Some((_, best)) => {
                if let Ok(so_far) = &planned[*best].found.login
                    && so_far.freshness_against(login) == Freshness::Older
                {
                    *best = place;
                }
            }
        }
    }
    best.into_iter().map(|(_, place)| place).collect()
}

/// The name of a login's line of refresh tokens; `None` if it has none.
fn chain(login: &AuthDocument) -> Option<Fingerprint> {
    match login.credential() {
        Credential::OAuth(tokens) => (!tokens.refresh_token.is_empty()).then(|| tokens.refresh_token.fingerprint()),
        Credential::ApiKey(_) => None,
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
