//! The window of Codex Lab, which the tray app starts by itself.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use codex_lab_core::base::core_dumps;
use codex_lab_core::base::environment::Environment;

fn main() -> ExitCode {
    core_dumps::forbid();
    codex_lab_desktop::run_window(&Environment::of_process(), std::env::args_os().skip(1))
}
