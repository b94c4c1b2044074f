//! The codes, texts and headers by which the provider says what is wrong. Checked 2026-11-20 against the Codex CLI 0.169.0
//! (codex-runtime.md 5.1, 5.2). All are open sets: what is not here is judged by its status.

/// The allowance is used up.
pub const USAGE_LIMIT: [&str; 1] = ["usage_limit_reached"];
/// The plan has no Codex.
pub const NOT_INCLUDED: [&str; 1] = ["usage_not_included"];
/// A limit or a balance of the organisation.
pub const ORGANIZATION_LIMIT: [&str; 4] =
    ["organization_usage_limit_exceeded", "organization_spend_limit_exceeded", "insufficient_quota", "credit_balance_exhausted"];
/// Too many requests in a short time.
pub const TOO_MANY: [&str; 2] = ["rate_limit_exceeded", "too_many_requests"];
/// New tokens help.
pub const TOKEN_EXPIRED: [&str; 1] = ["token_expired"];
/// Only a new sign-in, or a new key, helps.
pub const TOKEN_GONE: [&str; 7] = [
    "token_invalidated",
    "token_revoked",
    "account_deactivated",
    "app_session_terminated",
    "account_session_expired",
    "invalid_api_key",
    "account_suspended",
];
/// The workspace is no more.
pub const WORKSPACE_GONE: [&str; 1] = ["deactivated_workspace"];
/// The account may not use the model.
pub const NO_SUCH_MODEL: [&str; 2] = ["model_not_found", "model_not_supported"];
/// The same, as a part of a text without a code.
pub const NO_SUCH_MODEL_TEXT: &str = "model is not supported";
/// The client is too old for the model: a part of a text without a code.
pub const CLIENT_TOO_OLD_TEXT: &str = "requires a newer version of codex";
/// Encrypted parts are someone else's.
pub const ENCRYPTED_CONTENT: [&str; 1] = ["invalid_encrypted_content"];
/// The conversation is too long.
pub const CONTEXT_TOO_LONG: [&str; 1] = ["context_length_exceeded"];
/// Against the policy.
pub const POLICY: [&str; 3] = ["cyber_policy", "bio_policy", "invalid_prompt"];
/// The model has no room.
pub const OVERLOADED: [&str; 1] = ["server_is_overloaded"];
/// Asks to be asked less.
pub const SLOW_DOWN: [&str; 1] = ["slow_down"];
/// The provider failed.
pub const SERVER_ERROR: [&str; 2] = ["server_error", "internal_server_error"];
/// Of a request that another account would not serve either.
pub const REQUEST_BAD: [&str; 2] = ["flex_unavailable", "invalid_request"];
/// A response that is not known on this connection.
pub const NO_PREVIOUS: [&str; 1] = ["previous_response_not_found"];
/// A WebSocket as old as it may become.
pub const CONNECTION_LIMIT: [&str; 1] = ["websocket_connection_limit_reached"];

/// Which limit is reached, beside a 429.
pub const LIMIT_REACHED_HEADER: &str = "x-codex-rate-limit-reached-type";
/// How its value ends where only credits help.
pub const OUT_OF_CREDITS_END: &str = "credits_depleted";
/// The family of models that an answer's unprefixed windows are of.
pub const ACTIVE_LIMIT_HEADER: &str = "x-codex-active-limit";
/// Names of the main family in it.
pub const MAIN_LIMITS: [&str; 2] = ["codex", "premium"];
/// How the header ends that tells how much of a family's window is used: `x-<family>-primary-used-percent`.
pub const USED_ENDS: [&str; 2] = ["-primary-used-percent", "-secondary-used-percent"];
/// The header beside it that tells its reset.
pub const RESET_AT_END: &str = "-reset-at";
/// Headers that repeat the code of a refused token.
pub const AUTHORIZATION_ERROR_HEADERS: [&str; 2] = ["x-openai-authorization-error", "x-error-json"];
/// How the header ends that calls a family by a name for people.
pub const LIMIT_NAME_END: &str = "-limit-name";
/// The edge asks the caller to prove to be a person.
pub const CHALLENGE_HEADER: &str = "cf-mitigated";
