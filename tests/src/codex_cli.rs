//! The real Codex CLI, pinned in `tests/codex-cli`, and hermetic homes to run it in.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fs, io};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::sandbox::Sandbox;

/// The switches that keep a run of the CLI from side requests (codex-runtime.md 1.2).
pub const QUIET: &str = "[analytics]\nenabled = false\n\n[features]\nplugins = false\napps = false\n";

/// Where the CLI finds `git` and a shell.
const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Why the CLI cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum CodexCliError {
    /// The package is not installed.
    #[error("the Codex CLI is not installed below {0}; run `make setup`")]
    Missing(PathBuf),
    /// The npm package has no build for this machine.
    #[error("the Codex CLI has no build for this system")]
    Platform,
    /// A file or the program itself.
    #[error("the Codex CLI could not be run")]
    Io(#[from] io::Error),
    /// The content of `auth.json` is no JSON.
    #[error("auth.json is not readable")]
    Auth(#[from] serde_json::Error),
    /// The run took too long and was ended.
    #[error("the Codex CLI did not end within {0:?}")]
    TimedOut(Duration),
}

/// The native binary of the pinned CLI.
#[derive(Clone, Debug)]
pub struct CodexCli {
    binary: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub struct CodexRun {
    /// Exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl CodexCli {
    /// Finds the binary below `tests/codex-cli/node_modules`.
    pub fn locate() -> Result<Self, CodexCliError> {
        let (package, triple) = platform().ok_or(CodexCliError::Platform)?;
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("codex-cli").join("node_modules");
        let name = format!("codex{}", env::consts::EXE_SUFFIX);
        let package = modules.join("@openai").join(package);
        let binary = package.join("vendor").join(triple).join("bin").join(name);
        if binary.is_file() { Ok(Self { binary }) } else { Err(CodexCliError::Missing(modules)) }
    }

    /// The path of the binary.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// A command in `home`: nothing inherited, standard input closed.
    pub fn command(&self, home: &CodexHome) -> Command {
        let mut command = Command::new(&self.binary);
        command.env_clear().envs(home.env()).current_dir(home.work()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs `codex ARGS` in `home` to its end.
    pub async fn run(&self, home: &CodexHome, args: &[&str], patience: Duration) -> Result<CodexRun, CodexCliError> {
        let output = self.command(home).args(args).output();
        let output = tokio::time::timeout(patience, output).await.map_err(|_| CodexCliError::TimedOut(patience))??;
        Ok(CodexRun {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs `codex exec PROMPT` in `home`.
    pub async fn exec(&self, home: &CodexHome, prompt: &str, patience: Duration) -> Result<CodexRun, CodexCliError> {
        self.run(home, &["exec", "--skip-git-repo-check", prompt], patience).await
    }
}

/// A home, a `CODEX_HOME` and a work folder in a temporary place, bound to one sandbox.
#[derive(Debug)]
pub struct CodexHome {
    root: TempDir,
    sandbox_env: Vec<(&'static str, String)>,
}

impl CodexHome {
    /// An empty home. Pass [`QUIET`] as `config` to silence side requests, or nothing for defaults.
    pub fn new(sandbox: &Sandbox, config: &str) -> Result<Self, CodexCliError> {
        let home = Self { root: tempfile::Builder::new().prefix("codex-home-").tempdir()?, sandbox_env: sandbox.env() };
        fs::create_dir_all(home.codex_home())?;
        fs::create_dir_all(home.work())?;
        fs::write(home.codex_home().join("config.toml"), config)?;
        Ok(home)
    }

    /// `$HOME`.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// `$CODEX_HOME`, which is `$HOME/.codex`.
    pub fn codex_home(&self) -> PathBuf {
        self.root.path().join(".codex")
    }

    /// The folder commands run in.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Replaces `config.toml`.
    pub fn write_config(&self, content: &str) -> Result<(), CodexCliError> {
        Ok(fs::write(self.codex_home().join("config.toml"), content)?)
    }

    /// Writes `auth.json`, with the mode the CLI gives it.
    pub fn write_auth(&self, content: &str) -> Result<(), CodexCliError> {
        let path = self.codex_home().join("auth.json");
        fs::write(&path, content)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }

    /// What `auth.json` holds now.
    pub fn auth(&self) -> Result<Value, CodexCliError> {
        Ok(serde_json::from_slice(&fs::read(self.codex_home().join("auth.json"))?)?)
    }

    /// The whole environment of a command in this home.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.display().to_string();
        let mut env = vec![
            ("HOME", text(self.path())),
            ("CODEX_HOME", text(&self.codex_home())),
            ("PATH", SEARCH_PATH.to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "dumb".to_owned()),
        ];
        env.extend(self.sandbox_env.iter().cloned());
        env
    }
}

/// The npm package and the target triple for this machine.
fn platform() -> Option<(&'static str, &'static str)> {
    Some(match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => ("codex-linux-x64", "x86_64-unknown-linux-musl"),
        ("linux", "aarch64") => ("codex-linux-arm64", "aarch64-unknown-linux-musl"),
        ("macos", "x86_64") => ("codex-darwin-x64", "x86_64-apple-darwin"),
        ("macos", "aarch64") => ("codex-darwin-arm64", "aarch64-apple-darwin"),
        ("windows", "x86_64") => ("codex-win32-x64", "x86_64-pc-windows-msvc"),
        ("windows", "aarch64") => ("codex-win32-arm64", "aarch64-pc-windows-msvc"),
        _ => return None,
    })
}
