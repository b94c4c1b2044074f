//! The control interface, as programs meet it: a client that was written from its page alone, and everything that is refused.

mod client;
mod replies;
mod secrets;
mod server;
mod ties;
