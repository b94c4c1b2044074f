//! The process environment, read once at the edge and passed in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A copy of the environment variables and of the user's home folder.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    user_home: Option<PathBuf>,
}

impl Environment {
    /// Reads this process's environment. Only `main` functions call it.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self { variables: std::env::vars_os().collect(), user_home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf()) }
    }

    /// An environment made by hand, for tests.
    pub fn of(user_home: impl Into<PathBuf>, variables: impl IntoIterator<Item = (&'static str, OsString)>) -> Self {
        Self { variables: variables.into_iter().map(|(name, value)| (name.into(), value)).collect(), user_home: Some(user_home.into()) }
    }

    /// A variable's value; an empty one counts as unset, as Codex counts it.
    pub fn get(&self, name: &str) -> Option<&OsString> {
        self.variables.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty())
    }

    /// A variable's value as text; `None` if unset, empty, or not Unicode.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// A variable's value as a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The user's home folder, if the system names one.
    pub fn user_home(&self) -> Option<&Path> {
        self.user_home.as_deref()
    }

    /// The folders of `PATH`, in order.
    pub fn search_path(&self) -> Vec<PathBuf> {
        self.get("PATH").map(|value| std::env::split_paths(value).collect()).unwrap_or_default()
    }

    /// All variables, for handing on to a child process.
    pub fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }
}
