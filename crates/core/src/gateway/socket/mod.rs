//! WebSockets: each of a client's is joined to one of the provider's, which belongs to one profile for as long as it is open
//! (codex-runtime.md 2.1 to 2.3, 6).
//!
//! Another profile can only serve on another connection. So a turn that has to move ends with the frame after which Codex opens a
//! new connection by itself and sends the whole turn again; the [`detour`](super::detour) is what is remembered meanwhile.

mod bridge;
mod frames;
mod handshake;
mod opening;
mod side;
mod trouble;
mod turn;

pub(super) use opening::answer;
