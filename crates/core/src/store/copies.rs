//! The last known good copies as a list, and putting one back. What is there becomes a copy first, and an older login takes
//! the place of a newer one only if the user insists.

use jiff::Timestamp;

use super::backup;
use super::generations::{self, Generation};
use super::index::Index;
use super::profiles::{KeepOutcome, Kept, Owner, Profiles, StoreError};
use crate::base::sorting;
use crate::model::auth_document::{AuthDocument, Freshness};
use crate::model::profile::ProfileId;

/// A copy of the index or of a login.
#[derive(Debug)]
pub struct Copy {
    /// Names it.
    pub id: String,
    /// Whose login it is; `None` for the index.
    pub profile: Option<ProfileId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// How it stands to what is there, or why it is of no use.
    pub standing: Result<Standing, StoreError>,
    /// The account's e-mail, if the copy says it.
    pub email: Option<String>,
}

/// How a copy stands to what is there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is what is there.
    Current,
    /// What is there is newer.
    Older,
    /// What is there is older.
    Newer,
    /// There is nothing usable in its place.
    Alone,
}

/// What an id of a copy names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Index(u64),
    Login(ProfileId, Generation),
}

impl Profiles {
    /// The copies of the index and of all logins: the index first, then by profile; of each the newest first.
    pub fn copies(&self) -> Result<Vec<Copy>, StoreError> {
        let index = self.read_index()?;
        let mut copies = Vec::new();
        for (number, made_at) in backup::list(&self.home)? {
            let standing = backup::index(&self.home, number).map(|copy| if copy == *index { Standing::Current } else { Standing::Older });
            copies.push(Copy { id: Named::Index(number).text(), profile: None, made_at: second(made_at), standing, email: None });
        }
        let mut owners = generations::owners(&self.home)?;
        sorting::by_key(&mut owners, |id| index.profiles.iter().position(|profile| profile.id == *id).unwrap_or(usize::MAX));
        for id in owners {
            for (which, made_at) in generations::list(&self.home, &id)? {
                let copy = self.copied(&id, which);
                let email = copy.as_ref().ok().and_then(super::profiles::email);
                let standing = copy.map(|copy| self.standing(&index, &copy, which != Generation::Current));
                let (id, named) = (id.clone(), Named::Login(id.clone(), which).text());
                copies.push(Copy { id: named, profile: Some(id), made_at: second(made_at), standing, email });
            }
        }
        Ok(copies)
    }

    /// The profile whose login a copy is of; `None` for the index.
    pub fn owner_of(&self, copy: &str) -> Result<Option<ProfileId>, StoreError> {
        match Named::parse(copy).ok_or(StoreError::NoSuchCopy)? {
            Named::Index(_) => Ok(None),
            Named::Login(id, _) => Ok(Some(id)),
        }
    }

    /// How a login from outside the store, such as one that was live, stands to what the store has of its account.
    pub fn standing_of(&self, login: &AuthDocument) -> Result<Standing, StoreError> {
        Ok(self.standing(&*self.read_index()?, login, false))
    }

    /// Puts a copy back in its place. An older login takes the place of a newer one with `force` alone.
    pub fn put_back(&self, copy: &str, force: bool) -> Result<(), StoreError> {
        match Named::parse(copy).ok_or(StoreError::NoSuchCopy)? {
            Named::Index(number) => self.rearrange(&backup::index(&self.home, number)?),
            Named::Login(id, which) => self.put_back_login(&self.copied(&id, which)?, which != Generation::Current, force).map(drop),
        }
    }

    /// Puts a login in the place of what the store has of its account; an account that is no profile becomes one.
    /// `superseded` says that the store itself has replaced it.
    pub fn put_back_login(&self, login: &AuthDocument, superseded: bool, force: bool) -> Result<Kept, StoreError> {
        let subject = login.subject().ok_or(StoreError::NoIdentity)?;
        self.change(|index| {
            let standing = self.standing(index, login, superseded);
            if let Some(profile) = index.of_subject(&subject).cloned() {
                match standing {
                    Standing::Current => return Ok(Kept { profile, outcome: KeepOutcome::Unchanged }),
                    Standing::Older if !force => return Err(StoreError::OlderCopy { name: profile.name }),
                    _ => self.secure(&profile)?,
                }
            }
            self.take_in(index, login, Owner::AsBefore, |_| true)
        })
    }

    fn copied(&self, id: &ProfileId, which: Generation) -> Result<AuthDocument, StoreError> {
        generations::copy(self, id, which)?.ok_or(StoreError::NoSuchCopy)
    }

    fn standing(&self, index: &Index, login: &AuthDocument, superseded: bool) -> Standing {
        let subject = login.subject();
        let profile = index.profiles.iter().find(|profile| Some(&profile.subject) == subject.as_ref());
        let stored = profile.and_then(|profile| self.vault.read(&profile.name).ok());
        match stored.filter(|stored| stored.subject() == subject) {
            Some(stored) if stored.text() == login.text() => Standing::Current,
            Some(stored) => match login.freshness_against(&stored) {
                Freshness::Older => Standing::Older,
                // The same tokens, or times that do not tell: then the order in which they came does.
                Freshness::Same | Freshness::Newer if superseded => Standing::Older,
                Freshness::Same => Standing::Current,
                Freshness::Newer => Standing::Newer,
            },
            // Something newer was here, even if it is of no use now.
            None if superseded => Standing::Older,
            None => Standing::Alone,
        }
    }
}

impl Named {
    fn text(&self) -> String {
        match self {
            Self::Index(number) => format!("index-{number}"),
            Self::Login(id, Generation::Current) => format!("login-{id}-current"),
            Self::Login(id, Generation::Replaced(number)) => format!("login-{id}-{number}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(number) = text.strip_prefix("index-") {
            return Some(Self::Index(number.parse().ok()?));
        }
        let (id, which) = text.strip_prefix("login-")?.split_once('-')?;
        let which = if which == "current" { Generation::Current } else { Generation::Replaced(which.parse().ok()?) };
        Some(Self::Login(ProfileId::parse(id)?, which))
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
#[path = "copies_tests.rs"]
mod tests;
