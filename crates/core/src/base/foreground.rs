//! A program that has the terminal: it reads, writes and is interrupted as if it had been started alone.

use std::ffi::OsString;
use std::io;
use std::process::ExitStatus;

use tokio::process::Child;

/// Runs a program to its end, with our terminal and our environment. What would end us is left to it.
pub async fn run(program: &OsString, arguments: &[OsString], variables: &[(&str, &str)]) -> io::Result<ExitStatus> {
    let endings = platform::Endings::new()?;
    let child = tokio::process::Command::new(program).args(arguments).envs(variables.iter().copied()).spawn()?;
    endings.wait(child).await
}

/// The exit status that says how it ended, as a shell does.
pub fn status(ended: ExitStatus) -> u8 {
    let code = ended.code().or_else(|| platform::signal(ended).map(|signal| 128_i32.saturating_add(signal)));
    code.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}

#[cfg(unix)]
mod platform {
    use super::{Child, ExitStatus, io};
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::{Pid, Signal, kill_process};
    use tokio::signal::unix::{Signal as Signals, SignalKind, signal as signals};

    /// The signals that end a program.
    pub(super) struct Endings {
        /// The terminal sends these to the program, too.
        typed: [Signals; 2],
        /// These are passed on.
        asked: [(Signals, Signal); 2],
    }

    impl Endings {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self {
                typed: [signals(SignalKind::interrupt())?, signals(SignalKind::quit())?],
                asked: [(signals(SignalKind::terminate())?, Signal::TERM), (signals(SignalKind::hangup())?, Signal::HUP)],
            })
        }

        pub(super) async fn wait(self, mut child: Child) -> io::Result<ExitStatus> {
            let [mut interrupt, mut quit] = self.typed;
            let [(mut terminate, term), (mut hang_up, hup)] = self.asked;
            loop {
                let asked = tokio::select! {
                    ended = child.wait() => return ended,
                    _ = interrupt.recv() => continue,
                    _ = quit.recv() => continue,
                    _ = terminate.recv() => term,
                    _ = hang_up.recv() => hup,
                };
                let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
                // One that has just ended needs no signal.
                let _ = pid.map(|pid| kill_process(pid, asked));
            }
        }
    }

    pub(super) fn signal(ended: ExitStatus) -> Option<i32> {
        ended.signal()
    }
}

#[cfg(not(unix))]
mod platform {
    use super::{Child, ExitStatus, io};

    /// Ctrl-C goes to every program of a console.
    pub(super) struct Endings;

    impl Endings {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn wait(self, mut child: Child) -> io::Result<ExitStatus> {
            loop {
                tokio::select! {
                    ended = child.wait() => return ended,
                    typed = tokio::signal::ctrl_c() => typed?,
                }
            }
        }
    }

    pub(super) fn signal(_ended: ExitStatus) -> Option<i32> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_is_told_as_a_shell_tells_it() {
        for (script, expected) in [("exit 0", 0), ("exit 63", 63), ("kill -9 $$", 137), ("test \"$PLANTED\" = x", 0)] {
            let arguments = ["-c", script].map(OsString::from);
            let ended = run(&"/bin/sh".into(), &arguments, &[("PLANTED", "x")]).await.unwrap();
            assert_eq!(status(ended), expected, "{script}");
        }
        assert_eq!(run(&"/nowhere/at/all".into(), &[], &[]).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
