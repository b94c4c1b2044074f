//! The tray icon of an app: its menu over `com.canonical.dbusmenu`, and clicks in it.

use futures_util::{FutureExt as _, StreamExt as _};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::menu::{self, MenuLine, TrayMenu, WireLine};
use super::tray_host::Icon;
use super::{DesktopError, PATIENCE};

/// What a menu says of a line that is no longer there.
const GONE: &str = "org.freedesktop.DBus.Error.InvalidArgs";

/// A picture on the wire: width, height, and four bytes for each pixel.
pub type Picture = (i32, i32, Vec<u8>);

#[zbus::proxy(interface = "org.kde.StatusNotifierItem")]
trait Item {
    #[zbus(property(emits_changed_signal = "false"))]
    fn menu(&self) -> zbus::Result<OwnedObjectPath>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn icon_pixmap(&self) -> zbus::Result<Vec<Picture>>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn tool_tip(&self) -> zbus::Result<(String, Vec<Picture>, String, String)>;
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

/// What an app has told of its menu.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// That there are other lines: an open menu is built anew.
    pub layouts: usize,
    /// That lines say something else.
    pub properties: usize,
}

/// Hears what is told of a menu.
pub struct Listening<'a> {
    tray: &'a Tray,
    layouts: LayoutUpdatedStream,
    properties: ItemsPropertiesUpdatedStream,
    told: Told,
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
        self.click_line(label, |menu| menu.line(label)).await
    }

    /// Clicks the line with this label in the submenu of that label.
    pub async fn click_in(&self, submenu: &str, label: &str) -> Result<(), DesktopError> {
        self.click_line(label, |menu| menu.line_in(submenu, label)).await
    }

    async fn click_line(&self, label: &str, find: impl Fn(&TrayMenu) -> Option<&MenuLine>) -> Result<(), DesktopError> {
        loop {
            let menu = self.menu().await?;
            let line = find(&menu).filter(|line| line.enabled && !line.separator);
            let line = line.ok_or_else(|| DesktopError::Nothing { wanted: label.to_owned(), seen: menu.to_string() })?;
            match self.menu.event(line.id, "clicked", &Value::from(0), 0).await {
                // The menu has changed since it was read: whoever clicks sees the new one.
                Err(zbus::Error::MethodError(name, ..)) if name == GONE => {}
                clicked => return Ok(clicked?),
            }
        }
    }

    /// Waits until the menu is as wanted.
    pub async fn wait_for(&self, what: &str, wanted: impl Fn(&TrayMenu) -> bool) -> Result<TrayMenu, DesktopError> {
        self.listen().await?.wait_for(what, wanted).await.map(|(menu, _)| menu)
    }

    /// Listens from now on to what is told of the menu.
    pub async fn listen(&self) -> Result<Listening<'_>, DesktopError> {
        let (layouts, properties) = (self.menu.receive_layout_updated().await?, self.menu.receive_items_properties_updated().await?);
        Ok(Listening { tray: self, layouts, properties, told: Told::default() })
    }

    /// Waits until the mark stands at this line alone.
    pub async fn wait_for_checked(&self, label: &str) -> Result<TrayMenu, DesktopError> {
        let what = format!("the mark at {label:?}");
        self.wait_for(&what, |menu| menu.chosen().len() == 1 && menu.line(label).is_some_and(|line| line.checked == Some(true))).await
    }

    /// What is said to who points at the icon.
    pub async fn tip(&self) -> Result<String, DesktopError> {
        let (_icon, _pictures, _title, text) = self.item.tool_tip().await?;
        Ok(text)
    }

    /// Clicks the icon itself.
    pub async fn activate(&self) -> Result<(), DesktopError> {
        Ok(self.item.activate(0, 0).await?)
    }

    /// The smallest picture that is shown.
    pub async fn picture(&self) -> Result<Picture, DesktopError> {
        self.pictures().await?.into_iter().next().ok_or_else(|| DesktopError::NotInTime("a picture in the tray".to_owned()))
    }

    /// The same in every size.
    pub async fn pictures(&self) -> Result<Vec<Picture>, DesktopError> {
        Ok(self.item.icon_pixmap().await?)
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

impl Listening<'_> {
    /// Waits until the menu is as wanted, and says what was told since it is listened to.
    pub async fn wait_for(&mut self, what: &str, wanted: impl Fn(&TrayMenu) -> bool) -> Result<(TrayMenu, Told), DesktopError> {
        let Self { tray, layouts, properties, told } = self;
        let mut last = TrayMenu::default();
        let waiting = async {
            loop {
                last = tray.menu().await?;
                if wanted(&last) {
                    break;
                }
                tokio::select! {
                    layout = layouts.next() => told.layouts += usize::from(layout.is_some()),
                    items = properties.next() => told.properties += usize::from(items.is_some()),
                }
            }
            // What was told before that answer has come before it.
            while layouts.next().now_or_never().flatten().is_some() {
                told.layouts += 1;
            }
            while properties.next().now_or_never().flatten().is_some() {
                told.properties += 1;
            }
            Ok::<_, DesktopError>(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(seen) => seen.map(|()| (last, *told)),
            Err(_) => Err(DesktopError::NotInTime(format!("{what} in the menu\n{last}"))),
        }
    }
}
