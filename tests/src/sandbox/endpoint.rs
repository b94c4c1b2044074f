//! The map of the provider: which host, method and path is which endpoint.

use http::Method;
use serde::{Deserialize, Serialize};

/// What a request is for. Scripts and log queries name endpoints, not paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET auth.openai.com/oauth/authorize`: the page with the account picker.
    Authorize,
    /// `POST auth.openai.com/oauth/token` with an authorization code.
    ExchangeCode,
    /// `POST auth.openai.com/oauth/token` with a refresh token.
    Refresh,
    /// `POST auth.openai.com/oauth/token` that trades an id token for an API key.
    ExchangeKey,
    /// `POST auth.openai.com/oauth/token` with anything else.
    UnknownGrant,
    /// `POST auth.openai.com/oauth/revoke`.
    Revoke,
    /// `POST …/deviceauth/usercode`: a device asks for a code.
    DeviceCode,
    /// `POST …/deviceauth/token`: a device asks whether it was approved.
    DeviceToken,
    /// `GET auth.openai.com/codex/device`: where a person types the code.
    DevicePage,
    /// `GET …/wham/accounts/check`: workspace routing discovery.
    AccountsCheck,
    /// `GET …/codex/models`: the catalog of a login.
    Models,
    /// `GET api.openai.com/v1/models`: what a new API key is checked with.
    ApiModels,
    /// `GET …/wham/usage`.
    Usage,
    /// `GET …/wham/rate-limit-reset-credits`.
    ResetCredits,
    /// `GET …/wham/settings/user`.
    UserSettings,
    /// `GET …/wham/config/bundle`: policies of a business, edu or enterprise workspace. The CLI does
    /// not start without an answer.
    PolicyBundle,
    /// `POST …/responses`, and every turn on a WebSocket.
    Responses,
    /// `GET …/responses` with an upgrade: the WebSocket handshake.
    ResponsesSocket,
    /// A turn on a WebSocket that generates nothing. Only scripts name it; the log has it among the turns.
    Prewarm,
    /// `POST …/ps/mcp`: the tools of connected apps; there are none.
    Tools,
    /// Analytics and metrics; taken and forgotten.
    Telemetry,
    /// Anything else; 404.
    Unknown,
}

/// A part of the provider that has host names of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Site {
    Auth,
    ChatGpt,
    Api,
    Telemetry,
    /// The plain port itself: all paths are reachable, whatever host they belong to.
    Any,
    Elsewhere,
}

impl Site {
    fn of(host: &str) -> Self {
        match host {
            "auth.openai.com" => Self::Auth,
            "chatgpt.com" => Self::ChatGpt,
            "api.openai.com" => Self::Api,
            "ab.chatgpt.com" => Self::Telemetry,
            "127.0.0.1" | "localhost" | "::1" | "[::1]" => Self::Any,
            _ => Self::Elsewhere,
        }
    }

    fn serves(self, site: Self) -> bool {
        self == site || self == Self::Any
    }
}

impl Endpoint {
    /// The endpoint of a request; `grant_type` is that of a token request, `upgrade` says whether a
    /// WebSocket is asked for.
    pub(crate) fn of(host: &str, method: &Method, path: &str, grant_type: Option<&str>, upgrade: bool) -> Self {
        let site = Site::of(host);
        if site.serves(Site::Telemetry) && path.starts_with("/otlp/") {
            return Self::Telemetry;
        }
        if site.serves(Site::Auth) {
            match (method.as_str(), path) {
                ("GET", "/oauth/authorize") => return Self::Authorize,
                ("POST", "/oauth/token") => return Self::of_grant(grant_type),
                ("POST", "/oauth/revoke") => return Self::Revoke,
                ("POST", "/api/accounts/deviceauth/usercode") => return Self::DeviceCode,
                ("POST", "/api/accounts/deviceauth/token") => return Self::DeviceToken,
                ("GET", "/codex/device") => return Self::DevicePage,
                _ => {}
            }
        }
        if site.serves(Site::Api)
            && let Some(rest) = path.strip_prefix("/v1/")
        {
            return if rest == "models" { Self::ApiModels } else { Self::of_responses(method, rest, upgrade) };
        }
        if site.serves(Site::ChatGpt)
            && let Some(rest) = path.strip_prefix("/backend-api/")
        {
            return match (method.as_str(), rest) {
                ("GET", "wham/accounts/check") => Self::AccountsCheck,
                ("GET", "wham/usage") => Self::Usage,
                ("GET", "wham/rate-limit-reset-credits") => Self::ResetCredits,
                ("GET", "wham/settings/user") => Self::UserSettings,
                ("GET", "wham/config/bundle") => Self::PolicyBundle,
                ("GET", "codex/models") => Self::Models,
                ("POST", "ps/mcp") => Self::Tools,
                ("POST", "codex/analytics-events/events") => Self::Telemetry,
                _ => rest.strip_prefix("codex/").map_or(Self::Unknown, |rest| Self::of_responses(method, rest, upgrade)),
            };
        }
        Self::Unknown
    }

    fn of_grant(grant_type: Option<&str>) -> Self {
        match grant_type {
            Some("authorization_code") => Self::ExchangeCode,
            Some("refresh_token") => Self::Refresh,
            Some("urn:ietf:params:oauth:grant-type:token-exchange") => Self::ExchangeKey,
            _ => Self::UnknownGrant,
        }
    }

    fn of_responses(method: &Method, rest: &str, upgrade: bool) -> Self {
        match (method.as_str(), rest) {
            ("POST", "responses") => Self::Responses,
            ("GET", "responses") if upgrade => Self::ResponsesSocket,
            _ => Self::Unknown,
        }
    }
}
