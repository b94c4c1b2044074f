//! The tray app of Codex Lab.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use codex_lab_core::base::core_dumps;
use codex_lab_core::base::environment::Environment;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    core_dumps::forbid();
    codex_lab_desktop::run(Environment::of_process(), std::env::args_os().skip(1))
}
