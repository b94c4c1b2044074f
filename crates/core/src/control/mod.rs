//! The control interface: the table of requests for other programs, as JSON-RPC 2.0 in lines, on a private socket and on standard
//! input and output. docs/control-interface.md is written for whoever writes a client.

mod account;
mod calls;
mod connection;
pub mod envelope;
pub mod frame;
mod listener;
pub mod methods;
mod serving;
mod telling;

pub use frame::FRAME_LIMIT;
pub use methods::{OWN, ROWS};
pub use serving::{ControlView, Wait};
pub use telling::Control;

/// The version of the interface. What a version has is not taken away or given another meaning.
pub const VERSION: u32 = 1;
