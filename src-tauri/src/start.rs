//! What the program is asked to do when it is started, and whether that shows the window.

use std::ffi::OsString;

use codex_lab_core::view::link::Link;

/// What `--help` says.
pub(crate) const USAGE: &str = "\
Usage: codex-lab-desktop [--hidden] [LINK]

  LINK       a link such as codex-lab://switch/work: the window asks whether to do as it says

  --hidden   start in the tray, without a window; without a tray the window is shown all the same
  --version  say the version
  --help     say this

The terminal program is `codex-lab`.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Run the app.
    Run {
        /// In the tray only.
        hidden: bool,
        /// The link that was opened with it, unread: the last one.
        link: Option<String>,
    },
    /// Say the version.
    Version,
    /// Say how to start it.
    Help,
}

/// What is seen at first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The icon in the tray alone.
    Hidden,
    /// The window.
    Window,
    /// The window, with what this link asks for.
    Link(String),
}

impl Opening {
    /// A link is seen, however the app was started.
    pub(crate) fn of(hidden: bool, link: Option<String>) -> Self {
        match link {
            Some(link) => Self::Link(link),
            None if hidden => Self::Hidden,
            None => Self::Window,
        }
    }
}

impl Start {
    /// Reads the arguments after the program's name; the error is the first unknown one, as far as it is Unicode.
    pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let (mut hidden, mut link) = (false, None);
        for argument in arguments {
            let argument = argument.into_string().map_err(|argument| argument.to_string_lossy().into_owned())?;
            match argument.as_str() {
                "--hidden" => hidden = true,
                "--version" | "-V" => return Ok(Self::Version),
                "--help" | "-h" => return Ok(Self::Help),
                _ if Link::is_meant_by(&argument) => link = Some(argument),
                _ => return Err(argument),
            }
        }
        Ok(Self::Run { hidden, link })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let run = |hidden, link: Option<&str>| Ok(Start::Run { hidden, link: link.map(str::to_owned) });
        for (arguments, expected) in [
            (vec![], run(false, None)),
            (vec!["--hidden"], run(true, None)),
            (vec!["codex-lab://add"], run(false, Some("codex-lab://add"))),
            (vec!["--hidden", "codex-lab:?"], run(true, Some("codex-lab:?"))),
            (vec!["codex-lab"], Err("codex-lab".to_owned())),
            (vec!["--hidden", "--version"], Ok(Start::Version)),
            (vec!["-h"], Ok(Start::Help)),
            (vec!["--hiden"], Err("--hiden".to_owned())),
            (vec!["--hidden", ""], Err(String::new())),
        ] {
            assert_eq!(Start::parse(arguments.iter().map(OsString::from)), expected, "{arguments:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_argument_that_is_not_unicode_is_unknown() {
        use std::os::unix::ffi::OsStringExt as _;
        let argument = OsString::from_vec(b"codex-lab:\xff".to_vec());
        assert_eq!(Start::parse([argument].into_iter()), Err("codex-lab:\u{fffd}".to_owned()));
    }
}
