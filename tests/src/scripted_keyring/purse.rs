//! What the scripted keyring holds, and how it behaves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zbus::fdo;

use super::Manner;

/// A secret as it travels: encrypted by a client for the session key that all share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) parameters: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) content_type: String,
}

/// One item.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// The last part of its path.
    pub(super) number: u32,
    pub(super) label: String,
    pub(super) attributes: HashMap<String, String>,
    pub(super) secret: Sealed,
}

/// All items, and the manner.
#[derive(Default)]
pub(super) struct Purse {
    items: Mutex<Vec<Stored>>,
    manner: Mutex<Option<Manner>>,
    numbers: AtomicU32,
    calls: AtomicU32,
}

impl Purse {
    pub(super) fn behave(&self, manner: Manner) {
        *held(&self.manner) = Some(manner);
    }

    pub(super) fn manner(&self) -> Manner {
        held(&self.manner).unwrap_or(Manner::Honest)
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    pub(super) fn len(&self) -> usize {
        held(&self.items).len()
    }

    pub(super) fn empty(&self) {
        held(&self.items).clear();
    }

    /// What every call goes through: it is counted, and answered late, never, or with an error.
    pub(super) async fn meet(&self) -> fdo::Result<Manner> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let manner = self.manner();
        match manner {
            Manner::Slow(time) => tokio::time::sleep(time).await,
            Manner::Silent => std::future::pending::<()>().await,
            Manner::Failing => return Err(fdo::Error::Failed("the keyring is out of order".to_owned())),
            _ => {}
        }
        Ok(manner)
    }

    /// The numbers of the items with these attributes.
    pub(super) fn find(&self, wanted: &HashMap<String, String>) -> Vec<u32> {
        let fits = |item: &&Stored| wanted.iter().all(|(name, value)| item.attributes.get(name) == Some(value));
        held(&self.items).iter().filter(fits).map(|item| item.number).collect()
    }

    pub(super) fn get(&self, number: u32) -> Option<Stored> {
        held(&self.items).iter().find(|item| item.number == number).cloned()
    }

    /// Adds an item, or replaces the secret of the one with the same attributes; its number.
    pub(super) fn put(&self, label: String, attributes: HashMap<String, String>, secret: Sealed, replace: bool) -> u32 {
        let mut items = held(&self.items);
        if replace && let Some(item) = items.iter_mut().find(|item| item.attributes == attributes) {
            item.secret = secret;
            return item.number;
        }
        let number = self.number();
        items.push(Stored { number, label, attributes, secret });
        number
    }

    pub(super) fn set(&self, number: u32, secret: Sealed) {
        if let Some(item) = held(&self.items).iter_mut().find(|item| item.number == number) {
            item.secret = secret;
        }
    }

    pub(super) fn remove(&self, number: u32) {
        held(&self.items).retain(|item| item.number != number);
    }

    /// A number that was never given before.
    pub(super) fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::SeqCst) + 1
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
