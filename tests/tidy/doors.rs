//! The outside is reached through few doors. This is the list of them.

use regex::Regex;

use crate::tree::{files, none, product};

/// Something that only the files listed may do.
struct Door {
    rule: &'static str,
    pattern: &'static str,
    /// Paths from the top.
    open: &'static [&'static str],
}

const PRODUCT: &[&str] = &["crates/core/src", "crates/cli/src", "src-tauri/src"];

const DOORS: &[Door] = &[
    Door {
        rule: "A secret is turned into text in few places: where it is parsed, stored, and sent.",
        pattern: r"\.expose\(\)",
        open: &[
            "crates/core/src/auth/api_key.rs",
            "crates/core/src/auth/authorize.rs",
            "crates/core/src/auth/callback/answer.rs",
            "crates/core/src/auth/device.rs",
            "crates/core/src/auth/exchange.rs",
            "crates/core/src/auth/refresh.rs",
            "crates/core/src/auth/import/opencode_multi_auth_codex.rs",
            "crates/core/src/auth/import/path.rs",
            "crates/core/src/auth/export.rs",
            "crates/core/src/auth/passphrase.rs",
            "crates/core/src/auth/revoke.rs",
            "crates/core/src/base/keyring/free_desktop.rs",
            "crates/core/src/base/keyring/native.rs",
            "crates/core/src/base/loopback.rs",
            "crates/core/src/base/seal.rs",
            "crates/core/src/codex/live.rs",
            "crates/core/src/codex/recover.rs",
            "crates/core/src/codex/switch.rs",
            "crates/core/src/codex/write_back.rs",
            "crates/core/src/engine/launching.rs",
            "crates/core/src/gateway/attempt.rs",
            "crates/core/src/gateway/guard.rs",
            "crates/core/src/model/auth_document.rs",
            "crates/core/src/model/claims.rs",
            "crates/core/src/model/renewal.rs",
            "crates/core/src/prime/request.rs",
            "crates/core/src/quota/usage.rs",
            "crates/core/src/store/gateway_key.rs",
            "crates/core/src/store/generations.rs",
            "crates/core/src/store/vault/key.rs",
            "crates/core/src/store/vault/mod.rs",
        ],
    },
    Door {
        rule: "Only base/files touches the file system, with base/staging beside it for its writes; locks hold a file that it opened, a stamp opens nothing.",
        pattern: r"\b(?:std|tokio)::(?:fs\b|\{[^;]*\bfs\b)|\.(?:exists|try_exists|is_dir|is_file|is_symlink|canonicalize|read_dir|read_link|symlink_metadata)\(\)",
        open: &[
            // The manual is for whoever packs the program: plain files, as open as those want them.
            "crates/cli/src/commands/man.rs",
            "crates/core/src/base/files.rs",
            "crates/core/src/base/locks.rs",
            "crates/core/src/base/staging.rs",
            "crates/core/src/base/stamp.rs",
        ],
    },
    Door {
        rule: "Only store/state and the files beside it that hold its tables speak SQL, its errors are put into words there too, and a damaged one is set aside; base/foreign_database reads copies of others' files.",
        pattern: r"\brusqlite\b",
        open: &[
            "crates/core/src/base/foreign_database.rs",
            "crates/core/src/store/activity.rs",
            "crates/core/src/store/failures.rs",
            "crates/core/src/store/fresh_state.rs",
            "crates/core/src/store/launches.rs",
            "crates/core/src/store/history.rs",
            "crates/core/src/store/primes.rs",
            "crates/core/src/store/heard.rs",
            "crates/core/src/store/notices.rs",
            "crates/core/src/store/pins.rs",
            "crates/core/src/store/quota.rs",
            "crates/core/src/store/requests.rs",
            "crates/core/src/store/routing.rs",
            "crates/core/src/store/schema.rs",
            "crates/core/src/store/spending.rs",
            "crates/core/src/store/state.rs",
            "crates/core/src/store/timeline.rs",
        ],
    },
    Door {
        rule: "Only auth/callback, the gateway's server and the control interface listen.",
        pattern: r"\b(?:TcpListener|TcpSocket|UdpSocket|UnixListener|axum)\b",
        open: &["crates/core/src/auth/callback/mod.rs", "crates/core/src/control/listener/unix.rs", "crates/core/src/gateway/server.rs"],
    },
    Door {
        rule: "Only base/client connects out, as base/proxies says, for base/https and base/upstream; base/loopback asks our own gateway, and the listeners have the streams they have accepted.",
        pattern: r"\b(?:reqwest|hyper(?:_util)?|TcpStream|UnixStream)\b",
        open: &[
            "crates/core/src/auth/callback/mod.rs",
            "crates/core/src/base/client.rs",
            "crates/core/src/base/loopback.rs",
            "crates/core/src/base/proxies.rs",
            "crates/core/src/base/upstream.rs",
            "crates/core/src/control/listener/unix.rs",
            "crates/core/src/gateway/server.rs",
        ],
    },
    Door {
        rule: "Only base/processes looks at processes and starts them, base/foreground one that has the terminal, base/apart one that must not harm us, and base/access the system's for access lists.",
        pattern: r"\b(?:sysinfo|process::Command)\b",
        open: &[
            "crates/core/src/base/access.rs",
            "crates/core/src/base/apart.rs",
            "crates/core/src/base/foreground.rs",
            "crates/core/src/base/processes.rs",
        ],
    },
    Door {
        rule: "Only base/keyring opens the system's keyring.",
        pattern: r"\b(?:keyring_core|SecretService)\b",
        open: &["crates/core/src/base/keyring/free_desktop.rs", "crates/core/src/base/keyring/native.rs"],
    },
    Door { rule: "Only base/browser opens a browser.", pattern: r"\bwebbrowser\b", open: &["crates/core/src/base/browser.rs"] },
    Door {
        rule: "No static holds state.",
        pattern: r"\bstatic (?:mut )?\w+: [^=;]*(?:Mutex|RwLock|Cell|Atomic|Once|Lazy)|\bthread_local!|\blazy_static!",
        open: &[],
    },
];

#[test]
fn the_outside_is_reached_through_the_listed_doors_alone() {
    let mut findings = Vec::new();
    let product: Vec<(String, String)> = product(PRODUCT).into_iter().map(|source| (source.code_text(), source.path)).collect();
    for door in DOORS {
        let pattern = Regex::new(door.pattern).unwrap();
        let mut unused = door.open.to_vec();
        for (code, path) in &product {
            let Some(found) = pattern.find(code) else { continue };
            if door.open.contains(&path.as_str()) {
                unused.retain(|open| open != path);
            } else {
                let what = found.as_str().lines().last().unwrap_or_default().trim();
                findings.push(format!("{path}: {what}: {}", door.rule));
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
