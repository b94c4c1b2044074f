//! The command that starts Codex through the gateway: its words, with one setting before them, and its variables.
//!
//! Nothing secret stands among the words, which every user of the machine can read. The setting names the launch in the
//! gateway's address. What opens the gateway is the live login's own token, which Codex sends by itself (set-up D of
//! codex-runtime.md 0); or, for a run without a terminal, the gateway's key in a variable (set-up B), so that it depends on no
//! live login.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use thiserror::Error;

use super::config::{CodexConfig, ForcedMethod};
use crate::base::environment::Environment;
use crate::base::secret::Secret;

/// Subcommands that need no terminal, and read `CODEX_API_KEY` (codex-runtime.md 1.2).
const UNATTENDED: [&str; 3] = ["exec", "e", "review"];
/// Options before a subcommand that take a value of their own.
const WITH_VALUE: [&str; 17] = [
    "-c",
    "--config",
    "-m",
    "--model",
    "-p",
    "--profile",
    "-s",
    "--sandbox",
    "-a",
    "--ask-for-approval",
    "-C",
    "--cd",
    "-i",
    "--image",
    "--add-dir",
    "--enable",
    "--disable",
];
/// Through a proxy, Codex would send it all that it sends the gateway (codex-runtime.md 1.2).
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
const NO_PROXIES: [&str; 2] = ["NO_PROXY", "no_proxy"];
const OURSELVES: &str = "127.0.0.1,localhost";

/// A program to start in the foreground.
#[derive(Debug, Clone)]
pub struct Start {
    /// Its file, or its name on the search path.
    pub program: OsString,
    /// The rest of the words.
    pub arguments: Vec<OsString>,
    /// Variables on top of our own.
    pub variables: Vec<(&'static str, Secret)>,
}

/// Why something cannot be started through the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StartError {
    /// Nothing is to be started.
    #[error("no command is given")]
    Nothing,
    /// Something else than Codex is.
    #[error("only Codex can be started through the gateway")]
    NotCodex,
    /// Codex is to show its screen, and has no login to show it with.
    #[error("Codex has no login")]
    NoLogin,
}

/// Where to send Codex.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// The gateway's port on 127.0.0.1.
    pub port: u16,
    /// The gateway's key.
    pub key: &'a Secret,
    /// The launch's name.
    pub launch: &'a str,
}

/// What Codex finds at home.
#[derive(Debug, Clone, Copy)]
pub struct AtHome<'a> {
    /// Its configuration.
    pub config: &'a CodexConfig,
    /// Whether there is a live login.
    pub has_login: bool,
}

/// The command for these words.
pub fn start(words: &[OsString], address: Address<'_>, home: AtHome<'_>, environment: &Environment) -> Result<Start, StartError> {
    let (program, given) = words.split_first().ok_or(StartError::Nothing)?;
    if !is_codex(program) {
        return Err(StartError::NotCodex);
    }
    // Where ChatGPT is forced, Codex throws the live login away if it is given a key (codex-auth.md 2.4).
    let is_forced = home.config.forced_method == Some(ForcedMethod::Chatgpt) || home.config.forced_workspaces.is_some();
    let by_key = is_unattended(given) && !is_forced;
    if !by_key && !home.has_login {
        return Err(StartError::NoLogin);
    }
    let Address { port, key, launch } = address;
    let base = format!("openai_base_url=\"http://127.0.0.1:{port}/launch/{launch}/v1\"");
    let mut arguments: Vec<OsString> = ["-c", &base, "-c", "model_provider=\"openai\""].map(OsString::from).into();
    arguments.extend(given.iter().cloned());
    let mut variables = past_proxies(environment);
    if by_key {
        variables.push(("CODEX_API_KEY", key.clone()));
    }
    Ok(Start { program: program.clone(), arguments, variables })
}

/// Whether the words after `codex` ask for a run without a terminal.
pub fn is_unattended(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            return UNATTENDED.contains(&word);
        }
    }
    false
}

fn is_codex(program: &OsStr) -> bool {
    Path::new(program).file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("codex"))
}

/// The variables that keep requests to this machine away from the proxies of this environment.
fn past_proxies(environment: &Environment) -> Vec<(&'static str, Secret)> {
    if !PROXIES.iter().any(|proxy| environment.get(proxy).is_some_and(|value| !value.is_empty())) {
        return Vec::new();
    }
    let known = NO_PROXIES.iter().find_map(|name| environment.text(name).filter(|text| !text.trim().is_empty()));
    let all = known.map_or_else(|| OURSELVES.to_owned(), |known| format!("{known},{OURSELVES}"));
    NO_PROXIES.iter().map(|name| (*name, Secret::new(&all))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    fn started(text: &str, config: &str, has_login: bool, environment: &[(&'static str, &str)]) -> Result<Start, StartError> {
        let config = CodexConfig::parse(Path::new("config.toml"), config).unwrap();
        let key = Secret::new("clk-1");
        let address = Address { port: 4517, key: &key, launch: "a1" };
        let environment = Environment::of("/home/ada", environment.iter().map(|(name, value)| (*name, OsString::from(*value))));
        start(&words(text), address, AtHome { config: &config, has_login }, &environment)
    }

    fn has_key(start: &Start) -> bool {
        start.variables.iter().any(|(name, value)| *name == "CODEX_API_KEY" && value.expose() == "clk-1")
    }

    #[test]
    fn runs_without_a_terminal_are_told_apart() {
        for (text, expected) in [
            ("exec hi", true),
            ("e", true),
            ("-m exec exec hi", true),
            ("-c a=1 --search review", true),
            ("", false),
            ("resume --last", false),
            ("explain exec", false),
            ("-m exec", false),
            ("--model=x exec", true),
            ("-- exec", true),
        ] {
            assert_eq!(is_unattended(&words(text)), expected, "{text}");
        }
    }

    #[test]
    fn the_screen_comes_with_the_live_login_and_a_run_with_the_key() {
        let screen = started("codex resume --last", "", true, &[]).unwrap();
        assert!(!has_key(&screen));
        let expected =
            ["-c", "openai_base_url=\"http://127.0.0.1:4517/launch/a1/v1\"", "-c", "model_provider=\"openai\"", "resume", "--last"];
        assert_eq!(screen.arguments, expected);
        let run = started("/usr/bin/codex exec hi", "", false, &[]).unwrap();
        assert!(has_key(&run) && run.program == "/usr/bin/codex");
        assert!(run.arguments.iter().all(|word| !word.to_string_lossy().contains("clk-")), "words can be read by every user");
        assert_eq!(started("codex", "", false, &[]).unwrap_err(), StartError::NoLogin);
    }

    #[test]
    fn a_key_is_not_given_where_it_would_cost_the_login() {
        for config in ["forced_login_method = 'chatgpt'", "forced_chatgpt_workspace_id = 'w'"] {
            assert!(!has_key(&started("codex exec hi", config, true, &[]).unwrap()), "{config}");
            assert_eq!(started("codex exec hi", config, false, &[]).unwrap_err(), StartError::NoLogin);
        }
        assert!(has_key(&started("codex exec hi", "forced_login_method = 'api'", true, &[]).unwrap()));
    }

    #[test]
    fn proxies_are_gone_past() {
        let variable = |environment: &[(&'static str, &str)]| {
            let start = started("codex", "", true, environment).unwrap();
            start.variables.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect::<Vec<_>>()
        };
        assert!(variable(&[("HTTPS_PROXY", "http://p"), ("HTTP_PROXY", "")]).is_empty());
        assert_eq!(variable(&[("all_proxy", "http://p")]), ["NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost"]);
        let with = variable(&[("HTTP_PROXY", "http://p"), ("no_proxy", "a.example")]);
        assert_eq!(with, ["NO_PROXY=a.example,127.0.0.1,localhost", "no_proxy=a.example,127.0.0.1,localhost"]);
    }

    #[test]
    fn nothing_else_is_started() {
        assert_eq!(started("", "", true, &[]).unwrap_err(), StartError::Nothing);
        for other in ["opencode run", "sh -c codex", "codexx"] {
            assert_eq!(started(other, "", true, &[]).unwrap_err(), StartError::NotCodex, "{other}");
        }
        assert!(started("CODEX.exe", "", true, &[]).is_ok());
    }
}
