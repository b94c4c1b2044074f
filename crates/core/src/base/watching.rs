//! Being told when files change, instead of looking at them again and again.

use std::path::{Path, PathBuf};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Tells when one of some files may have changed.
#[derive(Debug)]
pub struct FileWatch {
    watcher: Option<RecommendedWatcher>,
    changes: mpsc::Receiver<()>,
    waiting: Vec<PathBuf>,
}

impl FileWatch {
    /// Watches these files by their folders, so that a replaced file goes on being watched.
    /// A folder that is not there yet is watched once [`Self::retry`] finds it.
    pub fn new(files: &[PathBuf]) -> Self {
        let names: Vec<_> = files.iter().filter_map(|file| file.file_name().map(ToOwned::to_owned)).collect();
        // One word waiting is enough: whoever hears it looks at everything.
        let (told, changes) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let relevant = event.is_ok_and(|event| {
                !event.kind.is_access()
                    && event.paths.iter().any(|path| path.file_name().is_some_and(|name| names.iter().any(|n| n == name)))
            });
            if relevant {
                let _ = told.try_send(());
            }
        });
        let mut folders: Vec<_> = files.iter().filter_map(|file| file.parent().map(Path::to_path_buf)).collect();
        folders.sort();
        folders.dedup();
        let watcher = watcher.inspect_err(|error| tracing::warn!(%error, "files cannot be watched")).ok();
        let mut watch = Self { watcher, changes, waiting: folders };
        watch.retry();
        watch
    }

    /// Begins to watch folders that were not there before.
    pub fn retry(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        self.waiting.retain(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_err());
    }

    /// Waits for a change. Without a working watcher it never comes.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::files;

    #[tokio::test]
    async fn a_replaced_file_is_told_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("auth.json");
        let mut watch = FileWatch::new(std::slice::from_ref(&file));
        for content in [b"1", b"2", b"3"] {
            files::write_private(&file, content).unwrap();
            tokio::time::timeout(Duration::from_secs(10), watch.changed()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_folder_that_comes_later_is_watched_then() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("later/auth.json");
        let mut watch = FileWatch::new(std::slice::from_ref(&file));
        files::create_private_folder(file.parent().unwrap()).unwrap();
        watch.retry();
        files::write_private(&file, b"1").unwrap();
        tokio::time::timeout(Duration::from_secs(10), watch.changed()).await.unwrap();
    }
}
