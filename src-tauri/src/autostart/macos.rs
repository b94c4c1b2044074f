//! macOS: a launch agent of the user. Written after `launchd.plist(5)`; nobody has run it yet.

use std::path::{Path, PathBuf};

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::files::{self, Entry, FileError};

/// Named after the app's identifier.
const LABEL: &str = "dev.codexlab.tray";

/// Why the launch agent cannot be written or removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AutostartError {
    /// There is no home folder to look in.
    #[error("the user has no home folder")]
    NoHome,
    /// A property list can only name a program in Unicode.
    #[error("the path of this program is not Unicode")]
    NotUnicode,
    /// The path of this program is not known.
    #[error("the path of this program is not known")]
    NoProgram(#[from] std::io::Error),
    /// The file or its folder.
    #[error(transparent)]
    File(#[from] FileError),
}

pub(super) fn enable(environment: &Environment, program: &Path) -> Result<(), AutostartError> {
    let path = path(environment)?;
    let program = program.to_str().ok_or(AutostartError::NotUnicode)?;
    if let Some(folder) = path.parent()
        && files::entry(folder)? == Entry::Missing
    {
        files::create_private_folder(folder)?;
    }
    Ok(files::write_private(&path, agent(program).as_bytes())?)
}

pub(super) fn disable(environment: &Environment) -> Result<(), AutostartError> {
    Ok(files::remove(&path(environment)?)?)
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
