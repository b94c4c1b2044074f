//! Running a program of the user's so that it can do us no harm: in a process group of its own, which is killed as a whole, with
//! nothing of ours in its environment, and with bounds on its time and its output.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use super::ports::{Command, Finished, RunError};
use super::processes::{Kept, without_console};

/// Runs it to its end, or until its time is up.
pub(super) async fn run(command: Command, folder: &Path, input: Vec<u8>) -> Result<Finished, RunError> {
    let program = || command.program.clone();
    let start = |source| RunError::Start { program: program(), source };
    let mut starting = tokio::process::Command::new(&command.program);
    starting.args(&command.arguments).env_clear().envs(command.variables.iter().map(|(name, value)| (name, value))).current_dir(folder);
    starting.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    without_console(starting.as_std_mut());
    #[cfg(unix)]
    starting.process_group(0);
    let mut child = starting.spawn().map_err(start)?;
    let group = Group::of(&child);
    let (output, error) = (Kept::of(child.stdout.take()), Kept::of(child.stderr.take()));
    let stdin = child.stdin.take();
    let writing = async move {
        // A program that does not read, or has ended, misses nothing it wants.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(&input).await;
        }
        std::future::pending::<std::convert::Infallible>().await
    };
    let ended = tokio::select! {
        ended = child.wait() => ended.map_err(start)?,
        never = writing => match never {},
        () = tokio::time::sleep(command.timeout) => {
            group.kill();
            // Also waited for, so that no zombie stays; it cannot refuse.
            let _ = child.kill().await;
            return Err(RunError::Timeout { program: program() });
        }
    };
    // What it has left running on purpose may go on.
    group.leave();
    let (output, error) = tokio::join!(output.text(), error.text());
    Ok(Finished { success: ended.success(), output, error })
}

/// The program and all it has started, unless they left it. Killed when dropped.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &tokio::process::Child) -> Self {
        Self { leader: child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) }
    }

    #[cfg(unix)]
    fn kill(&self) {
        if let Some(leader) = self.leader {
            // Where it is gone already, that is as well.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }

    #[cfg(unix)]
    fn leave(mut self) {
        self.leader = None;
    }

    #[cfg(not(unix))]
    fn of(_child: &tokio::process::Child) -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    fn kill(&self) {}

    #[cfg(not(unix))]
    fn leave(self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::processes::lives;

    const LONG: Duration = Duration::from_secs(30);

    fn shell(script: &str, timeout: Duration) -> Command {
        let variables = vec![("WORD".into(), "hi".into())];
        Command { program: "/bin/sh".into(), arguments: vec!["-c".to_owned(), script.to_owned()], variables, timeout }
    }

    /// The number that a script has written to a file, once it is there and lives.
    async fn started(file: &Path) -> u32 {
        loop {
            if let Ok(pid) = std::fs::read_to_string(file).unwrap_or_default().trim().parse() {
                return pid;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn is_killed(pid: u32) {
        while lives(pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn it_has_what_it_is_given_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let finished = run(shell("cat; pwd; /usr/bin/env", LONG), folder.path(), b"{}\n".to_vec()).await.unwrap();
        let lines: Vec<_> = finished.output.lines().collect();
        assert_eq!(lines[..2], ["{}", folder.path().canonicalize().unwrap().to_str().unwrap()]);
        // The shell adds its own.
        let names: Vec<_> = lines[2..]
            .iter()
            .filter_map(|line| line.split('=').next())
            .filter(|name| !["PWD", "_", "SHLVL", "OLDPWD"].contains(name))
            .collect();
        assert_eq!(names, ["WORD"]);
    }

    #[tokio::test]
    async fn input_that_nobody_reads_keeps_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let finished = run(shell("exit 3", LONG), folder.path(), vec![b'x'; 1 << 20]).await.unwrap();
        assert!(!finished.success);
    }

    #[tokio::test]
    async fn when_its_time_is_up_all_it_has_started_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let command = shell("trap '' TERM; sleep 99 & echo $! > pid; wait", Duration::from_millis(300));
        let error = run(command, folder.path(), Vec::new()).await.unwrap_err();
        assert!(matches!(error, RunError::Timeout { .. }));
        is_killed(started(&file).await).await;
    }

    #[tokio::test]
    async fn nobody_waiting_any_more_ends_it_too() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let running = run(shell("sleep 99 & echo $! > pid; wait", LONG), folder.path(), Vec::new());
        let pid = tokio::select! {
            ended = running => panic!("{ended:?}"),
            pid = started(&file) => pid,
        };
        is_killed(pid).await;
    }

    #[tokio::test]
    async fn what_it_leaves_running_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let finished = run(shell("sleep 20 > /dev/null 2>&1 & echo $!", LONG), folder.path(), Vec::new()).await.unwrap();
        let daemon = finished.output.trim().parse().unwrap();
        assert!(finished.success && lives(daemon));
        assert!(run(shell(&format!("kill {daemon}"), LONG), folder.path(), Vec::new()).await.unwrap().success);
    }
}
