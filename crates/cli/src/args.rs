//! The words of the command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use codex_lab_core::model::import_source::ImportSource;

mod activity;
mod clients;
mod control;
mod copies;
mod doctor;
mod dry_run;
mod gateway;
mod guard;
mod priming;
mod remarks;
mod routing;
mod snooze;
mod status;
mod support;
mod uninstall;
mod usage;
mod vault;

pub(crate) use activity::Activity;
pub(crate) use clients::{Connect, Disconnect};
pub(crate) use control::AppServer;
pub(crate) use copies::{Backup, Export, Restore, RestoreBackup};
pub(crate) use doctor::Doctor;
pub(crate) use dry_run::DryRun;
pub(crate) use gateway::{Run, Serve};
pub(crate) use guard::Guard;
pub(crate) use priming::Prime;
pub(crate) use remarks::{Remarks, Set, Switch};
pub(crate) use routing::{Route, RouteForce, SettingsWords, Why};
pub(crate) use snooze::Snooze;
pub(crate) use status::{Format, Status};
pub(crate) use support::SupportBundle;
pub(crate) use uninstall::Uninstall;
pub(crate) use usage::Usage;
pub(crate) use vault::{MoveVault, Vault};

/// What every command takes.
const ALWAYS: &str = "With every command";

/// Use several of your own Codex accounts, without ever losing a login.
#[derive(Debug, Parser)]
#[command(name = "codex-lab", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Without a command, on a terminal: a screen with your profiles and keys to work with them.")]
pub(crate) struct Args {
    /// Print JSON on standard output
    #[arg(long, global = true, help_heading = ALWAYS)]
    pub(crate) json: bool,
    /// Print results only: no progress, no hints
    #[arg(long, short, global = true, help_heading = ALWAYS)]
    pub(crate) quiet: bool,
    /// Log what is done to standard error
    #[arg(long, short, global = true, help_heading = ALWAYS)]
    pub(crate) verbose: bool,
    /// Print without colours, as with `NO_COLOR` set
    #[arg(long, global = true, help_heading = ALWAYS)]
    pub(crate) no_color: bool,
    /// Read the vault's passphrase from the first line of standard input
    #[arg(long, global = true, help_heading = ALWAYS)]
    pub(crate) vault_passphrase_stdin: bool,
    /// Without one, on a terminal: the interactive screen.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Add an account: opens the browser, unless told otherwise
    Login(Login),
    /// Import logins from a file or a folder, or from other tools
    Import(Import),
    /// List the profiles
    #[command(visible_alias = "ls")]
    List,
    /// Show one profile
    Show {
        /// Its name
        name: String,
    },
    /// Make a profile the live login of Codex
    Use(Use),
    /// Undo the last switch
    Undo(DryRun),
    /// Show the live login, also for status bars
    Status(Status),
    /// Keep the live login as a profile; the login itself stays as it is
    Capture(DryRun),
    /// Rename a profile
    Rename {
        /// Its name now
        name: String,
        /// Its new name
        new_name: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Renew a profile's login now, if it can be renewed
    Renew {
        /// Its name
        name: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Note a label, a colour and more about a profile
    Set(Set),
    /// Take a profile out of use
    Pause {
        /// Its name
        name: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Take a paused profile back into use
    Resume {
        /// Its name
        name: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Move a profile to another place in the list
    Move {
        /// Its name
        name: String,
        /// Its new place, from 1
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        position: u32,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Forget a profile here; --undo brings the last one back
    Remove(Remove),
    /// List the last known good copies, or put one back
    Backup {
        #[command(subcommand)]
        what: Backup,
    },
    /// Write all profiles into one file, sealed with a passphrase
    Export(Export),
    /// Take profiles in from such a file
    Restore(Restore),
    /// Choose how logins are kept: in plain files, or sealed
    Vault {
        #[command(subcommand)]
        what: Vault,
    },
    /// Have Codex or opencode use your profiles always: changes a few lines of its configuration
    Connect(Connect),
    /// Undo that: the configuration is again as it was
    Disconnect(Disconnect),
    /// List running Codex processes, choose what happens to one after a switch, or tie a session to a profile
    Sessions {
        #[command(subcommand)]
        choose: Option<Sessions>,
    },
    /// Start Codex through the gateway, which goes on with another profile where one is out of quota
    Run(Run),
    /// Serve the gateway in this terminal until it is ended; the app does so by itself
    Serve(Serve),
    /// Speak with another program on standard input and output, in JSON-RPC
    AppServer(AppServer),
    /// Show or change which profile serves what comes through the gateway
    Route {
        #[command(subcommand)]
        what: Option<Route>,
    },
    /// Show which profile served the last requests, and what spoke against the others
    Why(Why),
    /// Show what happened, and why: switches, fallbacks, sign-ins, renewals, rests and more
    Activity(Activity),
    /// Show how fast quota is used and when it runs out, or what was used when
    Usage(Usage),
    /// Say by the exit status whether enough quota is left, for scripts
    Guard(Guard),
    /// Show or choose whether a profile's week is started as soon as the last one is over
    Prime(Prime),
    /// Hear nothing of a profile's quota until it is there again, or for some hours
    Snooze(Snooze),
    /// Show what Codex Lab asked of whom in the background, and how much of it is left for today
    Background,
    /// List the settings, or show or change one
    Settings(SettingsWords),
    /// Check that everything is in order, and say how to mend what is not
    Doctor(Doctor),
    /// Undo every change outside the home: connected programs, autostart, links; Codex stays signed in
    Uninstall(Uninstall),
    /// Write one file for whoever helps you: versions, findings, settings, activity and logs, without secrets and without names
    SupportBundle(SupportBundle),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual's pages, one for each command, into a folder: for whoever packs this program
    #[command(hide = true)]
    Man {
        /// The folder; it has to be there
        folder: PathBuf,
    },
}

/// How to sign in.
#[derive(Debug, ClapArgs)]
pub(crate) struct Login {
    #[command(flatten)]
    pub(crate) way: Way,
    /// Sign this profile in again
    #[arg(long, value_name = "NAME", conflicts_with_all = ["api_key", "import"])]
    pub(crate) again: Option<String>,
    /// If another account comes back than --again expects, add it as a new profile
    #[arg(long, requires = "again")]
    pub(crate) add_other: bool,
    /// Print the link and open no browser
    #[arg(long, conflicts_with_all = ["api_key", "import"])]
    pub(crate) no_browser: bool,
    /// Check no certificates, in this call alone: whoever is in between can take the login
    #[arg(long, conflicts_with = "import")]
    pub(crate) no_ssl_verify: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

impl Login {
    /// Whether the browser of this machine is to be left alone.
    pub(crate) fn leaves_browser_alone(&self) -> bool {
        self.no_browser || self.way.paste_callback
    }
}

/// One way to sign in; the browser if none is named.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct Way {
    /// Type a code into a page on any machine
    #[arg(long)]
    pub(crate) device_code: bool,
    /// Add an OpenAI API key, read from standard input
    #[arg(long)]
    pub(crate) api_key: bool,
    /// Add logins from a file or a folder; `-` reads an auth.json from standard input
    #[arg(long, value_name = "PATH")]
    pub(crate) import: Option<PathBuf>,
    /// Sign in with a browser on another machine: paste the address it ends at into standard input
    #[arg(long)]
    pub(crate) paste_callback: bool,
}

/// What to import.
#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// A file or a folder, `-` for an auth.json on standard input; without it, every tool that is known is looked for
    pub(crate) path: Option<PathBuf>,
    /// The tool whose accounts to import
    #[arg(long, value_name = "TOOL", value_parser = tools())]
    pub(crate) from: Option<ImportSource>,
    /// Only show what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only this login, by its key in `--dry-run --json`; may be given more than once
    #[arg(long, value_name = "KEY", conflicts_with = "dry_run")]
    pub(crate) only: Vec<String>,
    /// Ask for the passphrase of an encrypted store; without a terminal it is read from standard input
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// Do not ask before importing everything, or before deleting
    #[arg(long)]
    pub(crate) yes: bool,
    /// Delete a file with tokens that another tool has left behind, as --dry-run lists it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["path", "from", "only", "passphrase"])]
    pub(crate) delete_leftover: Option<PathBuf>,
}

/// The words for the tools that are known.
fn tools() -> impl TypedValueParser<Value = ImportSource> {
    PossibleValuesParser::new(ImportSource::ALL.map(ImportSource::word))
        .try_map(|word| ImportSource::ALL.into_iter().find(|tool| tool.word() == word).ok_or("no such tool"))
}

/// What to make the live login.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("to").required(true))]
pub(crate) struct Use {
    /// The profile's name
    #[arg(group = "to")]
    pub(crate) name: Option<String>,
    /// Sign out locally; nothing is revoked, and `codex-lab undo` brings the login back
    #[arg(long, group = "to")]
    pub(crate) none: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// What to remove.
#[derive(Debug, ClapArgs)]
pub(crate) struct Remove {
    /// The profile's name
    #[arg(required_unless_present = "undo", conflicts_with = "undo")]
    pub(crate) name: Option<String>,
    /// Also end its login at the provider; this cannot be undone
    #[arg(long, conflicts_with = "undo")]
    pub(crate) sign_out: bool,
    /// Do not ask before signing out
    #[arg(long, requires = "sign_out")]
    pub(crate) yes: bool,
    /// Bring the profile back that was removed last
    #[arg(long)]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) dry: DryRun,
}

/// What to do about a running Codex process, or a session.
#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// Choose what happens to a process that still runs on the old login
    Choose {
        /// Its process number
        pid: u32,
        /// What to do
        choice: Choice,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Tie a session that comes through the gateway to a profile: it goes there, or waits
    Pin {
        /// Its id, as `codex-lab why` lists it, or how that begins
        session: String,
        /// The profile's name
        profile: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Untie a session; it stays where it is at home
    Unpin {
        /// Its id, or how that begins
        session: String,
        #[command(flatten)]
        dry: DryRun,
    },
}

/// What to do about a session on the old login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// Let it go on as it is
    Leave,
    /// Restart its daemon as soon as no turn is running; waits for it
    WhenIdle,
    /// Restart its daemon now; open conversations stay
    Restart,
}

/// A shell that has completions.
pub(crate) type Shell = clap_complete::Shell;
