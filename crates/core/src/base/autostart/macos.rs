//! macOS: a launch agent of the user. Written after `launchd.plist(5)`; nobody has run it yet.

use std::path::{Path, PathBuf};

use super::{Listed, Listing};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry, FileError};

/// Named after the app's identifier.
const LABEL: &str = "dev.codexlab.tray";

/// Why the launch agent cannot be written or removed.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// There is no home folder to look in.
    #[error("the user has no home folder")]
    NoHome,
    /// A property list can only name a program in Unicode.
    #[error("the path of this program is not Unicode")]
    NotUnicode,
    /// The file or its folder.
    #[error(transparent)]
    File(#[from] FileError),
}

pub(super) fn put(environment: &Environment, listing: Listing, program: &Path) -> Result<(), AutostartError> {
    // By name the bundle itself says what it is.
    if listing == Listing::Name {
        return Ok(());
    }
    let path = path(environment)?;
    let program = program.to_str().ok_or(AutostartError::NotUnicode)?;
    if let Some(folder) = path.parent()
        && files::entry(folder)? == Entry::Missing
    {
        files::create_private_folder(folder)?;
    }
    Ok(files::write_private(&path, agent(program).as_bytes())?)
}

pub(super) fn take_off(environment: &Environment, listing: Listing) -> Result<(), AutostartError> {
    if listing == Listing::Name { Ok(()) } else { Ok(files::remove(&path(environment)?)?) }
}

pub(super) fn listed(environment: &Environment) -> Result<Vec<Listed>, AutostartError> {
    let place = path(environment)?;
    let there = files::entry(&place)? != Entry::Missing;
    // What the list of properties names is not read back.
    Ok(there.then(|| Listed { listing: Listing::Start, place, program: None }).into_iter().collect())
}

fn path(environment: &Environment) -> Result<PathBuf, AutostartError> {
    let home = environment.user_home().ok_or(AutostartError::NoHome)?;
    Ok(home.join("Library/LaunchAgents").join(format!("{LABEL}.plist")))
}

fn agent(program: &str) -> String {
    let program = program.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>{LABEL}</string>
  <key>ProgramArguments</key><array><string>{program}</string><string>--hidden</string></array>
  <key>RunAtLoad</key><true/>
</dict>
</plist>
"#
    )
}
