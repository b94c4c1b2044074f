//! The outside is reached through few doors. This is the list of them.

use regex::Regex;

use crate::tree::{files, none, product};

/// Something that only the files listed may do.
struct Door {
    rule: &'static str,
    pattern: &'static str,
    folders: &'static [&'static str],
    /// Paths from the top; one that ends in `/` is a folder.
    open: &'static [&'static str],
}

const PRODUCT: &[&str] = &["crates/core/src", "crates/cli/src", "src-tauri/src"];

const DOORS: &[Door] = &[
    Door {
        rule: "A secret is turned into text in few places: where it is parsed, stored, and sent.",
        pattern: r"\.expose\(\)",
        folders: PRODUCT,
        open: &[
            "crates/core/src/codex/live.rs",
            "crates/core/src/codex/recover.rs",
            "crates/core/src/codex/switch.rs",
            "crates/core/src/model/auth_document.rs",
            "crates/core/src/model/claims.rs",
            "crates/core/src/store/vault.rs",
        ],
    },
    Door {
        rule: "Only base/files touches the file system; locks hold a file that it opened.",
        pattern: r"\b(?:std|tokio)::(?:fs\b|\{[^;]*\bfs\b)|\.(?:exists|try_exists|is_dir|is_file|is_symlink|canonicalize|read_dir|read_link|symlink_metadata)\(\)",
        folders: PRODUCT,
        open: &["crates/core/src/base/files.rs", "crates/core/src/base/locks.rs"],
    },
    Door {
        rule: "Only store/state speaks SQL; its errors are put into words beside it.",
        pattern: r"\brusqlite\b",
        folders: PRODUCT,
        open: &["crates/core/src/store/state.rs", "crates/core/src/store/failures.rs"],
    },
    Door {
        rule: "Only auth/callback listens.",
        pattern: r"\b(?:TcpListener|TcpSocket|UdpSocket|UnixListener|axum)\b",
        folders: PRODUCT,
        open: &[],
    },
    Door {
        rule: "Only base/https connects out.",
        pattern: r"\b(?:reqwest|hyper|TcpStream|UnixStream)\b",
        folders: PRODUCT,
        open: &["crates/core/src/base/https.rs"],
    },
    Door {
        rule: "Only base/processes looks at processes and starts them.",
        pattern: r"\b(?:sysinfo|process::Command)\b",
        folders: PRODUCT,
        open: &["crates/core/src/base/processes.rs"],
    },
    Door {
        rule: "Only base/browser opens a browser.",
        pattern: r"\bwebbrowser\b",
        folders: PRODUCT,
        open: &["crates/core/src/base/browser.rs"],
    },
    Door {
        rule: "No static holds state.",
        pattern: r"\bstatic (?:mut )?\w+: [^=;]*(?:Mutex|RwLock|Cell|Atomic|Once|Lazy)|\bthread_local!|\blazy_static!",
        folders: PRODUCT,
        open: &[],
    },
];

#[test]
fn the_outside_is_reached_through_the_listed_doors_alone() {
    let mut findings = Vec::new();
    for door in DOORS {
        let pattern = Regex::new(door.pattern).unwrap();
        let mut unused = door.open.to_vec();
        for source in product(door.folders) {
            let code = source.code_text();
            let Some(found) = pattern.find(&code) else { continue };
            if door.open.iter().any(|open| is_in(&source.path, open)) {
                unused.retain(|open| !is_in(&source.path, open));
            } else {
                let what = found.as_str().lines().last().unwrap_or_default().trim();
                findings.push(format!("{}: {what}: {}", source.path, door.rule));
            }
        }
        findings.extend(unused.iter().map(|open| format!("{open} is listed and need not be: {}", door.rule)));
    }
    none("Some code goes past the doors; move it, or list the door with a reason:", &findings);
}

#[test]
fn the_window_talks_to_its_host_in_one_place() {
    let findings: Vec<String> = files("ui/src", &[".ts", ".svelte"])
        .into_iter()
        .filter(|source| !source.path.starts_with("ui/src/host/") && source.text.contains("@tauri-apps/"))
        .map(|source| source.path)
        .collect();
    none("Only ui/src/host knows that the window is Tauri's:", &findings);
}

fn is_in(path: &str, open: &str) -> bool {
    path == open || (open.ends_with('/') && path.starts_with(open))
}
