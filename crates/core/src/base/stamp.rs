//! A cheap look at a file that tells whether it was replaced or written since.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use jiff::Timestamp;

/// What the system says of a file without opening it. Two equal stamps: the same content, but for a write within one tick
/// of the disk's clock that kept the size and the very same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// The file's own number, which a replacement changes; 0 where the system has none.
    number: u64,
}

/// For so many milliseconds a look at a file holds.
const LOOK_HOLDS: i64 = 20;

/// When a file was looked at last: many who ask at once do with one look.
#[derive(Debug)]
pub struct Looked(AtomicI64);

impl Default for Looked {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Looked {
    /// Whether the last look, at most 20 ms ago, still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        let looked = self.0.load(Ordering::Relaxed);
        (looked..looked.saturating_add(LOOK_HOLDS)).contains(&now.as_millisecond())
    }

    /// There was a look.
    pub fn note(&self, now: Timestamp) {
        self.0.store(now.as_millisecond(), Ordering::Relaxed);
    }
}

/// The stamp of a file, links followed; `None` if there is none to be seen.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    Some(Stamp { size: metadata.len(), modified: metadata.modified().ok(), number })
}

impl Stamp {
    /// When the file was written last, by the disk.
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// The file's own number on its disk; 0 where the system has none.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How long the file is, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether both are stamps of one file, changed or not, as far as the system tells.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// The stamp in numbers, which are equal where stamps are.
    pub fn numbers(&self) -> [u64; 3] {
        let since = self.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        [self.size, since.as_nanos().try_into().unwrap_or(u64::MAX), self.number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    #[test]
    fn every_replacement_changes_the_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(stamp(&path), None);
        let mut before = None;
        for content in [b"one", b"two", b"two"] {
            files::write_private(&path, content).unwrap();
            assert_ne!(stamp(&path), before);
            before = stamp(&path);
            assert_eq!(stamp(&path), before);
        }
    }
}
