//! Hooks: programs of the user's that are run when something happens.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::news::News;

/// Words of a command, the program included.
pub const WORDS_LIMIT: usize = 64;
/// Bytes of one of them.
pub const WORD_LIMIT: usize = 4096;
/// Seconds that a hook may take, if nothing else is set.
pub const USUAL_SECONDS: u16 = 30;
/// Seconds that a hook may take at most.
pub const SECONDS_LIMIT: u16 = 600;

/// What is run for which event. Nothing, unless the user says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(export)]
pub struct Hooks {
    /// When a profile, or every one, is out of quota.
    pub exhausted: Option<HookCommand>,
    /// When a profile stands in for another.
    pub fell_back: Option<HookCommand>,
    /// When a window was started ahead of need.
    pub primed: Option<HookCommand>,
    /// When a window that was low has started anew.
    pub reset: Option<HookCommand>,
    /// When a login is gone for good.
    pub needs_sign_in: Option<HookCommand>,
    /// How long each may take, in seconds: 1 to 600.
    pub timeout_seconds: HookSeconds,
}

/// A program by its absolute path, and its arguments. No shell reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[ts(as = "Vec<String>")]
pub struct HookCommand {
    program: PathBuf,
    words: Vec<String>,
}

/// How long a hook may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "u16", into = "u16")]
#[ts(as = "u16")]
pub struct HookSeconds(u16);

/// Why something cannot be a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HookError {
    /// There is no program.
    #[error("a hook names a program and its arguments, each as a text of its own")]
    Empty,
    /// A relative path: it would be looked for somewhere.
    #[error("a hook's program is named by its absolute path")]
    NotAbsolute,
    /// Too much of it.
    #[error("a hook has at most {WORDS_LIMIT} words of {WORD_LIMIT} bytes")]
    TooLong,
    /// A NUL, which no argument can hold.
    #[error("a hook holds a NUL")]
    Nul,
    /// No time, or too much of it.
    #[error("a hook takes 1 to {SECONDS_LIMIT} seconds")]
    Seconds,
}

/// The events that hooks are run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookEvent {
    /// A profile, or every one, is out of quota.
    Exhausted,
    /// A profile stands in for another.
    FellBack,
    /// A window was started ahead of need.
    Primed,
    /// A window that was low has started anew.
    Reset,
    /// A login is gone for good.
    NeedsSignIn,
}

impl HookEvent {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Exhausted, Self::FellBack, Self::Primed, Self::Reset, Self::NeedsSignIn];

    /// The event that news is; `None` if no hook is run for it.
    pub fn of(news: &News) -> Option<Self> {
        match news {
            News::Exhausted { .. } | News::AllExhausted { .. } => Some(Self::Exhausted),
            News::FellBack { .. } => Some(Self::FellBack),
            News::Primed { .. } => Some(Self::Primed),
            News::Reset { .. } => Some(Self::Reset),
            News::SignInNeeded { .. } => Some(Self::NeedsSignIn),
            News::Low { .. } => None,
        }
    }

    /// Its name, in settings and in what the hook is given.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::FellBack => "fell_back",
            Self::Primed => "primed",
            Self::Reset => "reset",
            Self::NeedsSignIn => "needs_sign_in",
        }
    }
}

impl Hooks {
    /// What is run for an event.
    pub fn command(&self, event: HookEvent) -> Option<&HookCommand> {
        match event {
            HookEvent::Exhausted => self.exhausted.as_ref(),
            HookEvent::FellBack => self.fell_back.as_ref(),
            HookEvent::Primed => self.primed.as_ref(),
            HookEvent::Reset => self.reset.as_ref(),
            HookEvent::NeedsSignIn => self.needs_sign_in.as_ref(),
        }
    }

    /// All that is set.
    pub fn all(&self) -> impl Iterator<Item = (HookEvent, &HookCommand)> {
        HookEvent::ALL.into_iter().filter_map(|event| Some((event, self.command(event)?)))
    }
}

impl HookCommand {
    /// Checks a command: at most 64 words of 4 KiB, the first of them an absolute path.
    pub fn of(mut words: Vec<String>) -> Result<Self, HookError> {
        if words.first().is_none_or(String::is_empty) {
            return Err(HookError::Empty);
        }
        if words.len() > WORDS_LIMIT || words.iter().any(|word| word.len() > WORD_LIMIT) {
            return Err(HookError::TooLong);
        }
        if words.iter().any(|word| word.contains('\0')) {
            return Err(HookError::Nul);
        }
        let program = PathBuf::from(words.remove(0));
        if program.is_absolute() { Ok(Self { program, words }) } else { Err(HookError::NotAbsolute) }
    }

    /// The program's absolute path.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What it is given.
    pub fn arguments(&self) -> &[String] {
        &self.words
    }
}

impl HookSeconds {
    /// As a number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for HookSeconds {
    fn default() -> Self {
        Self(USUAL_SECONDS)
    }
}

impl TryFrom<u16> for HookSeconds {
    type Error = HookError;
    fn try_from(seconds: u16) -> Result<Self, HookError> {
        if (1..=SECONDS_LIMIT).contains(&seconds) { Ok(Self(seconds)) } else { Err(HookError::Seconds) }
    }
}

impl From<HookSeconds> for u16 {
    fn from(seconds: HookSeconds) -> Self {
        seconds.0
    }
}

impl TryFrom<Vec<String>> for HookCommand {
    type Error = HookError;
    fn try_from(words: Vec<String>) -> Result<Self, HookError> {
        Self::of(words)
    }
}

impl From<HookCommand> for Vec<String> {
    fn from(command: HookCommand) -> Self {
        let program = command.program.to_string_lossy().into_owned();
        std::iter::once(program).chain(command.words).collect()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_program_in_full() {
        let words = |words: &[&str]| HookCommand::of(words.iter().map(|word| (*word).to_owned()).collect());
        let command = words(&["/usr/bin/env", "a b", ""]).unwrap();
        assert_eq!((command.program(), command.arguments()), (Path::new("/usr/bin/env"), &["a b".to_owned(), String::new()][..]));
        assert_eq!(Vec::from(command), ["/usr/bin/env", "a b", ""]);
        for (given, error) in [
            (words(&[]), HookError::Empty),
            (words(&["", "x"]), HookError::Empty),
            (words(&["notify-send", "x"]), HookError::NotAbsolute),
            (words(&["./notify"]), HookError::NotAbsolute),
            (words(&["~/notify"]), HookError::NotAbsolute),
            (words(&["/bin/a\0b"]), HookError::Nul),
            (words(&["/bin/a", "b\0"]), HookError::Nul),
            (words(&["/bin/a", &"x".repeat(4097)]), HookError::TooLong),
            (words(&["/bin/a"; 65]), HookError::TooLong),
        ] {
            assert_eq!(given.unwrap_err(), error);
        }
    }

    #[test]
    fn hooks_are_read_from_settings_and_off_by_default() {
        let hooks: Hooks = serde_json::from_str(r#"{"reset":["/bin/true","now"],"timeout_seconds":5}"#).unwrap();
        assert_eq!(hooks.all().map(|(event, _)| event.as_str()).collect::<Vec<_>>(), ["reset"]);
        assert_eq!((hooks.timeout_seconds.get(), Hooks::default().timeout_seconds.get()), (5, 30));
        assert_eq!(Hooks::default().all().count(), 0);
        for bad in [r#"{"timeout_seconds":0}"#, r#"{"timeout_seconds":601}"#, r#"{"reset":"/bin/true"}"#, r#"{"reset":["true"]}"#] {
            assert!(serde_json::from_str::<Hooks>(bad).is_err(), "{bad}");
        }
    }
}
