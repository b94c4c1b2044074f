//! How much of a process's memory the system may write to the disk when it crashes.

use std::fs;

/// Whether a process that runs has no room for a core dump, and hands none to another program either: by core(5), a limit of one byte.
/// One whose hard limit is none at all cannot have that.
///
/// # Panics
///
/// If there is no such process.
#[expect(clippy::expect_used, reason = "a test that cannot go on fails")]
pub fn are_forbidden(pid: u32) -> bool {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("the process runs");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("the system tells");
    let limits: Vec<_> = line.split_whitespace().take(2).collect();
    matches!(limits[..], ["1", _] | [_, "0"])
}
