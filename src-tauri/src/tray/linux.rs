//! Linux: an item of the `StatusNotifierItem` protocol with its menu, both on the session bus.

use std::sync::Arc;

use codex_lab_core::view::command::Command;
use codex_lab_core::view::icon::Icon;
use codex_lab_core::view::menu::{Entry, Item, Mark};
use codex_lab_core::view::tray::Tray as Seen;
use ksni::menu::{CheckmarkItem, RadioGroup, RadioItem, StandardItem, SubMenu};
use ksni::{Handle, MenuItem, ToolTip, TrayMethods as _};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;

use crate::icon::{SIDES, picture};

/// The name of the app, for whoever points at the icon.
const TITLE: &str = "Codex Lab";

/// The tray of this app. Clones share it.
#[derive(Clone)]
pub(crate) struct Tray {
    clicks: UnboundedSender<Command>,
    shown: Arc<Mutex<Shown>>,
}

#[derive(Default)]
struct Shown {
    /// Once it was drawn for the first time.
    handle: Option<Handle<Drawn>>,
    /// That there is none was said.
    is_missed: bool,
}

impl Tray {
    /// A tray with nothing in it yet. `clicks` gets what is clicked.
    pub(crate) fn new(clicks: UnboundedSender<Command>) -> Self {
        Self { clicks, shown: Arc::default() }
    }

    /// Shows what there is to show by the time it can be shown.
    pub(crate) async fn draw(&self, seen: impl FnOnce() -> Seen + Send) {
        // One after the other, so that nothing older is drawn over something newer.
        let mut shown = self.shown.lock().await;
        let seen = seen();
        if let Some(handle) = shown.handle.as_ref().filter(|handle| !handle.is_closed()) {
            // What has not changed is told to nobody.
            handle.update(|drawn: &mut Drawn| drawn.becomes(seen)).await;
            return;
        }
        let drawn = Drawn { pictures: pixmaps(seen.icon), seen, clicks: self.clicks.clone() };
        // A panel may come later, and is waited for.
        match drawn.assume_sni_available(true).spawn().await {
            Ok(begun) => *shown = Shown { handle: Some(begun), is_missed: false },
            Err(error) if !shown.is_missed => {
                tracing::info!(%error, "there is no tray");
                shown.is_missed = true;
            }
            Err(_) => {}
        }
    }
}

/// What is in the tray now.
struct Drawn {
    seen: Seen,
    /// Of its icon, in every size.
    pictures: Vec<ksni::Icon>,
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
        ToolTip { title: TITLE.to_owned(), description: without_markup(&self.seen.tip), ..ToolTip::default() }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.pictures.clone()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.clicked(&Command::OpenWindow);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        lines(&self.seen.menu.entries)
    }
}

impl Drawn {
    fn becomes(&mut self, seen: Seen) {
        if seen.icon != self.seen.icon {
            self.pictures = pixmaps(seen.icon);
        }
        self.seen = seen;
    }

    fn clicked(&self, command: &Command) {
        // Nobody listens any more when the app is ending.
        let _ = self.clicks.send(command.clone());
    }
}

fn lines(mut entries: &[Entry]) -> Vec<MenuItem<Drawn>> {
    let mut lines = Vec::new();
    while let [first, rest @ ..] = entries {
        let choices = entries.iter().map_while(choice).count();
        if choices > 0 {
            lines.push(one_of(&entries[..choices]));
            entries = &entries[choices..];
        } else {
            lines.push(line(first));
            entries = rest;
        }
    }
    lines
}

fn choice(entry: &Entry) -> Option<(&Item, bool)> {
    match entry {
        Entry::Item(item @ Item { mark: Mark::Choice(set), .. }) => Some((item, *set)),
        _ => None,
    }
}

/// Lines of which one is chosen, or none.
fn one_of(entries: &[Entry]) -> MenuItem<Drawn> {
    let choices: Vec<(&Item, bool)> = entries.iter().filter_map(choice).collect();
    let does: Vec<_> = choices.iter().map(|(item, _)| does(&item.id)).collect();
    let option = |(item, _): &(&Item, bool)| RadioItem { label: escaped(&item.label), enabled: item.enabled, ..RadioItem::default() };
    RadioGroup {
        selected: choices.iter().position(|(_, set)| *set).unwrap_or(usize::MAX),
        options: choices.iter().map(option).collect(),
        select: Box::new(move |drawn, place| {
            if let Some(does) = does.get(place) {
                does(drawn);
            }
        }),
    }
    .into()
}

fn line(entry: &Entry) -> MenuItem<Drawn> {
    match entry {
        Entry::Separator => MenuItem::Separator,
        Entry::Submenu { label, entries } => SubMenu { label: escaped(label), submenu: lines(entries), ..SubMenu::default() }.into(),
        Entry::Item(Item { id, label, enabled, mark: Mark::Check(checked) }) => {
            let (label, activate) = (escaped(label), does(id));
            CheckmarkItem { label, enabled: *enabled, checked: *checked, activate, ..CheckmarkItem::default() }.into()
        }
        Entry::Item(Item { id, label, enabled, .. }) => {
            StandardItem { label: escaped(label), enabled: *enabled, activate: does(id), ..StandardItem::default() }.into()
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

/// Some panels read it as HTML.
fn without_markup(tip: &str) -> String {
    tip.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The pictures as the protocol wants them: the pixels' alpha first.
fn pixmaps(icon: Icon) -> Vec<ksni::Icon> {
    let pixmap = |side: u32| {
        let picture = picture(icon, side);
        let data = picture.rgba.chunks_exact(4).flat_map(|pixel| [pixel[3], pixel[0], pixel[1], pixel[2]]).collect();
        let side = i32::try_from(picture.side).unwrap_or_default();
        ksni::Icon { width: side, height: side, data }
    };
    SIDES.into_iter().map(pixmap).collect()
}
