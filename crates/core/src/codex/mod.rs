//! The stock Codex on this machine.
