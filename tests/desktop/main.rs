//! The real app on a desktop of its own: tray menu over D-Bus, notifications, and the window through `WebDriver`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accounts;
mod activity;
mod fallback;
mod files;
mod first_run;
mod hand;
mod keyboard;
mod keys;
mod links;
mod looks;
mod menus;
mod mouse;
mod narrow;
mod news;
mod notices;
mod pages;
mod pictures;
mod routing;
mod rows;
mod rules;
mod seat;
mod settings;
mod shortcut;
mod signin;
mod starts;
mod terminal;
mod tray;
mod usage;
mod vault;
mod weeks;
mod window;
