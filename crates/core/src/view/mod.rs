//! What is shown, as pure functions of the snapshot: the tray's menu and icon, and notifications.

pub mod activity;
pub mod bar;
pub mod command;
pub mod forecast;
pub mod gauge;
pub mod guard;
pub mod icon;
pub mod link;
pub mod menu;
mod names;
pub mod news;
pub mod notice;
pub mod prime;
pub mod progress;
pub mod quota;
pub mod redaction;
#[cfg(test)]
pub(crate) mod samples;
pub mod times;
pub mod tray;
pub mod why;
pub mod words;
pub mod would;
