//! WebSockets: each of a client's is joined to one of the provider's, which belongs to one profile (codex-runtime.md 2.1 to 2.3, 6).
//!
//! A turn that moves to another profile needs another connection, which knows nothing of what went before. Where the whole turn is
//! in its frame, the gateway opens one itself. Else the client gets the frame after which Codex opens a new connection by itself and
//! sends the whole turn again; the [`detour`](super::detour) is what is remembered meanwhile.

mod bridge;
pub mod frames;
mod handshake;
mod opening;
mod rest;
mod side;
mod trouble;
mod turn;

pub(super) use opening::answer;
pub use side::bounds;
