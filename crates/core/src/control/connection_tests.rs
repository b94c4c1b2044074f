//! How long a client is waited for, with paused time.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex, split};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Control, READ_PATIENCE};
use crate::base::samples::ports;
use crate::engine::Engine;

const HELLO: &[u8] = b"{\"id\":0,\"method\":\"initialize\",\"params\":{\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n";
const SECOND: Duration = Duration::from_secs(1);

struct Talk {
    client: DuplexStream,
    serving: JoinHandle<()>,
    _stop: watch::Sender<bool>,
}

impl Talk {
    fn begin(control: &Control, patience: Option<Duration>) -> Self {
        let (client, server) = duplex(64 << 10);
        let ((from, to), (stop, stopped), control) = (split(server), watch::channel(false), control.clone());
        let serving = tokio::spawn(async move { control.converse(from, to, stopped, patience).await });
        Self { client, serving, _stop: stop }
    }

    async fn says(&mut self, bytes: &[u8]) {
        self.client.write_all(bytes).await.unwrap();
    }

    /// Waits until it is let go; after how long, and what it was told.
    async fn let_go(mut self) -> (Duration, String) {
        let (since, mut said) = (Instant::now(), String::new());
        self.serving.await.unwrap();
        let after = since.elapsed();
        self.client.read_to_string(&mut said).await.unwrap();
        (after, said)
    }
}

async fn control() -> (tempfile::TempDir, Control) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(ports(folder.path())).await.unwrap();
    (folder, Control::new(engine))
}

#[tokio::test(start_paused = true)]
async fn who_never_says_hello_is_let_go() {
    let (_folder, control) = control().await;
    let (after, said) = Talk::begin(&control, Some(READ_PATIENCE)).let_go().await;
    assert!(after >= READ_PATIENCE && after < READ_PATIENCE + SECOND, "{after:?}");
    assert!(said.contains("-32600") && said.contains("no initialize within 60 seconds"), "{said}");
    // Half a line of one, or anything that is none, wins no time.
    for part in [&b"{\"id\":0,\"meth"[..], b"\n\n", b"{\"id\":1,\"method\":\"account/list\"}\n"] {
        let mut talk = Talk::begin(&control, Some(READ_PATIENCE));
        tokio::time::sleep(READ_PATIENCE.saturating_sub(SECOND)).await;
        talk.says(part).await;
        let (after, _) = talk.let_go().await;
        assert!(after >= SECOND && after < 2 * SECOND, "{after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_line_is_not_kept_for_ever_and_silence_between_lines_is() {
    let (_folder, control) = control().await;
    let mut talk = Talk::begin(&control, Some(READ_PATIENCE));
    talk.says(HELLO).await;
    tokio::time::sleep(100 * READ_PATIENCE).await;
    assert!(!talk.serving.is_finished(), "a client may be silent");
    // Each line has its own time, and a byte now and then is no end of it.
    talk.says(b"{\"id\":1,\"method\":\"account/list\"}\n{\"id\"").await;
    tokio::time::sleep(READ_PATIENCE.saturating_sub(SECOND)).await;
    talk.says(b":2").await;
    let (after, said) = talk.let_go().await;
    assert!(after >= SECOND && after < 2 * SECOND, "{after:?}");
    assert!(said.contains("\"accounts\"") && said.contains("the line had no end within 60 seconds"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn on_standard_input_nobody_is_hurried() {
    let (_folder, control) = control().await;
    let mut talk = Talk::begin(&control, None);
    tokio::time::sleep(100 * READ_PATIENCE).await;
    talk.says(&HELLO[..20]).await;
    tokio::time::sleep(100 * READ_PATIENCE).await;
    talk.says(&HELLO[20..]).await;
    let mut first = [0];
    talk.client.read_exact(&mut first).await.unwrap();
    assert!(!talk.serving.is_finished());
}
