//! The log of the tray app: `logs/desktop.log` in the home, bounded, without secrets.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::files::{self, Entry, FileError};
use codex_lab_core::store::home::Home;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The log and the one before it are each at most this long, in bytes.
const LONGEST: u64 = 1 << 20;

/// Starts to log. Where the home cannot be used, to standard error; the engine says why.
pub(crate) fn start(environment: &Environment) {
    // Fixed: at finer levels other people's code might write down what it sends.
    let wanted = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("codex_lab_core", LevelFilter::INFO)
        .with_target("codex_lab_desktop", LevelFilter::INFO);
    let registry = tracing_subscriber::registry().with(wanted);
    let log = Home::open(environment).ok().and_then(|home| BoundedLog::open(home.logs().join("desktop.log"), LONGEST).ok());
    let started = match log {
        Some(log) => registry.with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(log))).try_init(),
        None => registry.with(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(io::stderr)).try_init(),
    };
    // Only a second call in one process fails, and then there is a log.
    drop(started);
}

/// A file that is set aside when it is full; the one set aside before goes.
#[derive(Debug)]
struct BoundedLog {
    path: PathBuf,
    limit: u64,
    file: File,
    length: u64,
}

impl BoundedLog {
    fn open(path: PathBuf, limit: u64) -> Result<Self, FileError> {
        let length = match files::entry(&path)? {
            Entry::File { size, .. } => size,
            _ => 0,
        };
        Ok(Self { file: files::open_log(&path)?, path, limit, length })
    }

    fn set_aside(&mut self) -> Result<(), FileError> {
        files::rename(&self.path, &self.path.with_extension("log.1"))?;
        self.file = files::open_log(&self.path)?;
        self.length = 0;
        Ok(())
    }
}

impl Write for BoundedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.length > 0 && self.length.saturating_add(bytes.len() as u64) > self.limit {
            self.set_aside().map_err(io::Error::other)?;
        }
        let written = self.file.write(bytes)?;
        self.length = self.length.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_never_outgrows_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desktop.log");
        for _ in 0..3 {
            let mut log = BoundedLog::open(path.clone(), 100).unwrap();
            for number in 0..50 {
                writeln!(log, "line {number:03}").unwrap();
            }
        }
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["desktop.log", "desktop.log.1"]);
        let (now, before) = (std::fs::read_to_string(&path).unwrap(), std::fs::read_to_string(path.with_extension("log.1")).unwrap());
        assert!(now.len() <= 100 && before.len() <= 100, "{} {}", now.len(), before.len());
        assert!(now.ends_with("line 049\n"), "{now}");
    }
}
