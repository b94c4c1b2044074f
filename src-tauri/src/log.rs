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
    if started.is_ok() {
        tell_of_panics();
    }
}

/// Has every panic in the log, by its place alone: what it says of itself may hold anything, and goes to standard error as before.
fn tell_of_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "something went wrong inside the app");
        usual(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_in_the_log_by_its_place_alone() {
        let home = tempfile::tempdir().unwrap();
        start(&Environment::of(home.path(), []), "desktop.log");
        let place = line!() + 1;
        std::thread::spawn(|| panic!("a secret")).join().unwrap_err();
        let log = std::fs::read_to_string(home.path().join(".codex-lab/logs/desktop.log")).unwrap();
        assert!(log.contains(&format!("log.rs:{place}:")) && !log.contains("secret"), "{log}");
    }
}
