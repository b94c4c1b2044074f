//! The methods: each row of `api/table` has one, and a few have a shape of their own, which is Codex's where ours mean the same. Pure.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::account::Login;
use super::envelope::RpcError;
use crate::api::table::Request;
use crate::failure::{Code, Failure};
use crate::model::profile::ProfileId;
use crate::model::snapshot::Snapshot;

/// Each row of the table, and the method that asks for it. Its parameters are the row's own, but for [`OWN`].
pub const ROWS: [(&str, &str); 52] = [
    ("activity", "activity/list"),
    ("add_api_key", "account/login/start"),
    ("background", "background/list"),
    ("begin_sign_in", "account/login/start"),
    ("cancel_sign_in", "account/login/cancel"),
    ("capture_live", "account/capture"),
    ("choose_for_session", "session/choose"),
    ("connect_client", "client/connect"),
    ("decide_sign_in", "account/login/decide"),
    ("delete_leftover", "account/import/deleteLeftover"),
    ("disconnect_client", "client/disconnect"),
    ("dismiss_sign_in", "account/login/dismiss"),
    ("dry_run", "change/preview"),
    ("explain", "routing/explain"),
    ("export", "backup/export"),
    ("find_imports", "account/import/preview"),
    ("finish_first_run", "firstRun/finish"),
    ("import_from", "account/import/start"),
    ("import_path", "account/import/path"),
    ("import_text", "account/import/text"),
    ("list_backups", "backup/list"),
    ("lock_vault", "vault/lock"),
    ("move_vault", "vault/move"),
    ("open_policy", "policy/open"),
    ("open_sign_in_page", "account/login/openPage"),
    ("paste_callback", "account/login/pasteCallback"),
    ("pin_session", "session/pin"),
    ("pin_session", "session/unpin"),
    ("prime_now", "prime/start"),
    ("primes", "prime/preview"),
    ("remove", "account/remove"),
    ("rename", "account/rename"),
    ("renew", "account/renew"),
    ("reorder", "account/reorder"),
    ("restore_backup", "backup/restore"),
    ("restore_export", "backup/restoreExport"),
    ("set_details", "account/setDetails"),
    ("set_paused", "account/pause"),
    ("set_routing", "routing/write"),
    ("set_setting", "settings/write"),
    ("set_settings", "settings/replace"),
    ("set_weights", "account/setWeights"),
    ("settings", "settings/read"),
    ("snapshot", "snapshot/read"),
    ("snooze", "account/snooze"),
    ("switch_to", "account/switch"),
    ("switch_to", "account/logout"),
    ("undo_remove", "account/remove/undo"),
    ("undo_switch", "account/switch/undo"),
    ("unlock_vault", "vault/unlock"),
    ("usage_history", "usage/history"),
    ("why", "routing/why"),
];

/// Methods with a shape of their own, beside `initialize`.
pub const OWN: [&str; 12] = [
    "account/list",
    "account/login/cancel",
    "account/login/start",
    "account/logout",
    "account/rateLimits/read",
    "account/read",
    "account/switch",
    "change/preview",
    "session/list",
    "session/unpin",
    "snapshot/subscribe",
    "snapshot/unsubscribe",
];

/// What a call asks for.
#[derive(Debug)]
pub enum Ask {
    /// A row of the table: its reply is the result.
    Row(Request),
    /// The same, with a result that says nothing.
    Quietly(Request),
    /// Every profile.
    Accounts,
    /// A profile's account; that of the live login without one.
    Account(Option<ProfileId>),
    /// What is left of it, likewise.
    Limits(Option<ProfileId>),
    /// A sign-in.
    Login(Login),
    /// No sign-in any more.
    CancelLogin {
        /// Which.
        login: String,
    },
    /// Every session of Codex.
    Sessions,
    /// To be told of changes.
    Subscribe,
    /// To be told no more.
    Unsubscribe,
}

/// Reads a call. A profile may be named by its id or by its name, for which the snapshot is.
pub fn read(method: &str, params: Option<&RawValue>, snapshot: &Snapshot) -> Result<Ask, RpcError> {
    let mut given = object(params)?;
    if !known(method) {
        return Err(RpcError::no_method(method));
    }
    by_id(&mut given, snapshot)?;
    Ok(match method {
        "account/list" => none(given).map(|()| Ask::Accounts)?,
        "account/read" => Ask::Account(parsed::<OfAccount>(given)?.profile),
        "account/rateLimits/read" => Ask::Limits(parsed::<OfLimits>(given)?.profile),
        "account/login/start" => Ask::Login(parsed(given)?),
        "account/login/cancel" => Ask::CancelLogin { login: parsed::<Cancelled>(given)?.login },
        "account/logout" => none(given).map(|()| Ask::Quietly(Request::SwitchTo { profile: None }))?,
        "account/switch" => Ask::Row(Request::SwitchTo { profile: parsed::<Switch>(given)?.profile }),
        "change/preview" => preview(given, snapshot)?,
        "session/list" => none(given).map(|()| Ask::Sessions)?,
        "session/unpin" => Ask::Row(Request::PinSession { session: parsed::<Unpinned>(given)?.session, profile: None }),
        "snapshot/subscribe" => none(given).map(|()| Ask::Subscribe)?,
        "snapshot/unsubscribe" => none(given).map(|()| Ask::Unsubscribe)?,
        _ => Ask::Row(row(method, &given)?),
    })
}

fn known(method: &str) -> bool {
    OWN.contains(&method) || ROWS.iter().any(|(_, known)| *known == method)
}

/// The row's own parameters. A row without any has no `params` at all.
fn row(method: &str, given: &Map<String, Value>) -> Result<Request, RpcError> {
    let (row, _) = ROWS.iter().find(|(_, known)| *known == method).ok_or_else(|| RpcError::no_method(method))?;
    let bare = if given.is_empty() { serde_json::from_value(json!({ "method": row })).ok() } else { None };
    if let Some(request) = bare {
        return Ok(request);
    }
    serde_json::from_value(json!({ "method": row, "params": given })).map_err(|error| RpcError::of_params(&error))
}

/// What another method would change.
fn preview(given: Map<String, Value>, snapshot: &Snapshot) -> Result<Ask, RpcError> {
    let Preview { method, params } = parsed(given)?;
    let params = params.map(|params| to_raw_value(&params)).transpose().map_err(|error| RpcError::of_params(&error))?;
    match read(&method, params.as_deref(), snapshot)? {
        Ask::Row(request) | Ask::Quietly(request) => Ok(Ask::Row(Request::DryRun { request: Box::new(request) })),
        _ => Err(RpcError::invalid_params("that method changes nothing, or is not a row of the table")),
    }
}

/// The members of `params`; none where it is absent or `null`.
fn object(params: Option<&RawValue>) -> Result<Map<String, Value>, RpcError> {
    let wanted = || RpcError::invalid_params("parameters are an object, by their names");
    let Some(params) = params else { return Ok(Map::new()) };
    Ok(serde_json::from_str::<Option<_>>(params.get()).map_err(|_| wanted())?.unwrap_or_default())
}

/// Puts ids in the places of names.
fn by_id(given: &mut Map<String, Value>, snapshot: &Snapshot) -> Result<(), RpcError> {
    for (key, value) in given {
        match (key.as_str(), value) {
            ("profile" | "again", Value::String(named)) => *named = id_of(named, snapshot)?,
            ("profiles", Value::Array(all)) => {
                for one in all {
                    if let Value::String(named) = one {
                        *named = id_of(named, snapshot)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a profile of that id is there, the engine says.
fn id_of(named: &str, snapshot: &Snapshot) -> Result<String, Failure> {
    let by_name = || snapshot.profiles.iter().find(|row| row.name.eq_ignore_ascii_case(named.trim())).map(|row| row.id.to_string());
    let id = snapshot.profiles.iter().find(|row| row.id.as_str() == named).map(|row| row.id.to_string()).or_else(by_name);
    id.or_else(|| ProfileId::parse(named).map(|id| id.to_string()))
        .ok_or_else(|| Failure::new(Code::NotFound, "There is no profile of that name.").hint("`codex-lab list` shows the profiles."))
}

fn parsed<T: DeserializeOwned>(given: Map<String, Value>) -> Result<T, RpcError> {
    serde_json::from_value(Value::Object(given)).map_err(|error| RpcError::of_params(&error))
}

fn none(given: Map<String, Value>) -> Result<(), RpcError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    parsed::<Nothing>(given).map(drop)
}

/// `refreshToken` is Codex's: no token is renewed for a look, so it has no effect.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfAccount {
    profile: Option<ProfileId>,
    #[serde(rename = "refreshToken")]
    _refresh_token: Option<bool>,
}

/// Beside the profile, what Codex takes: all of it is always there, or never.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfLimits {
    profile: Option<ProfileId>,
    #[serde(rename = "supportsLunaReserve")]
    _luna_reserve: Option<bool>,
    #[serde(rename = "excludeResetCreditDetails")]
    _without_credits: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preview {
    method: String,
    params: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancelled {
    #[serde(rename = "loginId")]
    login: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unpinned {
    session: String,
}

/// To sign out by forgetting to name a profile is no wish: `account/logout` says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    #[serde(deserialize_with = "Option::deserialize")]
    profile: Option<ProfileId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::snapshot;

    fn ask(method: &str, params: &str) -> Result<Ask, RpcError> {
        let params = RawValue::from_string(params.to_owned()).unwrap();
        read(method, Some(&params), &snapshot())
    }

    fn request(method: &str, params: &str) -> Request {
        match ask(method, params).unwrap() {
            Ask::Row(request) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_profile_is_named_either_way() {
        for named in ["backup", "Backup", "0000000000000002"] {
            let renamed = request("account/rename", &format!(r#"{{"profile":"{named}","name":"spare"}}"#));
            assert!(matches!(&renamed, Request::Rename { profile, name } if profile.as_str().ends_with('2') && name == "spare"));
        }
        let order = request("account/reorder", r#"{"profiles":["backup","0000000000000001"]}"#);
        assert!(matches!(order, Request::Reorder { profiles } if profiles[0].as_str().ends_with('2')));
        let error = ask("account/rename", r#"{"profile":"nobody","name":"x"}"#).unwrap_err();
        assert_eq!(json!(error)["data"]["code"], "not_found");
    }

    #[test]
    fn rows_without_parameters_take_none_in_any_way() {
        for params in ["null", "{}"] {
            assert!(matches!(request("account/switch/undo", params), Request::UndoSwitch));
            assert!(matches!(request("activity/list", params), Request::Activity { .. }));
        }
        assert!(matches!(read("snapshot/read", None, &snapshot()).unwrap(), Ask::Row(Request::Snapshot)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (method, params) in [
            ("account/rename", "{}"),
            ("account/rename", r#"{"profile":"main","name":"x","more":1}"#),
            ("account/rename", "[\"main\"]"),
            ("account/rename", "1"),
            ("account/switch", "{}"),
            ("account/list", r#"{"more":1}"#),
            ("account/logout", r#"{"profile":"main"}"#),
            ("account/login/start", "{}"),
            ("account/login/start", r#"{"type":"chatgptAuthTokens","accessToken":"x"}"#),
            ("session/unpin", r#"{"session":"a","profile":"main"}"#),
            ("usage/history", r#"{"hours":-1}"#),
        ] {
            assert_eq!(json!(ask(method, params).unwrap_err())["code"], -32602, "{method} {params}");
        }
        for method in ["", "account", "account/", "set_paused", "initialize", "account/login/completed"] {
            assert_eq!(json!(ask(method, "{}").unwrap_err())["code"], -32601, "{method}");
        }
    }

    #[test]
    fn codex_clients_are_understood() {
        assert!(matches!(ask("account/read", r#"{"refreshToken":true}"#).unwrap(), Ask::Account(None)));
        let limits = ask("account/rateLimits/read", r#"{"supportsLunaReserve":true,"excludeResetCreditDetails":true}"#);
        assert!(matches!(limits.unwrap(), Ask::Limits(None)));
        let chatgpt = r#"{"type":"chatgpt","codexStreamlinedLogin":true,"useHostedLoginSuccessPage":false,"appBrand":"codex"}"#;
        assert!(matches!(ask("account/login/start", chatgpt).unwrap(), Ask::Login(Login::Chatgpt { .. })));
        assert!(matches!(ask("account/switch", r#"{"profile":null}"#).unwrap(), Ask::Row(Request::SwitchTo { profile: None })));
    }
}
