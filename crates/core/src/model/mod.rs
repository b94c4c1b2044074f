//! The words of the product as types: pure values, no I/O.

pub mod auth_document;
pub mod claims;
pub mod details;
pub mod event;
pub mod import_source;
pub mod lifetime;
pub mod name;
pub mod profile;
pub mod quota;
pub mod renewal;
#[cfg(test)]
pub(crate) mod samples;
pub mod snapshot;
pub mod subject;
