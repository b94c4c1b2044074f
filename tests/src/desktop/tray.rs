//! The tray icon of an app: its menu over `com.canonical.dbusmenu`, and clicks in it.

use futures_util::StreamExt as _;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::menu::{self, TrayMenu, WireLine};
use super::tray_host::Icon;
use super::{DesktopError, PATIENCE};

/// A picture on the wire: width, height, and four bytes for each pixel.
pub type Picture = (i32, i32, Vec<u8>);

#[zbus::proxy(interface = "org.kde.StatusNotifierItem")]
trait Item {
    #[zbus(property(emits_changed_signal = "false"))]
    fn menu(&self) -> zbus::Result<OwnedObjectPath>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn icon_pixmap(&self) -> zbus::Result<Vec<Picture>>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn status(&self) -> zbus::Result<String>;
    fn activate(&self, x: i32, y: i32) -> zbus::Result<()>;
    #[zbus(signal)]
    fn new_icon(&self) -> zbus::Result<()>;
}

#[zbus::proxy(interface = "com.canonical.dbusmenu")]
trait Menu {
    fn get_layout(&self, parent: i32, depth: i32, properties: &[&str]) -> zbus::Result<(u32, WireLine)>;
    fn event(&self, id: i32, event: &str, data: &Value<'_>, timestamp: u32) -> zbus::Result<()>;
    #[zbus(signal)]
    fn layout_updated(&self, revision: u32, parent: i32) -> zbus::Result<()>;
    #[zbus(signal)]
    fn items_properties_updated(
        &self,
        updated: Vec<(i32, std::collections::HashMap<String, OwnedValue>)>,
        removed: Vec<(i32, Vec<String>)>,
    ) -> zbus::Result<()>;
}

/// The tray icon of an app.
pub struct Tray {
    item: ItemProxy<'static>,
    menu: MenuProxy<'static>,
}

impl Tray {
    pub(super) async fn of(connection: &zbus::Connection, icon: Icon) -> Result<Self, DesktopError> {
        let item = ItemProxy::builder(connection).destination(icon.owner.clone())?.path(icon.path)?.build().await?;
        let menu = MenuProxy::builder(connection).destination(icon.owner)?.path(item.menu().await?)?.build().await?;
        Ok(Self { item, menu })
    }

    /// The menu as it is now.
    pub async fn menu(&self) -> Result<TrayMenu, DesktopError> {
        let (_revision, root) = self.menu.get_layout(0, -1, &[]).await?;
        Ok(menu::read(&root))
    }

    /// Clicks the line with this label, or with this label before ` — `.
    pub async fn click(&self, label: &str) -> Result<(), DesktopError> {
        let menu = self.menu().await?;
        let line = menu.line(label).filter(|line| line.enabled && !line.separator);
        let line = line.ok_or_else(|| DesktopError::Nothing { wanted: label.to_owned(), seen: menu.to_string() })?;
        Ok(self.menu.event(line.id, "clicked", &Value::from(0), 0).await?)
    }

    /// Waits until the menu is as wanted.
    pub async fn wait_for(&self, what: &str, wanted: impl Fn(&TrayMenu) -> bool) -> Result<TrayMenu, DesktopError> {
        let mut layouts = self.menu.receive_layout_updated().await?;
        let mut properties = self.menu.receive_items_properties_updated().await?;
        let mut last = TrayMenu::default();
        let waiting = async {
            loop {
                last = self.menu().await?;
                if wanted(&last) {
                    return Ok::<_, DesktopError>(());
                }
                let _changed = tokio::select! {
                    layout = layouts.next() => layout.map(drop),
                    properties = properties.next() => properties.map(drop),
                };
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(seen) => seen.map(|()| last),
            Err(_) => Err(DesktopError::NotInTime(format!("{what} in the menu\n{last}"))),
        }
    }

    /// Waits until the mark stands at this line alone.
    pub async fn wait_for_checked(&self, label: &str) -> Result<TrayMenu, DesktopError> {
        let what = format!("the mark at {label:?}");
        self.wait_for(&what, |menu| menu.checked().len() == 1 && menu.line(label).is_some_and(|line| line.checked == Some(true))).await
    }

    /// Clicks the icon itself.
    pub async fn activate(&self) -> Result<(), DesktopError> {
        Ok(self.item.activate(0, 0).await?)
    }

    /// The picture that is shown.
    pub async fn picture(&self) -> Result<Picture, DesktopError> {
        self.item.icon_pixmap().await?.into_iter().next().ok_or_else(|| DesktopError::NotInTime("a picture in the tray".to_owned()))
    }

    /// Waits until another picture than this one is shown.
    pub async fn wait_for_other_picture(&self, than: &Picture) -> Result<Picture, DesktopError> {
        let mut changes = self.item.receive_new_icon().await?;
        let waiting = async {
            loop {
                let picture = self.picture().await?;
                if picture != *than {
                    return Ok::<_, DesktopError>(picture);
                }
                changes.next().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| DesktopError::NotInTime("another picture in the tray".to_owned()))?
    }
}
