//! Windows: a value in the user's `Run` key. Written after the documentation of Run keys; nobody has run it yet.

use std::path::{Path, PathBuf};

use winreg::RegKey;
use winreg::enums::HKEY_CURRENT_USER;

use super::{AutostartError, Listed, Listing};
use crate::base::environment::Environment;

const RUN_KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const VALUE: &str = "Codex Lab";

pub(super) fn put(_environment: &Environment, listing: Listing, program: &Path) -> Result<(), AutostartError> {
    // By name it is known by what the installer wrote.
    if listing == Listing::Name {
        return Ok(());
    }
    let program = program.to_str().ok_or(AutostartError::NotUnicode)?;
    let (run, _) = RegKey::predef(HKEY_CURRENT_USER).create_subkey(RUN_KEY)?;
    // A path cannot hold a quotation mark on Windows.
    Ok(run.set_value(VALUE, &format!("\"{program}\" --hidden"))?)
}

pub(super) fn take_off(_environment: &Environment, listing: Listing) -> Result<(), AutostartError> {
    if listing == Listing::Name {
        return Ok(());
    }
    let (run, _) = RegKey::predef(HKEY_CURRENT_USER).create_subkey(RUN_KEY)?;
    match run.delete_value(VALUE) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

pub(super) fn listed(_environment: &Environment) -> Result<Vec<Listed>, AutostartError> {
    let Ok(run) = RegKey::predef(HKEY_CURRENT_USER).open_subkey(RUN_KEY) else { return Ok(Vec::new()) };
    let Ok(command) = run.get_value::<String, _>(VALUE) else { return Ok(Vec::new()) };
    let program = command.strip_prefix('"').and_then(|command| command.split_once('"')).map(|(program, _)| PathBuf::from(program));
    let place = PathBuf::from(format!("HKEY_CURRENT_USER\\{RUN_KEY}\\{VALUE}"));
    Ok(vec![Listed { listing: Listing::Start, place, program }])
}
