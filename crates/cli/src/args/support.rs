//! The words of `support-bundle`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// What to write, and where.
#[derive(Debug, ClapArgs)]
pub(crate) struct SupportBundle {
    /// The file; without it, one in this folder that is named after the time. Nothing is written over
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Keep the names of profiles; without it they are p1, p2 and so on
    #[arg(long)]
    pub(crate) keep_names: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Only show what would be written, and how much
    #[arg(long)]
    pub(crate) dry_run: bool,
}
