//! A client on one connection that stays: sends what Codex sends, and takes the time to the first byte of the answer's body.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::http::{Head, LAST_CHUNK};
use super::provider::WISH;
use crate::measure::{Outcome, now};

/// Bytes of a request's body before it is packed, in hexadecimal digits, which become half as many: Codex's shortest turn is
/// 24 KB (codex-runtime.md 1.3).
const PLAIN_BODY: usize = 44 << 10;

/// Whom to ask.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) port: u16,
    /// Before `/responses`.
    pub(super) base: &'static str,
    pub(super) key: String,
    /// What it has to be told beside what Codex sends: lines of a head.
    pub(super) told: String,
    /// Whether it unpacks bodies.
    pub(super) packed: bool,
}

/// A request, ready to be sent.
pub(super) struct Wanted(Vec<u8>);

/// How long an answer took from the first byte of its request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// To the first byte of its body.
    pub(super) first: Duration,
    pub(super) status: u16,
}

/// One connection.
pub(super) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A turn as Codex 0.169.0 asks for it over HTTP (codex-runtime.md 1.3), in a session of this name.
pub(super) fn turn(target: &Target, session: &str, wish: &str) -> Outcome<Wanted> {
    let Target { port, base, key, told, packed } = target;
    let body = body(*packed)?;
    let length = body.len();
    let encoding = if *packed { "content-encoding: zstd\r\n" } else { "" };
    let wish = if wish.is_empty() { String::new() } else { format!("{WISH}: {wish}\r\n") };
    let head = format!(
        "POST {base}/responses HTTP/1.1\r\nversion: 0.169.0\r\nx-codex-beta-features: remote_compaction_v2\r\n\
         x-codex-window-id: {session}:0\r\nx-codex-turn-metadata: {{\"installation_id\":\"2d1c6c2e-7c52-4a43-9d0a-31c7a7c1bd53\",\
         \"session_id\":\"{session}\",\"thread_id\":\"{session}\",\"agent_name\":\"/agent\",\"turn_id\":\"turn-{session}\",\
         \"window_id\":\"{session}:0\",\"window_number\":0,\"request_kind\":\"turn\",\"history_initialization\":\"new\",\
         \"thread_source\":\"user\",\"sandbox\":\"workspace-write\",\"workspaces\":{{\"/repositories/mine\":{{\"has_changes\":true}}}},\
         \"turn_started_at_unix_ms\":1795000000000,\"model\":\"gpt-6.1-sol\",\"reasoning_effort\":\"low\"}}\r\n\
         x-openai-internal-codex-responses-lite: true\r\nx-codex-routing-hint: model=gpt-6.1-sol\r\nx-client-request-id: {session}\r\n\
         session-id: {session}\r\nthread-id: {session}\r\naccept: text/event-stream\r\n{encoding}\
         content-type: application/json\r\nauthorization: Bearer {key}\r\noriginator: codex_exec\r\n\
         user-agent: codex_exec/0.169.0 (Debian 12.0.0; x86_64) xterm (codex_exec; 0.169.0)\r\n{wish}{told}host: 127.0.0.1:{port}\r\n\
         content-length: {length}\r\n\r\n"
    );
    Ok(Wanted([head.into_bytes(), body].concat()))
}

fn body(packed: bool) -> Outcome<Vec<u8>> {
    let mut random = vec![0; PLAIN_BODY / 2];
    getrandom::fill(&mut random)?;
    let mut text = String::with_capacity(PLAIN_BODY);
    for byte in random {
        write!(text, "{byte:02x}")?;
    }
    let content = serde_json::json!([{ "type": "input_text", "text": text }]);
    let input = serde_json::json!([{ "type": "message", "role": "user", "content": content }]);
    let body = serde_json::json!({ "model": "gpt-6.1-sol", "stream": true, "store": false, "input": input });
    let body = serde_json::to_vec(&body)?;
    if packed { Ok(zstd::encode_all(&*body, 3)?) } else { Ok(body) }
}

impl Client {
    pub(super) async fn connect(target: &Target) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", target.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    /// Asks, and reads the answer to its end.
    pub(super) async fn ask(&mut self, wanted: &Wanted) -> Outcome<Took> {
        let (took, body) = self.first(wanted).await?;
        match body {
            Body::Sized(end) => {
                while self.buffer.len() < end {
                    self.more().await?;
                }
            }
            Body::Chunked => {
                while !self.buffer.ends_with(LAST_CHUNK) {
                    // Of what came only the end matters.
                    let kept = self.buffer.len().saturating_sub(LAST_CHUNK.len());
                    self.buffer.drain(..kept);
                    self.more().await?;
                }
            }
        }
        Ok(took)
    }

    /// Asks, and reads up to the first byte of the answer's body.
    async fn first(&mut self, wanted: &Wanted) -> Outcome<(Took, Body)> {
        let started = now();
        self.buffer.clear();
        self.stream.write_all(&wanted.0).await?;
        loop {
            self.more().await?;
            let Some((head, length)) = Head::of(&self.buffer) else { continue };
            let body = head.length().map_or(Body::Chunked, |more| Body::Sized(length + more));
            let begins = match body {
                Body::Sized(_) => self.buffer.len() > length,
                // After the line with the length of the first piece.
                Body::Chunked => {
                    self.buffer[length..].iter().position(|byte| *byte == b'\n').is_some_and(|end| self.buffer.len() > length + end + 1)
                }
            };
            if begins {
                let status = head.status().unwrap_or_default();
                return Ok((Took { first: started.elapsed(), status }, body));
            }
        }
    }

    /// Asks for a stream, and reads it as long as it lasts. What comes is told by its length.
    pub(super) async fn listen(&mut self, wanted: &Wanted, mut came: impl FnMut(usize)) -> Outcome<()> {
        let (took, _) = self.first(wanted).await?;
        if took.status != 200 {
            return Err(format!("a stream was refused with {}", took.status).into());
        }
        loop {
            came(self.buffer.len());
            if self.buffer.ends_with(LAST_CHUNK) {
                return Ok(());
            }
            let kept = self.buffer.len().saturating_sub(LAST_CHUNK.len());
            self.buffer.drain(..kept);
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Outcome<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the connection was closed in the middle of an answer".into());
        }
        Ok(())
    }
}

enum Body {
    /// Up to this place of the buffer.
    Sized(usize),
    Chunked,
}
