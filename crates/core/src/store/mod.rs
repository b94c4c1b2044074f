//! What lies under the home: the index of profiles, their logins, settings, and state.

mod backup;
mod failures;
pub mod home;
mod index;
pub mod profiles;
mod removal;
mod repair;
pub mod rotation;
pub mod settings;
mod staged;
pub mod state;
mod vault;
