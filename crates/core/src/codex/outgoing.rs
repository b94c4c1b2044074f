//! What becomes of the login that a switch takes away: kept in its profile, or set aside if it is none; and a copy of the bytes.

use std::path::PathBuf;

use jiff::Timestamp;

use super::live::{self, Content, LiveError};
use super::switch::SwitchError;
use crate::base::files::{self, FileError};
use crate::model::auth_document::{AuthDocument, SIZE_LIMIT};
use crate::model::profile::Profile;
use crate::store::home::Home;
use crate::store::profiles::{KeepOutcome, Profiles};
use crate::store::vault::Vault;

/// So many copies of earlier live logins are kept.
const COPIES: usize = 20;

/// Where the outgoing login is now.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Its profile.
    pub(super) profile: Option<Profile>,
    /// Whether that profile is new.
    pub(super) added: bool,
    /// The copy of a file that is no login we can keep. Never removed by us.
    pub(super) set_aside: Option<PathBuf>,
}

/// Keeps the outgoing login. An unknown account becomes a profile; an older login never replaces a newer one.
pub(super) fn keep(home: &Home, profiles: &Profiles, content: &Content, id: &str) -> Result<Outgoing, SwitchError> {
    match content {
        Content::Login(login) => {
            let kept = profiles.keep(login)?;
            Ok(Outgoing { added: kept.outcome == KeepOutcome::Added, profile: Some(kept.profile), set_aside: None })
        }
        Content::Other(bytes, _) if !bytes.is_empty() => {
            let folder = home.backups().join("set-aside");
            let place = folder.join(format!("{id}.json"));
            if !profiles.is_rehearsal() {
                files::create_private_folder(&folder)?;
                profiles.vault().write_secret(&place, bytes)?;
            }
            Ok(Outgoing { set_aside: Some(place), ..Outgoing::default() })
        }
        Content::None | Content::Other(..) => Ok(Outgoing::default()),
    }
}

/// Copies the outgoing bytes.
pub(super) fn back_up(home: &Home, vault: &Vault, content: &Content, id: &str) -> Result<(), SwitchError> {
    let Some(bytes) = content.bytes() else { return Ok(()) };
    files::create_private_folder(&folder(home))?;
    Ok(vault.write_secret(&place(home, id), bytes)?)
}

/// The copy that a switch made, if it made one.
pub(super) fn backup(home: &Home, vault: &Vault, id: &str) -> Result<Content, LiveError> {
    let place = place(home, id);
    Ok(vault.read_secret(&place, SIZE_LIMIT)?.map_or(Content::None, |bytes| live::content_of(&place, bytes)))
}

/// Removes the oldest copies. Their names begin with the time.
pub(super) fn prune(home: &Home) -> Result<(), SwitchError> {
    let names: Vec<_> = files::names(&folder(home))?.into_iter().filter(|name| !name.starts_with('.')).collect();
    for name in names.iter().rev().skip(COPIES) {
        files::remove(&folder(home).join(name))?;
    }
    Ok(())
}

/// A login that was live before a switch.
#[derive(Debug)]
pub struct LiveCopy {
    /// Names it: the switch's id.
    pub id: String,
    /// When that switch was made.
    pub made_at: Timestamp,
    /// The login, or why it is none.
    pub login: Result<AuthDocument, LiveError>,
}

/// The copies of earlier live logins, newest first.
pub fn copies(home: &Home, vault: &Vault) -> Result<Vec<LiveCopy>, FileError> {
    let names = files::names(&folder(home))?;
    Ok(names.iter().rev().filter_map(|name| read_copy(home, vault, name.strip_suffix(".json")?)).collect())
}

/// One of them; `None` if there is none of this id.
pub fn copy(home: &Home, vault: &Vault, id: &str) -> Option<LiveCopy> {
    read_copy(home, vault, id)
}

fn read_copy(home: &Home, vault: &Vault, id: &str) -> Option<LiveCopy> {
    let (millisecond, random) = id.split_once('-')?;
    if !random.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let made_at = Timestamp::from_millisecond(millisecond.parse().ok()?).ok()?;
    let login = match backup(home, vault, id) {
        Ok(Content::None) => return None,
        Ok(Content::Login(login)) => Ok(*login),
        Ok(Content::Other(_, error)) | Err(error) => Err(error),
    };
    Some(LiveCopy { id: id.to_owned(), made_at, login })
}

fn place(home: &Home, id: &str) -> PathBuf {
    folder(home).join(format!("{id}.json"))
}

/// Where copies of earlier live logins lie.
pub(super) fn folder(home: &Home) -> PathBuf {
    home.backups().join("live")
}
