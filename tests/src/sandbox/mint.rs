//! Makes the sandbox's tokens: opaque strings, and JWTs with the claims Codex reads (codex-auth.md 1.4).
//!
//! Every string is unique and remembered, and every secret is marked, so that a test can search logs for leaked ones.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::account::SandboxAccount;
use super::{CLIENT_ID, ISSUER};
use crate::secrets::MARK;

/// Seconds an id token is valid.
const ID_LIFETIME: i64 = 60 * 60;

/// The source of all secrets of one sandbox: a random seed and a counter.
pub(crate) struct Mint {
    seed: [u8; 32],
    drawn: u64,
    minted: Vec<String>,
}

impl Mint {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self { seed, drawn: 0, minted: Vec::new() })
    }

    /// Everything made so far that must never be seen in a log.
    pub(crate) fn minted(&self) -> &[String] {
        &self.minted
    }

    /// Remembers a secret that was made elsewhere.
    pub(crate) fn keep(&mut self, secret: &str) {
        self.minted.push(secret.to_owned());
    }

    /// `prefix` and 43 characters, random between the marks; a secret.
    pub(crate) fn secret(&mut self, prefix: &str) -> String {
        let secret = format!("{prefix}{}", marked(&self.label("")));
        self.minted.push(secret.clone());
        secret
    }

    /// `prefix` and 43 random characters; unique, no secret.
    pub(crate) fn label(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(&self.draw()[..32]))
    }

    /// A code a person can type: `ABCD-1234`.
    pub(crate) fn user_code(&mut self) -> String {
        const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ23456789";
        let code: String = self.draw()[..8].iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
        format!("{}-{}", &code[..4], &code[4..])
    }

    /// An id token: who signed in (local identity of the client).
    pub(crate) fn id_token(&mut self, account: &SandboxAccount, now: i64) -> String {
        let claims = json!({
            "iss": ISSUER,
            "aud": [CLIENT_ID],
            "sub": account.user_id,
            "jti": self.label(""),
            "iat": now,
            "auth_time": now,
            "exp": now + ID_LIFETIME,
            "name": account.name,
            "email": account.email,
            "email_verified": true,
            "https://api.openai.com/auth": {
                "chatgpt_plan_type": account.plan,
                "chatgpt_user_id": account.user_id,
                "user_id": account.user_id,
                "chatgpt_account_id": account.account_id,
                "chatgpt_account_is_fedramp": false,
                "organization_id": organization(account),
                "project_id": format!("proj-{}", account.name),
                "completed_platform_onboarding": true,
                "is_org_owner": true,
                "groups": [],
                "organizations": [{
                    "id": organization(account),
                    "is_default": true,
                    "role": "owner",
                    "title": account.workspace.as_deref().unwrap_or("Personal"),
                }],
            },
            "https://api.openai.com/profile": {"email": account.email, "email_verified": true},
        });
        self.jwt(&claims)
    }

    /// An access token and the Unix second it expires.
    pub(crate) fn access_token(&mut self, account: &SandboxAccount, now: i64) -> (String, i64) {
        let expires = now + account.access_lifetime;
        let claims = json!({
            "iss": ISSUER,
            "aud": ["https://api.openai.com/v1"],
            "sub": account.user_id,
            "client_id": CLIENT_ID,
            "azp": CLIENT_ID,
            "jti": self.label(""),
            "iat": now,
            "nbf": expires.min(now),
            "exp": expires,
            "scp": ["openid", "profile", "email", "offline_access"],
            "https://api.openai.com/auth": {
                "chatgpt_plan_type": account.plan,
                "chatgpt_user_id": account.user_id,
                "user_id": account.user_id,
                "chatgpt_account_id": account.account_id,
                "chatgpt_account_user_id": format!("{}__{}", account.user_id, account.account_id),
                "chatgpt_compute_residency": "no_constraint",
            },
            "https://api.openai.com/profile": {"email": account.email, "email_verified": true},
        });
        (self.jwt(&claims), expires)
    }

    /// Header, claims and a signature that no key made: nobody on this side checks it.
    fn jwt(&mut self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "sandbox"});
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let token = format!("{}.{}.{}", encode(&header), encode(claims), marked(&URL_SAFE_NO_PAD.encode(self.draw())));
        self.minted.push(token.clone());
        token
    }

    fn draw(&mut self) -> [u8; 64] {
        self.drawn += 1;
        Sha512::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}

/// The same random text with the mark of a secret at both ends.
fn marked(random: &str) -> String {
    format!("{MARK}{}{MARK}", random.get(MARK.len()..random.len().saturating_sub(MARK.len())).unwrap_or_default())
}

/// The platform organisation of an account.
pub(crate) fn organization(account: &SandboxAccount) -> String {
    format!("org-{}", account.account_id.replace('-', ""))
}
