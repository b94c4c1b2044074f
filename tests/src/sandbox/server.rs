//! The two listeners: plain HTTP, and a proxy that ends TLS itself and forwards nothing.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;
use super::control::Control;
use super::front;
use super::intake::host_of;
use super::journal::Via;
use super::world::World;

/// What every connection needs.
pub(crate) struct Server {
    pub(crate) world: Arc<World>,
    pub(crate) authority: Authority,
    pub(crate) control: Control,
}

/// A listener on loopback; port 0 = any.
pub(crate) async fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

impl Server {
    /// Serves plain HTTP until the runtime ends.
    pub(crate) async fn serve_plain(self: Arc<Self>, listener: TcpListener) {
        while let Some(stream) = accept(&listener).await {
            let server = self.clone();
            tokio::spawn(async move { server.plain(stream).await });
        }
    }

    /// Serves the proxy until the runtime ends.
    pub(crate) async fn serve_proxy(self: Arc<Self>, listener: TcpListener) {
        while let Some(stream) = accept(&listener).await {
            let server = self.clone();
            tokio::spawn(async move { server.proxy(stream).await });
        }
    }

    async fn plain(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(|request: Request<Incoming>| {
            let server = self.clone();
            async move {
                let request = request.map(Body::new);
                if let Some(command) = Control::command_of(request.uri().path()) {
                    return Ok(server.control.answer(&command, request).await);
                }
                front::answer(server.world.clone(), Via::Plain, None, request).await
            }
        });
        // A connection that ends badly is the client's affair, or scripted.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }

    async fn proxy(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(|request: Request<Incoming>| {
            let server = self.clone();
            async move {
                if request.method() == Method::CONNECT {
                    return Ok(server.connect(request));
                }
                front::answer(server.world.clone(), Via::Proxy, None, request.map(Body::new)).await
            }
        });
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }

    fn connect(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let Some(host) = request.uri().authority().map(|authority| host_of(authority.as_str())) else {
            let mut reply = Response::new(Body::empty());
            *reply.status_mut() = StatusCode::BAD_REQUEST;
            return reply;
        };
        tokio::spawn(async move {
            if let Ok(upgraded) = hyper::upgrade::on(request).await {
                self.tunnel(&host, TokioIo::new(upgraded)).await;
            }
        });
        Response::new(Body::empty())
    }

    async fn tunnel(self: Arc<Self>, host: &str, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let config = match self.authority.server_config(host) {
            Ok(config) => config,
            Err(error) => return tracing::warn!(host, %error, "no certificate for this host"),
        };
        let stream = match TlsAcceptor::from(config).accept(stream).await {
            Ok(stream) => stream,
            Err(error) => {
                return tracing::warn!(host, %error, "the client does not take the sandbox's certificate");
            }
        };
        let service =
            service_fn(|request: Request<Incoming>| front::answer(self.world.clone(), Via::Tunnel, Some(host), request.map(Body::new)));
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }
}

/// The next connection; `None` if the listener broke.
async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Some(stream),
            // The client went away before it was served.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "the sandbox stops listening");
                return None;
            }
        }
    }
}
