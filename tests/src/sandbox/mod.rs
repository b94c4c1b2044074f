//! The sandbox provider: stands in for the upstream servers, on real sockets, under their default names.
//!
//! A client needs nothing but [`Sandbox::env`]: a proxy that ends TLS, and the certificate to trust.
//! Nothing is ever forwarded. The sandbox runs on threads of its own, so a test may block its own,
//! or pause its clock.

mod account;
mod answer;
mod approval;
mod authority;
mod backend;
mod browser;
mod clock;
mod control;
mod device;
mod endpoint;
mod front;
mod grants;
mod intake;
mod journal;
mod login;
mod mint;
mod oauth;
mod options;
mod quota;
mod reply;
mod script;
mod server;
mod socket;
mod steered;
mod stream;
mod turn;
mod world;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub use account::SandboxAccount;
pub use answer::{Answer, Step};
pub use authority::AuthorityError;
pub use browser::{Browser, BrowserError, Choice, Visit};
pub use endpoint::Endpoint;
pub use journal::{RequestRecord, Via};
pub use login::MintedLogin;
pub use options::{Reach, SandboxError, SandboxOptions};
pub use quota::{Quota, Window};
pub use script::{Behaviour, Canned, Script, ScriptId};
pub use steered::{CANCEL_WORD, SteeredBrowser};
pub use world::Counters;

use authority::Authority;
use control::Control;
use device::Decision;
use server::Server;
use world::{Rules, World};

use crate::own_port;

/// The client id of the Codex CLI (codex-auth.md 2.1).
pub const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
/// Who issues the tokens.
pub const ISSUER: &str = "https://auth.openai.com";

/// A running sandbox. Stops when dropped.
pub struct Sandbox {
    world: Arc<World>,
    reach: Reach,
    runtime: Option<Runtime>,
    gateway_port: u16,
    _folder: TempDir,
}

impl Sandbox {
    /// Starts a sandbox on free loopback ports.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let runtime = runtime()?;
        let opened = runtime.spawn(open(options)).await.map_err(|_| SandboxError::Stopped)??;
        Ok(Self::running(runtime, opened))
    }

    /// The same for a test without a runtime of its own.
    pub fn start_blocking(options: SandboxOptions) -> Result<Self, SandboxError> {
        let runtime = runtime()?;
        let opened = runtime.block_on(open(options))?;
        Ok(Self::running(runtime, opened))
    }

    fn running(runtime: Runtime, (world, reach, folder): Opened) -> Self {
        Self { world, reach, runtime: Some(runtime), gateway_port: own_port::next(), _folder: folder }
    }

    /// How to reach it.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The environment a client needs, see [`Reach::env`], and what keeps its gateway out of the way of other tests'.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = self.reach.env();
        env.push(("CODEX_LAB_GATEWAY_PORT", self.gateway_port.to_string()));
        env
    }

    /// Where a gateway of this sandbox's user is, unless it is told otherwise.
    pub fn gateway_port(&self) -> u16 {
        self.gateway_port
    }

    /// The PEM file with the certificate to trust.
    pub fn ca(&self) -> &Path {
        &self.reach.ca
    }

    /// The user's browser, for sign-in pages.
    pub fn browser(&self) -> Result<Browser, BrowserError> {
        Browser::new(&self.reach.proxy, &self.reach.ca)
    }

    /// All accounts, in the order of the picker.
    pub fn accounts(&self) -> Vec<SandboxAccount> {
        self.world.books().accounts().to_vec()
    }

    /// The account of this name.
    pub fn account(&self, name: &str) -> Result<SandboxAccount, SandboxError> {
        self.world.books().account(name).cloned().ok_or_else(|| unknown(name))
    }

    /// Adds an account, or replaces the one of the same name.
    pub fn put_account(&self, account: SandboxAccount) {
        self.world.books().put_account(account);
    }

    /// Changes an account: plan, quota, token lifetimes of tokens yet to come, ….
    pub fn edit_account(&self, name: &str, edit: impl FnOnce(&mut SandboxAccount)) -> Result<(), SandboxError> {
        let mut account = self.account(name)?;
        edit(&mut account);
        self.put_account(account);
        Ok(())
    }

    /// A fresh login of an account, without a browser.
    pub fn mint(&self, name: &str) -> Result<MintedLogin, SandboxError> {
        MintedLogin::new(&self.world, name).ok_or_else(|| unknown(name))
    }

    /// The `auth.json` of a fresh login.
    pub fn auth_json(&self, name: &str) -> Result<String, SandboxError> {
        Ok(self.mint(name)?.auth_json())
    }

    /// Would this refresh token be taken now?
    pub fn is_live(&self, refresh_token: &str) -> bool {
        self.world.books().grants.is_live(refresh_token, self.world.clock.unix())
    }

    /// Was this refresh token taken, and another one given for it?
    pub fn is_spent(&self, refresh_token: &str) -> bool {
        self.world.books().grants.is_spent(refresh_token)
    }

    /// Everything minted so far that must never be seen in a log: tokens, codes, keys.
    pub fn minted_secrets(&self) -> Vec<String> {
        self.world.books().mint.minted().to_vec()
    }

    /// Puts a script in force.
    pub fn script(&self, script: Script) -> ScriptId {
        self.world.books().scripts.add(script)
    }

    /// Takes a script back; `false` if it was used up already.
    pub fn unscript(&self, id: ScriptId) -> bool {
        self.world.books().scripts.remove(id)
    }

    /// Takes all scripts back.
    pub fn clear_scripts(&self) {
        self.world.books().scripts.clear();
    }

    /// Lets go of every request and turn that is held now.
    pub fn release(&self) {
        self.world.holds.release();
    }

    /// Waits until `count` requests are held at the same time.
    pub async fn wait_held(&self, count: usize, patience: Duration) -> Result<(), SandboxError> {
        self.within(patience, self.world.holds.reached(count)).await
    }

    /// Waits until exactly `count` answers and WebSockets are open: none of them is held by a client that is gone.
    pub async fn wait_open(&self, count: usize, patience: Duration) -> Result<(), SandboxError> {
        self.within(patience, self.world.open.wait(|now| now == count)).await
    }

    /// Approves a device code for an account.
    pub fn approve_device(&self, user_code: &str, name: &str) -> Result<(), SandboxError> {
        self.account(name)?;
        self.decide(user_code, Decision::Approved(name.to_owned()))
    }

    /// Refuses a device code.
    pub fn deny_device(&self, user_code: &str) -> Result<(), SandboxError> {
        self.decide(user_code, Decision::Denied)
    }

    /// Stops the servers' clock: from now on it says this.
    pub fn stop_clock_at(&self, at: Timestamp) {
        self.world.clock.stop_at(at);
    }

    /// Sets the servers' clock ahead of the machine's, or back.
    pub fn set_clock_ahead(&self, by: SignedDuration) {
        self.world.clock.set_ahead(by);
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.world.journal.since(0)
    }

    /// The requests with a number above `after`.
    pub fn requests_after(&self, after: u64) -> Vec<RequestRecord> {
        self.world.journal.since(after)
    }

    /// The first request that fits, seen already or still to come. It is looked at again when its
    /// status is known.
    pub async fn wait_for(&self, fits: impl Fn(&RequestRecord) -> bool, patience: Duration) -> Result<RequestRecord, SandboxError> {
        self.within(patience, self.world.journal.first(fits)).await
    }

    /// What happened so far, over all accounts.
    pub fn counters(&self) -> Counters {
        self.world.books().counters()
    }

    /// What happened so far with one account.
    pub fn counters_of(&self, name: &str) -> Counters {
        self.world.books().counters_of(name)
    }

    fn decide(&self, user_code: &str, decision: Decision) -> Result<(), SandboxError> {
        let known = self.world.books().devices.decide(user_code, decision);
        if known { Ok(()) } else { Err(SandboxError::UnknownCode) }
    }

    /// Waits on the sandbox's own clock: the caller's may be paused.
    async fn within<T>(&self, patience: Duration, event: impl Future<Output = T>) -> Result<T, SandboxError> {
        let runtime = self.runtime.as_ref().ok_or(SandboxError::Stopped)?;
        let timeout = {
            let _own_clock = runtime.enter();
            tokio::time::sleep(patience)
        };
        tokio::select! {
            happened = event => Ok(happened),
            () = timeout => Err(SandboxError::TimedOut { waited: patience, seen: self.last_requests() }),
        }
    }

    fn last_requests(&self) -> Vec<String> {
        let records = self.requests();
        let line = |record: &RequestRecord| {
            let account = record.account.as_deref().unwrap_or("nobody");
            let status = record.status.map_or_else(|| "open".to_owned(), |status| status.to_string());
            format!("{} {}{} ({account}) {status}", record.method, record.host, record.path)
        };
        records.iter().rev().take(12).rev().map(line).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        // A runtime may not be waited for on a thread that runs async code, so another one waits.
        let stopping = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(5)));
        let _ = stopping.join();
    }
}

type Opened = (Arc<World>, Reach, TempDir);

fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).thread_name("sandbox").enable_all().build()
}

async fn open(options: SandboxOptions) -> Result<Opened, SandboxError> {
    let rules =
        Rules { redirect_ports: options.redirect_ports, auto_approve: options.auto_approve, device_interval: options.device_interval };
    let world = Arc::new(World::new(options.accounts, rules)?);
    let authority = Authority::new()?;
    let folder = tempfile::Builder::new().prefix("codex-lab-sandbox-").tempdir()?;
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem())?;
    let (plain, proxy) = (server::listen(options.port).await?, server::listen(0).await?);
    let url = |address: SocketAddr| format!("http://{address}");
    let reach =
        Reach { url: url(plain.local_addr()?), proxy: url(proxy.local_addr()?), ca, control_key: world.books().mint.label("control_") };
    let control = Control { key: reach.control_key.clone(), world: world.clone() };
    let server = Arc::new(Server { world: world.clone(), authority, control });
    tokio::spawn(server.clone().serve_plain(plain));
    tokio::spawn(server.serve_proxy(proxy));
    Ok((world, reach, folder))
}

fn unknown(name: &str) -> SandboxError {
    SandboxError::UnknownAccount(name.into())
}
