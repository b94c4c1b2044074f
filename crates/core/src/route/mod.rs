//! Which profile serves a request, and why: pure decisions from plain values.
//!
//! A question → a [`walk`] from profile to profile → a [`lease`] on one of them → its outcome → blocks and affinity.

pub mod affinity;
pub mod candidate;
pub mod eligibility;
mod ending;
pub mod explain;
mod folders;
pub mod lease;
mod ranking;
pub mod roster;
pub mod router;
mod strategy;
pub mod walk;

pub use ending::NoneLeft;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod router_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod strategy_tests;
