//! Codex Lab, the tray app.
fn main() {}
