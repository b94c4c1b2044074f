//! The tray icon's menu as a desktop sees it: StatusNotifierItem finds it, com.canonical.dbusmenu reads it and clicks.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use zbus::Connection;
use zbus::connection::Builder;
use zbus::proxy::Proxy;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// Between two looks at the menu.
const LOOK: Duration = Duration::from_millis(100);
/// An item's description: number, properties, and what is below it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The tray of a session bus.
#[derive(Debug)]
pub struct Tray {
    bus: Connection,
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it has a mark.
    pub checked: bool,
    id: i32,
}

/// Why the tray does not do what is wanted.
#[derive(Debug, thiserror::Error)]
pub enum TrayError {
    /// The bus or a program on it.
    #[error("the tray does not answer")]
    Bus(#[from] zbus::Error),
    /// A value of another kind than the protocol says.
    #[error("the tray's menu is not as the protocol has it")]
    Shape(#[from] zbus::zvariant::Error),
    /// What was waited for did not come.
    #[error("the tray menu did not come to show {awaited:?} within {patience:?}; it shows {lines:#?}")]
    TimedOut {
        /// What.
        awaited: String,
        /// How long.
        patience: Duration,
        /// What it shows.
        lines: Vec<String>,
    },
}

impl Tray {
    /// The tray on the bus at `address`.
    pub async fn connect(address: &str) -> Result<Self, TrayError> {
        Ok(Self { bus: Builder::address(address)?.build().await? })
    }

    /// The menu's lines now, from top to bottom; none while there is no icon.
    pub async fn lines(&self) -> Result<Vec<Line>, TrayError> {
        let Some(menu) = self.menu().await? else { return Ok(Vec::new()) };
        let _: bool = menu.call("AboutToShow", &(0_i32,)).await?;
        let (_, (_, _, below)): (u32, Layout) = menu.call("GetLayout", &(0_i32, -1_i32, Vec::<&str>::new())).await?;
        let mut lines = Vec::new();
        for value in below {
            let (id, properties, _) = Layout::try_from(value)?;
            let text = |name: &str| properties.get(name).and_then(|value| <&str>::try_from(value).ok()).unwrap_or_default().to_owned();
            if text("type") != "separator" {
                let enabled = properties.get("enabled").and_then(|value| bool::try_from(value).ok()).unwrap_or(true);
                let checked = properties.get("toggle-state").and_then(|value| i32::try_from(value).ok()) == Some(1);
                // A single underscore marks a key and is not shown.
                let label = text("label").replace("__", "\u{0}").replace('_', "").replace('\u{0}', "_");
                lines.push(Line { label, enabled, checked, id });
            }
        }
        Ok(lines)
    }

    /// Waits until the menu is as `fits` wants it.
    pub async fn wait_until(&self, awaited: &str, patience: Duration, fits: impl Fn(&[Line]) -> bool) -> Result<Vec<Line>, TrayError> {
        let deadline = Instant::now() + patience;
        loop {
            let lines = self.lines().await;
            match lines {
                Ok(lines) if fits(&lines) => return Ok(lines),
                // An icon may come and go while it is looked at.
                _ if Instant::now() < deadline => sleep(LOOK).await,
                Ok(lines) => {
                    let lines = lines.into_iter().map(|line| line.label).collect();
                    return Err(TrayError::TimedOut { awaited: awaited.to_owned(), patience, lines });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until there is a line that starts with `label` and can be clicked, and clicks it.
    pub async fn click(&self, label: &str, patience: Duration) -> Result<(), TrayError> {
        let wanted = |line: &&Line| line.enabled && line.label.starts_with(label);
        let lines = self.wait_until(label, patience, |lines| lines.iter().any(|line| wanted(&line))).await?;
        if let (Some(line), Some(menu)) = (lines.iter().find(wanted), self.menu().await?) {
            let _: () = menu.call("Event", &(line.id, "clicked", Value::from(0_i32), 0_u32)).await?;
        }
        Ok(())
    }

    /// The menu of the first icon that the tray knows.
    async fn menu(&self) -> Result<Option<Proxy<'static>>, TrayError> {
        let watcher =
            Proxy::new(&self.bus, "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher").await?;
        let items: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").await?;
        let Some(item) = items.into_iter().next() else { return Ok(None) };
        // Watchers name an item by its owner, with or without the path on it.
        let (owner, path) = match item.split_once('/') {
            Some((owner, path)) => (owner.to_owned(), format!("/{path}")),
            None => (item, "/StatusNotifierItem".to_owned()),
        };
        let icon = Proxy::new(&self.bus, owner.clone(), path, "org.kde.StatusNotifierItem").await?;
        let menu: OwnedObjectPath = icon.get_property("Menu").await?;
        Ok(Some(Proxy::new(&self.bus, owner, menu, "com.canonical.dbusmenu").await?))
    }
}
