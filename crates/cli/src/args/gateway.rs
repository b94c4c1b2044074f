//! The words for the gateway: serving it, and starting Codex through it.

use std::ffi::OsString;

use clap::Args as ClapArgs;

/// What to start, and on which profile.
#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Start on this profile; another one serves while this one cannot
    #[arg(long, value_name = "NAME", conflicts_with = "auto")]
    pub(crate) profile: Option<String>,
    /// Let routing choose the profile, and stay there; the default
    #[arg(long)]
    pub(crate) auto: bool,
    /// Use no other profile than --profile, even where it is out of quota
    #[arg(long, requires = "profile")]
    pub(crate) strict: bool,
    /// The command, after two strokes: `-- codex`, `-- codex exec "say hi"`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// How to serve.
#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Take this port on 127.0.0.1, from now on; connected clients have to be connected again
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1024..))]
    pub(crate) port: Option<u16>,
}
