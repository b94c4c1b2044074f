//! Keeps the house in order: what ARCHITECTURE.md says must be absent is looked for here, in the sources themselves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod dependencies;
mod documents;
mod doors;
mod generated;
mod layers;
mod releases;
mod security;
mod shape;
mod traces;
mod tree;
