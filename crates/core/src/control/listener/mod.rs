//! Where clients connect: a private socket, or a named pipe. Only programs of the same user come through.

#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::base::files::FileError;

pub(super) use system::{Listener, place};

/// Clients that are served at once; the others wait until one goes.
pub(super) const CONNECTIONS: usize = 2048;

/// Why nobody can connect.
#[derive(Debug, Error)]
pub(super) enum ListenError {
    /// What lies there is somebody else's, or no socket. It is left alone.
    #[error("{} belongs to somebody else", path.display())]
    #[cfg_attr(windows, expect(dead_code, reason = "a pipe has no owner that could be looked at"))]
    Foreign {
        /// The socket, or its folder.
        path: PathBuf,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system refuses.
    #[error("the control interface cannot be reached")]
    Io(#[from] io::Error),
}
