//! What the results of the control interface are, as a JSON Schema: `docs/control-interface.schema.json`.

use std::path::{Path, PathBuf};

use codex_lab_core::control::{OWN, ROWS};
use serde_json::{Value, json};

use crate::schema::schema;

const ACCOUNT: &str =
    r#"{ type: "chatgpt", email: string | null, planType: string | null, workspaceName: string | null } | { type: "apiKey" }"#;
const WINDOW: &str = "{ usedPercent: number, windowDurationMins: Minutes, resetsAt: number | null, observedAt: number | null, source: QuotaSource, confidence: Confidence, note: WindowNote }";

/// The results in the words of `ui/src/generated`: of methods with a shape of their own; every other one is a row's reply.
fn results() -> String {
    let profile = format!(
        "{{ id: ProfileId, name: string, account: {ACCOUNT}, active: boolean, state: ProfileState, accountId: string | null,
            details: ProfileDetails, addedAt: string, lastActiveAt: string | null }}"
    );
    let limit = format!(
        "{{ limitId: Family, limitName: string | null, primary: {WINDOW} | null, secondary: {WINDOW} | null, windows: Array<{WINDOW}>,
            credits: {{ hasCredits: boolean, unlimited: boolean, balance: string | null }} | null, planType: string | null,
            rateLimitReachedType: string | null }}"
    );
    let mut results = vec![
        ("initialize", "{ userAgent: string, protocolVersion: number, codexLabHome: string, codexHome: string, platformFamily: string, platformOs: string }".to_owned()),
        ("account/list", format!("{{ activeProfileId: ProfileId | null, accounts: Array<{profile}> }}")),
        ("account/read", format!("{{ account: {ACCOUNT} | null, requiresOpenaiAuth: boolean, profile: {profile} | null }}")),
        (
            "account/login/start",
            format!(
                r#"{{ type: "chatgpt", loginId: string, authUrl: string }} | {{ type: "chatgptDeviceCode", loginId: string, verificationUrl: string, userCode: string }}
                    | {{ type: "apiKey", profile: {profile} | null, created: boolean }}"#
            ),
        ),
        ("account/login/cancel", r#"{ status: "canceled" | "notFound" }"#.to_owned()),
        ("account/logout", "{ }".to_owned()),
        (
            "account/rateLimits/read",
            format!(
                "{{ profile: {{ id: ProfileId, name: string }}, accountId: string | null, rateLimits: {limit} | null,
                    rateLimitsByLimitId: {{ [key in Family]: {limit} }}, rateLimitResetCredits: number | null }}"
            ),
        ),
        (
            "session/list",
            "{ processes: Array<Session>, pins: Array<SessionPin>, names: { [key in ProfileId]: string },
               recent: Array<{ session: string, at: string, model: string | null, profile: ProfileId | null, choice: Choice | null }> }"
                .to_owned(),
        ),
        ("snapshot/subscribe", "{ snapshot: Snapshot }".to_owned()),
        ("snapshot/unsubscribe", "{ }".to_owned()),
    ];
    let own: Vec<&str> = results.iter().map(|(method, _)| *method).collect();
    let rows = ROWS.iter().map(|(_, method)| *method).filter(|method| !own.contains(method));
    results.extend(rows.map(|method| (method, "Reply".to_owned())).collect::<Vec<_>>());
    let members: Vec<String> = results.iter().map(|(method, result)| format!("\"{method}\": {result}")).collect();
    format!("{{ {} }}", members.join(", "))
}

/// An object of results by method.
fn whole(strict: bool) -> Value {
    let mut schema = schema(&results(), strict);
    schema.as_object_mut().unwrap().remove("required");
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Results of the control interface, by method",
    });
    whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
    whole
}

/// Holds results against their methods' schemas.
pub(crate) struct Check(jsonschema::Validator);

impl Check {
    pub(crate) fn new() -> Self {
        Self(jsonschema::validator_for(&whole(true)).unwrap())
    }

    pub(crate) fn holds(&self, method: &str, result: &Value) {
        let wrong: Vec<_> =
            self.0.iter_errors(&json!({ method: result })).map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert!(wrong.is_empty(), "{method} does not give what its schema says: {wrong:#?}");
    }
}

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch for whoever changes what is said")]
fn the_schema_is_that_of_the_types() {
    let (text, file) = (format!("{:#}\n", whole(false)), document("control-interface.schema.json"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text, "run with UPDATE_EXPECTED=1 and commit docs");
    jsonschema::meta::validate(&serde_json::from_str(&text).unwrap()).unwrap();
    let wrong = json!({ "status": "cancelled" });
    assert!(std::panic::catch_unwind(|| Check::new().holds("account/login/cancel", &wrong)).is_err(), "it finds what is wrong");
}

#[test]
fn the_page_names_every_method() {
    let page = std::fs::read_to_string(document("control-interface.md")).unwrap();
    let methods = ROWS.iter().map(|(_, method)| *method).chain(OWN);
    let missing: Vec<_> = methods.filter(|method| !page.contains(&format!("`{method}`"))).collect();
    assert!(missing.is_empty(), "docs/control-interface.md says nothing of {missing:?}");
    let rows: Vec<_> = ROWS.iter().filter(|(row, _)| !page.contains(&format!("`{row}`"))).collect();
    assert!(rows.is_empty(), "docs/control-interface.md does not say whose methods these are: {rows:?}");
}
