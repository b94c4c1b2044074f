//! A named pipe that no other machine reaches. Written after the documentation; nobody has run it.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use tokio::sync::Mutex;

use super::ListenError;
use crate::base::environment::Environment;

/// The pipe of this process.
#[derive(Debug)]
pub(crate) struct Listener {
    name: PathBuf,
    /// The end that the next client finds.
    next: Mutex<NamedPipeServer>,
}

/// The pipe's name: of the home, since pipes have no folders.
pub(crate) fn place(runtime: &Path, _environment: &Environment) -> PathBuf {
    let digest = Sha256::digest(runtime.as_os_str().as_encoded_bytes());
    let name = digest.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    PathBuf::from(format!(r"\\.\pipe\codex-lab-{name:016x}"))
}

impl Listener {
    /// Takes the name; refused where another program has it. What the system gives everybody else is to read, and nothing is said to
    /// whoever has not greeted.
    pub(crate) fn bind(name: &Path) -> Result<Self, ListenError> {
        let first = ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(name)?;
        Ok(Self { name: name.to_path_buf(), next: Mutex::new(first) })
    }

    /// The next program that connects.
    pub(crate) async fn accept(&self) -> io::Result<(ReadHalf<NamedPipeServer>, WriteHalf<NamedPipeServer>)> {
        // It stays where it is until the following one is there: were there none for a moment, the name would be free.
        let mut next = self.next.lock().await;
        next.connect().await?;
        let following = ServerOptions::new().reject_remote_clients(true).create(&self.name)?;
        Ok(tokio::io::split(std::mem::replace(&mut *next, following)))
    }
}
