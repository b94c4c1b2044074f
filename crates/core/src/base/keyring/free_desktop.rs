//! The Secret Service of a free desktop: GNOME's keyring, KDE's wallet, `KeePassXC`. Entries look as the crate `keyring` 3.6
//! writes them, so that Codex's own (codex-auth.md 4) is found and can be written in place.
//!
//! It is spoken to without that crate: there a locked keyring waits for its user without end, and a refusal, an absence and a
//! lock are one error.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{io, thread};

use secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use zbus::DBusError as _;
use zbus::zvariant::OwnedObjectPath;
use zeroize::Zeroizing;

use super::{KeyringEntry, KeyringError};
use crate::base::environment::Environment;
use crate::base::secret::Secret;
use crate::base::session_bus;

/// How long the question for the keyring's password may stand on the screen.
const QUESTION_PATIENCE: Duration = Duration::from_secs(120);
/// A question that is dismissed faster than this was never shown: GNOME's keyring does so where nothing can show it.
const NOBODY_IS_THAT_FAST: Duration = Duration::from_millis(500);
/// No login and no key is longer.
const LONGEST_SECRET: usize = 1 << 20;
const CONTENT_TYPE: &str = "text/plain";

/// The way to the Secret Service. Nothing is kept open between calls.
pub(super) struct Platform {
    bus: Option<String>,
    /// Whether the question for the password stands on the screen.
    asking: Arc<AtomicBool>,
}

impl Platform {
    pub(super) fn new(environment: &Environment) -> Self {
        Self { bus: session_bus::address(environment), asking: Arc::default() }
    }

    pub(super) fn get(&self, entry: &KeyringEntry, time: Duration) -> Result<Option<Secret>, KeyringError> {
        self.within(time, async {
            let service = self.connect().await?;
            let Some(item) = self.find(&service, entry).await? else { return Ok(None) };
            read(&item).await.map(Some)
        })
    }

    pub(super) fn set(&self, entry: &KeyringEntry, secret: &Secret, time: Duration) -> Result<(), KeyringError> {
        let bytes = secret.expose().as_bytes();
        self.within(time, async {
            let service = self.connect().await?;
            let item = if let Some(item) = self.find(&service, entry).await? {
                item.set_secret(bytes, CONTENT_TYPE).await.map_err(reason)?;
                item
            } else {
                let collection = default_collection(&service).await?;
                let item = collection.create_item(&label(entry), attributes(entry), bytes, true, CONTENT_TYPE).await.map_err(reason)?;
                service.get_item_by_path(item.item_path.clone()).await.map_err(reason)?
            };
            // It is the only copy of a key: believed only when seen.
            if read(&item).await? == *secret { Ok(()) } else { Err(KeyringError::Corrupt) }
        })
    }

    pub(super) fn delete(&self, entry: &KeyringEntry, time: Duration) -> Result<(), KeyringError> {
        self.within(time, async {
            let service = self.connect().await?;
            let Some(item) = self.find(&service, entry).await? else { return Ok(()) };
            item.delete().await.map_err(reason)
        })
    }

    /// Runs one call to its end. All of it goes with its runtime: the connection, and the session that is bound to it.
    fn within<T>(&self, time: Duration, work: impl Future<Output = Result<T, KeyringError>>) -> Result<T, KeyringError> {
        let ended = runtime()?.block_on(async { timeout(time, work).await });
        ended.unwrap_or_else(|_| Err(if self.asking.load(Ordering::SeqCst) { KeyringError::Locked } else { KeyringError::TimedOut }))
    }

    async fn connect(&self) -> Result<SecretService<'static>, KeyringError> {
        connect(self.bus.as_deref().ok_or(KeyringError::Absent)?).await
    }

    /// The item of an entry, unlocked.
    async fn find<'a>(&self, service: &'a SecretService<'static>, entry: &KeyringEntry) -> Result<Option<Item<'a>>, KeyringError> {
        let mut found = service.search_items(wanted(entry)).await.map_err(reason)?;
        if found.unlocked.is_empty() {
            // A locked keyring may not know what is in it: that it finds nothing says nothing.
            let locked = match found.locked.first() {
                Some(item) => Some(item.item_path.clone()),
                None => locked_default(service).await?,
            };
            if let Some(locked) = locked {
                self.unlock(locked).await?;
                found = service.search_items(wanted(entry)).await.map_err(reason)?;
                if found.unlocked.is_empty() && (!found.locked.is_empty() || locked_default(service).await?.is_some()) {
                    return Err(KeyringError::Locked);
                }
            }
        }
        let mut unlocked = found.unlocked.into_iter();
        let Some(item) = unlocked.next() else { return Ok(None) };
        let attributes = item.get_attributes().await.map_err(reason)?;
        let ours = wanted(entry).into_iter().all(|(name, value)| attributes.get(name).is_some_and(|held| held == value));
        if ours && unlocked.next().is_none() { Ok(Some(item)) } else { Err(KeyringError::Corrupt) }
    }

    /// Has the user asked for the password. The question outlives the call: it would be taken off the screen while the user
    /// types. There is one at a time, and calls meanwhile find the keyring locked.
    async fn unlock(&self, locked: OwnedObjectPath) -> Result<(), KeyringError> {
        let bus = self.bus.clone().ok_or(KeyringError::Absent)?;
        if self.asking.swap(true, Ordering::SeqCst) {
            return Err(KeyringError::Locked);
        }
        let question = Question(self.asking.clone());
        let (answer, answered) = oneshot::channel();
        let ask = move || {
            let result = runtime().and_then(|runtime| runtime.block_on(ask(&bus, locked)));
            drop(question);
            // The call may be over.
            let _ = answer.send(result);
        };
        thread::Builder::new().name("keyring-question".to_owned()).spawn(ask).map_err(|error| KeyringError::Other(error.into()))?;
        answered.await.unwrap_or(Err(KeyringError::Corrupt))
    }
}

/// The question on the screen, gone when dropped.
struct Question(Arc<AtomicBool>);

impl Drop for Question {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

async fn ask(bus: &str, locked: OwnedObjectPath) -> Result<(), KeyringError> {
    let started = Instant::now();
    let unlocked = async {
        let service = connect(bus).await?;
        // The service unlocks whatever has this path; it need not be an item.
        let locked = service.get_item_by_path(locked).await.map_err(reason)?;
        match locked.unlock().await {
            Err(Error::Prompt) if started.elapsed() < NOBODY_IS_THAT_FAST => Err(KeyringError::Locked),
            unlocked => unlocked.map_err(reason),
        }
    };
    timeout(QUESTION_PATIENCE, unlocked).await.unwrap_or(Err(KeyringError::Locked))
}

/// Encrypted on the bus: programs may listen there, and logs may tell what is said.
async fn connect(bus: &str) -> Result<SecretService<'static>, KeyringError> {
    let connection = async { zbus::connection::Builder::address(bus)?.build().await };
    let connection = connection.await.map_err(|error| no_bus(error.into()))?;
    SecretService::connect_with_existing(EncryptionType::Dh, connection).await.map_err(reason)
}

async fn default_collection<'a>(service: &'a SecretService<'static>) -> Result<Collection<'a>, KeyringError> {
    service.get_default_collection().await.map_err(reason)
}

async fn locked_default(service: &SecretService<'static>) -> Result<Option<OwnedObjectPath>, KeyringError> {
    let collection = default_collection(service).await?;
    let locked = collection.is_locked().await.map_err(reason)?;
    Ok(locked.then(|| collection.collection_path.clone()))
}

async fn read(item: &Item<'_>) -> Result<Secret, KeyringError> {
    let bytes = Zeroizing::new(item.get_secret().await.map_err(reason)?);
    let text = std::str::from_utf8(&bytes).ok().filter(|text| (1..=LONGEST_SECRET).contains(&text.len()));
    text.map(Secret::new).ok_or(KeyringError::Corrupt)
}

fn runtime() -> Result<Runtime, KeyringError> {
    Builder::new_current_thread().enable_all().build().map_err(|error| KeyringError::Other(error.into()))
}

/// What an entry is found by.
fn wanted(entry: &KeyringEntry) -> HashMap<&str, &str> {
    HashMap::from([("service", entry.service.as_str()), ("username", entry.account.as_str()), ("target", "default")])
}

/// What a new entry is given.
fn attributes(entry: &KeyringEntry) -> HashMap<&str, &str> {
    let mut attributes = wanted(entry);
    attributes.insert("application", "rust-keyring");
    attributes
}

/// What the user sees in a list of the keyring.
fn label(entry: &KeyringEntry) -> String {
    format!("{}@{}:default", entry.account, entry.service)
}

/// Whatever keeps us from the bus, but for a wait: there is none.
fn no_bus(error: Error) -> KeyringError {
    match reason(error) {
        KeyringError::Other(error) => {
            tracing::debug!(%error, "no session bus");
            KeyringError::Absent
        }
        known => known,
    }
}

fn reason(error: Error) -> KeyringError {
    match error {
        // No collection is the default one: the service is there, and no keyring.
        Error::Unavailable | Error::NoResult => KeyringError::Absent,
        Error::Locked => KeyringError::Locked,
        Error::Prompt => KeyringError::Denied,
        Error::Crypto(_) | Error::Zvariant(_) => KeyringError::Corrupt,
        Error::Zbus(error) => bus_reason(error),
        Error::ZbusFdo(error) => named(error.name().as_str()).unwrap_or_else(|| KeyringError::Other(error.into())),
        other => KeyringError::Other(other.into()),
    }
}

fn bus_reason(error: zbus::Error) -> KeyringError {
    let known = match &error {
        zbus::Error::Address(_) => Some(KeyringError::Absent),
        zbus::Error::InputOutput(error) | zbus::Error::Connection(error, _) => no_listener(error.kind()),
        zbus::Error::MethodError(name, _, _) => named(name.as_str()),
        zbus::Error::FDO(error) => named(error.name().as_str()),
        zbus::Error::Variant(_) | zbus::Error::InvalidReply | zbus::Error::InvalidField => Some(KeyringError::Corrupt),
        _ => None,
    };
    known.unwrap_or_else(|| KeyringError::Other(error.into()))
}

fn no_listener(kind: io::ErrorKind) -> Option<KeyringError> {
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused).then_some(KeyringError::Absent)
}

/// What the name of a D-Bus error says.
fn named(name: &str) -> Option<KeyringError> {
    let (of, what) = name.rsplit_once('.')?;
    Some(match (of, what) {
        // Nobody has the name; or a program is named to the bus for it, and does not start.
        ("org.freedesktop.DBus.Error", "ServiceUnknown" | "NameHasNoOwner" | "NoServer" | "Disconnected")
        | ("org.freedesktop.DBus.Error.Spawn", _) => KeyringError::Absent,
        ("org.freedesktop.DBus.Error", "AccessDenied" | "AuthFailed") => KeyringError::Denied,
        ("org.freedesktop.DBus.Error", "NoReply" | "Timeout" | "TimedOut") => KeyringError::TimedOut,
        ("org.freedesktop.Secret.Error", "IsLocked") => KeyringError::Locked,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_bus_are_told_apart_by_their_names() {
        for (name, expected) in [
            ("org.freedesktop.DBus.Error.ServiceUnknown", "there is no keyring"),
            ("org.freedesktop.DBus.Error.Spawn.ChildExited", "there is no keyring"),
            ("org.freedesktop.DBus.Error.AccessDenied", "the keyring refused"),
            ("org.freedesktop.DBus.Error.NoReply", "the keyring did not answer in time"),
            ("org.freedesktop.Secret.Error.IsLocked", "the keyring is locked"),
        ] {
            assert_eq!(named(name).map(|error| error.to_string()).as_deref(), Some(expected), "{name}");
        }
        assert!(named("org.freedesktop.DBus.Error.Failed").is_none());
        assert!(named("IsLocked").is_none());
    }

    #[test]
    fn a_dismissed_question_is_a_refusal() {
        assert!(matches!(reason(Error::Prompt), KeyringError::Denied));
        assert!(matches!(reason(Error::Locked), KeyringError::Locked));
        assert!(matches!(reason(Error::Crypto("message decryption failed")), KeyringError::Corrupt));
    }

    #[test]
    fn the_bus_is_where_the_environment_says() {
        let address = |variables: &[(&'static str, &str)]| {
            session_bus::address(&Environment::of("/home/me", variables.iter().map(|(name, value)| (*name, (*value).into()))))
        };
        let runtime = ("XDG_RUNTIME_DIR", "/run/user/1000");
        assert_eq!(address(&[]), None);
        assert_eq!(address(&[runtime]).as_deref(), Some("unix:path=/run/user/1000/bus"));
        let both = [runtime, ("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=session,guid=1;tcp:host=localhost")];
        assert_eq!(address(&both).as_deref(), Some("unix:abstract=session,guid=1"));
    }
}
