//! A Secret Service on a session bus of its own that behaves as a test wants: honest, slow, silent, locked, broken, lying.
//!
//! It needs no cryptography. Its half of the key exchange is 1, so every client derives the same session key, and what one
//! client has encrypted another can read: a secret is kept and given back as it came.

mod lies;
mod objects;
mod purse;

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::desktop::{Bus, DesktopError};
use purse::Purse;

/// How the keyring behaves, in every call from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Honest,
    /// As it should, after this long in each call.
    Slow(Duration),
    /// Takes every call and never answers.
    Silent,
    /// Answers every call with an error.
    Failing,
    /// Locked; nobody answers the prompt.
    Locked,
    /// Locked; the user dismisses the prompt.
    Dismissed,
    /// Locked, with a prompt that only says that it is done.
    FalselyUnlocked,
    /// Gives back a secret of the right length that was never stored.
    OtherSecret,
    /// Gives back a secret of no bytes.
    EmptySecret,
    /// Gives back bytes that nobody can decrypt.
    Garbage,
    /// Finds an item that was not asked for: another program's.
    WrongItem,
    /// Finds two items where there is one.
    Twice,
    /// Says that it has stored a secret, and has not.
    Forgetful,
    /// Says that there is no such item, although there is.
    Amnesiac,
}

/// A running scripted keyring. Stops when dropped.
pub struct ScriptedKeyring {
    purse: Arc<Purse>,
    bus: Option<Bus>,
    // Kept open: the keyring is there as long as its connection.
    connection: Option<zbus::Connection>,
    runtime: Option<Runtime>,
    _folder: TempDir,
}

impl ScriptedKeyring {
    /// Starts an honest, empty one.
    pub fn start() -> Result<Self, DesktopError> {
        Self::on_a_bus(true)
    }

    /// Starts the bus alone, without any keyring.
    pub fn absent() -> Result<Self, DesktopError> {
        Self::on_a_bus(false)
    }

    /// The address of its bus, for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        self.bus.as_ref().map(Bus::address).unwrap_or_default()
    }

    /// Behaves so from now on.
    pub fn behave(&self, manner: Manner) {
        self.purse.behave(manner);
    }

    /// How many calls there were.
    pub fn calls(&self) -> u32 {
        self.purse.calls()
    }

    /// How many items it really holds.
    pub fn items(&self) -> usize {
        self.purse.len()
    }

    /// Forgets everything.
    pub fn empty(&self) {
        self.purse.empty();
    }

    fn on_a_bus(with_keyring: bool) -> Result<Self, DesktopError> {
        let folder = tempfile::Builder::new().prefix("keyring-").tempdir()?;
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("keyring").enable_all().build()?;
        let purse = Arc::new(Purse::default());
        let (bus, connection) = runtime.block_on(async {
            let bus = Bus::start(folder.path()).await?;
            let connection = if with_keyring { Some(objects::serve(bus.address(), &purse).await?) } else { None };
            Ok::<_, DesktopError>((bus, connection))
        })?;
        Ok(Self { purse, bus: Some(bus), connection, runtime: Some(runtime), _folder: folder })
    }
}

impl Drop for ScriptedKeyring {
    fn drop(&mut self) {
        let (bus, connection, runtime) = (self.bus.take(), self.connection.take(), self.runtime.take());
        // A runtime may not be waited for on a thread that runs async code, so another one waits.
        let stopping = std::thread::spawn(move || {
            let Some(runtime) = runtime else { return };
            {
                let _inside = runtime.enter();
                drop((connection, bus));
            }
            runtime.shutdown_timeout(Duration::from_secs(5));
        });
        let _ = stopping.join();
    }
}
