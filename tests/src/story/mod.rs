//! The whole way once, with real parts: told to a person by `make demo`, and to a clock by the test `journey`.

pub mod conversation;
pub mod leftovers;
pub mod main_job;
pub mod own_desktop;
pub mod panel;
pub mod stage;
