//! Each row of `api/table` can be asked for in the terminal, by another program, and in the window.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use codex_lab_core::control::ROWS;
use regex::Regex;

use crate::world::World;

/// Each row of `api/table`, and a command that asks for it. `""`: the terminal does it by itself, for the reason beside it.
const VERBS: &[(&str, &str)] = &[
    ("activity", "activity"),
    ("add_api_key", "login --api-key"),
    ("background", "background"),
    ("begin_sign_in", "login"),
    // Ctrl-C.
    ("cancel_sign_in", ""),
    ("capture_live", "capture"),
    ("choose_for_session", "sessions choose"),
    ("connect_client", "connect"),
    ("decide_sign_in", "login --add-other"),
    ("delete_leftover", "import --delete-leftover"),
    ("disconnect_client", "disconnect"),
    // A sign-in ends with its command.
    ("dismiss_sign_in", ""),
    // And with every other verb that changes something.
    ("dry_run", "rename --dry-run"),
    ("explain", "route explain"),
    ("export", "export"),
    ("find_imports", "import --dry-run"),
    // There is no first page; what it says stands in the README.
    ("finish_first_run", ""),
    ("import_from", "import --from"),
    ("import_path", "login --import"),
    ("import_text", "login --import"),
    ("list_backups", "backup list"),
    ("lock_vault", "vault lock"),
    ("move_vault", "vault move"),
    // The link is printed.
    ("open_policy", ""),
    ("open_sign_in_page", ""),
    ("paste_callback", "login --paste-callback"),
    ("pin_session", "sessions pin"),
    ("prime_now", "prime --now"),
    ("primes", "prime"),
    ("remove", "remove"),
    ("rename", "rename"),
    ("renew", "renew"),
    ("reorder", "move"),
    ("restore_backup", "backup restore"),
    ("restore_export", "restore"),
    ("set_details", "set"),
    ("set_paused", "pause"),
    ("set_routing", "route"),
    ("set_setting", "settings"),
    // One by one.
    ("set_settings", "settings"),
    ("set_weights", "set --weight"),
    ("settings", "settings"),
    ("snapshot", "status"),
    ("snooze", "snooze"),
    ("switch_to", "use"),
    ("undo_remove", "remove --undo"),
    ("undo_switch", "undo"),
    ("unlock_vault", "vault unlock"),
    ("usage_history", "usage"),
    ("why", "why"),
];

/// Rows that the window's own program does not ask for, and why.
const NOT_IN_THE_WINDOW: &[(&str, &str)] = &[
    // The window shows what follows beside each choice, and has an undo.
    ("dry_run", ""),
    // A file of a tool is chosen with `import_from`, and what was copied is pasted with `import_text`.
    ("import_path", ""),
    // Notifications and the tray's menu ask for it: nothing in the window interrupts anybody.
    ("snooze", "src-tauri/src/desktop.rs"),
];

/// The methods of the table, from the type that is generated for the window.
fn rows() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/generated/Request.ts");
    let union = std::fs::read_to_string(path).unwrap();
    Regex::new(r#""method": "(\w+)""#).unwrap().captures_iter(&union).map(|found| found[1].to_owned()).collect()
}

#[tokio::test]
async fn every_row_of_the_table_has_a_verb() {
    let rows = rows();
    assert!(rows.len() > 40, "{rows:?}");
    let mapped: BTreeMap<String, &str> = VERBS.iter().map(|(row, verb)| ((*row).to_owned(), *verb)).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !mapped.contains_key(*row)).collect();
    assert!(missing.is_empty(), "give these a command, or a reason in this file: {missing:?}");
    let gone: Vec<_> = mapped.keys().filter(|row| !rows.contains(*row)).collect();
    assert!(gone.is_empty(), "no such rows: {gone:?}");
    let world = World::new().await;
    for verb in mapped.values().filter(|verb| !verb.is_empty()).collect::<BTreeSet<_>>() {
        let (words, options): (Vec<&str>, Vec<&str>) = verb.split(' ').partition(|word| !word.starts_with('-'));
        let help = world.good(&[&words[..], &["--help"]].concat()).await.stdout;
        let used = help.lines().find(|line| line.starts_with("Usage: ")).unwrap();
        assert!(used.starts_with(&format!("Usage: codex-lab {}", words.join(" "))), "{verb}: {used}");
        assert!(options.iter().all(|option| help.contains(option)), "{verb}: {help}");
    }
}

#[test]
fn every_row_of_the_table_has_a_method_for_other_programs() {
    let rows = rows();
    let missing: Vec<_> = rows.iter().filter(|row| !ROWS.iter().any(|(known, _)| known == row)).collect();
    assert!(missing.is_empty(), "give these a method in crates/core/src/control/methods.rs: {missing:?}");
    let gone: Vec<_> = ROWS.iter().filter(|(row, _)| !rows.contains(*row)).collect();
    assert!(gone.is_empty(), "no such rows: {gone:?}");
}

#[test]
fn every_row_of_the_table_has_an_action_in_the_window() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let asks = Regex::new(r#"method: "(\w+)""#).unwrap();
    let mut asked = BTreeSet::new();
    let mut open = vec![top.join("ui/src")];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        // Tests, types, and the host that answers in tests ask for nothing.
        let is_real =
            (name.ends_with(".svelte") || name.ends_with(".svelte.ts") || path.parent().is_some_and(|folder| folder.ends_with("parts")))
                && !name.contains(".test.");
        if is_real {
            let text = std::fs::read_to_string(path).unwrap();
            asked.extend(asks.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
    let rows = rows();
    let excused: BTreeSet<String> = NOT_IN_THE_WINDOW.iter().map(|(row, _)| (*row).to_owned()).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !asked.contains(*row) && !excused.contains(*row)).collect();
    assert!(missing.is_empty(), "give these an action in the window, or a reason in this file: {missing:?}");
    let needless: Vec<_> = excused.iter().filter(|row| asked.contains(*row) || !rows.contains(*row)).collect();
    assert!(needless.is_empty(), "these need no reason: {needless:?}");
    for (row, file) in NOT_IN_THE_WINDOW.iter().filter(|(_, file)| !file.is_empty()) {
        let variant: String = row.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        let text = std::fs::read_to_string(top.join(file)).unwrap();
        assert!(text.contains(&format!("Request::{variant}")), "{file} does not ask for {row}");
    }
}
