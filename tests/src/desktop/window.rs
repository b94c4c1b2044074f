//! The app's window, driven through `WebKitWebDriver`, which attaches to the running app.

use std::ops::Deref;
use std::path::Path;
use std::process::Stdio;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;

use super::app::free_address;
use super::program::{Program, command};
use super::{DesktopError, until};

/// Installed with the window's other packages.
const AXE_FILE: &str = "../ui/node_modules/axe-core/axe.min.js";
/// The rules of WCAG that the window keeps.
const AXE: &str = "const done = arguments[0];
    axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(({violations, passes}) =>
        done({passes: passes.length, violations: violations.map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(', ')}`)}));";
/// The driver takes a picture when the page is drawn the next time, which a page at rest may never be.
const MOVE: &str =
    "window.moves = document.documentElement.animate([{opacity: 1}, {opacity: 0.999}], {duration: 1000, iterations: Infinity});";
const REST: &str = "window.moves.cancel();";
/// Fewer rules that are kept mean that nothing was looked at.
const LEAST_PASSES: u64 = 10;

/// The window. Everything of [`Client`] can be done with it. The session ends when dropped;
/// the window stays. The next session begins only then.
pub struct Window {
    client: Client,
    _driver: Program,
}

impl Window {
    pub(super) async fn of(inspector: &str, env: &[(&'static str, String)]) -> Result<Self, DesktopError> {
        let address = free_address();
        let port = address.rsplit(':').next().unwrap_or_default();
        let mut driver = command("WebKitWebDriver", env);
        driver.arg(format!("--port={port}")).arg(format!("--target={inspector}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Program::start(driver)?;
        let url = format!("http://{address}");
        // The driver takes a moment to listen, and the window to load its first page.
        let what = "a session with the window, of which there is one at a time";
        let client = until(what, async || ClientBuilder::new(HttpConnector::new()).connect(&url).await.ok()).await?;
        let window = Self { client, _driver: driver };
        // The session begins in the first window the app ever had, which may be gone.
        until("the window's page", async || window.enter().await.ok().flatten()).await?;
        Ok(window)
    }

    async fn enter(&self) -> Result<Option<()>, DesktopError> {
        let Some(newest) = self.client.windows().await?.pop() else { return Ok(None) };
        self.client.switch_to_window(newest).await?;
        Ok(Some(()))
    }

    /// What the page says, once this is part of it.
    pub async fn wait_for_text(&self, part: &str) -> Result<String, DesktopError> {
        until(&format!("{part:?} in the window"), async || self.text().await.ok().filter(|text| text.contains(part))).await
    }

    /// What the page says.
    pub async fn text(&self) -> Result<String, DesktopError> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Clicks the button that says, or is named for screen readers, exactly this.
    pub async fn press(&self, label: &str) -> Result<(), DesktopError> {
        let quoted = quoted(label);
        let path = format!("//button[normalize-space()={quoted} or @aria-label={quoted}]");
        let button = self.client.wait().at_most(super::PATIENCE).for_element(Locator::XPath(&path)).await?;
        // On a busy machine it is there before it has a place.
        until(&format!("the button {label:?} to have its place"), async || button.is_displayed().await.ok().filter(|is| *is)).await?;
        self.click(&button).await
    }

    /// Clicks what has this mark for tests.
    pub async fn click_mark(&self, mark: &str) -> Result<(), DesktopError> {
        let marked = self.client.find(Locator::Css(&format!("[data-test={mark}]"))).await?;
        self.click(&marked).await
    }

    /// Clicks this, in the middle of the window: the driver takes for in sight what lies under something else at the window's end; a
    /// user would scroll. Nor would a user click what still moves, which the driver misses.
    pub async fn click(&self, element: &Element) -> Result<(), DesktopError> {
        const SCRIPT: &str = "const [element, done] = arguments;
            element.scrollIntoView({block: 'center'});
            let before = null;
            const look = () => {
                const { x, y } = element.getBoundingClientRect(), now = `${x} ${y}`;
                if (now === before) return done();
                before = now;
                requestAnimationFrame(look);
            };
            look();";
        let argument = serde_json::to_value(element).map_err(std::io::Error::from)?;
        self.client.execute_async(SCRIPT, vec![argument]).await?;
        Ok(element.clone().click().await?)
    }

    /// Calls a command of the app as a page can; the error is what the page would get.
    pub async fn call(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        const SCRIPT: &str = "const [command, args, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, args).then(ok => done({ok}), error => done({error}));";
        let answer = self.client.execute_async(SCRIPT, vec![command.into(), arguments.clone()]).await.map_err(|error| error.to_string())?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["ok"].clone()),
        }
    }

    /// What the page was given before it began.
    pub async fn given(&self) -> Result<Value, DesktopError> {
        Ok(self.client.execute("return window.codexLab ?? null;", vec![]).await?)
    }

    /// What axe finds on the page that is shown: the rules that are broken, each with where.
    pub async fn found_by_axe(&self) -> Result<Vec<String>, DesktopError> {
        let axe = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE_FILE))?;
        self.client.execute(&axe, vec![]).await?;
        let found = self.client.execute_async(AXE, vec![]).await?;
        if found["passes"].as_u64().is_none_or(|passes| passes < LEAST_PASSES) {
            return Err(DesktopError::NotInTime(format!("a look at the page, and got {found}")));
        }
        let violations = found["violations"].as_array().into_iter().flatten();
        Ok(violations.filter_map(|violation| violation.as_str().map(str::to_owned)).collect())
    }

    /// Writes a PNG picture of the page.
    pub async fn screenshot(&self, path: &Path) -> Result<(), DesktopError> {
        self.client.execute(MOVE, vec![]).await?;
        let picture = self.client.screenshot().await;
        self.client.execute(REST, vec![]).await?;
        Ok(std::fs::write(path, picture?)?)
    }
}

impl Deref for Window {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A text as `XPath` writes it, which knows no escapes.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
