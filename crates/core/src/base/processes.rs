//! Processes of this machine: who runs, and running a program to its end.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sysinfo::{ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};
use tokio::io::{AsyncRead, AsyncReadExt as _};

#[cfg(target_os = "linux")]
use super::clock::{Clock as _, SystemClock};
use super::ports::{Command, Finished, Process, Processes, RunError};
use super::{apart, files};

/// Of a program's output, this much is kept.
const OUTPUT_LIMIT: usize = 64 << 10;
/// To read what is in the pipes after a program's end.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// The system's processes.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemProcesses;

#[async_trait]
impl Processes for SystemProcesses {
    fn list(&self) -> Vec<Process> {
        // Of all of them as little as possible: this is looked at twice a minute, and threads are not asked for.
        let mut system = unlooked();
        let little = ProcessRefreshKind::nothing().without_tasks().with_cmd(UpdateKind::Always);
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, little);
        let own = sysinfo::get_current_pid().ok();
        let suspects: Vec<_> = system.processes().values().filter(|process| may_be_codex(process)).map(sysinfo::Process::pid).collect();
        let looked_at: Vec<_> = suspects.iter().copied().chain(own).collect();
        let much = ProcessRefreshKind::nothing()
            .without_tasks()
            .with_cmd(UpdateKind::Always)
            .with_exe(UpdateKind::Always)
            .with_cwd(UpdateKind::Always)
            .with_user(UpdateKind::Always)
            .with_environ(UpdateKind::Always);
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&looked_at), false, much);
        let user = own.and_then(|own| system.process(own)?.user_id().cloned());
        let ours =
            |process: &&sysinfo::Process| process.thread_kind().is_none() && process.user_id() == user.as_ref() && !is_ending(process);
        suspects.iter().filter_map(|pid| system.process(*pid)).filter(ours).map(describe).collect()
    }

    async fn run(&self, command: Command) -> Result<Finished, RunError> {
        let program = || command.program.clone();
        let mut starting = tokio::process::Command::new(&command.program);
        starting.args(&command.arguments).envs(command.variables.iter().map(|(name, value)| (name, value)));
        starting.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        without_console(starting.as_std_mut());
        let mut child = starting.spawn().map_err(|source| RunError::Start { program: program(), source })?;
        let output = Kept::of(child.stdout.take());
        let error = Kept::of(child.stderr.take());
        let Ok(ended) = tokio::time::timeout(command.timeout, child.wait()).await else {
            // Also waited for, so that no zombie stays; it cannot refuse.
            let _ = child.kill().await;
            return Err(RunError::Timeout { program: program() });
        };
        let success = ended.map_err(|source| RunError::Start { program: program(), source })?.success();
        let (output, error) = tokio::join!(output.text(), error.text());
        Ok(Finished { success, output, error })
    }

    async fn run_apart(&self, command: Command, folder: PathBuf, input: Vec<u8>) -> Result<Finished, RunError> {
        apart::run(command, &folder, input).await
    }
}

/// Has a program started without a console window, which Windows would open for it where we have none (`CREATE_NO_WINDOW`).
#[cfg_attr(not(windows), expect(unused_variables, reason = "Windows alone has such windows"))]
pub(super) fn without_console(command: &mut std::process::Command) {
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(command, 0x0800_0000);
}

/// The user this process is of, as the system numbers users.
#[cfg(any(windows, test))]
pub(super) fn own_user() -> Option<String> {
    let own = sysinfo::get_current_pid().ok()?;
    let mut system = unlooked();
    let owner = ProcessRefreshKind::nothing().without_tasks().with_user(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, owner);
    Some(system.process(own)?.user_id()?.to_string())
}

/// Whether a process has this very file open, links resolved, where the system tells. The file's number would be its own on one disk alone.
pub fn has_open(pid: u32, path: &Path) -> bool {
    let folder = PathBuf::from(format!("/proc/{pid}/fd"));
    let names = files::names(&folder).unwrap_or_default();
    names.iter().any(|name| files::link_target(&folder.join(name)).is_ok_and(|open| open == path))
}

/// Whether a process of this number lives.
pub fn lives(pid: u32) -> bool {
    let pid = sysinfo::Pid::from_u32(pid);
    let mut system = unlooked();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, ProcessRefreshKind::nothing());
    system.process(pid).is_some_and(|process| !has_ended(process))
}

/// Asks a process to end in its own time; whether it could be asked. One that is gone already has ended.
pub fn ask_to_end(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
        matches!(kill_process(pid, Signal::TERM), Ok(()) | Err(rustix::io::Errno::SRCH))
    }
    #[cfg(not(unix))]
    {
        !lives(pid)
    }
}

/// The first part of what a program writes; the rest is read and dropped, so that it never waits for us.
pub(super) struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: tokio::task::JoinHandle<()>,
}

impl Kept {
    pub(super) fn of(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = bytes.clone();
        let reader = tokio::spawn(async move {
            let Some(mut pipe) = pipe else { return };
            let mut chunk = vec![0; 8 << 10];
            while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = OUTPUT_LIMIT - kept.len();
                kept.extend_from_slice(&chunk[..length.min(room)]);
            }
        });
        Self { bytes, reader }
    }

    /// Call when the program has ended. What it wrote is in the pipe by then; a daemon it started may keep the pipe open for good.
    pub(super) async fn text(mut self) -> String {
        if tokio::time::timeout(LAST_WORDS, &mut self.reader).await.is_err() {
            self.reader.abort();
        }
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// The system before a look. By itself the library keeps a file open for each process until the look is over: thousands on a large machine.
fn unlooked() -> System {
    sysinfo::set_open_files_limit(0);
    System::new()
}

/// Whether a process is in the system's list only until its parent asks how it ended.
fn has_ended(process: &sysinfo::Process) -> bool {
    process.status() == ProcessStatus::Zombie
}

/// Whether a process uses no login any more: it tells nothing of itself, as one that hides its environment does, but has its reason.
/// On Linux one that ends gives its memory back first, and its words with it.
fn is_ending(process: &sysinfo::Process) -> bool {
    has_ended(process) || (cfg!(target_os = "linux") && process.cmd().is_empty())
}

fn may_be_codex(process: &sysinfo::Process) -> bool {
    let first = process.cmd().iter().take(2).map(|word| word.to_string_lossy().to_lowercase());
    first.chain([process.name().to_string_lossy().to_lowercase()]).any(|word| word.contains("codex"))
}

fn describe(process: &sysinfo::Process) -> Process {
    let variable = |name: &str| {
        let prefix = format!("{name}=");
        process
            .environ()
            .iter()
            .find_map(|entry| entry.to_str()?.strip_prefix(&prefix).filter(|value| !value.is_empty()).map(PathBuf::from))
    };
    Process {
        pid: process.pid().as_u32(),
        parent: process.parent().map(sysinfo::Pid::as_u32),
        program: process.exe().map(PathBuf::from),
        arguments: process.cmd().iter().map(|word| word.to_string_lossy().into_owned()).collect(),
        codex_home: variable("CODEX_HOME"),
        home: variable("HOME"),
        folder: process.cwd().map(PathBuf::from),
        started_at: started_at(process),
    }
}

/// The system's list tells a start to the second, rounded down, and its idea of when the machine started may be a second off.
/// That would show a daemon that was restarted right after a switch as older than the switch.
fn started_at(process: &sysinfo::Process) -> Timestamp {
    let end_of_second = || Timestamp::new(process.start_time().cast_signed(), 999_999_999).unwrap_or_default();
    started_to_the_tick(process.pid().as_u32()).unwrap_or_else(end_of_second)
}

/// Linux counts in ticks of 10 ms since the machine started (proc(5), `USER_HZ`).
#[cfg(target_os = "linux")]
fn started_to_the_tick(pid: u32) -> Option<Timestamp> {
    let text = |path: String| files::read_text(Path::new(&path), 4 << 10).ok()?;
    let stat = text(format!("/proc/{pid}/stat"))?;
    // The program's name stands in brackets and may hold anything; field 22 is the start.
    let ticks: u64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = text("/proc/uptime".to_owned())?;
    let now = SystemClock.now();
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let age = Duration::try_from_secs_f64(uptime).ok()?.saturating_sub(Duration::from_millis(ticks.checked_mul(10)?));
    now.checked_sub(age).ok()
}

#[cfg(not(target_os = "linux"))]
fn started_to_the_tick(_pid: u32) -> Option<Timestamp> {
    None
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, timeout: Duration) -> Result<Finished, RunError> {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        SystemProcesses.run(Command { program: "/bin/sh".into(), arguments, variables: vec![("WORD".into(), "hi".into())], timeout }).await
    }

    const LONG: Duration = Duration::from_secs(30);

    #[cfg(target_os = "linux")]
    #[test]
    fn a_look_keeps_no_file_of_any_process_open() {
        let mut system = unlooked();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing().without_tasks());
        let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let theirs =
            open.filter(|file| file.path().read_link().is_ok_and(|target| target.starts_with("/proc") && target.ends_with("stat")));
        assert_eq!((theirs.count(), system.processes().is_empty()), (0, false));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_codex_that_has_ended_is_none_before_anybody_asked_how() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("codex");
        std::fs::copy("/bin/cat", &program).unwrap();
        let mut child = std::process::Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        // It answers, so that it has its own name and words by now, and not those of a program that only just begins.
        let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        std::io::Write::write_all(&mut input, b"?").unwrap();
        std::io::Read::read_exact(&mut output, &mut [0]).unwrap();
        let looked_at = || (SystemProcesses.list().iter().any(|process| process.pid == pid), lives(pid));
        let while_it_ran = looked_at();
        drop(input);
        let id = rustix::process::Pid::from_child(&child);
        let ended = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(rustix::process::WaitId::Pid(id), ended).unwrap();
        let after_its_end = looked_at();
        assert!(child.wait().unwrap().success());
        assert_eq!((while_it_ran, after_its_end), ((true, true), (false, false)));
    }

    #[tokio::test]
    async fn output_error_and_status_are_told() {
        let finished = shell("echo $WORD; echo no >&2; exit 3", LONG).await.unwrap();
        assert_eq!(finished, Finished { success: false, output: "hi\n".into(), error: "no\n".into() });
    }

    #[tokio::test]
    async fn a_daemon_that_keeps_the_pipes_does_not_keep_us() {
        let finished = shell("sleep 20 & echo $!", LONG).await.unwrap();
        let daemon = finished.output.trim().parse().unwrap();
        assert!(finished.success && lives(daemon), "it goes on while we have our answer");
        assert!(shell(&format!("kill {daemon}"), LONG).await.unwrap().success);
    }

    #[tokio::test]
    async fn endless_output_is_cut_and_never_blocks_the_program() {
        let finished = shell("head -c 1000000 /dev/zero", LONG).await.unwrap();
        assert!(finished.success);
        assert_eq!(finished.output.len(), OUTPUT_LIMIT);
    }

    #[tokio::test]
    async fn a_program_that_takes_too_long_is_ended() {
        let error = shell("exec sleep 20", Duration::from_millis(50)).await.unwrap_err();
        assert!(matches!(error, RunError::Timeout { .. }));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let command = Command { program: "/nowhere/codex".into(), arguments: vec![], variables: vec![], timeout: LONG };
        assert!(matches!(SystemProcesses.run(command).await, Err(RunError::Start { program, .. }) if program.ends_with("codex")));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_start_is_told_to_the_tick() {
        let before = SystemClock.now();
        let mut child = tokio::process::Command::new("sleep").arg("20").kill_on_drop(true).spawn().unwrap();
        let started = started_to_the_tick(child.id().unwrap()).unwrap();
        let after = SystemClock.now();
        child.kill().await.unwrap();
        let slack = Duration::from_millis(50);
        assert!(before.checked_sub(slack).unwrap() < started && started < after.checked_add(slack).unwrap(), "{before} {started} {after}");
    }
}
