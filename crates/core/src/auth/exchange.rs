//! From a code to a login: the token endpoint's `authorization_code` grant (codex-auth.md 2.1).

use std::pin::Pin;

use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthorizationCode, Client, ClientId, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use super::ask::{self, AskError};
use super::authorize::AddressError;
use crate::base::entropy::random_text;
use crate::base::https::Http;
use crate::base::ports::Ports;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::auth_document::{AuthDocument, AuthDocumentError, NewTokens};
use crate::model::claims;
use crate::provider::chatgpt;

/// What the provider gives tokens for, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The authorization code.
    pub code: Secret,
    /// The PKCE verifier that belongs to it.
    pub verifier: Secret,
    /// The redirect address it was asked for with.
    pub redirect_uri: String,
}

/// Why a code did not become a login.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// An address of ours is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No answer to look at.
    #[error("the code could not be exchanged")]
    Ask(#[from] AskError),
    /// The code is spent, too old, or not for us; the user signs in once more.
    #[error("the code was refused with status {status} ({})", code.as_deref().unwrap_or("no code"))]
    Refused {
        /// HTTP status, 4xx.
        status: u16,
        /// The OAuth error code.
        code: Option<String>,
    },
    /// The provider is in trouble; the same sign-in may work later.
    #[error("the provider answered with status {status}")]
    Trouble {
        /// HTTP status.
        status: u16,
    },
    /// Not JSON, or not all three tokens.
    #[error("the answer does not hold the three tokens of a login")]
    NotTokens,
    /// The tokens make no usable login.
    #[error("the tokens do not make a login")]
    BadTokens(#[from] AuthDocumentError),
    /// The tokens do not say whose they are.
    #[error("the tokens name no user and workspace")]
    NoIdentity,
}

impl ExchangeError {
    /// What the user is told.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Address(_) => Failure::new(Code::Internal, "The sign-in could not be finished. This is a mistake in Codex Lab.")
                .hint("Try again; if it stays, report it."),
            Self::Ask(error) => error.failure(),
            Self::Refused { .. } => {
                Failure::new(Code::SignInRefused, "OpenAI did not accept the sign-in: it was used already, or it took too long.")
                    .hint("Start the sign-in again.")
            }
            Self::Trouble { status } => ask::trouble(*status).hint("Then start the sign-in again."),
            Self::NotTokens | Self::BadTokens(_) => ask::nonsense(),
            Self::NoIdentity => Failure::new(Code::Provider, "OpenAI did not say whose account this is, so it was not added.")
                .hint("Sign in again and pick a workspace that has Codex."),
        }
    }
}

/// Redeems the grant. Unlike the CLI's browser flow, no API key is asked for: a profile needs none.
pub async fn exchange(ports: &Ports, grant: &Grant) -> Result<AuthDocument, ExchangeError> {
    let tokens = tokens_for(ports.http.as_ref(), grant).await?;
    // An id token that cannot be decoded is reported by `of_login`.
    let account_id = claims::decode(&tokens.id_token).ok().and_then(|claims| claims.account_id);
    let login = NewTokens {
        id_token: tokens.id_token,
        access_token: Secret::new(tokens.access_token.into_secret()),
        refresh_token: Secret::new(tokens.refresh_token.into_secret()),
        account_id,
        issuer: chatgpt::ISSUER.to_owned(),
        client_id: chatgpt::CLIENT_ID.to_owned(),
        login_owner_id: random_text(ports.entropy.as_ref(), 32),
    };
    if login.access_token.is_empty() || login.refresh_token.is_empty() {
        return Err(ExchangeError::NotTokens);
    }
    let document = AuthDocument::of_login(&login, ports.clock.now())?;
    if document.subject().is_none() {
        return Err(ExchangeError::NoIdentity);
    }
    Ok(document)
}

async fn tokens_for(http: &dyn Http, grant: &Grant) -> Result<IssuedTokens, ExchangeError> {
    type LoginClient<A, D, I, R, T> = Client<
        BasicErrorResponse,
        IssuedTokens,
        BasicTokenIntrospectionResponse,
        StandardRevocableToken,
        BasicRevocationErrorResponse,
        A,
        D,
        I,
        R,
        T,
    >;
    let url = TokenUrl::new(format!("{}{}", chatgpt::ISSUER, chatgpt::path::TOKEN)).map_err(AddressError::from)?;
    let redirect = RedirectUrl::new(grant.redirect_uri.clone()).map_err(AddressError::from)?;
    let client: LoginClient<_, _, _, _, _> =
        Client::new(ClientId::new(chatgpt::CLIENT_ID.to_owned())).set_token_uri(url).set_redirect_uri(redirect);
    client
        .exchange_code(AuthorizationCode::new(grant.code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(grant.verifier.expose().to_owned()))
        .request_async(&Wire(http))
        .await
        .map_err(|error| match error {
            RequestTokenError::Request(error) => error,
            // Neither the parser's words nor the body go on: they may quote a token.
            RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => ExchangeError::NotTokens,
        })
}

/// Our network as the client of the `oauth2` crate.
struct Wire<'h>(&'h dyn Http);

impl<'c> AsyncHttpClient<'c> for Wire<'_> {
    type Error = ExchangeError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ExchangeError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(successful(self.0, request))
    }
}

/// Only a success goes on to the parser: refusals come in more shapes than OAuth's own.
async fn successful(http: &dyn Http, request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
    let answer = ask::ask(http, Ok(request)).await?;
    let status = answer.status();
    if status.is_success() {
        Ok(answer)
    } else if status.is_client_error() && status != http::StatusCode::TOO_MANY_REQUESTS {
        match ask::error_code(answer.body()) {
            Some(code) => Err(ExchangeError::Refused { status: status.as_u16(), code: Some(code) }),
            None if status == http::StatusCode::UNAUTHORIZED => Err(ExchangeError::Refused { status: status.as_u16(), code: None }),
            // An edge's own page, not the provider's word on this code.
            None => Err(ExchangeError::Trouble { status: status.as_u16() }),
        }
    } else {
        Err(ExchangeError::Trouble { status: status.as_u16() })
    }
}

/// The three tokens of a login. OAuth demands `token_type` too; the Codex CLI does not, nor do we.
#[derive(Debug, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the answer's fields")]
struct IssuedTokens {
    #[serde(skip_serializing, deserialize_with = "secret")]
    id_token: Secret,
    #[serde(skip_serializing)]
    access_token: AccessToken,
    #[serde(skip_serializing)]
    refresh_token: RefreshToken,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

impl TokenResponse for IssuedTokens {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        Some(&self.refresh_token)
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fakes::{self, FakeHttp};
    use crate::model::auth_document::Credential;
    use crate::model::subject::Subject;

    fn grant() -> Grant {
        Grant { code: Secret::new("ac_1 &"), verifier: Secret::new("v-1"), redirect_uri: "http://127.0.0.1:1455/auth/callback".into() }
    }

    async fn outcome(http: FakeHttp) -> Result<AuthDocument, ExchangeError> {
        exchange(&fakes::ports(http), &grant()).await
    }

    #[tokio::test]
    async fn a_code_becomes_a_login() {
        let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
        let ports = fakes::ports(http.clone());
        let document = exchange(&ports, &grant()).await.unwrap();
        let Some(Subject::ChatGpt { issuer, user, workspace }) = document.subject() else { panic!() };
        assert_eq!((issuer.as_str(), user.as_str(), workspace.as_str()), ("https://auth.openai.com", "user-1", "ws-1"));
        let Credential::OAuth(set) = document.credential() else { panic!() };
        assert_eq!(set.account_id.as_deref(), Some("ws-1"));
        assert_eq!(set.last_refresh, Some(ports.clock.now()));
        let file: serde_json::Value = serde_json::from_str(document.text().expose()).unwrap();
        assert_eq!(file["tokens"]["login_owner_id"].as_str().unwrap().len(), 43);
        assert_eq!(file["OPENAI_API_KEY"], serde_json::Value::Null);

        let sent = http.sent();
        assert_eq!(sent.len(), 1, "no API key is asked for");
        assert_eq!((sent[0].method.as_str(), sent[0].url.as_str()), ("POST", "https://auth.openai.com/oauth/token"));
        assert_eq!(sent[0].headers["content-type"], "application/x-www-form-urlencoded");
        let mut form: Vec<(String, String)> = form_urlencoded::parse(sent[0].body.as_bytes()).into_owned().collect();
        form.sort();
        let expected = [
            ("client_id", "app_EMoamEEZ73f0CkXaXp7hrann"),
            ("code", "ac_1 &"),
            ("code_verifier", "v-1"),
            ("grant_type", "authorization_code"),
            ("redirect_uri", "http://127.0.0.1:1455/auth/callback"),
        ];
        assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[tokio::test]
    async fn bad_answers_are_told_apart() {
        type Check = fn(&ExchangeError) -> bool;
        let whole = fakes::tokens("user-1", "ws-1");
        let without = |name: &str| {
            let mut value: serde_json::Value = serde_json::from_str(&whole).unwrap();
            value.as_object_mut().unwrap().remove(name);
            value.to_string()
        };
        let empty = |name: &str| {
            let mut value: serde_json::Value = serde_json::from_str(&whole).unwrap();
            value[name] = "".into();
            value.to_string()
        };
        let cases: Vec<(u16, String, Check)> = vec![
            (
                400,
                r#"{"error":"invalid_grant"}"#.into(),
                |e| matches!(e, ExchangeError::Refused { status: 400, code: Some(c) } if c == "invalid_grant"),
            ),
            (403, r#"{"error":{"code":"denied"}}"#.into(), |e| matches!(e, ExchangeError::Refused { status: 403, .. })),
            (401, String::new(), |e| matches!(e, ExchangeError::Refused { status: 401, code: None })),
            (403, "<html>blocked</html>".into(), |e| matches!(e, ExchangeError::Trouble { status: 403 })),
            (429, r#"{"error":"slow"}"#.into(), |e| matches!(e, ExchangeError::Trouble { status: 429 })),
            (500, r#"{"error":"server_error"}"#.into(), |e| matches!(e, ExchangeError::Trouble { status: 500 })),
            (302, String::new(), |e| matches!(e, ExchangeError::Trouble { status: 302 })),
            (200, "<html>hello</html>".into(), |e| matches!(e, ExchangeError::NotTokens)),
            (200, String::new(), |e| matches!(e, ExchangeError::NotTokens)),
            (200, "[]".into(), |e| matches!(e, ExchangeError::NotTokens)),
            (200, without("id_token"), |e| matches!(e, ExchangeError::NotTokens)),
            (200, without("access_token"), |e| matches!(e, ExchangeError::NotTokens)),
            (200, without("refresh_token"), |e| matches!(e, ExchangeError::NotTokens)),
            (200, empty("refresh_token"), |e| matches!(e, ExchangeError::NotTokens)),
            (200, empty("access_token"), |e| matches!(e, ExchangeError::NotTokens)),
            (200, empty("id_token"), |e| matches!(e, ExchangeError::BadTokens(_))),
            (200, fakes::tokens("", "ws-1"), |e| matches!(e, ExchangeError::NoIdentity)),
            (200, fakes::tokens("user-1", ""), |e| matches!(e, ExchangeError::NoIdentity)),
            (200, " ".repeat(2 << 20), |e| matches!(e, ExchangeError::Ask(AskError::TooLarge))),
        ];
        for (status, body, check) in cases {
            let error = outcome(FakeHttp::default().answer(status, &body)).await.unwrap_err();
            assert!(check(&error), "{error:?} for {status} {body:.60}");
            assert!(!error.failure().message.is_empty() && !error.failure().hints.is_empty());
        }
    }

    #[tokio::test]
    async fn without_a_network_the_network_is_named() {
        let error = outcome(FakeHttp::default().no_answer()).await.unwrap_err();
        assert_eq!(error.failure().code, Code::Network);
    }

    #[tokio::test]
    async fn an_error_shows_no_token() {
        let body = r#"{"id_token":"planted-id","access_token":"planted-access","refresh_token":7}"#;
        let error = outcome(FakeHttp::default().answer(200, body)).await.unwrap_err();
        assert!(!format!("{error:?} {error} {:?}", error.failure()).contains("planted"));
    }
}
