//! What a process and its children take: memory, and time of the processor.

use std::fs;

use crate::measure::Outcome;

/// What is taken at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Footprint {
    /// Its share of memory, in KiB: PSS.
    pub(crate) memory_kib: u64,
    /// Seconds of the processor so far.
    pub(crate) busy: f64,
}

impl Footprint {
    pub(crate) fn of(pid: u32) -> Outcome<Self> {
        let mut sum = Self { memory_kib: memory(pid)?, busy: busy(pid)? };
        for child in fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?.split_whitespace() {
            let child = Self::of(child.parse()?)?;
            sum.memory_kib += child.memory_kib;
            sum.busy += child.busy;
        }
        Ok(sum)
    }
}

fn memory(pid: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("the system tells no memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// The time of its threads, which the system tells to the nanosecond; that of threads that have ended is not among it.
fn busy(pid: u32) -> Outcome<f64> {
    let mut nanos = 0_u64;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One that has just ended tells nothing.
        let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        nanos += text.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or_default();
    }
    #[expect(clippy::cast_precision_loss, reason = "hours fit exactly")]
    Ok(nanos as f64 / 1e9)
}
