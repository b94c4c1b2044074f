//! Where credentials are kept: in this version as files in Codex's own format, readable by their owner alone.

use std::path::Path;

use super::home::Home;
use super::profiles::{Profiles, StoreError};
use crate::base::files;
use crate::model::auth_document::{AuthDocument, SIZE_LIMIT};
use crate::model::name::ProfileName;

/// Reads a profile's login.
pub(super) fn read(home: &Home, name: &ProfileName) -> Result<AuthDocument, StoreError> {
    read_at(&home.login_file(name), name)
}

/// Reads a login of a profile that lies elsewhere.
pub(super) fn read_at(place: &Path, name: &ProfileName) -> Result<AuthDocument, StoreError> {
    let text = files::read_text(place, SIZE_LIMIT)?.ok_or_else(|| StoreError::NoLogin { name: name.clone() })?;
    AuthDocument::parse(text).map_err(|source| StoreError::BadLogin { name: name.clone(), source })
}

/// Writes a profile's login; the text is stored byte for byte.
pub(super) fn write(profiles: &Profiles, name: &ProfileName, login: &AuthDocument) -> Result<(), StoreError> {
    files::create_private_folder(&profiles.home.profile_folder(name))?;
    let staged = files::stage(&profiles.home.login_file(name), login.text().expose().as_bytes())?;
    profiles.checkpoint.reached("save.staged");
    staged.commit()?;
    profiles.checkpoint.reached("save.login_written");
    Ok(())
}
