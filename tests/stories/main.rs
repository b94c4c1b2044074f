//! Stories: the engine in a hermetic home, with the sandbox as its provider. Each is one thing a user does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod activity;
mod day;
mod existing_login;
mod hooks;
mod imports;
mod many_accounts;
mod month;
#[cfg(target_os = "linux")]
mod month_app;
#[cfg(target_os = "linux")]
mod month_cron;
mod month_desktop;
#[cfg(target_os = "linux")]
mod month_night;
mod month_world;
mod notices;
mod priming;
mod quota;
mod removal;
mod routing;
mod settings;
mod sign_in;
mod sign_in_trouble;
mod spending;
mod switching;
mod tokens;
mod tokens_trouble;
mod usage;
mod world;
