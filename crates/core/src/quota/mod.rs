//! Where quota numbers come from: headers, events, the usage endpoint, Codex's session logs; and when to ask.

pub mod attribution;
pub mod forecast;
pub mod headers;
pub mod schedule;
pub mod session_log;
pub mod stream;
pub mod tail;
pub mod usage;
mod wire;
