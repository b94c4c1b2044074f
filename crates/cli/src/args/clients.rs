//! The words of `connect` and `disconnect`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args as ClapArgs};
use codex_lab_core::model::client::Client;

/// What to connect.
#[derive(Debug, ClapArgs)]
pub(crate) struct Connect {
    /// The program
    #[arg(value_parser = clients())]
    pub(crate) client: Client,
    /// Replace what somebody else has set there; disconnecting puts it back
    #[arg(long)]
    pub(crate) replace: bool,
    /// Only show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What to disconnect.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("which").required(true))]
pub(crate) struct Disconnect {
    /// The program
    #[arg(value_parser = clients(), group = "which")]
    pub(crate) client: Option<Client>,
    /// Everything that is connected, wherever its configuration is
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Only show what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

fn clients() -> impl TypedValueParser<Value = Client> {
    PossibleValuesParser::new(Client::ALL.map(Client::word))
        .try_map(|word| Client::ALL.into_iter().find(|client| client.word() == word).ok_or("no such client"))
}
