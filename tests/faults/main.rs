//! What must not lose a login: many askers at once, SIGKILL at every step, a disk that fails at every write, a keyring that lies.
//!
//! In the normal run each of these is tried some times; `make faults` tries all of them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "figures are to be seen")]

mod asker;
mod campaign;
mod clocks;
mod codex;
mod fault;
mod keyring;
mod kills;
mod lost;
mod move_writes;
mod moves;
mod place;
mod storm;
mod unsaved;
mod vault;
mod versions;
mod weeks;
mod writes;
