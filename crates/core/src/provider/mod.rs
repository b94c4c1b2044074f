//! What the world looks like from here, as data: what a provider might change is in this folder alone.

pub mod chatgpt;
pub mod errors;
pub mod models;
