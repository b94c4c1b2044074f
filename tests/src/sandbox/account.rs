//! The people the sandbox provider knows, and the three it starts with.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::quota::Quota;

/// How long a default access token lives: long enough that nothing refreshes by accident.
const ACCESS_LIFETIME: i64 = 8 * 60 * 60;

/// One login of the sandbox: a user in one workspace.
///
/// Two workspaces of one person are two accounts with the same `user_id` and `email`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SandboxAccount {
    /// The name tests and the account picker use; unique in a sandbox.
    pub name: String,
    /// The e-mail address in the claims.
    pub email: String,
    /// The user, `chatgpt_user_id` in the claims.
    pub user_id: String,
    /// The workspace, `chatgpt_account_id` in the claims and the `chatgpt-account-id` header.
    pub account_id: String,
    /// The name of the workspace; `None` for a personal one.
    pub workspace: Option<String>,
    /// `chatgpt_plan_type` (codex-auth.md 1.4); any string, also unknown ones.
    pub plan: String,
    /// The platform API key of this account. Empty = drawn at random when the sandbox takes it in.
    pub api_key: String,
    /// Seconds an access token lives from the moment it is minted; negative = born expired.
    pub access_lifetime: i64,
    /// Seconds a refresh token lives; `None` = for ever.
    pub refresh_lifetime: Option<i64>,
    /// What is left of the allowance.
    pub quota: Quota,
}

impl SandboxAccount {
    /// A personal Plus account. All ids follow from the name, so they are the same in every run.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            email: format!("{name}@sandbox.example"),
            user_id: format!("user-{}", &digest(&name, "user")[..24]),
            account_id: uuid_of(&name),
            workspace: None,
            plan: "plus".to_owned(),
            api_key: String::new(),
            access_lifetime: ACCESS_LIFETIME,
            refresh_lifetime: None,
            quota: Quota::default(),
            name,
        }
    }

    /// The three accounts of the demo: `main` (Plus), `work` (Business), `backup` (Plus).
    pub fn trio() -> Vec<Self> {
        vec![
            Self::new("main").with_quota(Quota::plus(38, 61)),
            Self::new("work").in_workspace("Sandbox Inc.").with_plan("business").with_quota(Quota::plus(12, 20)),
            Self::new("backup").with_quota(Quota::plus(0, 4)),
        ]
    }

    /// `count` accounts named `seat-0001`, `seat-0002`, …
    pub fn crowd(count: usize) -> Vec<Self> {
        (1..=count).map(|number| Self::new(format!("seat-{number:04}"))).collect()
    }

    /// The same account on another plan.
    #[must_use]
    pub fn with_plan(mut self, plan: &str) -> Self {
        plan.clone_into(&mut self.plan);
        self
    }

    /// The same account in a named, shared workspace.
    #[must_use]
    pub fn in_workspace(mut self, workspace: &str) -> Self {
        self.workspace = Some(workspace.to_owned());
        self
    }

    /// This account as another workspace of the person `other` is.
    #[must_use]
    pub fn same_person_as(mut self, other: &Self) -> Self {
        self.user_id.clone_from(&other.user_id);
        self.email.clone_from(&other.email);
        self
    }

    /// The same account with this much allowance used.
    #[must_use]
    pub fn with_quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// The same account with access tokens that live `seconds` from the moment they are minted.
    #[must_use]
    pub fn with_access_lifetime(mut self, seconds: i64) -> Self {
        self.access_lifetime = seconds;
        self
    }

    /// `personal` or `workspace`, as `accounts/check` calls it (codex-auth.md 5.5).
    pub(crate) fn structure(&self) -> &'static str {
        if self.workspace.is_some() { "workspace" } else { "personal" }
    }
}

fn digest(name: &str, kind: &str) -> String {
    let hash = Sha256::digest(format!("{kind}:{name}"));
    hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn uuid_of(name: &str) -> String {
    let hex = digest(name, "workspace");
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
