//! The processes beside the one that measures: each is this very program in another role. It says on standard output where it is
//! reached, and ends with its standard input.

use std::env;
use std::io::{Read as _, Write as _, stdin, stdout};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::{Deserialize, Serialize};

use super::{bare, house, provider};
use crate::measure::Outcome;

/// Codex Lab's gateway.
pub(super) const GATEWAY: &str = "gateway";
/// The same, without a decision.
pub(super) const BARE: &str = "bare";
/// What is behind it.
pub(super) const PROVIDER: &str = "provider";

/// Where a process is reached.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Reached {
    pub(super) port: u16,
    /// Opens the gateway.
    pub(super) key: String,
}

/// A process in a role. It ends when this is dropped.
pub(super) struct Player {
    pub(super) reached: Reached,
    child: Child,
    input: Option<ChildStdin>,
}

/// Plays a role to its end, if it is one.
pub(crate) fn play(role: &str, told: &[String]) -> Option<Outcome<()>> {
    match role {
        GATEWAY => Some(house::play(told)),
        BARE => Some(bare::play(told)),
        PROVIDER => Some(provider::play()),
        _ => None,
    }
}

impl Player {
    pub(super) fn start(role: &str, told: &[&str]) -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(role).args(told).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let input = child.stdin.take();
        let mut output = child.stdout.take().ok_or("a process without output")?;
        let mut line = Vec::new();
        let mut byte = [0];
        while output.read(&mut byte)? == 1 && byte != *b"\n" {
            line.extend(byte);
        }
        let reached = serde_json::from_slice(&line).map_err(|_| format!("the {role} did not start"))?;
        Ok(Self { reached, child, input })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        drop(self.input.take());
        // It may have ended already.
        let _ = self.child.wait();
    }
}

/// Says where this process is reached.
pub(super) fn ready(reached: &Reached) -> Outcome<()> {
    let mut out = stdout().lock();
    writeln!(out, "{}", serde_json::to_string(reached)?)?;
    Ok(out.flush()?)
}

/// Ends the process with its input, whatever still runs in it.
pub(super) fn end_with_input() {
    std::thread::spawn(|| {
        let _ = stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
