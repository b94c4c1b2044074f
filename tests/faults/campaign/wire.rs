//! The network between the programs and the sandbox: a relay that goes silent, or cuts connections off, when it is told to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    Fine,
    /// After so many more bytes of answers nothing comes any more, and nobody says so.
    Silent(usize),
    /// After so many more bytes the connection breaks.
    Cut(usize),
    /// No new connection comes about.
    Closed,
}

/// A relay on a port of its own, to a proxy.
pub(super) struct Wire {
    weather: watch::Sender<Weather>,
    port: u16,
    _runtime: Runtime,
}

impl Wire {
    pub(super) fn to(proxy: &str) -> Self {
        let target: SocketAddr = proxy.strip_prefix("http://").unwrap().parse().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (weather, seen) = watch::channel(Weather::Fine);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, target, seen.clone()));
            }
        });
        Self { weather, port, _runtime: runtime }
    }

    /// The proxy's address, by a name that has to be looked up.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// From now on it is so; connections that went silent are gone for good when that changes.
    pub(super) fn turns(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn relay(client: TcpStream, target: SocketAddr, mut weather: watch::Receiver<Weather>) {
    if *weather.borrow_and_update() == Weather::Closed {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut from_client, to_client), (from_server, mut to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        () = answer(from_server, to_client, weather) => {}
    }
}

/// Carries answers, as long as the weather lets it.
async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut now = *weather.borrow_and_update();
    let mut piece = vec![0; 16 << 10];
    loop {
        let left = match now {
            Weather::Fine | Weather::Closed => piece.len(),
            Weather::Silent(bytes) | Weather::Cut(bytes) => bytes.min(piece.len()),
        };
        if left == 0 {
            if matches!(now, Weather::Silent(_)) {
                let _ = weather.changed().await;
            }
            return;
        }
        tokio::select! {
            read = from.read(&mut piece[..left]) => {
                let Some(size) = read.ok().filter(|size| *size > 0) else { return };
                if to.write_all(&piece[..size]).await.is_err() {
                    return;
                }
                if let Weather::Silent(bytes) | Weather::Cut(bytes) = &mut now {
                    *bytes -= size;
                }
            }
            changed = weather.changed() => {
                if changed.is_err() {
                    return;
                }
                now = *weather.borrow_and_update();
            }
        }
    }
}
