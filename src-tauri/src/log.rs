//! The logs of the tray app and of its window: `logs/desktop.log` and `logs/window.log` in the home, bounded, without secrets.

use std::io;
use std::sync::Mutex;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::log::BoundedLog;
use codex_lab_core::engine::log_folder;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The log and the one before it are each at most this long, in bytes.
const LONGEST: u64 = 1 << 20;

/// Starts to log to a file of this name. Where the home cannot be used, to standard error; the engine says why.
pub(crate) fn start(environment: &Environment, name: &str) {
    // Fixed: at finer levels other people's code might write down what it sends.
    let wanted = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("codex_lab_core", LevelFilter::INFO)
        .with_target("codex_lab_desktop", LevelFilter::INFO);
    let registry = tracing_subscriber::registry().with(wanted);
    let log = log_folder(environment).and_then(|folder| BoundedLog::open(folder.join(name), LONGEST).ok());
    let started = match log {
        Some(log) => registry.with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(log))).try_init(),
        None => registry.with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(io::stderr)).try_init(),
    };
    // Only a second call in one process fails, and then there is a log.
    drop(started);
}
