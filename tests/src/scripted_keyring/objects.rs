//! The objects of the Secret Service API on the bus, as far as clients use them.

#![allow(clippy::used_underscore_binding, clippy::unused_self, reason = "zbus uses what these methods need not")]

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};
use zbus::{ObjectServer, fdo, interface};

use super::purse::{Purse, Sealed, Stored};
use super::{Manner, lies};
use crate::desktop::DesktopError;

const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const SESSION: &str = "/org/freedesktop/secrets/session/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";
/// An item of another program, which is always there.
const STRANGER: &str = "/org/freedesktop/secrets/collection/login/stranger";
const NOTHING: &str = "/";

/// A secret on the wire: `(oayays)`.
#[derive(Serialize, Deserialize, Type)]
struct Secret {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

impl Secret {
    fn of(sealed: Sealed) -> Self {
        let Sealed { parameters, value, content_type } = sealed;
        Self { session: path(SESSION), parameters, value, content_type }
    }

    fn sealed(self) -> Sealed {
        Sealed { parameters: self.parameters, value: self.value, content_type: self.content_type }
    }
}

/// Puts the keyring on a bus.
pub(super) async fn serve(address: &str, purse: &Arc<Purse>) -> Result<zbus::Connection, DesktopError> {
    let stranger = Stored { number: 0, label: "someone else's".to_owned(), attributes: HashMap::new(), secret: Sealed::default() };
    let builder = zbus::connection::Builder::address(address)?
        .serve_at(ROOT, Root(purse.clone()))?
        .serve_at(COLLECTION, Collection(purse.clone()))?
        .serve_at("/org/freedesktop/secrets/aliases/default", Collection(purse.clone()))?
        .serve_at(SESSION, Session)?
        .serve_at(PROMPT, Prompt(purse.clone()))?
        .serve_at(STRANGER, Item { purse: purse.clone(), number: 0, stranger: Some(stranger) })?;
    Ok(builder.name("org.freedesktop.secrets")?.build().await?)
}

struct Root(Arc<Purse>);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Root {
    async fn open_session(&self, algorithm: &str, _input: Value<'_>) -> fdo::Result<(OwnedValue, OwnedObjectPath)> {
        self.0.meet().await?;
        let output = if algorithm == "plain" { Value::from("") } else { Value::from(vec![1_u8]) };
        Ok((output.try_to_owned().map_err(|error| fdo::Error::Failed(error.to_string()))?, path(SESSION)))
    }

    async fn search_items(&self, attributes: HashMap<String, String>) -> fdo::Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)> {
        let manner = self.0.meet().await?;
        let found = found(&self.0, manner, &attributes);
        Ok(if is_locked(manner) { (Vec::new(), found) } else { (found, Vec::new()) })
    }

    async fn unlock(&self, objects: Vec<OwnedObjectPath>) -> fdo::Result<(Vec<OwnedObjectPath>, OwnedObjectPath)> {
        let manner = self.0.meet().await?;
        Ok(if is_locked(manner) { (Vec::new(), path(PROMPT)) } else { (objects, path(NOTHING)) })
    }

    async fn lock(&self, objects: Vec<OwnedObjectPath>) -> fdo::Result<(Vec<OwnedObjectPath>, OwnedObjectPath)> {
        self.0.meet().await?;
        Ok((objects, path(NOTHING)))
    }

    async fn get_secrets(&self, items: Vec<OwnedObjectPath>, _session: ObjectPath<'_>) -> fdo::Result<HashMap<OwnedObjectPath, Secret>> {
        let manner = self.0.meet().await?;
        let secret = |item: OwnedObjectPath| {
            let stored = self.0.get(number_of(&item)?)?;
            Some((item, Secret::of(lies::told(manner, stored.secret))))
        };
        Ok(items.into_iter().filter_map(secret).collect())
    }

    async fn read_alias(&self, _name: &str) -> fdo::Result<OwnedObjectPath> {
        self.0.meet().await?;
        Ok(path(COLLECTION))
    }

    #[zbus(property)]
    async fn collections(&self) -> fdo::Result<Vec<OwnedObjectPath>> {
        self.0.meet().await?;
        Ok(vec![path(COLLECTION)])
    }
}

struct Collection(Arc<Purse>);

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    async fn search_items(&self, attributes: HashMap<String, String>) -> fdo::Result<Vec<OwnedObjectPath>> {
        let manner = self.0.meet().await?;
        Ok(found(&self.0, manner, &attributes))
    }

    async fn create_item(
        &self,
        properties: HashMap<String, OwnedValue>,
        secret: Secret,
        replace: bool,
        #[zbus(object_server)] server: &ObjectServer,
    ) -> fdo::Result<(OwnedObjectPath, OwnedObjectPath)> {
        let manner = self.0.meet().await?;
        if is_locked(manner) {
            return Ok((path(NOTHING), path(PROMPT)));
        }
        let property = |name: &str| properties.get(&format!("org.freedesktop.Secret.Item.{name}")).and_then(|value| value.try_clone().ok());
        let label = property("Label").and_then(|value| String::try_from(value).ok()).unwrap_or_default();
        let attributes = property("Attributes").and_then(|value| HashMap::<String, String>::try_from(value).ok()).unwrap_or_default();
        let number = match manner {
            Manner::Forgetful => self.0.number(),
            _ => self.0.put(label, attributes, secret.sealed(), replace),
        };
        let place = item(number);
        server.at(&place, Item { purse: self.0.clone(), number, stranger: None }).await?;
        Ok((place, path(NOTHING)))
    }

    #[zbus(property)]
    async fn items(&self) -> fdo::Result<Vec<OwnedObjectPath>> {
        let manner = self.0.meet().await?;
        Ok(found(&self.0, manner, &HashMap::new()))
    }

    #[zbus(property)]
    async fn label(&self) -> fdo::Result<String> {
        self.0.meet().await?;
        Ok("Login".to_owned())
    }

    #[zbus(property)]
    async fn locked(&self) -> fdo::Result<bool> {
        Ok(is_locked(self.0.meet().await?))
    }
}

struct Item {
    purse: Arc<Purse>,
    number: u32,
    stranger: Option<Stored>,
}

impl Item {
    fn stored(&self) -> fdo::Result<Stored> {
        let gone = || fdo::Error::UnknownObject("there is no such item".to_owned());
        self.stranger.clone().or_else(|| self.purse.get(self.number)).ok_or_else(gone)
    }
}

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    async fn delete(&self) -> fdo::Result<OwnedObjectPath> {
        if self.purse.meet().await? != Manner::Forgetful {
            self.purse.remove(self.number);
        }
        Ok(path(NOTHING))
    }

    async fn get_secret(&self, _session: ObjectPath<'_>) -> fdo::Result<(Secret,)> {
        let manner = self.purse.meet().await?;
        if is_locked(manner) {
            return Err(fdo::Error::AccessDenied("the item is locked".to_owned()));
        }
        Ok((Secret::of(lies::told(manner, self.stored()?.secret)),))
    }

    async fn set_secret(&self, secret: Secret) -> fdo::Result<()> {
        if self.purse.meet().await? != Manner::Forgetful {
            self.purse.set(self.number, secret.sealed());
        }
        Ok(())
    }

    #[zbus(property)]
    async fn locked(&self) -> fdo::Result<bool> {
        Ok(is_locked(self.purse.meet().await?))
    }

    #[zbus(property)]
    async fn label(&self) -> fdo::Result<String> {
        self.purse.meet().await?;
        Ok(self.stored()?.label)
    }

    #[zbus(property)]
    async fn attributes(&self) -> fdo::Result<HashMap<String, String>> {
        self.purse.meet().await?;
        Ok(self.stored()?.attributes)
    }
}

struct Session;

#[interface(name = "org.freedesktop.Secret.Session")]
impl Session {
    fn close(&self) {}
}

struct Prompt(Arc<Purse>);

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(&self, _window: &str, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) -> fdo::Result<()> {
        match self.0.meet().await? {
            Manner::Dismissed => Self::completed(&emitter, true, Value::from("")).await?,
            Manner::FalselyUnlocked => Self::completed(&emitter, false, Value::from("")).await?,
            // The dialog stands on the screen, and nobody is there.
            _ => {}
        }
        Ok(())
    }

    async fn dismiss(&self) -> fdo::Result<()> {
        self.0.meet().await.map(drop)
    }

    #[zbus(signal)]
    async fn completed(emitter: &SignalEmitter<'_>, dismissed: bool, result: Value<'_>) -> zbus::Result<()>;
}

fn is_locked(manner: Manner) -> bool {
    matches!(manner, Manner::Locked | Manner::Dismissed | Manner::FalselyUnlocked)
}

/// What a search finds, or says that it finds.
fn found(purse: &Purse, manner: Manner, attributes: &HashMap<String, String>) -> Vec<OwnedObjectPath> {
    let found: Vec<_> = purse.find(attributes).into_iter().map(item).collect();
    match manner {
        Manner::Amnesiac => Vec::new(),
        Manner::WrongItem => vec![path(STRANGER)],
        Manner::Twice => found.into_iter().flat_map(|place| [place, path(STRANGER)]).collect(),
        _ => found,
    }
}

fn item(number: u32) -> OwnedObjectPath {
    path(&format!("{COLLECTION}/{number}"))
}

fn number_of(item: &OwnedObjectPath) -> Option<u32> {
    item.as_str().rsplit('/').next()?.parse().ok()
}

/// A path that is one: all are made here.
fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text).unwrap_or_default()
}
