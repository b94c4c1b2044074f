//! What `--json` prints has a schema for each verb, `docs/schemas/VERB.json`; and every output of these tests is held against it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::schema::schema;
use crate::world::World;

const ITEMS: &str = "{ items: Array<ImportItem> }";
const ROW: &str = "ProfileRow | null";
const SWITCHED: &str = "{ live: Live, undo: Undo | null, sessions: Array<Session> }";
const CHANGES: &str = "{ changes: Array<ClientChange>, dry_run: boolean }";
const NAMED: &str = "names: { [key in ProfileId]: string }";

const WOULD: &str = "{ dry_run: boolean, would: Array<string> }";
/// Verbs that say with `--dry-run` what would change.
const DRY: [&str; 21] = [
    "capture",
    "export",
    "import",
    "login",
    "move",
    "pause",
    "prime",
    "remove",
    "rename",
    "renew",
    "resume",
    "route",
    "sessions",
    "set",
    "settings",
    "snooze",
    "undo",
    "use",
    "vault lock",
    "vault move",
    "vault unlock",
];

/// The `result` of each verb, in the words of `ui/src/generated`. A verb's own goes before that of the verb above it.
fn results() -> Vec<(&'static str, String)> {
    let of = |verb, text: &str| (verb, text.replace("NAMES", NAMED));
    let mut results = vec![
        of("activity", "{ entries: Array<ActivityEntry>, NAMES, next: string | null }"),
        of("background", "{ budget: number, used: Array<BackgroundUse>, requests: Array<BackgroundRequest> }"),
        of("app-server", "{ address: string, protocol_version: number }"),
        of("backup list", "{ items: Array<BackupItem> }"),
        of("backup restore", "{ item: BackupItem, restored: boolean, would_change?: boolean }"),
        of("capture", ITEMS),
        of("connect", CHANGES),
        of("disconnect", CHANGES),
        of(
            "doctor",
            r#"{ findings: Array<{ topic: string, severity: "ok" | "warning" | "problem" | "not_applicable", code: Code | null, message: string,
                   hints: Array<string> }>,
                 mended: Array<{ topic: string, message: string, path: string, done: boolean, failure: Failure | null }>, dry_run: boolean }"#,
        ),
        of("export", "{ path: string, profiles: number, left_out: Array<string> }"),
        of(
            "guard",
            r#"{ standing: "enough" | "unknown" | "too_little", profile: string, window_minutes: number | null, left_percent: number | null,
                 resets_at: string | null, observed_at: string | null, reason: string }"#,
        ),
        of("import", "{ items: Array<ImportItem>, leftovers?: Array<Leftover> } | { deleted: string }"),
        of("list", "{ profiles: Array<ProfileRow>, live: Live }"),
        of("login", "{ items: Array<ImportItem> } | { profile: ProfileRow | null, created: boolean }"),
        of("move", "{ profiles: Array<ProfileRow> }"),
        of("pause", ROW),
        of(
            "prime",
            "{ previews: Array<PrimePreview>, address: string, body: string } | { records: Array<PrimeRecord>, NAMES } | PrimeRecord | ProfileRow | null",
        ),
        of("remove", "{ removed: string, signed_out: boolean } | ProfileRow | null"),
        of("rename", ROW),
        of("renew", ROW),
        of("restore", ITEMS),
        of("resume", ROW),
        of("route explain", "{ decision: Decision, NAMES }"),
        of("route", "{ routing: RoutingSettings, spending: Spending, next?: Decision, names?: { [key in ProfileId]: string } }"),
        of("serve", "{ address: string, port: number }"),
        of("sessions", "{ sessions: Array<Session>, pins: Array<SessionPin> }"),
        of("set", ROW),
        of("settings", "{ settings: Array<SettingRow> }"),
        of("show", "ProfileRow"),
        of("snooze", "{ profile: ProfileId | null, until: string | null }"),
        of("status", "{ live: Live, quota: QuotaView | null, undo: Undo | null, sessions: Array<Session> }"),
        of("support-bundle", "{ path: string | null, parts: Array<{ name: string, bytes: number }>, dry_run: boolean }"),
        of("undo", SWITCHED),
        of(
            "uninstall",
            r#"{ steps: Array<{ what: "program" | "client" | "entry" | "home" | "key", place: string, message: string, done: boolean,
                   failure: Failure | null }>, lost: Array<string>, dry_run: boolean }"#,
        ),
        of("usage", "UsageHistory"),
        of("use", SWITCHED),
        of("vault lock", "{ vault: VaultView }"),
        of("vault move", "{ vault: VaultView, moved: boolean }"),
        of("vault status", "VaultView"),
        of("vault unlock", "{ vault: VaultView }"),
        of("why", "{ decisions: Array<Decision>, NAMES }"),
    ];
    for (_, result) in results.iter_mut().filter(|(verb, _)| DRY.contains(verb)) {
        *result = format!("{result} | {WOULD}");
    }
    results
}

/// Verbs that print no JSON of their own: a script, the manual, and what Codex prints.
const WITHOUT: [&str; 4] = ["completions", "help", "man", "run"];

/// A whole reply: the envelope around the result.
fn reply(verb: &str, result: &str, strict: bool) -> Value {
    let whole = format!("{{ version: number, ok: boolean, result?: {result}, failure?: Failure }}");
    let mut reply = schema(&whole, strict);
    reply["properties"]["version"] = json!({ "const": 1 });
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("codex-lab {verb} --json"),
        "description": "`result` is there where `ok` is true, and where a part went well before a failure.",
    });
    let Value::Object(mut head) = head else { unreachable!() };
    head.extend(reply.as_object().unwrap().clone());
    Value::Object(head)
}

fn file(verb: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas").join(format!("{}.json", verb.replace(' ', "-")))
}

/// Holds what a command printed against its verb's schema.
pub(crate) fn check(arguments: &[&str], printed: &str) {
    let Ok(printed) = serde_json::from_str::<Value>(printed) else { return };
    let words: Vec<&str> = arguments.iter().copied().filter(|argument| !argument.starts_with('-')).collect();
    let Some(verb) = words.first().map(|verb| if *verb == "ls" { "list" } else { verb }) else { return };
    let below = words.get(1).map(|below| format!("{verb} {below}"));
    let results = results();
    let of = |name: &str| results.iter().find(|(known, _)| *known == name);
    if WITHOUT.contains(&verb) {
        return;
    }
    let (verb, result) = below.as_deref().and_then(of).or_else(|| of(verb)).unwrap_or_else(|| panic!("{verb} has no schema"));
    let strict = jsonschema::validator_for(&reply(verb, result, true)).unwrap();
    let wrong: Vec<_> = strict.iter_errors(&printed).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(wrong.is_empty(), "codex-lab {} does not print what its schema says: {wrong:#?}", arguments.join(" "));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for whoever changes what is printed")]
fn the_schemas_are_those_of_the_types() {
    for (verb, result) in results() {
        let text = format!("{:#}\n", reply(verb, &result, false));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::create_dir_all(file(verb).parent().unwrap()).unwrap();
            std::fs::write(file(verb), &text).unwrap();
        }
        let kept = std::fs::read_to_string(file(verb)).unwrap_or_default();
        assert_eq!(kept, text, "{verb}: run with UPDATE_EXPECTED=1 and commit docs/schemas");
        jsonschema::meta::validate(&serde_json::from_str(&text).unwrap()).unwrap();
    }
    let kept = std::fs::read_dir(file("list").parent().unwrap()).unwrap().count();
    assert_eq!(kept, results().len(), "a schema of docs/schemas is of no verb");
}

#[tokio::test]
async fn every_verb_has_a_schema() {
    let world = World::new().await;
    let results = results();
    for verb in crate::shells::verbs(&world, &[]).await {
        if WITHOUT.contains(&verb.as_str()) || results.iter().any(|(known, _)| *known == verb) {
            continue;
        }
        let below = crate::shells::verbs(&world, &[&verb]).await;
        assert!(!below.is_empty(), "{verb} has no schema");
        for below in below {
            let name = format!("{verb} {below}");
            assert!(results.iter().any(|(known, _)| *known == name), "{name} has no schema");
        }
    }
}

#[test]
fn what_is_not_as_it_says_is_found() {
    let good = json!({ "version": 1, "ok": true, "result": { "address": "x", "port": 1 } });
    check(&["serve", "--json"], &good.to_string());
    let mut no_port = good.clone();
    no_port["result"].as_object_mut().unwrap().remove("port");
    let mut more = good.clone();
    more["result"]["more"] = 1.into();
    let mut other = good.clone();
    other["result"]["port"] = "1".into();
    let mut newer = good;
    newer["version"] = 2.into();
    for wrong in [no_port, more, other, newer] {
        assert!(std::panic::catch_unwind(|| check(&["serve"], &wrong.to_string())).is_err(), "{wrong}");
    }
}
