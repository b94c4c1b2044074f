//! The words of the product as types: pure values, no I/O.

pub mod activity;
mod activity_filter;
pub mod affinity;
pub mod auth_document;
pub mod background;
pub mod block;
pub mod claims;
pub mod client;
pub mod decision;
pub mod details;
pub mod event;
pub mod hooks;
pub mod import_source;
pub mod launch;
pub mod lifetime;
pub mod model_name;
pub mod name;
pub mod news;
pub mod overrides;
pub mod pin;
pub mod prime;
pub mod profile;
pub mod quiet_hours;
pub mod quota;
pub mod remedy;
pub mod renewal;
pub mod routing;
#[cfg(test)]
pub(crate) mod samples;
pub mod setting;
pub mod shortcut;
pub mod snapshot;
pub mod snooze;
pub mod spending;
pub mod subject;
pub mod trouble;
pub mod verdict;
