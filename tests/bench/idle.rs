//! At rest: the real app in the background of a desktop of its own, five profiles, a provider that answers, and nobody who does
//! anything. What that takes, and what a window leaves behind once it was closed.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_tests::desktop::{App, Desktop};
use codex_lab_tests::offline;
use codex_lab_tests::sandbox::{Sandbox, SandboxAccount, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::gateway::footprint::Footprint;
use crate::machine::{load, today};
use crate::measure::{Outcome, say};
use crate::report::{Row, Section};

/// How long it is looked at, unless told otherwise.
pub(crate) const MINUTES: u32 = 60;
pub(crate) const PROFILES: usize = 5;
/// After the start, before anything is counted.
const SETTLES: Duration = Duration::from_secs(60);
/// Threads that end between two looks would take their wake-ups with them.
const LOOK_EVERY: Duration = Duration::from_secs(4);
/// How long the window stays open.
const OPEN: Duration = Duration::from_secs(10);
/// How long after that memory is looked at.
const CLOSED: Duration = Duration::from_secs(30);
/// In a second, of what the system counts the processor's time in.
const TICKS: f64 = 100.0;

/// What a process has taken so far.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    /// Seconds of the processor, of threads that have ended too.
    busy: f64,
    /// Written to the disk, in bytes.
    written: u64,
}

/// All of it.
struct Rest {
    hours: f64,
    busy: f64,
    wakeups: u64,
    written: u64,
    requests: usize,
    children: Vec<String>,
    before: u64,
    after: u64,
}

/// Looks at the app for so many minutes.
pub(crate) fn measure(minutes: u32) -> Outcome<Section> {
    say(&format!("at rest: {minutes} minutes"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    Ok(runtime.block_on(rest(minutes))?.section(minutes))
}

async fn rest(minutes: u32) -> Outcome<Rest> {
    let accounts = SandboxAccount::crowd(PROFILES);
    let sandbox = Sandbox::start(SandboxOptions { accounts, ..SandboxOptions::default() }).await?;
    let home = home(&sandbox).await?;
    let desktop = Desktop::start().await?;
    let env = || sandbox.env();
    let app = desktop.app(home.path(), env()).hidden().start().await?;
    app.tray().await?;
    wait(SETTLES).await;

    let (before, asked, lasts) = (taken(app.pid())?, sandbox.requests().len(), Duration::from_secs(u64::from(minutes) * 60));
    let mut wakeups = Wakeups::default();
    let looks = lasts.as_secs() / LOOK_EVERY.as_secs();
    for _ in 0..looks {
        wait(LOOK_EVERY).await;
        wakeups.look(app.pid());
    }
    let after = taken(app.pid())?;
    let (children, requests) = (app.processes(), sandbox.requests().len() - asked);
    let memory = Footprint::of(app.pid())?.memory_kib;
    // A second start shows the window of the first.
    desktop.app(home.path(), env()).run().await?;
    open_and_close(&app).await?;
    let left = Footprint::of(app.pid())?.memory_kib;
    Ok(Rest {
        hours: f64::from(minutes) / 60.0,
        busy: after.busy - before.busy,
        wakeups: wakeups.sum,
        written: after.written - before.written,
        requests,
        children,
        before: memory,
        after: left,
    })
}

async fn open_and_close(app: &App<'_>) -> Outcome<()> {
    app.wait_for_window().await?;
    wait(OPEN).await;
    app.close_window().await?;
    wait(CLOSED).await;
    Ok(())
}

/// A home with profiles, whose user has seen the first page.
pub(crate) async fn home(sandbox: &Sandbox) -> Outcome<TempDir> {
    let folder = tempfile::tempdir()?;
    let environment = || Environment::of(folder.path(), [("HOME", OsString::from(folder.path()))]);
    let profiles = Profiles::open(Home::open(&environment())?, &offline::ports(environment()));
    for account in sandbox.accounts().iter().take(PROFILES) {
        profiles.keep(&AuthDocument::parse(sandbox.auth_json(&account.name)?)?)?;
    }
    let engine = Engine::open(offline::ports(environment())).await?;
    engine.handle(Request::FinishFirstRun).await?;
    Ok(folder)
}

fn taken(pid: u32) -> Outcome<Taken> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program may hold anything; what follows does not.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
    let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
    let written = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).and_then(|bytes| bytes.parse().ok());
    Ok(Taken { busy: (ticks(11) + ticks(12)) / TICKS, written: written.ok_or("the system tells nothing of what was written")? })
}

/// How often threads gave the processor up by themselves, and so were woken.
#[derive(Default)]
struct Wakeups {
    threads: HashMap<OsString, u64>,
    sum: u64,
    has_looked: bool,
}

impl Wakeups {
    fn look(&mut self, pid: u32) {
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return };
        for thread in threads.flatten() {
            let text = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
            let count = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            let Some(count) = count.and_then(|count| count.trim().parse::<u64>().ok()) else { continue };
            let known = self.threads.insert(thread.file_name(), count);
            // What a thread did before the first look does not count; one that is new did all of it since.
            let since = known.unwrap_or(if self.has_looked { 0 } else { count });
            self.sum += count.saturating_sub(since);
        }
        self.has_looked = true;
    }
}

impl Rest {
    #[expect(clippy::cast_precision_loss, reason = "a few millions")]
    fn section(&self, minutes: u32) -> Section {
        let seconds = self.hours * 3600.0;
        let share = self.busy / seconds * 100.0;
        let (wakeups, written) = (self.wakeups as f64 / seconds, self.written as f64 / self.hours / 1024.0);
        let requests = self.requests as f64 / self.hours;
        let [before, after] = [self.before, self.after].map(|kib| kib as f64 / 1024.0);
        let row = |what: &str, wanted: &str, shown: String, figure: f64| Row {
            cells: vec![what.to_owned(), wanted.to_owned(), shown],
            figures: json!({ "what": what, "wanted": wanted, "figure": figure }),
        };
        let children = if self.children.is_empty() { "none".to_owned() } else { self.children.join(", ") };
        Section {
            key: "at_rest",
            title: "At rest".to_owned(),
            note: format!(
                "The app, built as `--release`, started with `--hidden` on a desktop of its own, {PROFILES} profiles, the sandbox provider behind \
                 it, usual settings; looked at for {minutes} minutes on {}, the first minute after the start aside; load of the machine \
                 at the end: {}. Memory is the proportional set size with all child processes.",
                today(),
                load(),
            ),
            columns: vec!["", "wanted", "seen"],
            rows: vec![
                row("processor", "under 0.1 % of a core", format!("{share:.3} %"), share),
                row("wake-ups", "", format!("{wakeups:.2} a second"), wakeups),
                row("child processes", "none", children, self.children.len() as f64),
                row("written to the disk", "under 1,024 KiB an hour", format!("{written:.0} KiB an hour"), written),
                row("requests", "", format!("{requests:.0} an hour"), requests),
                row("memory, before a window was ever opened", "under 60 MiB", format!("{before:.1} MiB"), before),
                row("memory, 30 s after one was closed, above that", "under 10 MiB", format!("{:.1} MiB", after - before), after - before),
            ],
        }
    }
}

/// Time passes.
async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
