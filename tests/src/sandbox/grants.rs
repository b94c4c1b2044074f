//! What the provider has granted: sign-in codes, token families, and who a bearer is.
//!
//! Refresh tokens are single use. A spent one that comes back revokes its whole family.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::account::SandboxAccount;
use super::mint::Mint;

/// Seconds an authorization code may wait for its exchange.
const CODE_LIFETIME: i64 = 600;

/// What a token endpoint hands out.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) access_lifetime: i64,
}

/// Why the token endpoint refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A code that is unknown, spent, stale, for another redirect URI or with a wrong verifier.
    BadCode,
    /// A refresh token the sandbox never minted.
    UnknownRefresh,
    /// A spent refresh token; `kills_family` = this replay revoked a family that was alive.
    Replayed { kills_family: bool },
    /// A refresh token of a revoked family.
    Revoked,
    /// A refresh token past its lifetime.
    Expired,
}

/// Who sends an access token.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) account: String,
    pub(crate) expires: i64,
}

struct Code {
    account: String,
    challenge: String,
    redirect_uri: String,
    expires: i64,
    spent: bool,
}

struct Family {
    revoked: bool,
}

struct RefreshToken {
    account: String,
    family: usize,
    spent: bool,
    expires: Option<i64>,
}

/// All grants of one sandbox.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    families: Vec<Family>,
    refresh: HashMap<String, RefreshToken>,
    access: HashMap<String, Bearer>,
    id: HashMap<String, String>,
}

impl Grants {
    /// A code for `account`, to be redeemed with the verifier behind `challenge` (S256).
    pub(crate) fn open_code(&mut self, mint: &mut Mint, account: &str, challenge: &str, redirect_uri: &str, now: i64) -> String {
        let code = mint.secret("ac_");
        let grant = Code {
            account: account.to_owned(),
            challenge: challenge.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            expires: now + CODE_LIFETIME,
            spent: false,
        };
        self.codes.insert(code.clone(), grant);
        code
    }

    /// Spends a code and names the account it was for.
    pub(crate) fn redeem_code(&mut self, code: &str, verifier: &str, redirect_uri: &str, now: i64) -> Result<String, Refusal> {
        let grant = self.codes.get_mut(code).ok_or(Refusal::BadCode)?;
        let fits = grant.challenge == challenge_of(verifier) && grant.redirect_uri == redirect_uri;
        if grant.spent || grant.expires <= now || !fits {
            return Err(Refusal::BadCode);
        }
        grant.spent = true;
        Ok(grant.account.clone())
    }

    /// A new login: a family with its first tokens.
    pub(crate) fn sign_in(&mut self, mint: &mut Mint, account: &SandboxAccount, now: i64) -> Tokens {
        self.families.push(Family { revoked: false });
        self.issue(mint, account, self.families.len() - 1, now)
    }

    /// May this refresh token be spent now? A replay revokes its family here and now.
    pub(crate) fn spend_refresh(&mut self, token: &str, now: i64) -> Result<usize, Refusal> {
        let entry = self.refresh.get_mut(token).ok_or(Refusal::UnknownRefresh)?;
        let family = &mut self.families[entry.family];
        if entry.spent {
            let kills_family = !family.revoked;
            family.revoked = true;
            return Err(Refusal::Replayed { kills_family });
        }
        if family.revoked {
            return Err(Refusal::Revoked);
        }
        if entry.expires.is_some_and(|at| at <= now) {
            return Err(Refusal::Expired);
        }
        entry.spent = true;
        Ok(entry.family)
    }

    /// The next tokens of a family.
    pub(crate) fn issue(&mut self, mint: &mut Mint, account: &SandboxAccount, family: usize, now: i64) -> Tokens {
        let id = mint.id_token(account, now);
        let (access, expires) = mint.access_token(account, now);
        let refresh = mint.secret("rt_");
        self.id.insert(id.clone(), account.name.clone());
        self.access.insert(access.clone(), Bearer { account: account.name.clone(), expires });
        let entry = RefreshToken {
            account: account.name.clone(),
            family,
            spent: false,
            expires: account.refresh_lifetime.map(|seconds| now + seconds),
        };
        self.refresh.insert(refresh.clone(), entry);
        Tokens { id, access, refresh, access_lifetime: account.access_lifetime }
    }

    /// Revokes the family of a refresh token; `true` if it was alive.
    pub(crate) fn revoke(&mut self, refresh: &str) -> bool {
        let Some(entry) = self.refresh.get(refresh) else {
            return false;
        };
        !std::mem::replace(&mut self.families[entry.family].revoked, true)
    }

    /// Is this the newest, unspent token of a living family?
    pub(crate) fn is_live(&self, refresh: &str, now: i64) -> bool {
        self.refresh
            .get(refresh)
            .is_some_and(|entry| !entry.spent && !self.families[entry.family].revoked && entry.expires.is_none_or(|at| at > now))
    }

    /// Was this token renewed, so that it may not come again?
    pub(crate) fn is_spent(&self, refresh: &str) -> bool {
        self.refresh.get(refresh).is_some_and(|entry| entry.spent)
    }

    /// The account a code was opened for.
    pub(crate) fn code_account(&self, code: &str) -> Option<&str> {
        self.codes.get(code).map(|grant| grant.account.as_str())
    }

    /// The account a refresh token belongs to, alive or not.
    pub(crate) fn refresh_account(&self, token: &str) -> Option<&str> {
        self.refresh.get(token).map(|entry| entry.account.as_str())
    }

    /// The account an id token was minted for.
    pub(crate) fn id_account(&self, token: &str) -> Option<&str> {
        self.id.get(token).map(String::as_str)
    }

    /// Who sends this access token, expired or not.
    pub(crate) fn bearer(&self, access: &str) -> Option<&Bearer> {
        self.access.get(access)
    }
}

/// The S256 challenge of a PKCE verifier (RFC 7636).
pub(crate) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
