//! A hermetic home for the terminal program, and running it there.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use codex_lab_tests::artefacts::KeptHome;
use codex_lab_tests::programs;
use codex_lab_tests::sandbox::{Sandbox, SandboxOptions, SteeredBrowser};
use codex_lab_tests::secrets::MARK;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// No command takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home, the sandbox, and a browser that picks what it is told to.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) browser: SteeredBrowser,
    home: KeptHome,
    variables: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let home = KeptHome::new().unwrap();
        let tools = home.path().join("tools");
        std::fs::create_dir(&tools).unwrap();
        let browser = SteeredBrowser::new(&tools, &program("codex-lab-sandbox"), sandbox.reach()).unwrap();
        Self { sandbox, browser, home, variables: Vec::new() }
    }

    /// A world with the profiles `main`, `work` and `backup`, none of them live.
    pub(crate) async fn with_trio() -> Self {
        let world = Self::new().await;
        for account in ["main", "work", "backup"] {
            let file = world.file(&format!("{account}.json"), &world.sandbox.auth_json(account).unwrap());
            let imported = world.json(&["login", "--import", file.to_str().unwrap()]).await;
            let name = imported["result"]["items"][0]["name"].as_str().unwrap().to_owned();
            world.good(&["rename", &name, account]).await;
        }
        world
    }

    /// Sets a variable for every later command.
    pub(crate) fn set(&mut self, name: &'static str, value: impl AsRef<Path>) {
        self.variables.push((name, value.as_ref().display().to_string()));
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn codex_home(&self) -> PathBuf {
        self.home().join(".codex")
    }

    pub(crate) fn lab_home(&self) -> PathBuf {
        self.home().join(".codex-lab")
    }

    /// A file below the home.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The whole environment of every command.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = self.sandbox.env();
        environment.push(("HOME", self.home().display().to_string()));
        environment.push(("PATH", "/usr/bin:/bin".to_owned()));
        environment.push(("BROWSER", self.browser.program().display().to_string()));
        environment.extend(self.variables.iter().cloned());
        environment
    }

    /// Starts a command with standard input open.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.start_in(self.home(), arguments)
    }

    /// The same in another folder.
    pub(crate) fn start_in(&self, folder: &Path, arguments: &[&str]) -> Child {
        let mut command = Command::new(program("codex-lab"));
        command.args(arguments).env_clear().envs(self.environment()).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    /// Waits for a started command to end, and looks for secrets in what it said.
    pub(crate) async fn ended(&self, child: Child) -> Ended {
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("it ends in time").unwrap();
        self.look(&output)
    }

    /// Runs a command with this standard input.
    pub(crate) async fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.start(arguments);
        let mut stdin = child.stdin.take().unwrap();
        // It may end without reading: that is its answer.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let ended = self.ended(child).await;
        if arguments.contains(&"--json") {
            crate::replies::check(arguments, &ended.stdout);
        }
        ended
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "").await
    }

    /// Runs a command that must succeed.
    pub(crate) async fn good(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments).await;
        assert_eq!(ended.status, 0, "{arguments:?}: {ended:?}");
        ended
    }

    /// Runs a command that must succeed, with `--json`.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let value: Value = serde_json::from_str(&self.good(&[arguments, &["--json"]].concat()).await.stdout).unwrap();
        assert_eq!((&value["version"], &value["ok"]), (&1.into(), &true.into()));
        value
    }

    /// Runs a command that must fail with this code, for people and as JSON alike; what it said to people.
    pub(crate) async fn refused(&self, arguments: &[&str], code: &str, status: i32) -> String {
        let ended = self.run(arguments).await;
        assert_eq!(ended.status, status, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("error: ") && ended.stderr.contains(&format!("[{code}]")), "{ended:?}");
        assert!(ended.stderr.contains("\nhint: ") && ended.stdout.is_empty(), "{ended:?}");
        let as_json = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(as_json.status, status);
        let value: Value = serde_json::from_str(&as_json.stdout).unwrap();
        assert_eq!((&value["ok"], value["failure"]["code"].as_str()), (&false.into(), Some(code)));
        assert!(!value["failure"]["hints"].as_array().unwrap().is_empty());
        ended.stderr
    }

    fn look(&self, output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended = Ended { status: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        self.look_for_secrets(&format!("{}{}", ended.stdout, ended.stderr));
        ended
    }

    /// Fails if what was shown has a secret in it, or tells of a panic.
    pub(crate) fn look_for_secrets(&self, said: &str) {
        assert!(!said.contains("panicked"), "{said}");
        for secret in self.sandbox.minted_secrets() {
            assert!(!said.contains(&secret), "a secret was printed");
        }
        assert!(!said.contains(MARK), "a planted secret was printed");
    }
}

/// A program of the workspace.
pub(crate) fn program(name: &str) -> PathBuf {
    programs::built(name).unwrap()
}
