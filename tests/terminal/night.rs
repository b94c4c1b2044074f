//! A night of the script in docs/scripting.md: the document's own text, run by `/bin/sh`, with the real `codex-lab` and the real Codex
//! CLI behind it, works through a list of tasks on accounts that run out, break and come back.
//!
//! What is simulated: the provider, which is the sandbox; and how long things take. Processes have the machine's clock, so the 5-hour
//! window in which everybody waits has seconds left, and the hour without a network is one run of the script. Whatever starts the
//! script again, such as cron, is the test.

use std::os::unix::fs::symlink;
use std::process::Stdio;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_tests::codex_cli::{CodexCli, QUIET};
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Quota, SandboxAccount, Script, Window};
use codex_lab_tests::scripting_page::night_script;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::world::{Ended, World, program};

/// The 5-hour window that everybody waits for ends so many seconds after it was used up.
const UNTIL_RESET: i64 = 20;

struct Night {
    world: World,
    /// The tasks so far, in their order.
    tasks: Vec<String>,
}

impl Night {
    /// `main` is nearly out of its five hours, `backup` has some, `work` is kept for emergencies.
    async fn falls() -> Self {
        let world = World::with_trio().await;
        world.file(".codex/config.toml", QUIET);
        // A turn over HTTP is a request of its own, so that turns can be counted.
        world.file(".codex-lab/config.toml", "http_only = true\n");
        for (account, five_hours, week, turn_cost) in [("main", 80, 70, 20), ("backup", 20, 40, 10), ("work", 0, 50, 10)] {
            let quota = Quota { turn_cost, ..Quota::plus(five_hours, week) };
            world.sandbox.edit_account(account, |account| account.quota = quota).unwrap();
        }
        world.good(&["pause", "work"]).await;
        world.file("project/night.sh", &night_script().unwrap());
        // Codex works in a repository alone.
        let mut git = Command::new("git");
        git.args(["init", "--quiet"]).env_clear().envs(world.environment()).current_dir(world.home().join("project"));
        assert!(git.status().await.unwrap().success());
        std::fs::create_dir(world.home().join("programs")).unwrap();
        symlink(program("codex-lab"), world.home().join("programs/codex-lab")).unwrap();
        symlink(CodexCli::locate().unwrap().binary(), world.home().join("programs/codex")).unwrap();
        Self { world, tasks: Vec::new() }
    }

    /// Puts so many tasks more on the list.
    fn more(&mut self, count: usize) {
        let from = self.tasks.len();
        self.tasks.extend((from..from + count).map(|number| format!("write chapter {number:02} of the book")));
        self.world.file("project/tasks.txt", &format!("{}\n", self.tasks.join("\n")));
    }

    fn start(&self) -> Child {
        let mut command = Command::new("/bin/sh");
        command.arg("night.sh").env_clear().envs(self.world.environment()).current_dir(self.world.home().join("project"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.world.home().join("programs").display()));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    /// Starts the script, and waits for its end.
    async fn run(&self) -> Ended {
        self.world.ended(self.start()).await
    }

    /// The tasks that the script has noted as done.
    fn done(&self) -> Vec<String> {
        let done = std::fs::read_to_string(self.world.home().join("project/done.txt")).unwrap_or_default();
        done.lines().map(str::to_owned).collect()
    }

    /// Whose turns were answered to a task: one, if it was done once.
    fn answered(&self, task: &str) -> Vec<String> {
        let turns = self.world.sandbox.requests().into_iter().filter(|request| request.endpoint == Endpoint::Responses);
        let answered = turns.filter(|turn| turn.status == Some(200) && turn.json()["generate"] != false && turn.body.contains(task));
        answered.map(|turn| turn.account.unwrap_or_default()).collect()
    }

    /// Each of the first tasks was done once and in their order, and none of the others. Who has done them, each.
    fn done_by(&self, count: usize) -> Vec<String> {
        assert_eq!(self.done(), self.tasks[..count]);
        let answered: Vec<_> = self.tasks.iter().map(|task| self.answered(task)).collect();
        assert!(answered[..count].iter().all(|by| by.len() == 1) && answered[count..].iter().all(Vec::is_empty), "{answered:?}");
        answered.concat()
    }

    /// Takes in a new login of an account.
    async fn sign_in(&self, account: &str) {
        let file = self.world.file(&format!("{account}-new.json"), &self.world.sandbox.auth_json(account).unwrap());
        self.world.good(&["login", "--import", file.to_str().unwrap()]).await;
    }

    async fn serve(&self) -> (Child, BufReader<ChildStdout>) {
        loop {
            let mut serving = self.world.start(&["serve"]);
            let mut output = BufReader::new(serving.stdout.take().unwrap());
            let mut line = String::new();
            output.read_line(&mut line).await.unwrap();
            if line.starts_with("serving on http://127.0.0.1:") {
                return (serving, output);
            }
            // A run that was going on when the last one ended serves itself, until it ends.
            let ended = self.world.ended(serving).await;
            assert_eq!(ended.status, 60, "{ended:?}");
        }
    }
}

/// Ends a gateway as a terminal does.
async fn end(mut serving: Child) {
    kill_process(Pid::from_raw(i32::try_from(serving.id().unwrap()).unwrap()).unwrap(), Signal::INT).unwrap();
    let mut told = String::new();
    serving.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
    let status = serving.wait().await.unwrap();
    assert!(status.success(), "{status}: {told}");
}

#[tokio::test]
async fn the_script_survives_a_night() {
    let mut night = Night::falls().await;
    let (serving, _told) = night.serve().await;

    // Main runs out after the first task; backup goes on. In the middle of it the gateway is restarted.
    night.more(4);
    let mut script = night.start();
    let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    // The guard says a line before each task.
    while said.iter().filter(|line: &&String| line.starts_with("enough: ") || line.starts_with("unknown: ")).count() < 2 {
        match lines.next_line().await.unwrap() {
            Some(line) => said.push(line),
            None => panic!("{said:?} {:?}", night.world.ended(script).await),
        }
    }
    end(serving).await;
    let (serving, _told) = night.serve().await;
    while let Some(line) = lines.next_line().await.unwrap() {
        said.push(line);
    }
    let ended = night.world.ended(script).await;
    assert_eq!(ended.status, 0, "{said:?} {ended:?}");
    assert_eq!(night.done_by(4), ["main", "backup", "backup", "backup"]);

    // Nobody has anything left, for some seconds. Started again and again, the script says so with 63, and does the rest after the reset.
    let reset = SystemClock.now().as_second() + UNTIL_RESET;
    let spent = Window { minutes: 300, used_percent: 100, resets_at: Some(reset) };
    night.world.sandbox.edit_account("backup", |account| account.quota.primary = Some(spent)).unwrap();
    night.more(1);
    let ended = night.run().await;
    assert_eq!(ended.status, 63, "{ended:?}");
    assert!(ended.stderr.contains("Every profile is out of quota. The first has some again at "), "{ended:?}");
    night.done_by(4);
    loop {
        let ended = night.run().await;
        if ended.status == 0 {
            break;
        }
        assert_eq!(ended.status, 63, "{ended:?}");
        assert!(SystemClock.now().as_second() <= reset + 10, "the reset has passed: {ended:?}");
    }
    assert!(SystemClock.now().as_second() >= reset);
    assert_eq!(night.done_by(5)[4], "backup");

    // Backup's login is lost in the middle of a task; the one for emergencies ends it.
    night.world.good(&["resume", "work"]).await;
    night.world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(401)).by("backup"));
    night.world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::oauth_error(400, "invalid_grant")).by("backup"));
    night.more(1);
    let ended = night.run().await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(night.done_by(6)[5], "work");
    assert!(night.world.good(&["list"]).await.stdout.contains("needs sign-in"));

    // An hour without a network: Codex's own status ends the script, and the task is done when it is over.
    end(serving).await;
    night.world.sandbox.clear_scripts();
    night.world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::Close));
    night.more(1);
    let ended = night.run().await;
    assert_eq!(ended.status, 1, "{ended:?}");
    night.done_by(6);
    night.world.sandbox.clear_scripts();
    let (serving, _told) = night.serve().await;
    let ended = night.run().await;
    assert_eq!(ended.status, 0, "{ended:?}");
    night.done_by(7);

    // Its user signs in again. It goes on until a fifth of the week is left to nobody, and stops with a word before the next task.
    night.sign_in("backup").await;
    night.more(5);
    let ended = night.run().await;
    assert_eq!(ended.status, 0, "{ended:?}");
    let next = night.done().len();
    assert!(next < night.tasks.len(), "{ended:?}");
    assert!(ended.stdout.ends_with(&format!("stopped before: {}\n", night.tasks[next])), "{ended:?}");
    let guard = night.world.run(&["guard", "--min-remaining", "20", "--window", "weekly", "--any"]).await;
    assert_eq!(guard.status, 80, "{guard:?}");
    night.done_by(next);

    // In the morning there is another account, of which nobody knows anything yet, so the guard lets
    // the rest of the list be done.
    night.world.sandbox.put_account(SandboxAccount::new("fresh"));
    night.sign_in("fresh").await;
    let ended = night.run().await;
    assert_eq!(ended.status, 0, "{ended:?}");
    night.done_by(night.tasks.len());
    end(serving).await;
}
