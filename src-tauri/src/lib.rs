//! The tray shell.
