//! Whether anything on this desktop shows tray icons. Bare GNOME and most tiling bars show none.

use std::time::Duration;

use tokio::sync::watch;

/// Follows whether there is a tray. On systems other than Linux there always is.
#[derive(Debug)]
pub(crate) struct TrayHost {
    /// `None` until the first look.
    present: watch::Receiver<Option<bool>>,
}

impl TrayHost {
    /// Starts to look.
    #[cfg(target_os = "linux")]
    pub(crate) fn watch() -> Self {
        let (sender, present) = watch::channel(None);
        tokio::spawn(async move {
            if let Err(error) = linux::follow(&sender).await {
                tracing::info!(%error, "no tray can be seen");
            }
            sender.send_replace(Some(false));
        });
        Self { present }
    }

    /// Nothing to look at.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn watch() -> Self {
        Self { present: watch::channel(Some(true)).1 }
    }

    /// Whether there is a tray, as far as is known.
    pub(crate) fn is_there(&self) -> bool {
        *self.present.borrow() == Some(true)
    }

    /// Whether a tray is there, or comes within this time.
    pub(crate) async fn is_there_within(&self, patience: Duration) -> bool {
        let mut present = self.present.clone();
        // Without a session bus none ever comes, and the channel is closed.
        let came = tokio::time::timeout(patience, present.wait_for(|present| *present == Some(true))).await;
        matches!(came, Ok(Ok(_)))
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! The `StatusNotifierItem` protocol: a watcher knows the icons, and hosts show them.

    use futures_util::StreamExt as _;
    use tokio::sync::watch;
    use zbus::proxy::CacheProperties;

    #[zbus::proxy(
        interface = "org.kde.StatusNotifierWatcher",
        default_service = "org.kde.StatusNotifierWatcher",
        default_path = "/StatusNotifierWatcher"
    )]
    trait Watcher {
        #[zbus(property)]
        fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;

        #[zbus(signal)]
        fn status_notifier_host_registered(&self) -> zbus::Result<()>;

        #[zbus(signal)]
        fn status_notifier_host_unregistered(&self) -> zbus::Result<()>;
    }

    /// Looks, and looks again whenever something may have changed, until the session bus goes away.
    pub(super) async fn follow(present: &watch::Sender<Option<bool>>) -> zbus::Result<()> {
        let connection = zbus::Connection::session().await?;
        // Not every watcher announces changes of its properties.
        let watcher = WatcherProxy::builder(&connection).cache_properties(CacheProperties::No).build().await?;
        let mut owners = watcher.inner().receive_owner_changed().await?;
        let mut came = watcher.receive_status_notifier_host_registered().await?;
        let mut went = watcher.receive_status_notifier_host_unregistered().await?;
        loop {
            // No watcher at all is an error here.
            let there = watcher.is_status_notifier_host_registered().await.unwrap_or(false);
            present.send_replace(Some(there));
            let something = tokio::select! {
                owner = owners.next() => owner.is_some(),
                signal = came.next() => signal.is_some(),
                signal = went.next() => signal.is_some(),
            };
            if !something {
                return Ok(());
            }
        }
    }
}
