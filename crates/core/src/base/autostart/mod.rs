//! What the desktop's own lists say of the tray app: that it starts with the desktop, and by which name and links it is known. The app
//! puts itself there; whoever is rid of it takes it off from a terminal.

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "linux.rs"]
mod platform;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::files::{self, FileError};

/// The file name of the tray app's program.
pub const APP: &str = if cfg!(windows) { "codex-lab-desktop.exe" } else { "codex-lab-desktop" };

/// Why an entry cannot be written or removed.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// There is no home folder to look in.
    #[error("the user has no home folder")]
    NoHome,
    /// A list can only name a program in Unicode.
    #[error("the path of this program is not Unicode")]
    NotUnicode,
    /// The entry's file or its folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The list is no file.
    #[cfg(windows)]
    #[error("the list of programs to start could not be changed")]
    Registry(#[from] std::io::Error),
}

/// A list of the desktop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// What starts with the desktop.
    Start,
    /// Applications by name, and the links they open. Only where a list of them is the user's own to write.
    Name,
}

/// An entry of the app's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// In which list.
    pub listing: Listing,
    /// The file, or what stands for one.
    pub place: PathBuf,
    /// The program that it names, if that can be read.
    pub program: Option<PathBuf>,
}

impl Listed {
    /// Whether it names a program that is not there any more.
    pub fn is_stale(&self) -> bool {
        self.program.as_deref().is_some_and(|program| !files::is_program(program))
    }
}

/// Every entry there is. Without a user's home there is none.
pub fn listed(environment: &Environment) -> Result<Vec<Listed>, AutostartError> {
    match platform::listed(environment) {
        Err(AutostartError::NoHome) => Ok(Vec::new()),
        listed => listed,
    }
}

/// Puts a program on a list, in the place of what is there of ours.
pub fn put(environment: &Environment, listing: Listing, program: &Path) -> Result<(), AutostartError> {
    platform::put(environment, listing, program)
}

/// Takes the app off a list; it is no error if it is not on it.
pub fn take_off(environment: &Environment, listing: Listing) -> Result<(), AutostartError> {
    platform::take_off(environment, listing)
}

/// Where the app's program is now: beside one of ours, else on the search path.
pub fn app_program(environment: &Environment, beside: Option<&Path>) -> Option<PathBuf> {
    let folders = beside.and_then(Path::parent).map(Path::to_path_buf).into_iter().chain(environment.search_path());
    folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(APP)).find(|program| files::is_program(program))
}
