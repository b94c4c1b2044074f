//! The terminal program as a process: what it prints, how it ends, and that it gives no secret away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod activity;
mod backups;
mod bad_homes;
mod bad_logins;
mod bad_names;
mod bad_stores;
mod bars;
mod clients;
mod connected;
mod control;
mod doctor;
mod dry_runs;
mod endings;
mod expected;
mod exports;
mod guarded;
mod guards;
mod imports;
mod killed;
mod launches;
mod manual;
mod mending;
mod night;
mod pane;
mod parity;
mod priming;
mod progress;
mod quota;
mod remarks;
mod replies;
mod routing;
mod schema;
mod screen;
mod sessions;
mod shells;
mod sign_in;
mod snoozes;
mod supports;
mod uninstalls;
mod usage;
mod vault;
mod verbs;
mod words;
mod world;
