//! A Codex home and a home of ours in a temporary folder, and what must hold in them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::{Checkpoint, Ports};
use codex_lab_core::codex::home::CodexHome;
use codex_lab_core::codex::switch::Switch;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::model::profile::Profile;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_core::store::state::State;
use codex_lab_tests::offline;
use codex_lab_tests::tree;
use tempfile::TempDir;

pub(crate) struct World {
    folder: TempDir,
    pub(crate) home: Home,
    pub(crate) codex: CodexHome,
    pub(crate) ports: Ports,
    pub(crate) profiles: Profiles,
    pub(crate) state: State,
}

impl World {
    /// Both homes, empty.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("codex")).unwrap();
        let path = |name: &str| -> OsString { folder.path().join(name).into() };
        let variables = [("CODEX_HOME", path("codex")), ("CODEX_LAB_HOME", path("lab"))];
        let ports = offline::ports(Environment::of(folder.path(), variables));
        let home = Home::open(&ports.environment).unwrap();
        let codex = CodexHome::find(&ports.environment).unwrap();
        let profiles = Profiles::open(home.clone(), &ports);
        let state = State::open(&home).unwrap();
        Self { folder, home, codex, ports, profiles, state }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn switch(&self) -> Switch {
        self.switch_with(self.ports.checkpoint.clone())
    }

    pub(crate) fn switch_with(&self, checkpoint: Arc<dyn Checkpoint>) -> Switch {
        let ports = Ports { checkpoint, ..self.ports.clone() };
        Switch::new(self.home.clone(), self.codex.clone(), self.profiles.clone(), self.state.clone(), &ports)
    }

    /// Adds a login as a profile.
    pub(crate) fn profile(&self, login: &str) -> Profile {
        self.profiles.sign_in(&parse(login)).unwrap().profile
    }

    /// Makes a text the live login, as Codex leaves it; through a link if there is one.
    pub(crate) fn set_live(&self, text: &str) {
        let path = self.codex.auth_json();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The live login's text.
    pub(crate) fn live(&self) -> Option<String> {
        fs::read_to_string(self.codex.auth_json()).ok()
    }

    /// What the store has of this login's account.
    pub(crate) fn stored(&self, login: &str) -> Option<String> {
        let subject = parse(login).subject();
        let profile = self.profiles.list().unwrap().into_iter().find(|profile| Some(&profile.subject) == subject.as_ref())?;
        Some(self.profiles.login(&profile.id).unwrap().text().expose().to_owned())
    }

    /// A process of its own in these homes.
    pub(crate) fn victim(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-lab-victim"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.path());
        command.env("CODEX_HOME", self.codex.root()).env("CODEX_LAB_HOME", self.home.root());
        command.args(arguments);
        command
    }

    pub(crate) fn run_victim(&self, arguments: &[&str]) -> Output {
        self.victim(arguments).output().unwrap()
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.home.runtime().join("switch.json")
    }

    /// What must hold whenever nothing is going on.
    pub(crate) fn assert_at_rest(&self, context: &str) {
        assert!(!self.journal().exists(), "{context}: the journal is still there");
        self.profiles.list().unwrap();
        State::open(&self.home).unwrap();
        // SQLite's files are looked at from another process: closing them here would drop the locks of our own connection.
        let (databases, files): (Vec<_>, Vec<_>) = self.files().into_iter().partition(|path| path.to_string_lossy().contains(".sqlite"));
        let found = Command::new("grep").arg("-lF").arg("planted").args(databases).output().unwrap();
        assert!(found.stdout.is_empty(), "{context}: a secret in {}", String::from_utf8_lossy(&found.stdout));
        for path in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let extension = path.extension().unwrap_or_default();
            assert_ne!(extension, "tmp", "{context}: {} was left", path.display());
            if extension == "lock" {
                fs::File::open(&path).unwrap().try_lock().unwrap_or_else(|_| panic!("{context}: {} is held", path.display()));
            }
            if fs::read(&path).unwrap().windows(7).any(|part| part == b"planted") {
                let for_secrets = name == "auth.json" || name == "real.json" || path.starts_with(self.home.backups());
                assert!(for_secrets, "{context}: {} holds a secret", path.display());
                let mode = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{context}: {} is open to others", path.display());
            }
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        tree::files(self.path()).unwrap()
    }
}

pub(crate) fn parse(login: &str) -> AuthDocument {
    AuthDocument::parse(login.to_owned()).unwrap()
}
