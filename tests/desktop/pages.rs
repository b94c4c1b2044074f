//! The window's pages without the app: built with the host that lives in the page, and served on loopback for a browser.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use codex_lab_tests::desktop::Desktop;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinHandle;

/// A page that holds ours in a frame: no window is as narrow as the narrowest of them.
const FRAME: &str = "<!doctype html><title>Pages</title><style>body { margin: 0; background: #888 } iframe { border: 0; display: block }</style>\
                     <iframe></iframe>";

/// The pages, served until this is dropped.
pub(crate) struct Pages {
    address: String,
    server: JoinHandle<()>,
}

/// What the address of a page asks for.
#[derive(Deserialize)]
struct Asked {
    language: Option<String>,
}

impl Pages {
    /// Builds them into a folder of this desktop.
    pub(crate) async fn serve(desktop: &Desktop) -> Self {
        let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui");
        let folder = desktop.folder().join("pages");
        let mut build = Command::new("node");
        build.args(["node_modules/vite/bin/vite.js", "build", "--mode", "development", "--logLevel", "error", "--emptyOutDir", "--outDir"]);
        // Only a build for development holds the host that needs no app.
        build.arg(&folder).current_dir(ui).env("NODE_ENV", "development").stdin(Stdio::null());
        assert!(build.status().await.unwrap().success(), "the pages cannot be built");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/", get(page)).route("/frame", get(async || Html(FRAME))).fallback(file).with_state(folder);
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, server }
    }

    /// The page that holds ours in a frame.
    pub(crate) fn frame(&self) -> String {
        format!("{}/frame", self.address)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Ours, in the language of a user who wants it: a browser on a desktop without locales knows none.
async fn page(State(folder): State<PathBuf>, Query(asked): Query<Asked>) -> Html<String> {
    let page = std::fs::read_to_string(folder.join("index.html")).unwrap();
    let language = asked.language.filter(|language| language.chars().all(|c| c.is_ascii_lowercase())).unwrap_or_else(|| "en".to_owned());
    let wants = format!("<script>Object.defineProperty(navigator, 'languages', {{ value: ['{language}'] }});</script>");
    Html(page.replacen("<head>", &format!("<head>{wants}"), 1))
}

async fn file(State(folder): State<PathBuf>, address: Uri) -> Response {
    let kind = match address.path().rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        _ => "application/octet-stream",
    };
    match std::fs::read(folder.join(address.path().trim_start_matches('/'))) {
        Ok(content) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
