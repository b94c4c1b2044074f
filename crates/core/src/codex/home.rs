//! Where the stock Codex keeps its things (codex-auth.md 7), and where its program is.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::environment::Environment;
use crate::base::files::{self, Entry, FileError, FileErrorKind};

/// The folder the stock Codex works in. The default one need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodexHome {
    root: PathBuf,
}

/// Why there is no Codex home.
#[derive(Debug, Error)]
pub enum CodexHomeError {
    /// Neither `CODEX_HOME` nor the user's home is known.
    #[error("the user's home folder is not known")]
    NoUserHome,
    /// `CODEX_HOME` names nothing; Codex itself does not start then.
    #[error("CODEX_HOME names {}, which does not exist", path.display())]
    Missing {
        /// As given.
        path: PathBuf,
    },
    /// A file stands in its place.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// As given.
        path: PathBuf,
    },
    /// It cannot be looked at.
    #[error(transparent)]
    File(#[from] FileError),
}

impl CodexHome {
    /// `$CODEX_HOME` if set, else `~/.codex`; links resolved, as Codex does.
    pub fn find(environment: &Environment) -> Result<Self, CodexHomeError> {
        if let Some(path) = environment.path("CODEX_HOME") {
            return match resolve(&path)? {
                Some(root) => Ok(Self { root }),
                None => Err(CodexHomeError::Missing { path }),
            };
        }
        let path = environment.user_home().ok_or(CodexHomeError::NoUserHome)?.join(".codex");
        Ok(Self { root: resolve(&path)?.unwrap_or(path) })
    }

    /// The home at a path that was found earlier.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The live login; may be a link.
    pub fn auth_json(&self) -> PathBuf {
        self.root.join("auth.json")
    }

    /// Codex's lock around its own changes of the login (codex-auth.md 1.5).
    pub fn auth_lock(&self) -> PathBuf {
        self.root.join("auth.lock")
    }

    /// Codex's configuration.
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The logs of Codex's sessions.
    pub fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }

    /// Codex's program: the one on the user's `PATH`, else the copy its daemon runs from.
    pub fn codex_program(&self, environment: &Environment) -> Option<PathBuf> {
        let daemons = self.root.join("packages/app-server-daemon/current/bin");
        let names: &[&str] = if cfg!(windows) { &["codex.exe", "codex.cmd"] } else { &["codex"] };
        let on_path = environment.search_path().into_iter().filter(|folder| folder.is_absolute());
        on_path.chain([daemons]).flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|path| files::is_program(path))
    }
}

/// The folder with every link resolved; `None` if nothing is there.
fn resolve(path: &Path) -> Result<Option<PathBuf>, CodexHomeError> {
    let root = match files::canonical(path) {
        Ok(root) => root,
        Err(error) if error.kind == FileErrorKind::Missing && files::entry(path)? == Entry::Missing => return Ok(None),
        Err(error) if error.kind == FileErrorKind::Missing => return Err(CodexHomeError::Missing { path: path.to_path_buf() }),
        Err(error) => return Err(error.into()),
    };
    if files::entry(&root)? == Entry::Folder { Ok(Some(root)) } else { Err(CodexHomeError::NotAFolder { path: path.to_path_buf() }) }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn with(value: &Path) -> Environment {
        Environment::of("/nowhere", [("CODEX_HOME", value.as_os_str().to_owned())])
    }

    #[test]
    fn the_default_need_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::of(folder.path(), [("CODEX_HOME", OsString::new())]);
        assert_eq!(CodexHome::find(&environment).unwrap().root(), folder.path().join(".codex"));
    }

    #[test]
    fn a_named_home_must_be_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(CodexHome::find(&with(&folder.path().join("none"))), Err(CodexHomeError::Missing { .. })));
        assert!(matches!(CodexHome::find(&with(&file)), Err(CodexHomeError::NotAFolder { .. })));
        assert!(matches!(CodexHome::find(&with(&file.join("below"))), Err(CodexHomeError::Missing { .. } | CodexHomeError::File(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_home_is_the_folder_itself() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        std::fs::create_dir(&real).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert_eq!(CodexHome::find(&with(&link)).unwrap().root(), real);
        std::fs::remove_dir(&real).unwrap();
        assert!(matches!(CodexHome::find(&with(&link)), Err(CodexHomeError::Missing { .. })), "a link to nothing");
    }

    #[cfg(unix)]
    #[test]
    fn the_program_on_the_path_comes_before_the_daemons() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let home = CodexHome::at(folder.path());
        let path: OsString = [folder.path().join("a"), folder.path().join("b")].map(|p| p.display().to_string()).join(":").into();
        let environment = Environment::of("/nowhere", [("PATH", path)]);
        let make = |place: &str, mode| {
            let file = folder.path().join(place);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            file
        };
        assert_eq!(home.codex_program(&environment), None);
        let daemons = make("packages/app-server-daemon/current/bin/codex", 0o755);
        make("a/codex", 0o644);
        assert_eq!(home.codex_program(&environment), Some(daemons));
        let second = make("b/codex", 0o755);
        assert_eq!(home.codex_program(&environment), Some(second), "the first cannot be run");
    }
}
