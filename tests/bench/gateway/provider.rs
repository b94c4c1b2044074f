//! The role of the provider: it answers at once with what was made beforehand, on connections that stay. What the answer is, the
//! header `x-bench` of a request says.

use std::cell::RefCell;
use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use super::http::{Head, LAST_CHUNK, put_chunk};
use super::roles::{Reached, end_with_input, ready};
use crate::measure::Outcome;

/// The header that says what is wanted; without it, a short answer.
pub(super) const WISH: &str = "x-bench";
/// An event each second, without an end.
pub(super) const TICKS: &str = "ticks";
/// So many events, as fast as they are taken: `flood 1000`.
pub(super) const FLOOD: &str = "flood";
/// An account that is out of quota, for a request of a name that was not asked before: `refuse 17`.
pub(super) const REFUSE: &str = "refuse";

/// Between two events of a stream.
const TICK: Duration = Duration::from_secs(1);
/// Events that are written together in a flood.
const TOGETHER: usize = 32;
/// For how long a refused account is out.
const RESTS: i64 = 3600;
/// Larger than any request.
const REQUEST_LIMIT: usize = 1 << 20;

/// What was made beforehand.
struct Answers {
    short: Vec<u8>,
    begun: Vec<u8>,
    delta: Vec<u8>,
    end: Vec<u8>,
    refusal: Vec<u8>,
}

/// Answers until the process ends.
pub(super) fn play() -> Outcome<()> {
    end_with_input();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        ready(&Reached { port: listener.local_addr()?.port(), ..Reached::default() })?;
        let (answers, refused) = (Rc::new(Answers::new()), Rc::new(RefCell::new(HashSet::new())));
        loop {
            let (stream, _) = listener.accept().await?;
            let (answers, refused) = (Rc::clone(&answers), Rc::clone(&refused));
            // Whoever asks goes away when it has measured enough.
            tokio::task::spawn_local(async move { converse(stream, &answers, &refused).await });
        }
    })
}

async fn converse(mut stream: TcpStream, answers: &Answers, refused: &RefCell<HashSet<String>>) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::with_capacity(64 << 10);
    loop {
        request.clear();
        let wish = loop {
            if stream.read_buf(&mut request).await? == 0 || request.len() > REQUEST_LIMIT {
                return Ok(());
            }
            let Some((head, length)) = Head::of(&request) else { continue };
            let (whole, wish) = (length + head.length().unwrap_or_default(), head.value(WISH).unwrap_or_default().to_owned());
            while request.len() < whole {
                if stream.read_buf(&mut request).await? == 0 {
                    return Ok(());
                }
            }
            break wish;
        };
        match wish.split_once(' ').unwrap_or((&wish, "")) {
            (TICKS, _) => return tick(stream, answers).await,
            (FLOOD, events) => flood(&mut stream, answers, events.parse()?).await?,
            (REFUSE, name) if refused.borrow_mut().insert(name.to_owned()) => stream.write_all(&answers.refusal).await?,
            _ => stream.write_all(&answers.short).await?,
        }
    }
}

async fn tick(mut stream: TcpStream, answers: &Answers) -> Outcome<()> {
    stream.write_all(&answers.begun).await?;
    loop {
        tokio::time::sleep(TICK).await;
        stream.write_all(&answers.delta).await?;
    }
}

async fn flood(stream: &mut TcpStream, answers: &Answers, events: usize) -> Outcome<()> {
    stream.write_all(&answers.begun).await?;
    let together = answers.delta.repeat(TOGETHER);
    for _ in 0..events.div_ceil(TOGETHER) {
        stream.write_all(&together).await?;
    }
    Ok(stream.write_all(&answers.end).await?)
}

impl Answers {
    fn new() -> Self {
        let begun =
            [head(200, 38), events(&[("response.created", r#""response":{"id":"resp_1","status":"in_progress"}"#), DELTA])].concat();
        let item = format!(
            r#""output_index":0,"item":{{"type":"message","role":"assistant","id":"msg_1","content":[{{"type":"output_text","text":"{}"}}]}}"#,
            "All tests pass now. ".repeat(40)
        );
        let end = [events(&[("response.completed", COMPLETED)]), LAST_CHUNK.to_vec()].concat();
        let resets_at = SystemClock.now().as_second() + RESTS;
        let refusal = format!(
            r#"{{"error":{{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"plus","resets_at":{resets_at}}}}}"#
        );
        let mut refused = head(429, 100);
        put_chunk(&mut refused, refusal.as_bytes());
        refused.extend_from_slice(LAST_CHUNK);
        let answer = events(&[
            ("response.created", r#""response":{"id":"resp_1","status":"in_progress"}"#),
            ("response.output_item.done", &item),
            ("response.completed", COMPLETED),
        ]);
        Self { short: [head(200, 38), answer, LAST_CHUNK.to_vec()].concat(), begun, delta: events(&[DELTA]), end, refusal: refused }
    }
}

const DELTA: (&str, &str) =
    ("response.output_text.delta", r#""item_id":"msg_1","output_index":0,"content_index":0,"delta":" tests","obfuscation":"aVVk81ndh""#);
const COMPLETED: &str = r#""response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":17000,"output_tokens":240}}"#;

/// The head of a stream, with the headers of codex-runtime.md 4.1.
fn head(status: u16, used_percent: u8) -> Vec<u8> {
    let resets_at = SystemClock.now().as_second() + RESTS;
    let kind = if status == 200 { "text/event-stream; charset=utf-8" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\ncache-control: no-cache\r\n\
         x-request-id: 4a61b1c8-2f0e-4d51-8f3e-0f7f2d6f6d11\r\nx-codex-active-limit: premium\r\nx-codex-plan-type: plus\r\n\
         x-codex-primary-used-percent: {used_percent}\r\nx-codex-primary-window-minutes: 300\r\n\
         x-codex-primary-reset-after-seconds: {RESTS}\r\nx-codex-primary-reset-at: {resets_at}\r\n\
         x-codex-secondary-used-percent: 61\r\nx-codex-secondary-window-minutes: 10080\r\n\
         x-codex-secondary-reset-after-seconds: 400000\r\nx-codex-secondary-reset-at: {}\r\n\
         x-codex-credits-has-credits: False\r\nx-codex-credits-unlimited: False\r\n\r\n",
        resets_at + 400_000
    );
    head.into_bytes()
}

/// Events, each a piece of its own.
fn events(events: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, rest) in events {
        put_chunk(&mut body, format!("event: {kind}\ndata: {{\"type\":\"{kind}\",{rest}}}\n\n").as_bytes());
    }
    body
}
