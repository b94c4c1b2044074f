//! A turn on a WebSocket that has failed: it is sent again here, or on another connection, or its failure is the client's.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::super::detour::Detour;
use super::super::intake::Ask;
use super::super::rescue::{self, NoneLeft as Rescued};
use super::super::strip::{self, Stripped};
use super::bridge::{Bridge, End, close};
use super::turn::Turn;
use crate::model::remedy::Again;
use crate::model::trouble::Trouble;
use crate::route::NoneLeft;
use crate::route::walk::Before;

impl Bridge {
    /// The turn has failed; `told` is the frame that said so, if one did.
    pub(super) async fn failed(&mut self, trouble: Trouble, told: Option<Utf8Bytes>) -> Option<End> {
        let turn = self.turn.take()?;
        let now = self.forward.clock.now();
        let has_begun = turn.held.has_begun();
        let mut trouble =
            if self.forward.detours.is_new(&self.profile, &self.pass.token, now) { trouble.with_new_tokens() } else { trouble };
        tracing::info!(profile = %self.profile.as_str(), trouble = trouble.code(), has_begun, "a turn on a WebSocket failed");
        match trouble.remedy(None, now).again {
            Again::After { times, pause } if !has_begun && told.is_some() && turn.tries < times => {
                return self.once_more(turn, pause).await;
            }
            Again::WithNewTokens => match self.forward.renewed(&self.profile, &self.pass).await {
                // They are for another connection.
                Ok(_) => return Some(self.again(&turn.ask, self.detour())),
                Err(failed) => trouble = failed.trouble,
            },
            Again::WithoutEncrypted if !has_begun && !turn.stripped => match self.without_sealed(turn) {
                Ok(end) => return end,
                Err(bound) => return self.give_up(bound, &trouble, told).await,
            },
            _ => {}
        }
        self.give_up(turn, &trouble, told).await
    }

    /// Sends the turn again on the same connection, after a pause.
    async fn once_more(&mut self, mut turn: Box<Turn>, pause: Duration) -> Option<End> {
        let pause = self.forward.jittered(pause * 2_u32.saturating_pow(u32::from(turn.tries)));
        turn.tries += 1;
        if !self.meanwhile(tokio::time::sleep(pause)).await {
            return Some(End::Gone);
        }
        self.send(turn);
        None
    }

    /// Has the turn sent again without what another account has sealed, which is remembered for the session. The turn comes back
    /// where nothing of it can be left out.
    fn without_sealed(&mut self, mut turn: Box<Turn>) -> Result<Option<End>, Box<Turn>> {
        match strip::strip(turn.frame.as_bytes(), None) {
            Stripped::Without(without, marks) => {
                if let Some(session) = &turn.ask.session {
                    self.forward.foreign.remember(session, marks.into_iter().collect());
                }
                let Ok(without) = String::from_utf8(without) else { return Err(turn) };
                turn.frame = without.into();
                turn.stripped = true;
                self.send(turn);
                Ok(None)
            }
            // It is in what the turn goes on from: only the whole of it can be stripped.
            Stripped::Nothing if turn.create.continues => Ok(Some(self.again(&turn.ask, self.detour()))),
            Stripped::Nothing | Stripped::Bound => Err(turn),
        }
    }

    /// This profile does not serve the turn: another may, or its failure is told.
    async fn give_up(&mut self, turn: Box<Turn>, trouble: &Trouble, told: Option<Utf8Bytes>) -> Option<End> {
        let Turn { ask, lease, mut held, .. } = *turn;
        let has_begun = held.has_begun();
        let remedy = lease.fails(trouble, self.forward.clock.now());
        self.forward.house.changed(&ask, None);
        if !remedy.next {
            held.release().into_iter().chain(told.map(Message::Text)).for_each(|message| self.client.say(message));
            return None;
        }
        if has_begun && told.is_none() {
            // What has come so far is the client's: it asks again by itself, with as much of it as it has.
            return Some(End::Close(Some(close(CloseCode::Error, "the provider's connection broke off"))));
        }
        let mut detour = self.detour();
        detour.tried(&self.profile);
        let question = match self.forward.question(&ask).await {
            Ok(question) => question,
            Err(answer) => return self.tell(&answer),
        };
        let now = self.forward.clock.now();
        let before = Before { tried: &detour.tried, connected: None };
        let walk = self.forward.desk.decide_after(question, before, now, self.forward.random());
        match self.forward.desk.peek(&walk, now) {
            Ok(_) => Some(self.again(&ask, detour)),
            // A fault of the provider is told as it told it; what its accounts told stays here.
            Err(none) => {
                let fault = matches!(trouble, Trouble::ServerError { .. } | Trouble::Overloaded { .. } | Trouble::Garbage);
                self.nobody(&ask, &none, told.filter(|_| fault))
            }
        }
    }

    /// Nobody is left for the turn: the client is told why.
    pub(super) fn nobody(&mut self, ask: &Ask, none: &NoneLeft, told: Option<Utf8Bytes>) -> Option<End> {
        self.forward.house.changed(ask, Some(none));
        self.forward.detours.over(self.knock.thread.as_deref());
        match (none, told) {
            (NoneLeft::Failed, Some(told)) => {
                self.client.say(Message::Text(told));
                self.end_without_provider()
            }
            (none, _) => self.tell(&rescue::none_left(&Rescued::from(none), self.forward.clock.now())),
        }
    }

    /// Tells the client an answer of our own.
    pub(super) fn tell(&mut self, answer: &Response<Bytes>) -> Option<End> {
        self.client.say(Message::text(rescue::frame(answer).to_string()));
        self.end_without_provider()
    }

    /// Without the provider there is no other turn on this connection.
    fn end_without_provider(&self) -> Option<End> {
        self.provider.is_none().then(|| End::Close(Some(close(CloseCode::Normal, ""))))
    }

    /// Has the client open another connection for its turn.
    pub(super) fn again(&mut self, ask: &Ask, mut detour: Detour) -> End {
        detour.model.clone_from(&ask.model);
        if self.forward.detours.again(self.knock.thread.as_deref(), detour) {
            return End::Again;
        }
        let unreachable = rescue::none_left(&Rescued::Unreachable, self.forward.clock.now());
        self.client.say(Message::text(rescue::frame(&unreachable).to_string()));
        End::Close(Some(close(CloseCode::Normal, "")))
    }

    /// How far the thread's turn has come.
    pub(super) fn detour(&self) -> Detour {
        self.forward.detours.of(self.knock.thread.as_deref(), self.forward.clock.now())
    }

    /// Waits for something. `false` where the client went away meanwhile.
    async fn meanwhile(&mut self, something: impl Future<Output = ()>) -> bool {
        let Self { client, next, .. } = self;
        let gone = std::future::poll_fn(|context| {
            use std::task::Poll::{Pending, Ready};
            if let Ready(Err(_)) = client.poll_out(context) {
                return Ready(());
            }
            while next.is_none() {
                match client.poll_in(context) {
                    Ready(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Ready(()),
                    Ready(Some(Ok(message @ (Message::Text(_) | Message::Binary(_))))) => *next = Some(message),
                    Ready(Some(Ok(_))) => {}
                    Pending => return Pending,
                }
            }
            Pending
        });
        tokio::select! {
            () = something => true,
            () = gone => false,
        }
    }
}
