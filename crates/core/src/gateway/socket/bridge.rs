//! The bridge between a client's WebSocket and the provider's: messages pass as they come, and turns are told apart.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::super::forward::Forward;
use super::super::patience::Patience;
use super::super::sse::{Weight, kind, weight};
use super::super::strip::{self, Stripped};
use super::super::{classify, rescue, usage};
use super::frames::{Create, told_state, without_state};
use super::opening::{Knock, Line, Opened};
use super::side::{Came, Side};
use super::turn::{Asked, Course, Held, Turn};
use crate::base::upstream::Duplex;
use crate::model::trouble::{TransportTrouble, Trouble};
use crate::quota::stream;
use crate::route::walk::Before;

/// A turn that tells nothing for this long before its answer begins is as good as failed. Codex itself waits 300 s, and then
/// blames the connection (codex-runtime.md 2.4).
const SILENCE: Duration = Duration::from_secs(280);

/// A client's WebSocket joined to the provider's.
pub(super) struct Bridge {
    pub(super) forward: Forward,
    pub(super) knock: Knock,
    pub(super) client: Side,
    /// `None` where nobody had one to offer: turns wait here until somebody has.
    pub(super) line: Option<Line>,
    /// `None` once it has hung up, too.
    pub(super) provider: Option<Side>,
    pub(super) turn: Option<Box<Turn>>,
    /// The client's next turn, while the last one is not over: the provider takes one after the other (codex-runtime.md 2.1).
    pub(super) next: Option<Message>,
    /// Whether the history of what passes here is in a sealed piece.
    pub(super) bound: bool,
    /// The turn's state that this connection has told last.
    pub(super) state: Option<String>,
    heard_at: Instant,
    pub(super) stop: watch::Receiver<bool>,
    stops: bool,
}

/// How a bridge comes to its end, for the client.
#[derive(Debug)]
pub(super) enum End {
    /// It has gone away.
    Gone,
    /// It is to open another connection and send its turn again.
    Again,
    /// As the provider took its leave, or for a reason of ours.
    Close(Option<CloseFrame>),
}

/// What happens next.
enum Happened {
    Client(Came),
    Provider(Came),
    Silence,
    Stop,
}

impl Bridge {
    pub(super) async fn new(
        forward: Forward,
        knock: Knock,
        client: Box<dyn Duplex>,
        opened: Option<Opened>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let client = Side::new(client, Role::Server).await;
        let (line, provider) = match opened {
            Some(Opened { line, stream, .. }) => (Some(line), Some(Side::new(stream, Role::Client).await)),
            None => (None, None),
        };
        let (turn, next, state, heard_at) = (None, None, None, Instant::now());
        Self { forward, knock, client, line, provider, turn, next, bound: false, state, heard_at, stop, stops: false }
    }

    /// Passes messages until either side is gone, or the gateway stops between two turns.
    pub(super) async fn run(mut self) {
        let end = loop {
            if let Some(end) = self.step().await {
                break end;
            }
        };
        // The provider stops working at once for a client that is gone; a turn that runs is nobody's fault.
        self.turn = None;
        let farewell = farewell(self.provider.take());
        match end {
            End::Gone => {
                tokio::join!(self.client.let_go(), farewell);
            }
            End::Again => {
                self.client.say(Message::text(rescue::again().to_string()));
                tokio::join!(self.client.leave(Some(close(CloseCode::Normal, ""))), farewell);
            }
            End::Close(frame) => {
                tokio::join!(self.client.leave(frame), farewell);
            }
        }
    }

    async fn step(&mut self) -> Option<End> {
        if self.turn.is_none() {
            if self.stops {
                return Some(End::Close(Some(close(CloseCode::Away, ""))));
            }
            if let Some(next) = self.next.take() {
                return self.client_says(next).await;
            }
        }
        match self.happens().await {
            Happened::Client(Some(Ok(message))) => self.client_says(message).await,
            Happened::Client(Some(Err(Error::Capacity(_)))) => Some(End::Close(Some(close(CloseCode::Size, "more than 64 MiB")))),
            Happened::Client(_) => Some(End::Gone),
            Happened::Provider(Some(Ok(message))) => self.provider_says(message).await,
            Happened::Provider(_) => self.provider_is_gone(Some(close(CloseCode::Away, ""))).await,
            Happened::Silence => {
                // Whatever it says later is nobody's answer.
                self.provider = None;
                Box::pin(self.failed(Trouble::Transport(TransportTrouble::Timeout), None)).await
            }
            Happened::Stop => {
                // Between two turns it is seen above.
                self.stops = true;
                None
            }
        }
    }

    async fn happens(&mut self) -> Happened {
        let Self { client, provider, turn, next, stop, stops, heard_at, .. } = self;
        let waits = turn.as_ref().is_some_and(|turn| !turn.held.has_begun());
        let silent = tokio::time::sleep_until(*heard_at + SILENCE);
        let passed = std::future::poll_fn(|context| {
            use std::task::Poll::{Pending, Ready};
            if let Ready(Err(error)) = client.poll_out(context) {
                return Ready(Happened::Client(Some(Err(error))));
            }
            if let Some(provider) = provider.as_mut()
                && let Ready(Err(error)) = provider.poll_out(context)
            {
                return Ready(Happened::Provider(Some(Err(error))));
            }
            // Each side is read only as fast as the other takes it.
            if next.is_none()
                && provider.as_ref().is_none_or(Side::is_clear)
                && let Ready(came) = client.poll_in(context)
            {
                return Ready(Happened::Client(came));
            }
            if client.is_clear()
                && let Some(provider) = provider.as_mut()
                && let Ready(came) = provider.poll_in(context)
            {
                return Ready(Happened::Provider(came));
            }
            Pending
        });
        tokio::select! {
            happened = passed => happened,
            () = silent, if waits => Happened::Silence,
            _ = stop.wait_for(|stop| *stop), if !*stops => Happened::Stop,
        }
    }

    async fn client_says(&mut self, message: Message) -> Option<End> {
        match &message {
            Message::Text(text) => {
                if let Some(create) = Create::read(text) {
                    if self.turn.is_some() {
                        self.next = Some(message);
                        return None;
                    }
                    let (ask, frame) = (create.ask(&self.knock.ask), text.clone());
                    return Box::pin(self.begin(Asked { create, ask, frame, begun: false })).await;
                }
            }
            Message::Close(_) => return Some(End::Gone),
            // Answered by the connection itself, on either side.
            Message::Pong(_) => return None,
            _ => {}
        }
        self.provider.iter_mut().for_each(|provider| provider.say(message.clone()));
        None
    }

    /// A turn begins, if this connection's profile is the one to serve it.
    pub(super) async fn begin(&mut self, mut asked: Asked) -> Option<End> {
        let question = match self.forward.question(&asked.ask).await {
            Ok(question) => question,
            Err(answer) => return self.tell(&answer),
        };
        // Only a frame that goes on from nothing has the whole history in it.
        self.bound = asked.create.compacted || (self.bound && (asked.create.continues || asked.create.warms));
        let now = self.forward.clock.now();
        let mut detour = self.detour();
        let connected = self.line.as_ref().map(|line| &line.profile);
        let before = Before { tried: &detour.tried, connected };
        let mut walk = self.forward.desk.decide_after(question.clone(), before, now, self.forward.random());
        let next = match self.forward.desk.peek(&walk, now) {
            Ok(next) if Some(&next) == connected => self.forward.desk.next(&mut walk, now).map(Some),
            other => other.map(|_| None),
        };
        let lease = match next {
            Ok(lease) => lease.filter(|lease| Some(&lease.chosen().profile) == connected),
            Err(none) => return self.nobody(asked, &question, &none, None).await,
        };
        let Some(lease) = lease else { return self.move_on(asked, detour).await };
        let home = lease.instead_of().filter(|_| self.bound);
        if let Some(until) = home.and_then(|home| self.forward.back_soon(&question, home, Patience::of_turn(detour.began()))) {
            drop(lease);
            detour.tried.clear();
            return self.move_on_at(until, asked, detour).await;
        }
        asked.frame = self.fit(&asked);
        self.send(Box::new(Turn { asked, lease, tries: 0, stripped: false, held: Held::default() }));
        None
    }

    /// Sends a turn to the provider.
    pub(super) fn send(&mut self, mut turn: Box<Turn>) {
        turn.held.release();
        self.provider.iter_mut().for_each(|provider| provider.say(Message::Text(turn.asked.frame.clone())));
        self.heard_at = Instant::now();
        self.turn = Some(turn);
    }

    /// The frame without what only another account can read.
    fn fit(&self, asked: &Asked) -> Utf8Bytes {
        let is_strange = asked.create.turn_state.is_some() && asked.create.turn_state != self.state;
        let without = if is_strange { without_state(&asked.frame) } else { None };
        let frame = without.map_or_else(|| asked.frame.clone(), Utf8Bytes::from);
        let marks = asked.ask.session.as_deref().and_then(|session| self.forward.foreign.of(session));
        match marks.map(|marks| strip::strip(frame.as_bytes(), Some(&marks))) {
            Some(Stripped::Without(without, _)) => String::from_utf8(without).map_or(frame, Utf8Bytes::from),
            _ => frame,
        }
    }

    async fn provider_says(&mut self, message: Message) -> Option<End> {
        self.heard_at = Instant::now();
        let kind = match &message {
            Message::Text(text) => kind(text.as_bytes()),
            _ => None,
        };
        match &message {
            Message::Text(text) => self.listen(kind.as_deref(), text),
            Message::Close(frame) => {
                let frame = frame.clone();
                return self.provider_is_gone(frame).await;
            }
            Message::Pong(_) => return None,
            Message::Ping(_) => {
                self.client.say(message);
                return None;
            }
            _ => {}
        }
        let Some(turn) = &mut self.turn else { return self.idle(message) };
        match turn.held.weigh(kind.as_deref(), &message) {
            Course::Keep => None,
            Course::PassAlone => {
                self.client.say(message);
                None
            }
            Course::Pass { begins, ends } => {
                if begins {
                    self.served();
                }
                self.release();
                self.client.say(message);
                if ends {
                    self.turn = None;
                }
                None
            }
            Course::Fail => {
                let Message::Text(text) = message else { return None };
                let trouble = classify::event(text.as_bytes(), self.forward.clock.now());
                Box::pin(self.failed(trouble.unwrap_or(Trouble::ServerError { retry_after: None }), Some(text))).await
            }
        }
    }

    /// Hears what an event tells of the account.
    fn listen(&mut self, kind: Option<&str>, text: &Utf8Bytes) {
        let Some(kind) = kind else { return };
        if let Some(turn) = self.turn.as_ref().filter(|turn| turn.lease.is_paid())
            && matches!(weight(kind), Weight::End | Weight::Failure)
            && let Some(used) = usage::reported(text.as_bytes())
        {
            self.forward.house.spent(&turn.lease.chosen().profile, used);
        }
        let told = || serde_json::from_str(text).ok().filter(|_| text.len() <= classify::BODY_LIMIT);
        if kind == stream::EVENT {
            let ask = self.turn.as_ref().map_or(&self.knock.ask, |turn| &turn.asked.ask);
            if let (Some(line), Some(event)) = (&self.line, told()) {
                self.forward.house.told(&line.profile, ask, &event);
            }
        } else if kind.ends_with("response.metadata")
            && let Some(state) = told().as_ref().and_then(told_state)
        {
            self.state = Some(state.to_owned());
        }
    }

    /// Something of an answer has come. To warm a connection up is no answer.
    fn served(&mut self) {
        let Some(turn) = self.turn.as_mut().filter(|turn| !turn.asked.create.warms) else { return };
        turn.lease.serves(self.forward.clock.now());
        self.forward.house.served(&turn.lease.chosen().profile, &turn.asked.ask, turn.lease.instead_of());
        self.forward.detours.over(&self.knock.thread);
    }

    /// What was kept goes to the client.
    pub(super) fn release(&mut self) {
        let held = self.turn.as_mut().map(|turn| turn.held.release());
        held.into_iter().flatten().for_each(|message| self.client.say(message));
    }

    /// The provider says something between two turns.
    fn idle(&mut self, message: Message) -> Option<End> {
        let trouble = match &message {
            Message::Text(text) => classify::event(text.as_bytes(), self.forward.clock.now()),
            _ => None,
        };
        // An account's refusal is not the client's: with its next turn it finds another connection.
        if trouble.is_some_and(|trouble| trouble.remedy(None, self.forward.clock.now()).next) {
            return Some(End::Close(Some(close(CloseCode::Normal, ""))));
        }
        self.client.say(message);
        None
    }

    /// The provider has hung up. Between two turns the client is told so by this frame.
    async fn provider_is_gone(&mut self, frame: Option<CloseFrame>) -> Option<End> {
        self.provider = None;
        if self.turn.is_some() {
            return Box::pin(self.failed(Trouble::Transport(TransportTrouble::Cut), None)).await;
        }
        Some(End::Close(frame))
    }
}

/// Takes leave of the provider.
pub(super) async fn farewell(provider: Option<Side>) {
    if let Some(provider) = provider {
        provider.leave(Some(close(CloseCode::Normal, ""))).await;
    }
}

/// A close frame of our own.
pub(super) fn close(code: CloseCode, reason: &'static str) -> CloseFrame {
    CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
}
