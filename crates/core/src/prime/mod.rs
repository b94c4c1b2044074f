//! Weekly priming: whether a week has not started, when to start it, and with which request. Decides; sends nothing.

pub mod models;
pub mod plan;
pub mod recognise;
pub mod request;
pub mod stagger;
