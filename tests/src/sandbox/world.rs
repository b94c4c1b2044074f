//! The state of one sandbox, shared by all its connections.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use super::account::SandboxAccount;
use super::clock::ServerClock;
use super::device::Devices;
use super::grants::{Grants, Tokens};
use super::journal::Journal;
use super::mint::Mint;
use super::options::SandboxError;
use super::script::Scripts;

/// What happened so far, of one account or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Logins granted: codes redeemed, devices approved and collected, logins minted for a test.
    pub sign_ins: u64,
    /// Refresh tokens spent for new ones.
    pub refreshes: u64,
    /// Spent refresh tokens that were sent again.
    pub replays: u64,
    /// Families that a replay revoked.
    pub families_revoked: u64,
    /// Families revoked on request.
    pub revokes: u64,
    /// Turns answered.
    pub turns: u64,
}

/// Who sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) proof: Proof,
}

/// What a caller shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    AccessToken { expires: i64 },
    ApiKey,
}

/// Everything that changes.
pub(crate) struct Books {
    pub(crate) grants: Grants,
    pub(crate) devices: Devices,
    pub(crate) scripts: Scripts,
    pub(crate) mint: Mint,
    accounts: Vec<SandboxAccount>,
    index: HashMap<String, usize>,
    keys: HashMap<String, String>,
    counters: HashMap<String, Counters>,
}

/// What stays as it was at the start.
pub(crate) struct Rules {
    /// Loopback ports a redirect may name; `None` = any.
    pub(crate) redirect_ports: Option<Vec<u16>>,
    /// The account that signs in by itself, without a picker.
    pub(crate) auto_approve: Option<String>,
    /// Seconds between two polls of a device.
    pub(crate) device_interval: u32,
}

/// One sandbox.
pub(crate) struct World {
    pub(crate) journal: Journal,
    pub(crate) holds: Holds,
    /// Streams and WebSockets that are open.
    pub(crate) open: Places,
    pub(crate) rules: Rules,
    pub(crate) clock: ServerClock,
    books: Mutex<Books>,
}

impl World {
    pub(crate) fn new(accounts: Vec<SandboxAccount>, rules: Rules) -> Result<Self, SandboxError> {
        let mut books = Books {
            grants: Grants::default(),
            devices: Devices::default(),
            scripts: Scripts::default(),
            mint: Mint::new().map_err(SandboxError::Entropy)?,
            accounts: Vec::new(),
            index: HashMap::new(),
            keys: HashMap::new(),
            counters: HashMap::new(),
        };
        for account in accounts {
            books.put_account(account);
        }
        Ok(Self {
            journal: Journal::new(),
            holds: Holds::new(),
            open: Places::default(),
            rules,
            clock: ServerClock::default(),
            books: Mutex::new(books),
        })
    }

    /// The state, locked. Never held over an await.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    pub(crate) fn accounts(&self) -> &[SandboxAccount] {
        &self.accounts
    }

    pub(crate) fn account(&self, name: &str) -> Option<&SandboxAccount> {
        self.index.get(name).map(|place| &self.accounts[*place])
    }

    /// Adds an account, or replaces the one of the same name; its tokens stay valid.
    pub(crate) fn put_account(&mut self, mut account: SandboxAccount) {
        if account.api_key.is_empty() {
            account.api_key = self.mint.secret("sk-proj-");
        } else if !self.keys.contains_key(&account.api_key) {
            self.mint.keep(&account.api_key);
        }
        self.keys.insert(account.api_key.clone(), account.name.clone());
        if let Some(place) = self.index.get(&account.name) {
            self.accounts[*place] = account;
        } else {
            self.index.insert(account.name.clone(), self.accounts.len());
            self.accounts.push(account);
        }
    }

    /// The account with its windows brought up to `now`, for changes.
    pub(crate) fn settled(&mut self, name: &str, now: i64) -> Option<&mut SandboxAccount> {
        let place = *self.index.get(name)?;
        let account = &mut self.accounts[place];
        account.quota.settle(now);
        Some(account)
    }

    /// A new login of an account.
    pub(crate) fn sign_in(&mut self, name: &str, now: i64) -> Option<Tokens> {
        let account = self.account(name)?.clone();
        self.count(name, |counters| counters.sign_ins += 1);
        Some(self.grants.sign_in(&mut self.mint, &account, now))
    }

    pub(crate) fn caller(&self, bearer: &str) -> Option<Caller> {
        if let Some(login) = self.grants.bearer(bearer) {
            let proof = Proof::AccessToken { expires: login.expires };
            return Some(Caller { account: login.account.clone(), proof });
        }
        self.keys.get(bearer).map(|name| Caller { account: name.clone(), proof: Proof::ApiKey })
    }

    pub(crate) fn count(&mut self, account: &str, note: impl FnOnce(&mut Counters)) {
        note(self.counters.entry(account.to_owned()).or_default());
    }

    pub(crate) fn counters_of(&self, account: &str) -> Counters {
        self.counters.get(account).copied().unwrap_or_default()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters.values().fold(Counters::default(), |sum, one| Counters {
            sign_ins: sum.sign_ins + one.sign_ins,
            refreshes: sum.refreshes + one.refreshes,
            replays: sum.replays + one.replays,
            families_revoked: sum.families_revoked + one.families_revoked,
            revokes: sum.revokes + one.revokes,
            turns: sum.turns + one.turns,
        })
    }
}

/// Requests that wait to be released.
pub(crate) struct Holds {
    releases: watch::Sender<u64>,
    held: Places,
}

impl Holds {
    fn new() -> Self {
        Self { releases: watch::Sender::new(0), held: Places::default() }
    }

    /// Waits for the next release. A release before the call does not count.
    pub(crate) async fn wait(&self) {
        let mut releases = self.releases.subscribe();
        let _place = self.held.take();
        // An error means that the sandbox is gone, and the connection with it.
        let _ = releases.changed().await;
    }

    /// Lets go everything that waits now.
    pub(crate) fn release(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    /// Waits until at least `count` requests are held.
    pub(crate) async fn reached(&self, count: usize) {
        self.held.wait(|now| now >= count).await;
    }
}

/// How many there are of something.
#[derive(Clone, Default)]
pub(crate) struct Places(watch::Sender<usize>);

impl Places {
    /// One more, until it is dropped.
    pub(crate) fn take(&self) -> Place {
        self.0.send_modify(|count| *count += 1);
        Place(self.clone())
    }

    /// Waits until there are as many as it takes.
    pub(crate) async fn wait(&self, are_enough: impl Fn(usize) -> bool) {
        let mut now = self.0.subscribe();
        let _ = now.wait_for(|now| are_enough(*now)).await;
    }
}

/// One of them.
pub(crate) struct Place(Places);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
