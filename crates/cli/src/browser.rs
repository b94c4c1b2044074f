//! The browser that is left alone, for a sign-in on another machine.

use async_trait::async_trait;
use codex_lab_core::base::ports::Browser;

/// Opens nothing: the user opens the page, wherever they like.
#[derive(Debug)]
pub(crate) struct NoBrowser;

#[async_trait]
impl Browser for NoBrowser {
    async fn open(&self, _url: &str) -> bool {
        true
    }
}
