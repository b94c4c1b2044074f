//! Linux: an item of the `StatusNotifierItem` protocol with its menu, both on the session bus.

use std::sync::Arc;

use codex_lab_core::view::command::Command;
use codex_lab_core::view::icon::IconState;
use codex_lab_core::view::menu::{Entry, Item, Menu};
use ksni::menu::{CheckmarkItem, StandardItem, SubMenu};
use ksni::{Handle, MenuItem, ToolTip, TrayMethods as _};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;

use crate::icon::picture;

/// The name of the app, for whoever points at the icon.
const TITLE: &str = "Codex Lab";

/// The tray of this app. Clones share it.
#[derive(Clone)]
pub(crate) struct Tray {
    clicks: UnboundedSender<Command>,
    /// Once it was drawn for the first time.
    handle: Arc<Mutex<Option<Handle<Drawn>>>>,
}

impl Tray {
    /// A tray with nothing in it yet. `clicks` gets what is clicked.
    pub(crate) fn new(clicks: UnboundedSender<Command>) -> Self {
        Self { clicks, handle: Arc::default() }
    }

    /// Shows what there is to show by the time it can be shown.
    pub(crate) async fn draw(&self, seen: impl FnOnce() -> (Menu, IconState) + Send) {
        // One after the other, so that nothing older is drawn over something newer.
        let mut handle = self.handle.lock().await;
        let (menu, icon) = seen();
        if let Some(handle) = handle.as_ref().filter(|handle| !handle.is_closed()) {
            let change = |drawn: &mut Drawn| (drawn.menu, drawn.icon) = (menu, icon);
            // What has not changed is told to nobody.
            handle.update(change).await;
            return;
        }
        let drawn = Drawn { menu, icon, clicks: self.clicks.clone() };
        // A panel may come later, and is waited for.
        match drawn.assume_sni_available(true).spawn().await {
            Ok(begun) => *handle = Some(begun),
            Err(error) => tracing::info!(%error, "there is no tray"),
        }
    }
}

/// What is in the tray now.
struct Drawn {
    menu: Menu,
    icon: IconState,
    clicks: UnboundedSender<Command>,
}

impl ksni::Tray for Drawn {
    fn id(&self) -> String {
        "codex-lab".to_owned()
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: TITLE.to_owned(), ..ToolTip::default() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        vec![pixmap(self.icon)]
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.clicked(&Command::OpenWindow);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.menu.entries.iter().map(line).collect()
    }
}

impl Drawn {
    fn clicked(&self, command: &Command) {
        // Nobody listens any more when the app is ending.
        let _ = self.clicks.send(command.clone());
    }
}

fn line(entry: &Entry) -> MenuItem<Drawn> {
    match entry {
        Entry::Separator => MenuItem::Separator,
        Entry::Submenu { label, entries } => {
            SubMenu { label: escaped(label), submenu: entries.iter().map(line).collect(), ..SubMenu::default() }.into()
        }
        Entry::Item(Item { id, label, enabled, checked: None }) => {
            StandardItem { label: escaped(label), enabled: *enabled, activate: does(id), ..StandardItem::default() }.into()
        }
        Entry::Item(Item { id, label, enabled, checked: Some(checked) }) => {
            let (label, activate) = (escaped(label), does(id));
            CheckmarkItem { label, enabled: *enabled, checked: *checked, activate, ..CheckmarkItem::default() }.into()
        }
    }
}

/// What a click on the line with this name does.
fn does(id: &str) -> Box<dyn Fn(&mut Drawn) + Send> {
    let command = Command::parse(id);
    Box::new(move |drawn| {
        if let Some(command) = &command {
            drawn.clicked(command);
        }
    })
}

/// A single `_` would underline the next letter.
fn escaped(label: &str) -> String {
    label.replace('_', "__")
}

/// The picture as the protocol wants it: the pixels' alpha first.
fn pixmap(state: IconState) -> ksni::Icon {
    let picture = picture(state);
    let pixels = picture.rgba().chunks_exact(4).flat_map(|pixel| [pixel[3], pixel[0], pixel[1], pixel[2]]);
    let side = |pixels: u32| i32::try_from(pixels).unwrap_or_default();
    ksni::Icon { width: side(picture.width()), height: side(picture.height()), data: pixels.collect() }
}
