//! The home folder: where it is, what lies where, and where it may not be.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::environment::Environment;
use crate::base::files::{self, Entry, FileError};
use crate::model::name::ProfileName;

/// A folder with one of these is a work tree.
const WORK_TREE_MARKS: [&str; 5] = [".git", ".hg", ".jj", ".svn", ".bzr"];

/// The fork's index has a line for each profile.
const FOREIGN_INDEX_LIMIT: u64 = 1 << 20;

/// Our home folder; it exists and is private.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

/// Why there is no home.
#[derive(Debug, Error)]
pub enum HomeError {
    /// Neither `CODEX_LAB_HOME` nor a user's home is known.
    #[error("the user's home folder is not known")]
    NoUserHome,
    /// `CODEX_LAB_HOME` is not absolute.
    #[error("CODEX_LAB_HOME is not an absolute path")]
    Relative,
    /// The home would lie in a repository, where it could be committed.
    #[error("{} lies inside the work tree {}", home.display(), tree.display())]
    InWorkTree {
        /// The home asked for.
        home: PathBuf,
        /// The work tree's top.
        tree: PathBuf,
    },
    /// The folder is the home of a Codex, most likely of the fork that has our name and variable. Its index has the name of
    /// ours, and would be taken for a damaged one.
    #[error("{} is the home of a Codex", home.display())]
    OfCodex {
        /// The home asked for.
        home: PathBuf,
    },
    /// The folder cannot be made or used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder lets in whomever the folder above it does, and that could not be changed.
    #[cfg(any(windows, test))]
    #[error("{} could not be closed to other users", home.display())]
    Open {
        /// The home asked for.
        home: PathBuf,
        /// Why not.
        source: crate::base::access::AccessError,
    },
}

impl Home {
    /// Finds the home, and creates what is missing.
    pub fn open(environment: &Environment) -> Result<Self, HomeError> {
        let home = Self::find(environment)?;
        files::create_private_folder(&home.root)?;
        #[cfg(windows)]
        home.restrict(environment)?;
        for folder in [home.profiles(), home.backups(), home.locks(), home.runtime(), home.logs()] {
            files::create_private_folder(&folder)?;
        }
        Ok(home)
    }

    /// Closes the folder to other users where a file has no mode. Once: before anything lies in it, since what is made in it inherits
    /// this. As long as it fails, nothing is made.
    #[cfg(any(windows, test))]
    fn restrict(&self, environment: &Environment) -> Result<(), HomeError> {
        if files::entry(&self.profiles())? != Entry::Missing {
            return Ok(());
        }
        crate::base::access::restrict(environment, &self.root).map_err(|source| HomeError::Open { home: self.root.clone(), source })
    }

    /// Finds the home (`CODEX_LAB_HOME`, else `~/.codex-lab`), which need not be there, and refuses a bad place. Changes nothing.
    pub fn find(environment: &Environment) -> Result<Self, HomeError> {
        let root = match environment.path("CODEX_LAB_HOME") {
            Some(path) if path.is_absolute() => path,
            Some(_) => return Err(HomeError::Relative),
            None => environment.user_home().ok_or(HomeError::NoUserHome)?.join(".codex-lab"),
        };
        // Links are resolved first: a link in a harmless place may lead into a work tree.
        let resolved = resolve_existing_part(&root)?;
        for folder in resolved.ancestors() {
            for mark in WORK_TREE_MARKS {
                // What may not be looked at is not ours, and no work tree we could be committed in.
                if matches!(files::entry(&folder.join(mark)), Ok(Entry::Folder | Entry::File { .. })) {
                    return Err(HomeError::InWorkTree { home: root, tree: folder.to_path_buf() });
                }
            }
        }
        let home = Self { root: resolved };
        if home.is_of_codex()? {
            return Err(HomeError::OfCodex { home: root });
        }
        Ok(home)
    }

    /// Whether a Codex works here, and we never have: what every start of ours makes is missing.
    fn is_of_codex(&self) -> Result<bool, FileError> {
        if files::entry(&self.state())? != Entry::Missing || files::entry(&self.root)? == Entry::Missing {
            return Ok(false);
        }
        for name in ["auth.json", "auth_accounts.json", "sessions"] {
            if files::entry(&self.root.join(name))? != Entry::Missing {
                return Ok(true);
            }
        }
        let index = files::read_text(&self.index(), FOREIGN_INDEX_LIMIT).ok().flatten();
        let index = index.and_then(|text| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(&text).ok());
        Ok(index.is_some_and(|index| index.contains_key("version") && !index.contains_key("schema")))
    }

    /// What lies in the home that nobody but others can have put there: a home may be a folder that is used for other things, too.
    pub fn strangers(&self) -> Result<Vec<String>, FileError> {
        let ours = [
            self.index(),
            self.profiles(),
            self.gateway_key(),
            self.vault(),
            self.config(),
            self.state(),
            self.backups(),
            self.locks(),
            self.runtime(),
            self.logs(),
        ];
        // Beside its file lies what SQLite works with, what was set aside, and what was half written.
        let is_ours = |name: &String| {
            let name = name.strip_prefix('.').unwrap_or(name);
            ours.iter()
                .filter_map(|path| path.file_name()?.to_str())
                .any(|ours| name.strip_prefix(ours).is_some_and(|end| end.is_empty() || end.starts_with(['-', '.'])))
        };
        Ok(files::names(&self.root)?.into_iter().filter(|name| !is_ours(name)).collect())
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The index of profiles; no secrets.
    pub fn index(&self) -> PathBuf {
        self.root.join("auth-profiles.json")
    }

    /// The folder of profiles' folders.
    pub fn profiles(&self) -> PathBuf {
        self.root.join("auth-profiles")
    }

    /// What opens the gateway for clients without a login of their own.
    pub fn gateway_key(&self) -> PathBuf {
        self.root.join("gateway.key")
    }

    /// Held by the process that serves the gateway.
    pub fn gateway_lock(&self) -> PathBuf {
        self.locks().join("gateway")
    }

    /// Held by the process that serves the control interface.
    pub fn control_lock(&self) -> PathBuf {
        self.lock("control")
    }

    /// Says who serves the control interface, and where.
    pub fn control_server(&self) -> PathBuf {
        self.runtime().join("control.json")
    }

    /// Written whenever a process has left news for the others, who watch it.
    pub fn news(&self) -> PathBuf {
        self.runtime().join("news")
    }

    /// A profile's folder; it can serve as a `CODEX_HOME`.
    pub fn profile_folder(&self, name: &ProfileName) -> PathBuf {
        self.profiles().join(name.as_str())
    }

    /// A profile's login, in Codex's own format.
    pub fn login_file(&self, name: &ProfileName) -> PathBuf {
        self.profile_folder(name).join("auth.json")
    }

    /// How logins are kept, and by which key; no secrets in the clear.
    pub fn vault(&self) -> PathBuf {
        self.root.join("vault.json")
    }

    /// Settings, hand-editable.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// SQLite: what happened.
    pub fn state(&self) -> PathBuf {
        self.root.join("state.sqlite")
    }

    /// Last known good copies; may hold secrets.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// Lock files.
    pub fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// A lock file by its name.
    pub fn lock(&self, name: &str) -> PathBuf {
        self.locks().join(format!("{name}.lock"))
    }

    /// What matters only while something is going on, the switch journal for one.
    pub fn runtime(&self) -> PathBuf {
        self.root.join("runtime")
    }

    /// Whether a small file can be written here now; the error says why not.
    pub fn try_disk(&self) -> Result<(), FileError> {
        let probe = self.runtime().join("probe");
        // Two pages: on a full disk the first may still fit into what a name takes up.
        files::write_private(&probe, &[b'.'; 8192])?;
        files::remove(&probe)
    }

    /// Logs; no secrets.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }
}

/// Resolves the links of the part that exists; the rest is appended as it is.
fn resolve_existing_part(path: &Path) -> Result<PathBuf, FileError> {
    let mut missing = Vec::new();
    let mut existing = path;
    while files::entry(existing)? == Entry::Missing {
        let (Some(name), Some(parent)) = (existing.file_name(), existing.parent()) else { break };
        missing.push(name.to_owned());
        existing = parent;
    }
    let mut resolved = files::canonical(existing)?;
    resolved.extend(missing.iter().rev());
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(home: &Path) -> Result<Home, HomeError> {
        Home::open(&Environment::of("/nowhere", [("CODEX_LAB_HOME", home.as_os_str().to_owned())]))
    }

    #[test]
    fn the_home_is_made_private() {
        let folder = tempfile::tempdir().unwrap();
        let home = open(&folder.path().join("a/b")).unwrap();
        assert_eq!(files::entry(&home.locks()).unwrap(), Entry::Folder);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(home.root()).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn where_files_have_no_modes_nothing_is_made_in_a_home_that_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_path_buf() };
        let no_program = Environment::of("/nowhere", [("SystemRoot", "/nowhere".into())]);
        let error = home.restrict(&no_program).unwrap_err();
        assert!(matches!(error, HomeError::Open { .. }), "{error:?}");
        let failure = crate::failure::Failure::from(error);
        assert_eq!(failure.code, crate::failure::Code::BadHome);
        assert!(!failure.hints.is_empty());
        std::fs::create_dir(home.profiles()).unwrap();
        home.restrict(&no_program).expect("it was done before anything was made, and is not done again");
    }

    #[test]
    fn a_home_in_a_work_tree_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("repo/.git")).unwrap();
        let error = open(&folder.path().join("repo/deep/home")).unwrap_err();
        assert!(matches!(error, HomeError::InWorkTree { .. }), "{error:?}");
        assert_eq!(files::entry(&folder.path().join("repo/deep")).unwrap(), Entry::Missing, "nothing was written into it");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_a_work_tree_is_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("repo/.git")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("repo"), folder.path().join("link")).unwrap();
        assert!(matches!(open(&folder.path().join("link/home")), Err(HomeError::InWorkTree { .. })));
    }

    #[test]
    fn the_home_of_a_codex_is_left_alone() {
        for (name, text) in [("auth-profiles.json", r#"{"version":1,"profiles":{}}"#), ("auth.json", ""), ("auth_accounts.json", "{}")] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(name), text).unwrap();
            assert!(matches!(open(folder.path()), Err(HomeError::OfCodex { .. })), "{name}");
            assert_eq!(files::names(folder.path()).unwrap(), [name], "nothing was written into it");
        }
        for ours in [r#"{"schema":1,"profiles":[]}"#, r#"{"schema":2,"version":1}"#, "{", ""] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("auth-profiles.json"), ours).unwrap();
            assert!(open(folder.path()).is_ok(), "{ours}");
        }
    }

    #[test]
    fn a_relative_home_is_refused() {
        assert!(matches!(open(Path::new("relative")), Err(HomeError::Relative)));
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("taken");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(open(&file), Err(HomeError::File(_))));
    }
}
