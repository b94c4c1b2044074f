//! The loopback server that takes a client's request and sends it on with the login of one profile after another, until one
//! serves it.

pub mod classify;
mod limits;
mod said;
