//! OpenAI's sign-in as the Codex CLI 0.169.0 uses it. Checked 2026-11-20 against the real CLI (codex-auth.md 2).

use std::time::Duration;

/// Where accounts sign in and tokens come from.
pub const ISSUER: &str = "https://auth.openai.com";
/// The public OAuth client of the Codex CLI; it has no secret.
pub const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
/// What a sign-in asks for, in the CLI's order.
pub const SCOPES: [&str; 6] = ["openid", "profile", "email", "offline_access", "api.connectors.read", "api.connectors.invoke"];
/// Added to the authorize URL, in the CLI's order.
pub const AUTHORIZE_EXTRAS: [(&str, &str); 3] =
    [("id_token_add_organizations", "true"), ("codex_cli_simplified_flow", "true"), ("originator", "codex_cli_rs")];
/// The only callback ports registered for the client, in the order they are tried.
pub const CALLBACK_PORTS: [u16; 2] = [1455, 1457];
/// The callback's path.
pub const CALLBACK_PATH: &str = "/auth/callback";
/// A device code is good for this long.
pub const DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Asking more often than this is not polite, whatever the answer's `interval` says.
pub const DEVICE_POLL_FLOOR: Duration = Duration::from_secs(5);

/// Below the issuer.
pub mod path {
    /// Authorize page.
    pub const AUTHORIZE: &str = "/oauth/authorize";
    /// Code exchange and refresh.
    pub const TOKEN: &str = "/oauth/token";
    /// Ends a login.
    pub const REVOKE: &str = "/oauth/revoke";
    /// Gives a device code.
    pub const DEVICE_USER_CODE: &str = "/api/accounts/deviceauth/usercode";
    /// Asked until the user has typed the code in.
    pub const DEVICE_TOKEN: &str = "/api/accounts/deviceauth/token";
    /// The page that takes the code.
    pub const DEVICE_PAGE: &str = "/codex/device";
    /// The redirect address that belongs to a device code's exchange.
    pub const DEVICE_CALLBACK: &str = "/deviceauth/callback";
}

/// What the accounts may be used for.
pub const TERMS: &str = "https://openai.com/policies/terms-of-use/";
/// What they may not be used for.
pub const USAGE_POLICIES: &str = "https://openai.com/policies/usage-policies/";

/// Lists the models a key may use: the cheapest question that tells whether a key is good.
pub const API_KEY_CHECK: &str = "https://api.openai.com/v1/models";

/// Below this lies what Codex asks with a ChatGPT login (codex-runtime.md 1.3).
pub const CODEX: &str = "https://chatgpt.com/backend-api/codex";
/// The same with an API key.
pub const API: &str = "https://api.openai.com/v1";
/// Below this lies what an account may ask about itself (codex-runtime.md 4.3).
pub const BACKEND: &str = "https://chatgpt.com/backend-api";
/// What is left of an account's quota, below [`BACKEND`].
pub const USAGE_PATH: &str = "/wham/usage";
/// A turn of a model, below [`CODEX`].
pub const RESPONSES_PATH: &str = "/responses";
/// The models of an account, below [`CODEX`].
pub const MODELS_PATH: &str = "/models";
/// The version that is named where the list of models depends on it: the one that all of this was checked with.
pub const CLIENT_VERSION: &str = "0.169.0";
