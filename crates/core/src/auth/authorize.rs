//! The provider's sign-in page: its address, and the two secrets one attempt rests on (codex-auth.md 2.1).

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use thiserror::Error;

use crate::base::entropy::{Entropy, random_text};
use crate::base::secret::Secret;
use crate::provider::chatgpt;

/// What ties a callback to the sign-in that asked for it. New for every sign-in.
#[derive(Debug, Clone)]
pub struct Attempt {
    verifier: Secret,
    state: Secret,
}

/// An address of the provider is no URL: a mistake of ours.
#[derive(Debug, Error)]
#[error("an address of the provider is not valid")]
pub struct AddressError(#[from] url::ParseError);

impl Attempt {
    /// PKCE verifier (86 characters) and state (43 characters), as long as the Codex CLI's.
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self { verifier: Secret::new(random_text(entropy, 64)), state: Secret::new(random_text(entropy, 32)) }
    }

    /// The PKCE verifier: sent with the code, never before.
    pub fn verifier(&self) -> &Secret {
        &self.verifier
    }

    /// The state: a callback without it is not ours.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// The page to open. It holds the state but not the verifier. `workspaces` restricts the choice, if there are any.
    pub fn page(&self, port: u16, workspaces: &[String]) -> Result<String, AddressError> {
        let client = BasicClient::new(ClientId::new(chatgpt::CLIENT_ID.to_owned()))
            .set_auth_uri(AuthUrl::new(format!("{}{}", chatgpt::ISSUER, chatgpt::path::AUTHORIZE))?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri(port))?);
        let verifier = PkceCodeVerifier::new(self.verifier.expose().to_owned());
        let mut request = client
            .authorize_url(|| CsrfToken::new(self.state.expose().to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(chatgpt::SCOPES.map(|scope| Scope::new(scope.to_owned())));
        for (name, value) in chatgpt::AUTHORIZE_EXTRAS {
            request = request.add_extra_param(name, value);
        }
        if !workspaces.is_empty() {
            request = request.add_extra_param("allowed_workspace_id", workspaces.join(","));
        }
        Ok(request.url().0.into())
    }
}

/// Where the provider sends the browser back to.
pub fn redirect_uri(port: u16) -> String {
    format!("http://127.0.0.1:{port}{}", chatgpt::CALLBACK_PATH)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::auth::fakes::Counting;

    fn parameters(page: &str) -> BTreeMap<String, String> {
        url::Url::parse(page).unwrap().query_pairs().into_owned().collect()
    }

    #[test]
    fn the_page_has_the_parameters_of_the_codex_cli() {
        let attempt = Attempt::new(&Counting::default());
        let page = attempt.page(1457, &[]).unwrap();
        assert!(page.starts_with("https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&"));
        assert!(page.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A1457%2Fauth%2Fcallback"));
        assert!(page.contains("scope=openid+profile+email+offline_access+api.connectors.read+api.connectors.invoke"));
        assert!(page.ends_with("&id_token_add_organizations=true&codex_cli_simplified_flow=true&originator=codex_cli_rs"));
        let parameters = parameters(&page);
        assert_eq!(parameters["code_challenge_method"], "S256");
        assert_eq!(parameters["code_challenge"].len(), 43);
        assert_eq!(parameters["state"], attempt.state().expose());
        assert_eq!(parameters.len(), 10);
    }

    #[test]
    fn the_verifier_stays_here() {
        let attempt = Attempt::new(&Counting::default());
        assert_eq!((attempt.verifier().expose().len(), attempt.state().expose().len()), (86, 43));
        assert!(!attempt.page(1455, &[]).unwrap().contains(attempt.verifier().expose()));
        assert!(!format!("{attempt:?}").contains(attempt.state().expose()));
    }

    #[test]
    fn the_challenge_is_the_hash_of_the_verifier() {
        use base64::Engine as _;
        use sha2::{Digest as _, Sha256};
        let attempt = Attempt::new(&Counting::default());
        let hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier().expose()));
        assert_eq!(parameters(&attempt.page(1455, &[]).unwrap())["code_challenge"], hash);
    }

    #[test]
    fn every_attempt_has_secrets_of_its_own() {
        let entropy = Counting::default();
        let (one, two) = (Attempt::new(&entropy), Attempt::new(&entropy));
        assert_ne!(one.state(), two.state());
        assert_ne!(one.verifier(), two.verifier());
    }

    #[test]
    fn workspaces_are_asked_for_only_if_there_are_any() {
        let attempt = Attempt::new(&Counting::default());
        let page = attempt.page(1455, &["w1".into(), "w2".into()]).unwrap();
        assert_eq!(parameters(&page)["allowed_workspace_id"], "w1,w2");
    }
}
