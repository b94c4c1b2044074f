//! A plain browser with the window's web engine, for pages that are served by a test: no app is behind them.

use std::ops::Deref;
use std::process::Stdio;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use super::app::free_address;
use super::program::{Program, command};
use super::{DesktopError, until};

/// Comes with the engine.
const PROGRAM: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/// The browser. Everything of [`Client`] can be done with it. Ends when dropped.
pub struct Browser {
    client: Client,
    _driver: Program,
}

impl Browser {
    pub(super) async fn start(env: &[(&'static str, String)]) -> Result<Self, DesktopError> {
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default();
        let mut driver = command("WebKitWebDriver", env);
        driver.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Program::start(driver)?;
        let url = format!("http://{address}");
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": PROGRAM, "args": ["--automation"] } });
        let wanted: serde_json::Map<_, _> = wanted.as_object().cloned().unwrap_or_default();
        // The driver takes a moment to listen.
        let connect = async || ClientBuilder::new(HttpConnector::new()).capabilities(wanted.clone()).connect(&url).await.ok();
        Ok(Self { client: until("a session with the browser", connect).await?, _driver: driver })
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
