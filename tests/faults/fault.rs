//! Lets calls of an unmodified program fail.

use std::fs;
use std::path::{Path, PathBuf};

use codex_lab_tests::shim;

/// What the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errno {
    /// `ENOSPC`
    NoSpace,
    /// `EIO`
    Broken,
    /// `EROFS`
    ReadOnly,
    /// `EACCES`
    Denied,
}

impl Errno {
    pub(crate) const ALL: [Self; 4] = [Self::NoSpace, Self::Broken, Self::ReadOnly, Self::Denied];

    pub(crate) fn number(self) -> i32 {
        match self {
            Self::NoSpace => 28,
            Self::Broken => 5,
            Self::ReadOnly => 30,
            Self::Denied => 13,
        }
    }

    /// The code that the user is told, and the exit status.
    pub(crate) fn told(self) -> (&'static str, i32) {
        match self {
            Self::NoSpace => ("storage_full", 33),
            Self::Broken => ("storage", 35),
            Self::ReadOnly => ("storage_read_only", 34),
            Self::Denied => ("storage_denied", 32),
        }
    }
}

/// One fault.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Which of the counted calls, from 1; 0 lets none fail.
    pub(crate) nth: u32,
    /// Whether all later calls fail as well.
    pub(crate) lasts: bool,
    /// How.
    pub(crate) errno: Errno,
    /// Counts only paths with this part.
    pub(crate) part: Option<&'static str>,
    /// While this file is there, nothing fails.
    pub(crate) lifted: Option<PathBuf>,
}

impl Fault {
    /// The `nth` call fails, and no other.
    pub(crate) fn at(nth: u32, errno: Errno) -> Self {
        Self { nth, lasts: false, errno, part: None, lifted: None }
    }

    /// The `nth` call fails, and all after it.
    pub(crate) fn from(nth: u32, errno: Errno) -> Self {
        Self { lasts: true, ..Self::at(nth, errno) }
    }

    /// The variables for a program that is to meet this fault below `under`, and tells its calls to `trace`.
    pub(crate) fn env(&self, under: &Path, trace: &Path) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.display().to_string();
        let mut env = vec![
            ("LD_PRELOAD", text(&shim::library().unwrap())),
            ("FAULT_UNDER", text(under)),
            ("FAULT_TRACE", text(trace)),
            ("FAULT_NTH", self.nth.to_string()),
            ("FAULT_LASTS", i32::from(self.lasts).to_string()),
            ("FAULT_ERRNO", self.errno.number().to_string()),
        ];
        env.extend(self.part.map(|part| ("FAULT_PART", part.to_owned())));
        env.extend(self.lifted.as_deref().map(|path| ("FAULT_LIFTED", text(path))));
        env
    }
}

/// The calls that failed, each as `write /auth-profiles/main/auth.json`.
pub(crate) fn failed(trace: &Path) -> Vec<String> {
    let lines = fs::read_to_string(trace).unwrap_or_default();
    let call = |line: &str| line.strip_prefix("failed ").and_then(|rest| rest.split_once(' ')).map(|(_, call)| call.to_owned());
    lines.lines().filter_map(call).collect()
}
