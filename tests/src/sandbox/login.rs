//! A login made without a browser: its tokens, and the `auth.json` Codex would have written.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::SandboxAccount;
use super::world::World;
use super::{CLIENT_ID, ISSUER};

/// A fresh login of one account, with a token family of its own.
#[derive(Clone, Debug)]
pub struct MintedLogin {
    /// Whose it is.
    pub account: SandboxAccount,
    /// The id token, a JWT.
    pub id_token: String,
    /// The access token, a JWT.
    pub access_token: String,
    /// The refresh token, opaque.
    pub refresh_token: String,
    /// The random id that Codex gives a login (`login_owner_id`).
    pub owner_id: String,
    /// When it was made.
    pub at: Timestamp,
}

impl MintedLogin {
    /// Signs the account in; `None` if there is no such account.
    pub(crate) fn new(world: &World, name: &str) -> Option<Self> {
        let mut books = world.books();
        let account = books.account(name)?.clone();
        let tokens = books.sign_in(name, world.clock.unix())?;
        Some(Self {
            account,
            id_token: tokens.id,
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            owner_id: books.mint.label(""),
            at: world.clock.now(),
        })
    }

    /// The login as a value with the fields of `auth.json` (codex-auth.md 1.1).
    pub fn auth_value(&self) -> Value {
        json!({
            "auth_mode": "chatgpt",
            "OPENAI_API_KEY": null,
            "tokens": {
                "id_token": self.id_token,
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "oauth_provenance": {"issuer": ISSUER, "client_id": CLIENT_ID},
                "login_owner_id": self.owner_id,
                "account_id": self.account.account_id,
            },
            "last_refresh": format!("{:.9}", self.at),
        })
    }

    /// The content of an `auth.json` as Codex 0.169 writes it: two spaces, no newline at the end.
    pub fn auth_json(&self) -> String {
        format!("{:#}", self.auth_value())
    }
}
