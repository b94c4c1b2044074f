//! Scratch.
use std::convert::Infallible;
use http_body_util::BodyExt as _;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use crate::measure::Outcome;
use super::roles::{Reached, end_with_input, ready};

pub(super) fn play(told: &[String]) -> Outcome<()> {
    let [threads, kind, provider] = told else { return Err("".into()) };
    end_with_input();
    let n: usize = threads.parse()?;
    let runtime = if n == 0 { tokio::runtime::Builder::new_current_thread().enable_all().build()? } else { tokio::runtime::Builder::new_multi_thread().worker_threads(n).enable_all().build()? };
    let authority: http::uri::Authority = format!("127.0.0.1:{provider}").parse()?;
    let is_reqwest = kind == "reqwest";
    runtime.block_on(async move {
        let client = reqwest::Client::builder().tcp_nodelay(true).no_proxy().build()?;
        let mut connector = hyper_util::client::legacy::connect::HttpConnector::new();
        connector.set_nodelay(true);
        let raw: hyper_util::client::legacy::Client<_, http_body_util::Full<hyper::body::Bytes>> = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build(connector);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        ready(&Reached { port: listener.local_addr()?.port(), ..Reached::default() })?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (client, raw, authority) = (client.clone(), raw.clone(), authority.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let (client, raw, authority) = (client.clone(), raw.clone(), authority.clone());
                    async move {
                        let (mut parts, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        let mut uri = parts.uri.into_parts();
                        uri.scheme = Some(http::uri::Scheme::HTTP);
                        uri.authority = Some(authority);
                        parts.uri = http::Uri::from_parts(uri).unwrap();
                        parts.headers.remove("host");
                        Ok::<_, Infallible>(if is_reqwest {
                            let request = reqwest::Request::try_from(http::Request::from_parts(parts, body)).unwrap();
                            http::Response::from(client.execute(request).await.unwrap()).map(http_body_util::Either::Left)
                        } else {
                            raw.request(http::Request::from_parts(parts, http_body_util::Full::new(body))).await.unwrap().map(http_body_util::Either::Right)
                        })
                    }
                });
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
