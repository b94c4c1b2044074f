//! Accounts in Codex's shapes (codex-auth.md 5.1), with what we know beside. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::table::SecretText;
use crate::failure::{Code, Failure};
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::{FamilyView, Percent, QuotaView, WindowView};
use crate::model::snapshot::{LiveState, ProfileRow, SignIn, Snapshot};

/// How to sign in: `account/login/start`.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Login {
    /// With an API key.
    ApiKey {
        /// The key.
        api_key: SecretText,
        /// What the profile is to be called.
        name: Option<String>,
    },
    /// In a browser. The last three are Codex's, about pages that are not ours: they have no effect.
    Chatgpt {
        /// The profile to sign in again; without one, another is added.
        profile: Option<ProfileId>,
        /// What the profile is to be called.
        name: Option<String>,
        /// Whether a sign-in that runs is called off.
        #[serde(default)]
        replace: bool,
        #[serde(rename = "codexStreamlinedLogin")]
        _streamlined: Option<bool>,
        #[serde(rename = "useHostedLoginSuccessPage")]
        _hosted_page: Option<bool>,
        #[serde(rename = "appBrand")]
        _brand: Option<String>,
    },
    /// With a code that is typed in elsewhere; the rest likewise.
    ChatgptDeviceCode {
        /// The profile to sign in again.
        profile: Option<ProfileId>,
        /// What the profile is to be called.
        name: Option<String>,
        /// Whether a sign-in that runs is called off.
        #[serde(default)]
        replace: bool,
    },
}

/// An account as Codex names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Account {
    Chatgpt { email: Option<String>, plan_type: Option<String>, workspace_name: Option<String> },
    ApiKey {},
}

/// A profile, with its account.
pub(super) fn profile(row: &ProfileRow) -> Value {
    json!({
        "id": row.id, "name": row.name, "account": account(row), "active": row.live, "state": row.state, "accountId": row.workspace,
        "details": row.details, "addedAt": row.added_at, "lastActiveAt": row.last_live_at,
    })
}

/// `account/list`.
pub(super) fn list(snapshot: &Snapshot) -> Value {
    json!({
        "activeProfileId": snapshot.live.profile, "accounts": snapshot.profiles.iter().map(profile).collect::<Vec<_>>(),
    })
}

/// `account/read`: of a profile, or of the live login, which need not be one.
pub(super) fn read(of: Option<&ProfileId>, snapshot: &Snapshot) -> Result<Value, Failure> {
    let row = of.map_or_else(|| Ok(live(snapshot)), |id| found(id, snapshot).map(Some))?;
    let unknown = Account::Chatgpt { email: snapshot.live.email.clone(), plan_type: snapshot.live.plan.clone(), workspace_name: None };
    let account = row.map(account).or_else(|| (of.is_none() && snapshot.live.state == LiveState::Unknown).then_some(unknown));
    Ok(json!({ "account": account, "requiresOpenaiAuth": true, "profile": row.map(profile) }))
}

/// Whose limits are read, and what speaks against it, in Codex's words.
pub(super) fn limits(of: Option<&ProfileId>, snapshot: &Snapshot) -> Result<Result<Value, &'static str>, Failure> {
    let row = match of {
        Some(id) => found(id, snapshot)?,
        None => match live(snapshot) {
            Some(row) => row,
            None => return Ok(Err("codex account authentication required to read rate limits")),
        },
    };
    if row.kind == ProfileKind::ApiKey {
        return Ok(Err("chatgpt authentication required to read rate limits"));
    }
    Ok(Ok(limits_of(row)))
}

/// What is left of a profile's allowance.
pub(super) fn limits_of(row: &ProfileRow) -> Value {
    let by_id: BTreeMap<String, Value> = row
        .quota
        .families
        .iter()
        .map(|family| (json!(family.family).as_str().unwrap_or_default().to_owned(), limit(family, &row.quota)))
        .collect();
    let main = row.quota.families.iter().find(|family| family.main).map(|family| limit(family, &row.quota));
    json!({
        "profile": { "id": row.id, "name": row.name }, "accountId": row.workspace, "rateLimits": main, "rateLimitsByLimitId": by_id,
        "rateLimitResetCredits": row.quota.reset_credits,
    })
}

/// A sign-in that has come to its end, or to a question; `not_named`: why it does not have the name that was wished for.
pub(super) fn completed(sign_in: &SignIn, snapshot: &Snapshot, not_named: Option<&Failure>) -> Value {
    let other = || {
        Failure::new(Code::WrongAccount, "That was another account than the profile's.")
            .hint("Ask `account/login/decide` with `add` to keep it as a new profile, or to drop it.")
    };
    let row = sign_in.profile.as_ref().and_then(|id| snapshot.profiles.iter().find(|row| row.id == *id));
    let failure = if sign_in.profile.is_some() { None } else { Some(sign_in.failure.clone().unwrap_or_else(other)) };
    json!({
        "loginId": sign_in.id, "success": failure.is_none(), "error": failure.as_ref().map(|failure| &failure.message),
        "failure": failure, "profile": row.map(profile), "created": sign_in.created, "notNamed": not_named,
    })
}

/// `account/updated`: which account Codex uses now.
pub(super) fn updated(snapshot: &Snapshot) -> Value {
    let row = live(snapshot);
    let mode = row.map(|row| if row.kind == ProfileKind::ApiKey { "apikey" } else { "chatgpt" });
    json!({ "authMode": mode, "planType": row.and_then(|row| row.plan.as_ref()), "profile": row.map(profile) })
}

fn account(row: &ProfileRow) -> Account {
    match row.kind {
        ProfileKind::ApiKey => Account::ApiKey {},
        ProfileKind::Chatgpt => Account::Chatgpt { email: row.email.clone(), plan_type: row.plan.clone(), workspace_name: None },
    }
}

fn live(snapshot: &Snapshot) -> Option<&ProfileRow> {
    snapshot.profiles.iter().find(|row| row.live)
}

fn found<'a>(id: &ProfileId, snapshot: &'a Snapshot) -> Result<&'a ProfileRow, Failure> {
    snapshot
        .profiles
        .iter()
        .find(|row| row.id == *id)
        .ok_or_else(|| Failure::new(Code::NotFound, "There is no such profile.").hint("`codex-lab list` shows the profiles."))
}

/// Codex has two windows, of which the first is the shorter; all of them are in `windows`.
fn limit(family: &FamilyView, quota: &QuotaView) -> Value {
    let credits = quota.credits.as_ref().filter(|_| family.main);
    json!({
        "limitId": family.family, "limitName": family.name,
        "primary": family.windows.first().map(window), "secondary": family.windows.get(1).map(window),
        "windows": family.windows.iter().map(window).collect::<Vec<_>>(),
        "credits": credits.map(|it| json!({ "hasCredits": it.has_credits, "unlimited": it.unlimited, "balance": it.balance })),
        "planType": quota.plan, "rateLimitReachedType": quota.limit_reached.as_ref().filter(|_| family.main),
    })
}

fn window(window: &WindowView) -> Value {
    let used = f64::from(Percent::ALL) - f64::from(window.left_percent);
    json!({
        "usedPercent": used, "windowDurationMins": window.minutes, "resetsAt": window.resets_at.map(Timestamp::as_second),
        "observedAt": window.observed_at.map(Timestamp::as_second), "source": window.source, "confidence": window.confidence, "note": window.note,
    })
}
