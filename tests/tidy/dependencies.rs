//! What the core and the terminal program are linked with.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;

use serde_json::Value;

use crate::tree::{none, top};

/// Beginnings of the names of crates that draw.
const DRAWING: [&str; 9] = ["tauri", "wry", "tao", "webkit2gtk", "gtk", "gdk", "glib", "tray-icon", "muda"];

#[test]
fn the_core_and_the_terminal_program_link_nothing_that_draws() {
    let metadata = metadata();
    let names: BTreeMap<&str, &str> =
        list(&metadata["packages"]).iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
    let links: BTreeMap<&str, Vec<&str>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), list(&node["dependencies"]).iter().map(text).collect()))
        .collect();

    let mut findings = Vec::new();
    for ours in ["codex-lab-core", "codex-lab"] {
        let id = names.iter().find(|(_, name)| **name == ours).map(|(id, _)| *id).unwrap();
        let (mut reached, mut ahead) = (BTreeSet::new(), vec![id]);
        while let Some(id) = ahead.pop() {
            if reached.insert(id) {
                ahead.extend(&links[id]);
            }
        }
        assert!(reached.len() > 20, "{ours} has more dependencies than that");
        let drawing = |name: &&&str| DRAWING.iter().any(|start| **name == *start || name.starts_with(&format!("{start}-")));
        let drawing = reached.iter().map(|id| &names[id]).filter(drawing);
        findings.extend(drawing.map(|name| format!("{ours} links {name}")));
    }
    none("Only the tray app links what draws:", &findings);
}

fn metadata() -> Value {
    #[expect(clippy::disallowed_methods, reason = "cargo says where it is")]
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(cargo).args(["metadata", "--format-version", "1", "--locked", "--offline"]).current_dir(top()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
