//! A client of the sandbox, as the app would be one: through the proxy, under the real names.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use codex_lab_tests::sandbox::{CLIENT_ID, Sandbox, SandboxOptions};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Proxy, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

/// Long enough for a loaded machine; nothing waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:1455/auth/callback";

/// A sandbox and a client that follows no redirects.
pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: reqwest::Client,
}

impl Client {
    pub(crate) async fn start() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    pub(crate) async fn with(options: SandboxOptions) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = http_client(&sandbox);
        Self { sandbox, http }
    }

    pub(crate) async fn get(&self, url: impl AsRef<str>) -> Response {
        self.http.get(url.as_ref()).send().await.unwrap()
    }

    pub(crate) async fn token(&self, body: Value) -> (u16, Value) {
        status_and_json(self.http.post("https://auth.openai.com/oauth/token").json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> (u16, Value) {
        let body =
            json!({"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": refresh_token, "refresh_reason": "forced"});
        self.token(body).await
    }

    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ];
        status_and_json(self.http.post("https://auth.openai.com/oauth/token").form(&form).send().await.unwrap()).await
    }

    /// A GET of `chatgpt.com/backend-api/PATH` as the bearer of `token`.
    pub(crate) async fn backend(&self, path: &str, token: &str) -> (u16, Value) {
        let request = self.http.get(format!("https://chatgpt.com/backend-api/{path}")).bearer_auth(token);
        status_and_json(request.send().await.unwrap()).await
    }
}

pub(crate) fn http_client(sandbox: &Sandbox) -> reqwest::Client {
    install_tls();
    let ca = Certificate::from_pem(&std::fs::read(sandbox.ca()).unwrap()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .proxy(Proxy::https(&sandbox.reach().proxy).unwrap())
        .redirect(Policy::none())
        .build()
        .unwrap()
}

/// The first test of a process installs the provider; the others find it there.
pub(crate) fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) async fn status_and_json(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// The authorize URL the Codex CLI opens, with these fields changed; an empty value drops a field.
pub(crate) fn authorize_url(changes: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", "state-of-this-sign-in"),
        ("scope", "openid profile email offline_access"),
    ];
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    Url::parse_with_params("https://auth.openai.com/oauth/authorize", fields).unwrap().into()
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Where a redirect leads, and its query field `name`.
pub(crate) fn redirected(response: &Response, name: &str) -> Option<String> {
    assert_eq!(response.status(), 302);
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    location.query_pairs().find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

/// The claims of a JWT.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
