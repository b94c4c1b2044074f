//! The machine that was measured on, and what was measured there.

use std::fs;
use std::process::Command;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::gateway::nginx::program;
use crate::measure::Outcome;

/// What figures depend on, apart from the code.
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_gib: u64,
    system: String,
    compiler: String,
    nginx: String,
    date: String,
    commit: String,
    load: String,
}

impl Machine {
    pub(crate) fn look() -> Outcome<Self> {
        let line = |path: &str, key: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let found = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':').map(|(_, value)| value.trim().to_owned()));
            found.unwrap_or_else(|| "unknown".to_owned())
        };
        let memory_kib: u64 = line("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or_default();
        let clean = said("git", &["status", "--porcelain", "--", "crates", "tests", "Cargo.toml", "Cargo.lock"]).is_empty();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Ok(Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: memory_kib.div_ceil(1 << 20),
            system: format!("Linux {}", kernel.split('-').next().unwrap_or_default().trim()),
            compiler: said("rustc", &["--version"]).split(' ').take(2).collect::<Vec<_>>().join(" "),
            nginx: said(program(), &["-v"]).trim_start_matches("nginx version: ").to_owned(),
            date: today(),
            commit: format!("{}{}", said("git", &["rev-parse", "--short", "HEAD"]), if clean { "" } else { ", with changes" }),
            load: load(),
        })
    }

    /// A paragraph for people.
    pub(crate) fn text(&self) -> String {
        let Self { processor, cores, memory_gib, system, compiler, nginx, date, commit, load } = self;
        format!(
            "`make bench` on {date}, commit {commit}. {processor}, {cores} cores, {memory_gib} GiB, {system}, {compiler}, {nginx}; load \
             of the machine over the last 1, 5 and 15 minutes at the end: {load}. Every figure is the median of the rounds named beside \
             it. The programs measured are built as `--release`."
        )
    }

    pub(crate) fn figures(&self) -> Value {
        let Self { processor, cores, memory_gib, system, compiler, nginx, date, commit, load } = self;
        json!({
            "processor": processor, "cores": cores, "memory_gib": memory_gib, "system": system, "compiler": compiler, "nginx": nginx,
            "date": date, "commit": commit, "load": load,
        })
    }
}

pub(crate) fn today() -> String {
    SystemClock.now().strftime("%Y-%m-%d").to_string()
}

/// Processes that wait for a processor: figures of a busy machine say little.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// What a program says; nothing where it cannot be asked.
fn said(program: &str, arguments: &[&str]) -> String {
    let said = Command::new(program).args(arguments).output().ok();
    let text = said.map(|said| [said.stdout, said.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}
