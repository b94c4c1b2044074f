//! What the core and the terminal program are linked with.

use std::env;
use std::process::Command;

use crate::tree::{none, top};

/// Beginnings of the names of crates that draw.
const DRAWING: [&str; 9] = ["tauri", "wry", "tao", "webkit2gtk", "gtk", "gdk", "glib", "tray-icon", "muda"];

#[test]
fn the_core_and_the_terminal_program_link_nothing_that_draws() {
    let mut findings = Vec::new();
    for ours in ["codex-lab-core", "codex-lab"] {
        let linked = linked_by(ours);
        assert!(linked.len() > 20, "{ours} has more dependencies than that");
        let draws = |name: &&String| DRAWING.iter().any(|start| *name == start || name.starts_with(&format!("{start}-")));
        findings.extend(linked.iter().filter(draws).map(|name| format!("{ours} links {name}")));
    }
    none("Only the tray app links what draws:", &findings);
}

/// The names of all crates that `package` is built from, on this system.
fn linked_by(package: &str) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "cargo says where it is")]
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none", "--locked", "--offline"]);
    let output = command.current_dir(top()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
