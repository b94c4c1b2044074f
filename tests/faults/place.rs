//! A user's home with three profiles, copied as often as it is needed, and what must hold in it whatever happened.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codex_lab_core::base::secret::Secret;
use codex_lab_tests::programs;
use codex_lab_tests::sandbox::{Sandbox, SandboxOptions};
use codex_lab_tests::secrets::MARK;
use codex_lab_tests::tree;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fault::{self, Errno, Fault};

/// The profiles there are.
pub(crate) const PROFILES: [&str; 3] = ["main", "work", "backup"];

/// A sandbox, and a home to copy.
pub(crate) struct Template {
    pub(crate) sandbox: Sandbox,
    home: Place,
}

/// A home of its own.
pub(crate) struct Place {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
    ahead: Cell<i64>,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// -1 for a signal.
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The calls that failed.
    pub(crate) failed: Vec<String>,
}

impl Template {
    /// Three profiles, of which `main` is live, and was renewed by Codex since.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::start_blocking(SandboxOptions::default()).unwrap();
        let home = Place::empty(&sandbox);
        for name in PROFILES {
            let file = home.file(&format!("{name}.json"), &sandbox.auth_json(name).unwrap());
            let imported = home.json(&["login", "--import", file.to_str().unwrap()]);
            let suggested = imported["items"][0]["name"].as_str().unwrap().to_owned();
            home.good(&["rename", &suggested, name]);
            fs::remove_file(file).unwrap();
        }
        home.good(&["use", "main"]);
        fs::write(home.codex_home().join("auth.json"), sandbox.auth_json("main").unwrap()).unwrap();
        Self { sandbox, home }
    }

    /// A copy.
    pub(crate) fn copy(&self) -> Place {
        let place = Place::empty(&self.sandbox);
        copy(&self.home.home(), &place.home());
        place
    }
}

impl Place {
    fn empty(sandbox: &Sandbox) -> Self {
        let folder = tempfile::Builder::new().prefix("codex-lab-fault-").tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home/.codex")).unwrap();
        Self { folder, env: sandbox.env(), ahead: Cell::new(0) }
    }

    /// The user's home: what lies below it may fail.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn lab_home(&self) -> PathBuf {
        self.home().join(".codex-lab")
    }

    pub(crate) fn codex_home(&self) -> PathBuf {
        self.home().join(".codex")
    }

    /// A file outside the home, which never fails.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Sets a variable for every later program.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.env.retain(|(other, _)| *other != name);
        self.env.push((name, value.to_owned()));
    }

    /// From now on askers start with a clock that is so many seconds ahead.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.ahead.set(seconds);
    }

    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.get()
    }

    /// A path outside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program of ours in this home.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(built(program));
        command.env_clear().envs(self.env.iter().cloned()).env("HOME", self.home()).env("PATH", "/usr/bin:/bin");
        command.current_dir(self.folder.path());
        command
    }

    /// Runs `codex-lab`, which may meet a fault.
    pub(crate) fn run(&self, arguments: &[&str], fault: Option<&Fault>) -> Ended {
        let mut command = self.command("codex-lab");
        command.args(arguments);
        let trace = self.folder.path().join("trace");
        let _ = fs::remove_file(&trace);
        if let Some(fault) = fault {
            command.envs(fault.env(&self.home(), &trace));
        }
        let output = command.output().unwrap();
        Self::ended(&output, fault::failed(&trace))
    }

    /// Runs `codex-lab`, which must succeed.
    pub(crate) fn good(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments, None);
        assert_eq!(ended.status, 0, "{arguments:?}: {ended:?}");
        ended
    }

    /// The result of a command that must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.good(&[arguments, &["--json"]].concat());
        serde_json::from_str::<Value>(&ended.stdout).unwrap()["result"].take()
    }

    /// How a program ended, and that it did so without a panic and without telling a secret.
    fn ended(output: &Output, failed: Vec<String>) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ended =
            Ended { status: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr), failed };
        assert_says_nothing_secret(&format!("{}{}", ended.stdout, ended.stderr));
        assert!(!ended.stderr.contains("os error"), "the system's own words are none for a user: {ended:?}");
        ended
    }

    /// The stored login of each profile's folder, as it lies there.
    pub(crate) fn logins(&self) -> BTreeMap<String, String> {
        let folders = fs::read_dir(self.lab_home().join("auth-profiles")).unwrap().map(|entry| entry.unwrap().path());
        let login = |folder: PathBuf| {
            let text = fs::read_to_string(folder.join("auth.json")).ok()?;
            Some((folder.file_name()?.to_string_lossy().into_owned(), text))
        };
        folders.filter_map(login).collect()
    }

    /// A profile's stored login.
    pub(crate) fn login(&self, name: &str) -> Value {
        serde_json::from_str(&self.logins()[name]).unwrap()
    }

    /// Lets the access token of a profile end in `seconds`, also in the live login if that is the same. Its refresh token stays.
    pub(crate) fn end_in(&self, name: &str, seconds: i64) {
        let before = self.logins()[name].clone();
        let mut login: Value = serde_json::from_str(&before).unwrap();
        login["tokens"]["access_token"] = token_ending(now().as_second() + seconds).into();
        // Written later than what it replaces, or the copy of that one would be put back.
        login["last_refresh"] = now().to_string().into();
        let text = format!("{login:#}");
        if self.live().as_ref() == Some(&before) {
            put(&self.codex_home().join("auth.json"), &text);
        }
        put(&self.lab_home().join("auth-profiles").join(name).join("auth.json"), &text);
    }

    /// Makes a text the live login, as Codex leaves it.
    pub(crate) fn set_live(&self, text: &str) {
        put(&self.codex_home().join("auth.json"), text);
    }

    /// The live login.
    pub(crate) fn live(&self) -> Option<String> {
        fs::read_to_string(self.codex_home().join("auth.json")).ok()
    }

    /// What must hold after the next start, whatever happened before: the index opens with all profiles in it and each can
    /// be used; nothing half written lies about, no lock is held, no file is open to others.
    pub(crate) fn assert_sound(&self, profiles: &[&str], context: &str) {
        let listed = self.json(&["list"]);
        for name in profiles {
            let row = listed["profiles"].as_array().unwrap().iter().find(|row| row["name"] == *name);
            let row = row.unwrap_or_else(|| panic!("{context}: {name} is gone: {listed}"));
            assert_eq!(row["state"], "ready", "{context}: {row}");
        }
        for path in files(&self.home()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let extension = path.extension().unwrap_or_default();
            assert_ne!(extension, "tmp", "{context}: {} was left", path.display());
            if extension == "lock" {
                fs::File::open(&path).unwrap().try_lock().unwrap_or_else(|_| panic!("{context}: {} is held", path.display()));
            }
            if name.starts_with("auth.json") || path.starts_with(self.lab_home().join("backups")) {
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{context}: {} is open to others", path.display());
            }
        }
        assert!(!self.lab_home().join("runtime/switch.json").exists(), "{context}: a journal was left");
    }
}

impl Ended {
    /// Whether the user was told what this fault is: a code of storage, a sentence, a next step.
    pub(crate) fn assert_told(&self, errno: Errno, context: &str) {
        let (code, status) = errno.told();
        // Of a database SQLite says only that something failed, and what can be found out afterwards is the disk as it is then.
        let of_sqlite = self.failed.iter().all(|call| call.contains("state.sqlite"));
        let fits = self.status == status && self.stderr.contains(&format!("[{code}]"));
        let is_storage = (32..=35).contains(&self.status) && self.stderr.contains("[storage");
        assert!(fits || of_sqlite && is_storage, "{context}: {code} was to be told: {self:?}");
        assert!(self.stderr.contains("\nhint: "), "{context}: there is no next step: {self:?}");
    }
}

/// Whatever a program says, there is no panic and no secret in it.
pub(crate) fn assert_says_nothing_secret(said: &str) {
    assert!(!said.contains("panicked"), "{said}");
    assert!(!said.contains(MARK), "a secret was told");
}

/// A program of the workspace.
pub(crate) fn built(name: &str) -> PathBuf {
    programs::built(name).unwrap()
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    tree::files(folder).unwrap()
}

/// A fingerprint as programs of ours tell it.
pub(crate) fn fingerprint(secret: &Value) -> String {
    Secret::new(secret.as_str().unwrap()).fingerprint().to_string()
}

/// An access token that says when it ends. Nobody checks who made it.
fn token_ending(second: i64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut unique = [0_u8; 16];
    getrandom::fill(&mut unique).unwrap();
    format!("{}.{}.{MARK}{}{MARK}", part(json!({"alg": "RS256"})), part(json!({ "exp": second })), URL_SAFE_NO_PAD.encode(unique))
}

#[expect(clippy::disallowed_methods, reason = "the sandbox and the programs go by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Replaces a file as Codex does: whole, by another one.
fn put(path: &Path, text: &str) {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap()).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.persist(path).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
