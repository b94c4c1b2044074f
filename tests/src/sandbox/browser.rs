//! Plays the user's browser: opens a sign-in page, picks an account, follows where it leads.

use std::path::Path;
use std::sync::Arc;

use regex::Regex;
use reqwest::{Client, Proxy, Response, redirect};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::approval::{ANY_WORKSPACE, PICK};
use super::reply::escape;

/// What the person at the browser does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Picks this account from the page.
    Account(String),
    /// Picks this account even if the page, asked for other workspaces, does not offer it.
    AnyWorkspace(String),
    /// Clicks Cancel.
    Cancel,
}

/// The page the browser ends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// HTTP status.
    pub status: u16,
    /// Text of its title; empty if it has none.
    pub title: String,
    /// Its address, without query: that may hold secrets.
    pub url: String,
}

/// Why the browser got nowhere.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The certificate file cannot be read.
    #[error("the certificate file cannot be read")]
    Certificate(#[source] pem::Error),
    /// The certificate or the TLS settings are not usable.
    #[error("the certificate is not usable")]
    Tls(#[from] rustls::Error),
    /// No connection, or a broken one.
    #[error("the page cannot be opened")]
    Http(#[from] reqwest::Error),
    /// No address at all.
    #[error("this is no address")]
    Address(#[from] url::ParseError),
    /// The page has no such link.
    #[error("the page does not offer {0:?}")]
    NotOffered(Choice),
}

/// A browser that reaches the sandbox, and loopback directly.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
}

impl Browser {
    /// A browser behind `proxy` that trusts the certificates in the PEM file `ca`.
    pub fn new(proxy: &str, ca: &Path) -> Result<Self, BrowserError> {
        Ok(Self { client: client(proxy, ca, redirect::Policy::limited(10))? })
    }

    /// A client that stops at a redirect: a browser on a machine where nobody listens for the callback.
    pub fn without_redirects(proxy: &str, ca: &Path) -> Result<Client, BrowserError> {
        client(proxy, ca, redirect::Policy::none())
    }

    /// The client behind it, for requests that are no page visits.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an authorize URL, chooses, and follows the redirect to the client's callback.
    pub async fn sign_in(&self, url: &str, choice: &Choice) -> Result<Visit, BrowserError> {
        if let Choice::AnyWorkspace(name) = choice {
            let mut forced = Url::parse(url)?;
            forced.query_pairs_mut().append_pair(PICK, name).append_pair(ANY_WORKSPACE, "1");
            return visit(self.client.get(forced).send().await?).await.map(|(visit, _)| visit);
        }
        let page = self.client.get(Url::parse(url)?).send().await?;
        self.choose(page, choice).await
    }

    /// Types a device code into the page at `url` and chooses.
    pub async fn approve_device(&self, url: &str, user_code: &str, choice: &Choice) -> Result<Visit, BrowserError> {
        let mut page = Url::parse(url)?;
        page.query_pairs_mut().append_pair("user_code", user_code);
        self.choose(self.client.get(page).send().await?, choice).await
    }

    /// Clicks the link for `choice`. A page without a picker is where the browser ends.
    async fn choose(&self, page: Response, choice: &Choice) -> Result<Visit, BrowserError> {
        let base = page.url().clone();
        let (visit_here, html) = visit(page).await?;
        if !html.contains("id=\"cancel\"") {
            return Ok(visit_here);
        }
        let anchor = match choice {
            Choice::Account(name) | Choice::AnyWorkspace(name) => {
                format!("data-account=\"{}\" href=\"", escape(name))
            }
            Choice::Cancel => "id=\"cancel\" href=\"".to_owned(),
        };
        let href = html.split_once(&anchor).and_then(|(_, rest)| rest.split_once('"')).map(|(href, _)| href);
        let href = href.ok_or_else(|| BrowserError::NotOffered(choice.clone()))?;
        let target = base.join(&href.replace("&quot;", "\"").replace("&amp;", "&"))?;
        visit(self.client.get(target).send().await?).await.map(|(visit, _)| visit)
    }
}

async fn visit(response: Response) -> Result<(Visit, String), BrowserError> {
    let status = response.status().as_u16();
    let mut url = response.url().clone();
    url.set_query(None);
    let html = response.text().await?;
    let title = Regex::new("(?is)<title[^>]*>(.*?)</title>")
        .ok()
        .and_then(|title| title.captures(&html).map(|found| found[1].trim().to_owned()))
        .unwrap_or_default();
    Ok((Visit { status, title, url: url.into() }, html))
}

fn client(proxy: &str, ca: &Path, redirects: redirect::Policy) -> Result<Client, BrowserError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).map_err(BrowserError::Certificate)? {
        roots.add(certificate.map_err(BrowserError::Certificate)?)?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder().tls_backend_preconfigured(tls).proxy(Proxy::https(proxy)?).redirect(redirects);
    Ok(builder.user_agent("codex-lab-sandbox browser").build()?)
}
