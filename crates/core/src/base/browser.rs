//! The user's browser, through the system's opener; `$BROWSER` is honoured where the system does so.

use async_trait::async_trait;

use super::ports::Browser;

/// The system's default browser.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemBrowser;

#[async_trait]
impl Browser for SystemBrowser {
    async fn open(&self, url: &str) -> bool {
        let url = url.to_owned();
        // Some openers wait for the browser to answer.
        tokio::task::spawn_blocking(move || webbrowser::open(&url).is_ok()).await.unwrap_or(false)
    }
}
