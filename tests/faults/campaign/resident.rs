//! The process that stays: `codex-lab serve`, through all rounds, and what it takes of the system.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdout, Stdio};

use codex_lab_tests::shim::{Knob, Panel};
use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, assert_says_nothing_secret};

/// So many more descriptors than after its first rounds are connections to the provider that may still serve.
const MORE_OPEN: usize = 24;
/// The same of memory, in KiB: what an allocator keeps, pages of the database, and decisions that are kept for the user.
const MORE_MEMORY: u64 = 24 << 10;
/// So many rounds it is let warm up.
const WARM_UP: u32 = 3;

/// It, while it runs. Killed when dropped.
pub(super) struct Resident {
    child: Child,
    _notes: BufReader<ChildStdout>,
    pub(super) panel: Panel,
    pub(super) address: String,
    errors: std::path::PathBuf,
    lived: u32,
    first: Footprint,
    pub(super) most: Footprint,
}

/// What a process takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Footprint {
    pub(super) open: usize,
    pub(super) memory_kib: u64,
}

impl Resident {
    /// Starts it, and waits until it serves.
    pub(super) fn start(place: &Place, ahead: i64) -> Self {
        let panel = Panel::new(place.path("server.panel")).unwrap();
        panel.turn(Knob::AheadMs, ahead * 1000).unwrap();
        let errors = place.path("server.log");
        let mut command = place.command("codex-lab");
        command.args(["serve", "--verbose"]).envs(panel.env().unwrap()).env("FAULT_UNDER", place.home());
        let log = File::options().append(true).create(true).open(&errors).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut notes = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        notes.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("serving on ").map(str::to_owned);
        let address = address.unwrap_or_else(|| panic!("it does not serve: {}", fs::read_to_string(&errors).unwrap_or_default()));
        let first = Footprint::default();
        Self { child, _notes: notes, panel, address, errors, lived: 0, first, most: first }
    }

    pub(super) fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it, and waits until it is gone.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.signal(), Some(9), "it ended by itself: {ended}");
    }

    /// After a round: it is there, it has told nothing that is secret, and it takes no more than it did.
    pub(super) fn check(&mut self, findings: &mut Vec<String>) {
        if let Some(ended) = self.child.try_wait().unwrap() {
            findings.push(format!("the server ended by itself: {ended}"));
            return;
        }
        assert_says_nothing_secret(&fs::read_to_string(&self.errors).unwrap());
        let now = Footprint::of(self.child.id());
        self.lived += 1;
        self.most = Footprint { open: self.most.open.max(now.open), memory_kib: self.most.memory_kib.max(now.memory_kib) };
        if self.lived <= WARM_UP {
            self.first = Footprint { open: self.first.open.max(now.open), memory_kib: self.first.memory_kib.max(now.memory_kib) };
        } else if now.open > self.first.open + MORE_OPEN || now.memory_kib > self.first.memory_kib + MORE_MEMORY {
            let (rounds, first, open) = (self.lived, self.first, what_is_open(self.child.id()));
            findings.push(format!("the server grows: after {rounds} rounds {now:?}, after {WARM_UP} {first:?}; open: {open:?}"));
        }
    }
}

impl Footprint {
    fn of(pid: u32) -> Self {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:")).unwrap();
        let memory_kib = line.trim().trim_end_matches(" kB").parse().unwrap();
        Self { open: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count(), memory_kib }
    }
}

/// How many descriptors lead to what: files by name, sockets and the like by kind.
fn what_is_open(pid: u32) -> BTreeMap<String, usize> {
    let mut open = BTreeMap::new();
    for descriptor in fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten() {
        let target = fs::read_link(descriptor.path()).unwrap_or_default();
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        *open.entry(name.split(':').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    open
}

impl Drop for Resident {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
