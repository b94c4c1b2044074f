//! The role of a gateway that decides nothing: the listener and the way out of the real one, and only what is needed to hand on a
//! request between them. What this takes, no gateway on these libraries can save.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::Https;
use codex_lab_core::base::upstream::{Streamed, Upstream};
use codex_lab_core::gateway::server::{Answered, Answers, Incoming, Listener};
use http::header::{CONTENT_LENGTH, HOST};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use tokio::sync::watch;

use super::roles::{Reached, end_with_input, ready};
use super::stage::{GATEWAYS, PROVIDERS};
use crate::measure::Outcome;

/// Before the provider on port `told[0]`.
pub(super) fn play(told: &[String]) -> Outcome<()> {
    let [provider] = told else { return Err("a port is needed".into()) };
    end_with_input();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let home = Path::new("/nonexistent");
        let https: Arc<dyn Upstream> = Arc::new(Https::new(&Environment::of(home, [("HOME", OsString::from(home))]))?);
        let listener = Listener::bind(0).await?;
        ready(&Reached { port: listener.port(), key: "none".to_owned() })?;
        // As many threads as the gateway has, each with connections of its own.
        let bare = || Bare { https: https.apart(), base: format!("http://127.0.0.1:{provider}{PROVIDERS}").into() };
        let (_stop, stopped) = watch::channel(false);
        Ok(listener.serve_on_threads(vec![bare(), bare()], stopped, Duration::ZERO).await?)
    })
}

#[derive(Clone)]
struct Bare {
    https: Arc<dyn Upstream>,
    base: Arc<str>,
}

impl Bare {
    async fn hand_on(&self, request: Incoming) -> Outcome<Response<Streamed>> {
        let (head, body) = request.into_parts();
        let target = head.uri.path().strip_prefix(GATEWAYS).ok_or("another path")?;
        let mut request = Request::new(body.collect().await?.to_bytes());
        *request.method_mut() = head.method;
        *request.uri_mut() = format!("{}{target}", self.base).parse()?;
        *request.headers_mut() = head.headers;
        for ours in [HOST, CONTENT_LENGTH] {
            request.headers_mut().remove(ours);
        }
        Ok(self.https.send(request).await?)
    }
}

impl Answers for Bare {
    type Body = Streamed;

    async fn answer(&self, request: Incoming) -> Answered<Streamed> {
        Answered::With(self.hand_on(request).await.unwrap_or_else(|_| {
            let mut refused = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
            *refused.status_mut() = StatusCode::BAD_GATEWAY;
            refused
        }))
    }
}
