//! The loopback server that takes a client's request and sends it on with the login of one profile after another, until one
//! serves it.
//!
//! guard → intake → the house names a profile → attempt → a stream that begins well is relayed; anything else earns another
//! attempt, as long as no byte of an answer has gone out.

pub mod attempt;
mod body;
mod bound;
pub mod classify;
pub mod detour;
pub mod door;
mod foreign;
pub mod forward;
mod gather;
pub mod guard;
pub mod heads;
mod heard;
pub mod house;
pub mod intake;
mod limits;
mod patience;
pub mod relay;
pub mod rescue;
mod said;
mod serve;
pub mod server;
pub mod socket;
pub mod sse;
pub mod strip;
pub mod usage;
mod waiting;
mod whole;
