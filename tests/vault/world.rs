//! A home with everything in it that holds a secret, a Codex home, and a keyring.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::keyring::Keyring;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::base::secret::Secret;
use codex_lab_core::codex::home::CodexHome;
use codex_lab_core::codex::outgoing;
use codex_lab_core::codex::switch::Switch;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_core::model::profile::{Profile, ProfileId};
use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_core::store::home::Home;
use codex_lab_core::store::profiles::Profiles;
use codex_lab_core::store::state::State;
use codex_lab_core::store::vault::VaultError;
use codex_lab_tests::offline;
use codex_lab_tests::pocket_keyring::PocketKeyring;
use tempfile::TempDir;

use crate::logins::{api_key, chatgpt};

pub(crate) const PASSPHRASE: &str = "planted horse battery staple";
pub(crate) const MODES: [VaultMode; 3] = [VaultMode::File, VaultMode::Keyring, VaultMode::Passphrase];

pub(crate) struct World {
    folder: TempDir,
    pub(crate) home: Home,
    pub(crate) keyring: Arc<PocketKeyring>,
    /// As of a process that runs all the time.
    pub(crate) profiles: Profiles,
}

impl World {
    /// Empty homes.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("codex")).unwrap();
        let keyring = Arc::new(PocketKeyring::new(&folder.path().join("keyring")).unwrap());
        let ports = ports(folder.path(), keyring.clone());
        let home = Home::open(&ports.environment).unwrap();
        let profiles = Profiles::open(home.clone(), &ports);
        Self { folder, home, keyring, profiles }
    }

    /// Two profiles with earlier logins, a removed one, a live login that was switched away, one that was set aside.
    pub(crate) fn full() -> Self {
        let world = Self::new();
        let main = world.keep(&chatgpt("main", 1)).id;
        world.keep(&api_key("work"));
        let gone = world.keep(&chatgpt("gone", 1)).id;
        world.profiles.remove(&gone, true).unwrap();
        let codex = CodexHome::find(&world.ports().environment).unwrap();
        fs::write(codex.auth_json(), "planted, but no login").unwrap();
        world.switch().to(Some(&main)).unwrap();
        world.switch().to(None).unwrap();
        world.keep(&chatgpt("main", 2));
        world.keep(&chatgpt("main", 3));
        world
    }

    /// What a full world has, whichever way it is kept: the logins in their order, the copies, and what comes back.
    pub(crate) fn contents(&self) -> Vec<String> {
        let profiles = self.fresh();
        Self::unlock(&profiles).unwrap();
        let mut found = Vec::new();
        for profile in profiles.list().unwrap() {
            let login = profiles.login(&profile.id).unwrap_or_else(|error| panic!("{}: {error:?}", profile.name));
            found.push(format!("login {}", login.text().expose()));
        }
        for copy in profiles.copies().unwrap() {
            found.push(format!("copy {} {:?} {:?}", copy.id, copy.standing.unwrap(), copy.email));
        }
        for copy in outgoing::copies(&self.home, profiles.vault()).unwrap() {
            found.push(format!("live {} {:?}", copy.id, copy.login.map(|login| login.text().expose().to_owned()).map_err(drop)));
        }
        for name in names(&self.home.backups().join("set-aside")) {
            let bytes = profiles.vault().read_secret(&self.home.backups().join("set-aside").join(&name), 1 << 20).unwrap().unwrap();
            found.push(format!("set aside {name} {}", String::from_utf8(bytes.to_vec()).unwrap()));
        }
        for removed in profiles.removed().unwrap() {
            found.push(format!("removed {}", removed.profile.name));
        }
        found
    }

    /// Another process in the same home.
    pub(crate) fn fresh(&self) -> Profiles {
        Profiles::open(self.home.clone(), &self.ports())
    }

    pub(crate) fn ports(&self) -> Ports {
        ports(self.folder.path(), self.keyring.clone())
    }

    pub(crate) fn switch(&self) -> Switch {
        let ports = self.ports();
        let codex = CodexHome::find(&ports.environment).unwrap();
        Switch::new(self.home.clone(), codex, self.profiles.clone(), State::open(&self.home).unwrap(), &ports)
    }

    pub(crate) fn keep(&self, login: &str) -> Profile {
        self.profiles.keep(&parse(login)).unwrap().profile
    }

    pub(crate) fn move_to(&self, mode: VaultMode) {
        self.profiles.move_vault(mode, Some(&Secret::new(PASSPHRASE))).unwrap();
    }

    pub(crate) fn unlock(profiles: &Profiles) -> Result<(), VaultError> {
        profiles.vault().unlock(Some(&Secret::new(PASSPHRASE)))
    }

    /// Where a profile's login lies.
    pub(crate) fn place(&self, id: &ProfileId) -> PathBuf {
        self.profiles.vault().place(&self.profiles.get(id).unwrap().name)
    }

    /// A process of its own in these homes, with this keyring.
    pub(crate) fn run_victim(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-lab-victim"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.folder.path());
        command.env("CODEX_HOME", self.folder.path().join("codex")).env("CODEX_LAB_HOME", self.home.root());
        command.arg("--keyring").arg(self.folder.path().join("keyring")).args(arguments).output().unwrap()
    }

    /// What must hold whenever no move is going on.
    pub(crate) fn assert_at_rest(&self, context: &str) {
        let header = fs::read_to_string(self.home.vault()).unwrap_or_default();
        assert!(!header.contains("\"move\""), "{context}: {header}");
        let sealed = self.profiles.vault().mode().unwrap() != VaultMode::File;
        assert_eq!(
            self.keyring.items().unwrap().len(),
            usize::from(self.profiles.vault().mode().unwrap() == VaultMode::Keyring),
            "{context}"
        );
        for path in files_below(self.home.root()) {
            let left = path.extension().is_some_and(|it| it == "moving" || it == "tmp");
            assert!(!left, "{context}: {} was left", path.display());
            let bytes = fs::read(&path).unwrap();
            if sealed {
                let clear = bytes.windows(7).any(|part| part == b"planted");
                assert!(!clear, "{context}: {} holds a secret in the clear", path.display());
            } else {
                assert!(!bytes.starts_with(b"CLVAULT"), "{context}: {} is still sealed", path.display());
            }
        }
    }
}

fn ports(folder: &Path, keyring: Arc<dyn Keyring>) -> Ports {
    let variables = [("CODEX_HOME", folder.join("codex").into()), ("CODEX_LAB_HOME", folder.join("lab").into())];
    Ports { keyring, ..offline::ports(Environment::of(folder, variables)) }
}

pub(crate) fn parse(login: &str) -> AuthDocument {
    AuthDocument::parse(login.to_owned()).unwrap()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file but the database's, whose locks would go with a look at it.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if !path.to_string_lossy().contains(".sqlite") {
            found.push(path);
        }
    }
    found
}
