//! What every room stands on: secrets, time, randomness, files, locks, HTTPS, processes. Each outside thing enters once, here.

#[cfg(any(windows, test))]
pub(crate) mod access;
mod apart;
pub mod autostart;
pub mod browser;
mod client;
pub mod clock;
pub mod core_dumps;
pub mod entropy;
pub mod environment;
mod file_error;
pub mod files;
pub mod foreground;
pub mod foreign_database;
pub mod https;
pub mod keyring;
pub mod locks;
pub mod log;
pub mod loopback;
pub mod ports;
pub mod processes;
pub mod progress;
mod proxies;
#[cfg(test)]
pub(crate) mod samples;
pub mod seal;
pub mod secret;
#[cfg(all(unix, not(target_os = "macos")))]
pub mod session_bus;
pub mod sorting;
mod staging;
pub mod stamp;
pub mod toml;
mod unverified;
pub mod upstream;
pub mod watching;
