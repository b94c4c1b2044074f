//! macOS and Windows: through tauri's tray-icon, on the main thread.

use std::sync::{Arc, Mutex, PoisonError};

use codex_lab_core::view::command::Command;
use codex_lab_core::view::icon::Icon;
use codex_lab_core::view::menu::{Entry, Item, Mark, Menu};
use codex_lab_core::view::tray::Tray as Seen;
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu as TauriMenu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};
use tokio::sync::mpsc::UnboundedSender;

use crate::icon::picture;

/// The picture's side in pixels; these systems make it smaller where they have to.
const SIDE: u32 = 32;

/// The tray of this app. Clones share it.
#[derive(Clone)]
pub(crate) struct Tray {
    app: AppHandle,
    clicks: UnboundedSender<Command>,
    drawn: Arc<Mutex<Option<Drawn>>>,
}

/// What is in the tray now.
struct Drawn {
    tray: TrayIcon,
    seen: Seen,
    lines: Vec<Line>,
}

/// A line that can be changed, in the order of the menu, submenus included.
enum Line {
    Button(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
}

impl Tray {
    /// A tray with nothing in it yet. `clicks` gets what is clicked.
    pub(crate) fn new(app: AppHandle, clicks: UnboundedSender<Command>) -> Self {
        Self { app, clicks, drawn: Arc::default() }
    }

    /// Shows what there is to show by the time it can be shown.
    pub(crate) async fn draw(&self, seen: impl FnOnce() -> Seen + Send + 'static) {
        let tray = self.clone();
        let drawn = self.app.run_on_main_thread(move || {
            if let Err(error) = tray.draw_now(seen()) {
                tracing::error!(%error, "the tray cannot be drawn");
            }
        });
        if let Err(error) = drawn {
            tracing::debug!(%error, "the app is ending");
        }
    }

    fn draw_now(&self, seen: Seen) -> tauri::Result<()> {
        let mut slot = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(drawn) = slot.as_mut() else {
            *slot = Some(self.first(seen)?);
            return Ok(());
        };
        if seen.menu.has_lines_of(&drawn.seen.menu) {
            update(&drawn.lines, &seen.menu, &drawn.seen.menu)?;
        } else {
            let (built, lines) = self.build(&seen.menu)?;
            drawn.tray.set_menu(Some(built))?;
            drawn.lines = lines;
        }
        if drawn.seen.icon != seen.icon {
            drawn.tray.set_icon(Some(image(seen.icon)))?;
        }
        if drawn.seen.tip != seen.tip {
            drawn.tray.set_tooltip(Some(&seen.tip))?;
        }
        drawn.seen = seen;
        Ok(())
    }

    fn first(&self, seen: Seen) -> tauri::Result<Drawn> {
        let (built, lines) = self.build(&seen.menu)?;
        let clicks = self.clicks.clone();
        let tray = TrayIconBuilder::with_id("codex-lab")
            .tooltip(&seen.tip)
            .icon(image(seen.icon))
            .menu(&built)
            .on_menu_event(move |_app, event| {
                if let Some(command) = Command::parse(event.id().as_ref()) {
                    // Nobody listens any more when the app is ending.
                    let _ = clicks.send(command);
                }
            })
            .build(&self.app)?;
        Ok(Drawn { tray, seen, lines })
    }

    fn build(&self, menu: &Menu) -> tauri::Result<(TauriMenu<Wry>, Vec<Line>)> {
        let built = TauriMenu::new(&self.app)?;
        let mut lines = Vec::new();
        for entry in &menu.entries {
            built.append(&*self.entry(entry, &mut lines)?)?;
        }
        Ok((built, lines))
    }

    fn entry(&self, entry: &Entry, lines: &mut Vec<Line>) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
        Ok(match entry {
            Entry::Separator => Box::new(PredefinedMenuItem::separator(&self.app)?),
            Entry::Submenu { label, entries } => {
                let submenu = Submenu::new(&self.app, escaped(label), true)?;
                for entry in entries {
                    submenu.append(&*self.entry(entry, lines)?)?;
                }
                Box::new(submenu)
            }
            Entry::Item(Item { id, label, enabled, mark: Mark::None }) => {
                let item = MenuItem::with_id(&self.app, id, escaped(label), *enabled, None::<&str>)?;
                lines.push(Line::Button(item.clone()));
                Box::new(item)
            }
            Entry::Item(Item { id, label, enabled, mark: Mark::Choice(set) | Mark::Check(set) }) => {
                let item = CheckMenuItem::with_id(&self.app, id, escaped(label), *enabled, *set, None::<&str>)?;
                lines.push(Line::Check(item.clone()));
                Box::new(item)
            }
        })
    }
}

/// Changes what differs: every change is told to the panel, and numbers change often. Marks are set even where nothing changed: a
/// click moved them.
fn update(lines: &[Line], menu: &Menu, before: &Menu) -> tauri::Result<()> {
    let (mut items, mut old) = (Vec::new(), Vec::new());
    collect(&menu.entries, &mut items);
    collect(&before.entries, &mut old);
    for ((line, item), old) in lines.iter().zip(items).zip(old) {
        match line {
            Line::Button(button) if item != old => {
                button.set_text(escaped(&item.label))?;
                button.set_enabled(item.enabled)?;
            }
            Line::Button(_) => {}
            Line::Check(check) => {
                if item.label != old.label {
                    check.set_text(escaped(&item.label))?;
                }
                if item.enabled != old.enabled {
                    check.set_enabled(item.enabled)?;
                }
                check.set_checked(matches!(item.mark, Mark::Choice(true) | Mark::Check(true)))?;
            }
        }
    }
    Ok(())
}

fn collect<'a>(entries: &'a [Entry], items: &mut Vec<&'a Item>) {
    for entry in entries {
        match entry {
            Entry::Item(item) => items.push(item),
            Entry::Submenu { entries, .. } => collect(entries, items),
            Entry::Separator => {}
        }
    }
}

/// A single `&` would underline the next letter.
fn escaped(label: &str) -> String {
    label.replace('&', "&&")
}

fn image(icon: Icon) -> Image<'static> {
    let picture = picture(icon, SIDE);
    Image::new_owned(picture.rgba, picture.side, picture.side)
}
