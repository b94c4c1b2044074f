//! What cron starts in a month: the script of docs/scripting.md, the document's own text, run by `/bin/sh` with the real `codex-lab` and
//! the real Codex CLI behind it, on a machine whose clock says what the story says.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::programs;
use codex_lab_tests::sandbox::{Endpoint, RequestRecord, Sandbox};
use codex_lab_tests::scripting_page::night_script;
use codex_lab_tests::secrets::MARK;
use codex_lab_tests::shim::{Knob, Panel};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::month_world::MonthWorld;

/// No run takes this long.
const PATIENCE: Duration = Duration::from_secs(120);
/// In every task, and in nothing else that is asked.
const TASK: &str = "write chapter ";

/// The list of tasks, and the machine that the script runs on.
pub(crate) struct Cron {
    /// The tasks so far, in their order.
    tasks: Vec<String>,
    home: PathBuf,
    environment: Vec<(&'static str, String)>,
    /// The clock of every process.
    clock: Panel,
}

/// A run of the script that is going on.
pub(crate) struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Cron {
    /// A repository with the script in it, and an empty list.
    pub(crate) async fn new(world: &MonthWorld) -> Self {
        let (home, clock) = (world.home().to_owned(), Panel::new(world.home().join("clock")).unwrap());
        let (project, tools) = (home.join("project"), home.join("programs"));
        for folder in [&project, &tools, &home.join(".codex")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(home.join(".codex/config.toml"), QUIET).unwrap();
        std::fs::write(project.join("night.sh"), night_script().unwrap()).unwrap();
        symlink(programs::built("codex-lab").unwrap(), tools.join("codex-lab")).unwrap();
        symlink(CodexCli::locate().unwrap().binary(), tools.join("codex")).unwrap();
        let mut environment = world.sandbox.env();
        environment.push(("HOME", home.display().to_string()));
        environment.push(("PATH", format!("{}:/usr/bin:/bin", tools.display())));
        environment.extend(clock.env().unwrap().map(|(name, path)| (name, path.display().to_string())));
        let cron = Self { tasks: Vec::new(), home, environment, clock };
        // Codex works in a repository alone.
        assert!(cron.command("git").args(["init", "--quiet"]).status().await.unwrap().success());
        cron
    }

    /// Puts so many tasks more on the list.
    pub(crate) fn more(&mut self, count: usize) {
        let from = self.tasks.len();
        self.tasks.extend((from..from + count).map(|number| format!("{TASK}{number:02} of the book")));
        std::fs::write(self.project().join("tasks.txt"), format!("{}\n", self.tasks.join("\n"))).unwrap();
    }

    /// Starts the script. As long as it runs, it is the time at which it was started.
    pub(crate) fn start(&self, world: &MonthWorld) -> Run {
        self.clock.turn(Knob::StandsAtMs, world.machine().as_millisecond()).unwrap();
        let mut command = self.command("/bin/sh");
        command.arg("night.sh").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Run { child, lines, said: String::new() }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().cloned()).current_dir(self.project()).kill_on_drop(true);
        command
    }

    fn project(&self) -> PathBuf {
        self.home.join("project")
    }

    /// The tasks that the script has noted as done are the first ones, in their order; each was answered once, and no other was. By
    /// whom, each.
    pub(crate) fn done_by(&self, sandbox: &Sandbox) -> Vec<String> {
        let done = std::fs::read_to_string(self.project().join("done.txt")).unwrap_or_default();
        let done: Vec<&str> = done.lines().collect();
        assert_eq!(done, self.tasks[..done.len()]);
        let turns: Vec<RequestRecord> = sandbox.requests().into_iter().filter(is_task).collect();
        let answered = |task: &String| {
            let answers = turns.iter().filter(|turn| turn.status == Some(200) && turn.body.contains(task.as_str()));
            answers.map(|turn| turn.account.clone().unwrap()).collect::<Vec<_>>()
        };
        let answered: Vec<_> = self.tasks.iter().map(answered).collect();
        let (first, others) = answered.split_at(done.len());
        assert!(first.iter().all(|by| by.len() == 1) && others.iter().all(Vec::is_empty), "{done:?}: {answered:?}");
        answered.concat()
    }

    /// The task after the first so many.
    pub(crate) fn task(&self, place: usize) -> &str {
        &self.tasks[place]
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.tasks.len()
    }
}

impl Run {
    /// Waits until it is about to begin its so manieth task.
    pub(crate) async fn begins(&mut self, task: usize) {
        // The guard says a line before each.
        while self.said.lines().filter(|line| line.starts_with("enough: ") || line.starts_with("unknown: ")).count() < task {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("it goes on").unwrap();
            let line = line.unwrap_or_else(|| panic!("it has ended: {}", self.said));
            self.said = format!("{}{line}\n", self.said);
        }
    }

    /// Waits for its end, and looks for secrets in what it said.
    pub(crate) async fn ended(self, sandbox: &Sandbox) -> Ended {
        let Self { mut child, mut lines, said: mut stdout } = self;
        let (mut errors, mut stderr) = (child.stderr.take().unwrap(), String::new());
        let rest = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                stdout = format!("{stdout}{line}\n");
            }
        };
        let all = async { tokio::join!(rest, errors.read_to_string(&mut stderr), child.wait()).2.unwrap() };
        let status = tokio::time::timeout(PATIENCE, all).await.expect("it ends in time");
        let said = format!("{stdout}{stderr}");
        assert!(!said.contains("panicked") && !said.contains(MARK), "{said}");
        assert!(sandbox.minted_secrets().iter().all(|secret| !said.contains(secret)), "a secret was printed");
        Ended { status: status.code().unwrap_or(-1), stdout, stderr }
    }
}

/// Whether it is a turn of the script's, whatever came of it.
pub(crate) fn is_task(request: &RequestRecord) -> bool {
    request.endpoint == Endpoint::Responses && request.json()["generate"] != false && request.body.contains(TASK)
}
