//! No processes, for verbs that show none: to look at all of them takes longer than all the rest of such a verb.

use std::path::PathBuf;

use async_trait::async_trait;
use codex_lab_core::base::ports::{Command, Finished, Process, Processes, RunError};
use codex_lab_core::base::processes::SystemProcesses;

/// Sees none; what is to be run is run.
#[derive(Debug)]
pub(crate) struct Unseen;

#[async_trait]
impl Processes for Unseen {
    fn list(&self) -> Vec<Process> {
        Vec::new()
    }

    async fn run(&self, command: Command) -> Result<Finished, RunError> {
        SystemProcesses.run(command).await
    }

    async fn run_apart(&self, command: Command, folder: PathBuf, input: Vec<u8>) -> Result<Finished, RunError> {
        SystemProcesses.run_apart(command, folder, input).await
    }
}
