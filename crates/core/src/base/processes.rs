//! Processes of this machine: who runs, and running a program to its end.

use std::path::PathBuf;
use std::process::Stdio;

use async_trait::async_trait;
use jiff::Timestamp;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System, UpdateKind};

use super::ports::{Command, Finished, Process, Processes, RunError};

/// Of a program's output, this much is kept.
const OUTPUT_LIMIT: usize = 64 << 10;

/// The system's processes.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemProcesses;

#[async_trait]
impl Processes for SystemProcesses {
    fn list(&self) -> Vec<Process> {
        let what = ProcessRefreshKind::nothing()
            .with_exe(UpdateKind::Always)
            .with_cmd(UpdateKind::Always)
            .with_cwd(UpdateKind::Always)
            .with_user(UpdateKind::Always);
        let mut system = System::new_with_specifics(RefreshKind::nothing());
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let own_user = sysinfo::get_current_pid().ok().and_then(|pid| system.process(pid)?.user_id().cloned());
        let suspects: Vec<_> = system
            .processes()
            .values()
            .filter(|process| process.thread_kind().is_none() && process.user_id() == own_user.as_ref() && may_be_codex(process))
            .map(sysinfo::Process::pid)
            .collect();
        // Environments are read of the few that matter, not of all.
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&suspects),
            false,
            ProcessRefreshKind::nothing().with_environ(UpdateKind::Always),
        );
        suspects.iter().filter_map(|pid| system.process(*pid)).map(describe).collect()
    }

    async fn run(&self, command: Command) -> Result<Finished, RunError> {
        let program = || command.program.clone();
        let child = tokio::process::Command::new(&command.program)
            .args(&command.arguments)
            .envs(command.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| RunError::Start { program: program(), source })?;
        let output = tokio::time::timeout(command.timeout, child.wait_with_output())
            .await
            .map_err(|_| RunError::Timeout { program: program() })?
            .map_err(|source| RunError::Start { program: program(), source })?;
        Ok(Finished { success: output.status.success(), output: bounded(&output.stdout), error: bounded(&output.stderr) })
    }
}

fn bounded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(OUTPUT_LIMIT)]).into_owned()
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
        started_at: Timestamp::from_second(process.start_time().cast_signed()).unwrap_or_default(),
    }
}
