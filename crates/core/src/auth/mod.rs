//! Signing accounts in: browser, device code, API key, import, export; and signing them out at the provider.
//!
//! [`login`] decides and [`flow`] does: the first is a machine without I/O, the second runs it.

pub mod api_key;
pub mod ask;
pub mod authorize;
pub mod callback;
pub mod device;
pub mod exchange;
pub mod export;
pub mod flow;
pub mod import;
pub mod login;
mod page_picture;
pub mod passphrase;
pub mod refresh;
pub mod revoke;
pub mod sign_in_error;

#[cfg(test)]
mod fakes;
