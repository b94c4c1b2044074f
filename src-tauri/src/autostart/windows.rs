//! Windows: a value in the user's `Run` key. Written after the documentation of Run keys; nobody has run it yet.

use std::path::Path;

use codex_lab_core::base::environment::Environment;
use winreg::RegKey;
use winreg::enums::HKEY_CURRENT_USER;

const RUN_KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const VALUE: &str = "Codex Lab";

/// Why the value cannot be written or removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AutostartError {
    /// The registry holds text.
    #[error("the path of this program is not Unicode")]
    NotUnicode,
    /// The registry, or the path of this program.
    #[error("the list of programs to start could not be changed")]
    Registry(#[from] std::io::Error),
}

pub(super) fn enable(_environment: &Environment, program: &Path) -> Result<(), AutostartError> {
    let program = program.to_str().ok_or(AutostartError::NotUnicode)?;
    let (run, _) = RegKey::predef(HKEY_CURRENT_USER).create_subkey(RUN_KEY)?;
    // A path cannot hold a quotation mark on Windows.
    Ok(run.set_value(VALUE, &format!("\"{program}\" --hidden"))?)
}

pub(super) fn disable(_environment: &Environment) -> Result<(), AutostartError> {
    let (run, _) = RegKey::predef(HKEY_CURRENT_USER).create_subkey(RUN_KEY)?;
    match run.delete_value(VALUE) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
