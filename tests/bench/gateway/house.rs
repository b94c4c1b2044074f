//! The role of the gateway: the real engine with everything real, as `codex-lab serve` has it. Only its way out leads to the
//! provider of this measurement, over plain HTTP: nobody here pays for TLS.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::https::{HttpError, Https};
use codex_lab_core::base::ports::Ports;
use codex_lab_core::base::upstream::{Streamed, Upgraded, Upstream};
use codex_lab_core::engine::Engine;
use codex_lab_core::engine::serving::Serving;
use codex_lab_tests::offline;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use tokio::sync::watch;

use super::roles::{Reached, end_with_input, ready};
use crate::measure::Outcome;

/// It starts within this.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves the home at `told[0]`, before the provider on port `told[1]`.
pub(super) fn play(told: &[String]) -> Outcome<()> {
    let [home, provider] = told else { return Err("a home and a port are needed".into()) };
    end_with_input();
    // As many threads as the terminal program has.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(Path::new(home), provider))
}

async fn serve(home: &Path, provider: &str) -> Outcome<()> {
    let environment = Environment::of(home, [("HOME", OsString::from(home))]);
    let upstream = Redirected { https: Arc::new(Https::new(&environment)?), provider: format!("127.0.0.1:{provider}").parse()? };
    let engine = Engine::open(Ports { upstream: Arc::new(upstream), ..offline::ports(environment) }).await?;
    let (_stop, stopped) = watch::channel(false);
    let tells = async {
        let gateway = engine.gateway(PATIENCE).await?;
        ready(&Reached { port: gateway.port, key: gateway.key.expose().to_owned() })?;
        std::future::pending().await
    };
    tokio::select! {
        served = engine.serve(Serving { port: Some(0), grace: Duration::ZERO }, stopped) => Ok(served?),
        () = engine.watch() => Err("the watch ended".into()),
        () = engine.tend() => Err("the chores ended".into()),
        told = tells => told,
    }
}

/// The real way out, to another place.
#[derive(Debug)]
struct Redirected {
    https: Arc<dyn Upstream>,
    provider: Authority,
}

impl Redirected {
    fn redirect<B>(&self, request: &mut Request<B>) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.provider.clone());
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    }
}

#[async_trait]
impl Upstream for Redirected {
    async fn send(&self, mut request: Request<hyper::body::Bytes>) -> Result<Response<Streamed>, HttpError> {
        self.redirect(&mut request);
        self.https.send(request).await
    }

    async fn upgrade(&self, mut request: Request<()>) -> Result<Upgraded, HttpError> {
        self.redirect(&mut request);
        self.https.upgrade(request).await
    }

    fn apart(&self) -> Arc<dyn Upstream> {
        Arc::new(Self { https: self.https.apart(), provider: self.provider.clone() })
    }
}
