//! macOS: a launch agent of the user. Written after `launchd.plist(5)`; nobody has run it yet.

use std::path::{Path, PathBuf};

use super::{AutostartError, Listed, Listing};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry};

/// Named after the app's identifier.
const LABEL: &str = "dev.codexlab.tray";

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
