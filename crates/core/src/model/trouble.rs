//! What an answer of the provider means when it is not the wished-for one, or when there is none.

use std::time::Duration;

use jiff::Timestamp;

use super::quota::Family;

/// What went wrong with one attempt. `gateway/classify` reads it from answers; [`Trouble::remedy`](Self::remedy) says what follows
/// from it (codex-runtime.md 5.2, 2.2, 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The allowance of a family of models is used up.
    UsageLimit {
        /// Whose allowance: other families of the same account may have something left.
        family: Family,
        /// When it starts anew, if that was told and is yet to come.
        resets_at: Option<Timestamp>,
    },
    /// The workspace has no credits left, and the account needs them.
    CreditsDepleted,
    /// The account's plan has no Codex.
    NotIncluded,
    /// The organisation has reached its own limit or its balance is used up.
    OrganizationLimit,
    /// Too many requests in a short time. No allowance is used up.
    TooManyRequests {
        /// How long to stay away, if that was told; at most a day.
        retry_after: Option<Duration>,
    },
    /// The access token was refused.
    LoginRefused(LoginRefusal),
    /// The account's workspace is no more.
    WorkspaceGone,
    /// This account may not use this model; another may.
    ModelNotSupported,
    /// The model asks for a newer client. No account helps.
    ClientTooOld,
    /// An edge before the provider turned the caller away: it is about the network, not about the account.
    EdgeBlocked,
    /// The account may not do this, for a reason that was not told.
    Forbidden,
    /// The request itself is at fault.
    RequestBad,
    /// What is asked for is against the provider's policy. It is never offered to another account.
    PolicyRefused,
    /// The conversation is too long for the model.
    ContextTooLong,
    /// Encrypted parts of the conversation belong to another account.
    EncryptedContentInvalid,
    /// The model has no room, whoever asks.
    Overloaded {
        /// How long to stay away, if that was told.
        retry_after: Option<Duration>,
    },
    /// The provider asks to be asked less, whoever asks.
    SlowDown {
        /// How long to stay away, if that was told.
        retry_after: Option<Duration>,
    },
    /// The provider failed.
    ServerError {
        /// How long to stay away, if that was told.
        retry_after: Option<Duration>,
    },
    /// There was no answer, or not all of it.
    Transport(TransportTrouble),
    /// An answer that is none: no redirect, page or half a document is expected here.
    Garbage,
    /// A response that the request continues is not known on this connection.
    PreviousResponseNotFound,
    /// The WebSocket is as old as it may become.
    ConnectionLimit,
    /// There is no WebSocket to be had here.
    NoWebSocket,
}

/// How far a refusal of the access token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginRefusal {
    /// New tokens may help.
    Refreshable,
    /// The tokens were new, and were refused all the same.
    StillRefused,
    /// Only a new sign-in helps.
    ForGood,
}

/// Where the way to the provider ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportTrouble {
    /// No connection: nothing was sent.
    Connect,
    /// The connection ended before the answer did.
    Cut,
    /// Nothing came for too long.
    Timeout,
}

impl Trouble {
    /// Its short name, the evidence that a block keeps and logs show. Stable; never a text of the provider.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UsageLimit { .. } => "usage_limit_reached",
            Self::CreditsDepleted => "credits_depleted",
            Self::NotIncluded => "usage_not_included",
            Self::OrganizationLimit => "organization_limit",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::LoginRefused(LoginRefusal::Refreshable) => "token_expired",
            Self::LoginRefused(LoginRefusal::StillRefused) => "token_refused",
            Self::LoginRefused(LoginRefusal::ForGood) => "token_invalidated",
            Self::WorkspaceGone => "deactivated_workspace",
            Self::ModelNotSupported => "model_not_supported",
            Self::ClientTooOld => "client_too_old",
            Self::EdgeBlocked => "edge_blocked",
            Self::Forbidden => "forbidden",
            Self::RequestBad => "request_bad",
            Self::PolicyRefused => "policy_refused",
            Self::ContextTooLong => "context_too_long",
            Self::EncryptedContentInvalid => "invalid_encrypted_content",
            Self::Overloaded { .. } => "overloaded",
            Self::SlowDown { .. } => "slow_down",
            Self::ServerError { .. } => "server_error",
            Self::Transport(TransportTrouble::Connect) => "no_connection",
            Self::Transport(TransportTrouble::Cut) => "cut_off",
            Self::Transport(TransportTrouble::Timeout) => "timed_out",
            Self::Garbage => "garbage",
            Self::PreviousResponseNotFound => "previous_response_not_found",
            Self::ConnectionLimit => "connection_limit",
            Self::NoWebSocket => "no_websocket",
        }
    }

    /// The same trouble on an attempt whose tokens had just been renewed.
    pub fn with_new_tokens(self) -> Self {
        match self {
            Self::LoginRefused(LoginRefusal::Refreshable) => Self::LoginRefused(LoginRefusal::StillRefused),
            other => other,
        }
    }
}
