//! The quota books of all profiles: readings come in from wherever they are made, and what changed is kept.

mod ask;
mod history;
mod logs;
mod saving;
mod showing;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::{Engine, held};
use crate::model::profile::ProfileId;
use crate::model::quota::{Changed, Observation, Quota};
use crate::quota::tail::Tail;
use crate::store::rotation::LoginStamp;
pub use ask::Asked;
pub(super) use ask::next_ask;

/// What this process knows of quota. Other processes have their own; the state merges them.
#[derive(Debug)]
pub(super) struct Quotas {
    books: Mutex<BTreeMap<ProfileId, Arc<Quota>>>,
    /// When live traffic of a profile last told of its quota.
    traffic: Mutex<HashMap<ProfileId, Timestamp>>,
    saving: Mutex<saving::Saving>,
    writing: Mutex<()>,
    asking: Mutex<Asking>,
    tail: Mutex<Tail>,
    served: Mutex<logs::Served>,
    /// Something but the age of a number is new.
    news: Notify,
}

#[derive(Debug)]
struct Asking {
    /// When this process began to ask, or the machine last woke up.
    since: Timestamp,
    /// The logins that had no token to ask with, and when that was seen.
    tokenless: HashMap<ProfileId, (LoginStamp, Timestamp)>,
}

impl Quotas {
    /// The books as they were stored, and the logs of a Codex home from now on.
    pub(super) fn new(books: BTreeMap<ProfileId, Quota>, tail: Tail, now: Timestamp) -> Self {
        Self {
            books: Mutex::new(books.into_iter().map(|(id, book)| (id, Arc::new(book))).collect()),
            traffic: Mutex::default(),
            saving: Mutex::default(),
            writing: Mutex::default(),
            asking: Mutex::new(Asking { since: now, tokenless: HashMap::new() }),
            tail: Mutex::new(tail),
            served: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// A profile's book as it is now.
    pub(super) fn book(&self, id: &ProfileId) -> Arc<Quota> {
        held(&self.books).get(id).cloned().unwrap_or_default()
    }

    /// Takes what other processes of ours have stored since.
    fn take_later(&self, stored: BTreeMap<ProfileId, Quota>) {
        let mut books = held(&self.books);
        for (id, book) in stored {
            Arc::make_mut(books.entry(id).or_default()).take_later(&book);
        }
        self.news.notify_one();
    }
}

impl Engine {
    /// Takes a reading of a profile's quota into its book, and sees to it that what changed is saved. Cheap: it waits for no file.
    /// Must be called within a runtime.
    pub fn observe(&self, profile: &ProfileId, seen: &Observation) -> Changed {
        let quotas = &self.shared.quotas;
        if seen.source.is_live_traffic() {
            held(&quotas.traffic).insert(profile.clone(), seen.at);
        }
        let now = self.shared.ports.clock.now();
        let changed = {
            let mut books = held(&quotas.books);
            let book = Arc::make_mut(books.entry(profile.clone()).or_default());
            book.notice_clock(now);
            book.take(seen)
        };
        self.save_soon(profile, &changed, now);
        self.quota_changed(profile, seen, &changed);
        if changed.is_news() {
            quotas.news.notify_one();
        }
        changed
    }

    /// A profile's quota book as it is now.
    pub fn quota(&self, profile: &ProfileId) -> Arc<Quota> {
        self.shared.quotas.book(profile)
    }

    /// A session that a gateway of ours serves. Its log tells of whichever profile served it last, so the log is left alone: the
    /// gateway's own readings say it better. `session` is the header `session-id`.
    pub fn note_served_session(&self, session: &str) {
        held(&self.shared.quotas.served).add(session);
    }

    /// When this process began to ask, or the machine last woke up.
    pub(super) fn asks_since(&self) -> Timestamp {
        held(&self.shared.quotas.asking).since
    }

    /// When live traffic of a profile last told of its quota, as far as this process knows.
    pub(super) fn traffic_at(&self, profile: &ProfileId) -> Option<Timestamp> {
        held(&self.shared.quotas.traffic).get(profile).copied()
    }

    /// The machine woke up: whatever is due waits for the network.
    pub fn begin_to_ask(&self) {
        held(&self.shared.quotas.asking).since = self.shared.ports.clock.now();
    }
}
