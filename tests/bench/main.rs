//! How long things take: choosing a profile, the everyday things with 1,000 profiles, the gateway beside nginx and beside another one,
//! how all of it grows, and how large the programs are. Judges nothing. `make bench` runs all of it and writes `bench/RESULTS.md` and `bench/results.json`.
//!
//! `cargo bench -p codex-lab-bench --bench speed -- --gateway` measures the gateway alone, `--everyday` and `--routing` the rest;
//! `--growth` measures from one profile to 10,000 and from one point of history to ten million, `--beside` another gateway; `--sizes`
//! looks at the programs and packages that are built;
//! `--desktop` measures what the user of the tray waits for, with the app and the window as they were built the same way;
//! `--glance` shows soon what a change to the gateway comes to; `--at-rest` looks at the idle app for an hour, or for as many minutes
//! as `--at-rest=10` says, and is no part of the rest, so that its table stays until it is measured again;
//! `--drop-caches` (as root, on Linux) the everyday things with files that come from the disk, too.

#[cfg(target_os = "linux")]
mod bundle;
mod crowd;
#[cfg(target_os = "linux")]
mod desktop;
mod everyday;
#[cfg(target_os = "linux")]
mod gateway;
#[cfg(target_os = "linux")]
mod growth;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod machine;
mod measure;
mod report;
mod routing;
#[cfg(target_os = "linux")]
mod sizes;

use std::env;

use measure::Outcome;
use report::Report;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    #[cfg(target_os = "linux")]
    if let [role, told @ ..] = arguments.as_slice()
        && let Some(ended) = gateway::roles::play(role, told)
    {
        return ended;
    }
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    #[cfg(target_os = "linux")]
    if has("--glance") {
        return gateway::glance();
    }
    let at_rest = arguments.iter().find_map(|argument| argument.strip_prefix("--at-rest"));
    let parts = ["--routing", "--everyday", "--gateway", "--desktop", "--growth", "--beside", "--sizes"];
    let wants_all = at_rest.is_none() && !parts.into_iter().any(has);
    let mut report = Report::default();
    #[cfg(target_os = "linux")]
    if wants_all || has("--gateway") {
        gateway::measure(&mut report)?;
    }
    #[cfg(target_os = "linux")]
    if wants_all || has("--beside") {
        gateway::beside::measure(&mut report)?;
    }
    if wants_all || has("--gateway") || has("--routing") {
        report.add(routing::choosing()?)?;
    }
    if wants_all || has("--everyday") {
        report.add(everyday::measure(has("--drop-caches"))?)?;
    }
    #[cfg(target_os = "linux")]
    if wants_all || has("--growth") {
        growth::measure(&mut report)?;
    }
    #[cfg(target_os = "linux")]
    if wants_all || has("--sizes") {
        report.add(sizes::look()?)?;
    }
    #[cfg(target_os = "linux")]
    if wants_all || has("--desktop") {
        report.add(desktop::measure()?)?;
    }
    #[cfg(target_os = "linux")]
    if let Some(minutes) = at_rest {
        let minutes = minutes.strip_prefix('=').map_or(Ok(idle::MINUTES), str::parse)?;
        report.add(idle::measure(minutes)?)?;
    }
    #[cfg(target_os = "linux")]
    if wants_all || at_rest.is_some() || ["--gateway", "--desktop", "--growth", "--beside", "--sizes"].into_iter().any(has) {
        report.write(&machine::Machine::look()?)?;
    }
    Ok(())
}
