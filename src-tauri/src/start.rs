//! What the program is asked to do when it is started, and whether that shows the window.

/// What `--help` says.
pub(crate) const USAGE: &str = "\
Usage: codex-lab-desktop [--hidden]

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
    },
    /// Say the version.
    Version,
    /// Say how to start it.
    Help,
}

impl Start {
    /// Reads the arguments after the program's name; the error is the first unknown one.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut hidden = false;
        for argument in arguments {
            match argument.as_str() {
                "--hidden" => hidden = true,
                "--version" | "-V" => return Ok(Self::Version),
                "--help" | "-h" => return Ok(Self::Help),
                _ => return Err(argument),
            }
        }
        Ok(Self::Run { hidden })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for (arguments, expected) in [
            (vec![], Ok(Start::Run { hidden: false })),
            (vec!["--hidden"], Ok(Start::Run { hidden: true })),
            (vec!["--hidden", "--version"], Ok(Start::Version)),
            (vec!["-h"], Ok(Start::Help)),
            (vec!["--hiden"], Err("--hiden".to_owned())),
            (vec!["--hidden", ""], Err(String::new())),
        ] {
            assert_eq!(Start::parse(arguments.iter().map(ToString::to_string)), expected, "{arguments:?}");
        }
    }
}
