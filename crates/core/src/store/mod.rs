//! What lies under the home: the index of profiles, their logins, settings, and state.

mod backup;
pub mod copies;
mod failures;
pub mod gateway_key;
mod generations;
pub mod glance;
mod healing;
pub mod history;
pub mod home;
pub mod index;
mod launches;
pub mod merging;
pub mod primes;
pub mod profiles;
pub mod quota;
pub mod rearrange;
mod removal;
mod repair;
pub mod requests;
pub mod rotation;
mod routing;
pub mod routing_settings;
mod schema;
pub mod settings;
mod staged;
pub mod state;
pub mod vault;
