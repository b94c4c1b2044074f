//! Everything that the window can ask for can be asked for in the terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
