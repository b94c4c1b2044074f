//! `--dry-run`, which every verb takes that changes something.

use clap::Args as ClapArgs;

use super::{
    Backup, Connect, Disconnect, Doctor, Export, Import, Login, MoveVault, Prime, Remove, Restore, RestoreBackup, Route, Sessions, Set,
    SettingsWords, Snooze, SupportBundle, Uninstall, Use, Vault, Verb,
};

/// Whether to change nothing.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct DryRun {
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl Verb {
    /// Whether what is asked for is only what would change. Verbs that have a dry run of their own kind see to it themselves.
    pub(crate) fn is_dry_run(&self) -> bool {
        match self {
            Self::Undo(dry)
            | Self::Capture(dry)
            | Self::Rename { dry, .. }
            | Self::Renew { dry, .. }
            | Self::Pause { dry, .. }
            | Self::Resume { dry, .. }
            | Self::Move { dry, .. }
            | Self::Sessions { choose: Some(Sessions::Choose { dry, .. } | Sessions::Pin { dry, .. } | Sessions::Unpin { dry, .. }) }
            | Self::Login(Login { dry, .. })
            | Self::Use(Use { dry, .. })
            | Self::Set(Set { dry, .. })
            | Self::Remove(Remove { dry, .. })
            | Self::Export(Export { dry, .. })
            | Self::Vault { what: Vault::Move(MoveVault { dry, .. }) | Vault::Unlock { dry, .. } | Vault::Lock(dry) }
            | Self::Snooze(Snooze { dry, .. })
            | Self::Settings(SettingsWords { dry, .. }) => dry.dry_run,
            Self::Import(Import { dry_run, .. })
            | Self::Backup { what: Backup::Restore(RestoreBackup { dry_run, .. }) }
            | Self::Restore(Restore { dry_run, .. })
            | Self::Connect(Connect { dry_run, .. })
            | Self::Disconnect(Disconnect { dry_run, .. })
            | Self::Prime(Prime { dry_run, .. })
            | Self::Doctor(Doctor { dry_run, .. })
            | Self::SupportBundle(SupportBundle { dry_run, .. })
            | Self::Uninstall(Uninstall { dry_run, .. }) => *dry_run,
            Self::Route { what: Some(rule) } => rule.is_dry_run(),
            Self::List
            | Self::Show { .. }
            | Self::Status(_)
            | Self::Backup { what: Backup::List }
            | Self::Vault { what: Vault::Status }
            | Self::Sessions { choose: None }
            | Self::Route { what: None }
            | Self::Run(_)
            | Self::Serve(_)
            | Self::AppServer(_)
            | Self::Why(_)
            | Self::Activity(_)
            | Self::Usage(_)
            | Self::Guard(_)
            | Self::Background
            | Self::Completions { .. }
            | Self::Man { .. } => false,
        }
    }
}

impl Route {
    fn is_dry_run(&self) -> bool {
        match self {
            Self::Strategy { dry, .. }
            | Self::Order { dry, .. }
            | Self::Bind { dry, .. }
            | Self::Unbind { dry, .. }
            | Self::Wall { dry, .. }
            | Self::ApiKeys { dry, .. }
            | Self::Wait { dry, .. } => dry.dry_run,
            Self::Thresholds(it) => it.dry.dry_run,
            Self::Force(it) => it.dry.dry_run,
            Self::Explain { .. } => false,
        }
    }
}
