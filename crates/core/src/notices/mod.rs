//! What is told to the user, when, and how much at once: pure decisions from snapshots, the ledger of what was told, and the
//! user's wishes.

pub mod gate;
pub mod gather;
pub mod hook;
pub mod standing;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod samples;
