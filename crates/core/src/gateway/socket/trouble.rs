//! A turn on a WebSocket that has failed: it is sent again here, or on another connection, or its failure is the client's.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::super::detour::Detour;
use super::super::intake::Ask;
use super::super::patience::{Patience, Wait};
use super::super::rescue::{self, NoneLeft as Rescued};
use super::super::strip::{self, Stripped};
use super::bridge::{Bridge, End, close};
use super::opening::{Line, Opening, open};
use super::side::Side;
use super::turn::{Asked, Turn};
use crate::model::remedy::Again;
use crate::model::trouble::Trouble;
use crate::route::NoneLeft;
use crate::route::walk::{Before, Question};

impl Bridge {
    /// The turn has failed; `told` is the frame that said so, if one did.
    pub(super) async fn failed(&mut self, trouble: Trouble, told: Option<Utf8Bytes>) -> Option<End> {
        let (mut turn, Line { profile, pass }) = (self.turn.take()?, self.line.as_ref()?);
        let now = self.forward.clock.now();
        let has_begun = turn.held.has_begun();
        turn.asked.begun = has_begun;
        let mut trouble = if self.forward.detours.is_new(profile, &pass.token, now) { trouble.with_new_tokens() } else { trouble };
        tracing::info!(profile = %profile.as_str(), trouble = trouble.code(), has_begun, "a turn on a WebSocket failed");
        match trouble.remedy(None, now).again {
            Again::After { times, pause } if !has_begun && told.is_some() && turn.tries < times => {
                return self.once_more(turn, pause).await;
            }
            Again::After { times, pause } if !has_begun && told.is_none() && self.detour().lost < times => {
                return self.reconnect(turn, pause).await;
            }
            Again::WithNewTokens => match self.forward.renewed(profile, pass).await {
                // They are for another connection.
                Ok(_) => return self.elsewhere(*turn, self.detour()).await,
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
        if let Err(end) = self.meanwhile(tokio::time::sleep(pause)).await {
            return Some(end);
        }
        self.send(turn);
        None
    }

    /// Sends the turn again with the same profile, which has lost its connection.
    async fn reconnect(&mut self, turn: Box<Turn>, pause: Duration) -> Option<End> {
        let mut detour = self.detour();
        let pause = self.forward.jittered(pause * 2_u32.saturating_pow(u32::from(detour.lost)));
        detour.lost += 1;
        match self.meanwhile(tokio::time::sleep(pause)).await {
            Ok(()) => self.elsewhere(*turn, detour).await,
            Err(end) => Some(end),
        }
    }

    /// Has the turn go on by another connection. Nobody is to blame.
    async fn elsewhere(&mut self, turn: Turn, detour: Detour) -> Option<End> {
        let Turn { asked, lease, .. } = turn;
        drop(lease);
        self.move_on(asked, detour).await
    }

    /// Has the turn sent again without what another account has sealed, which is remembered for the session. The turn comes back
    /// where nothing of it can be left out.
    fn without_sealed(&mut self, mut turn: Box<Turn>) -> Result<Option<End>, Box<Turn>> {
        match strip::strip(turn.asked.frame.as_bytes(), None) {
            Stripped::Without(without, marks) => {
                if let Some(session) = &turn.asked.ask.session {
                    self.forward.foreign.remember(session, marks.into_iter().collect());
                }
                let Ok(without) = String::from_utf8(without) else { return Err(turn) };
                turn.asked.frame = without.into();
                turn.stripped = true;
                self.send(turn);
                Ok(None)
            }
            // It is in what the turn goes on from: only the whole of it can be stripped.
            Stripped::Nothing if turn.asked.create.continues => Ok(Some(self.again(&turn.asked.ask, self.detour()))),
            Stripped::Nothing | Stripped::Bound => Err(turn),
        }
    }

    /// This profile does not serve the turn: another may, or its failure is told.
    async fn give_up(&mut self, turn: Box<Turn>, trouble: &Trouble, told: Option<Utf8Bytes>) -> Option<End> {
        let Turn { asked, lease, mut held, .. } = *turn;
        let (profile, stands_in_for) = (lease.chosen().profile.clone(), lease.instead_of().cloned());
        let remedy = lease.fails(trouble, self.forward.clock.now());
        self.forward.house.changed(&asked.ask, None);
        let question = match self.forward.question(&asked.ask).await {
            Ok(question) => question,
            Err(answer) => return self.tell(&answer),
        };
        if let (Trouble::EncryptedContentInvalid, Some(home), true) = (trouble, &stands_in_for, self.bound) {
            return self.tell(&self.forward.sealed_for(&question, home));
        }
        if !remedy.next {
            held.release().into_iter().chain(told.map(Message::Text)).for_each(|message| self.client.say(message));
            return None;
        }
        if asked.begun && told.is_none() {
            // What has come so far is the client's: it asks again by itself, with as much of it as it has.
            return Some(End::Close(Some(close(CloseCode::Error, "the provider's connection broke off"))));
        }
        let mut detour = self.detour();
        let patience = Patience::of_turn(detour.began());
        let home = stands_in_for.as_ref().unwrap_or(&profile);
        if self.bound
            && let Some(until) = self.forward.back_soon(&question, home, patience)
        {
            detour.tried.clear();
            return self.move_on_at(until, asked, detour).await;
        }
        detour.tried(&profile);
        let now = self.forward.clock.now();
        let before = Before { tried: &detour.tried, connected: None };
        let walk = self.forward.desk.decide_after(question.clone(), before, now, self.forward.random());
        match self.forward.desk.peek(&walk, now) {
            Ok(_) => self.move_on(asked, detour).await,
            // A fault of the provider is told as it told it; what its accounts told stays here.
            Err(none) => {
                let fault = matches!(trouble, Trouble::ServerError { .. } | Trouble::Overloaded { .. } | Trouble::Garbage);
                self.nobody(asked, &question, &none, told.filter(|_| fault)).await
            }
        }
    }

    /// Nobody is left for the turn: it waits, or the client is told why.
    pub(super) async fn nobody(&mut self, asked: Asked, question: &Question, none: &NoneLeft, told: Option<Utf8Bytes>) -> Option<End> {
        let detour = self.detour();
        let patience = Patience::of_turn(detour.began());
        let rested = self.forward.first_rested(question);
        let wait = patience.with(none, rested, self.forward.waits_for_reset(), self.forward.clock.now());
        if !matches!(wait, Wait::Silently(_)) {
            self.forward.house.changed(&asked.ask, Some(none));
        }
        if let Wait::Silently(until) | Wait::Telling(until) = wait {
            return self.wait(until, asked, patience, detour).await;
        }
        self.forward.detours.over(&self.knock.thread);
        match (none, told) {
            (NoneLeft::Failed, Some(told)) => {
                self.client.say(Message::Text(told));
                self.end_without_provider()
            }
            (none, _) => self.tell(&rescue::none_left(&Rescued::from(none), self.forward.clock.now())),
        }
    }

    /// Has a turn go on by another connection: one of ours, if that can be; else one that the client opens.
    pub(super) async fn move_on(&mut self, asked: Asked, detour: Detour) -> Option<End> {
        let end = self.again(&asked.ask, detour);
        if !asked.is_whole() || !matches!(end, End::Again) {
            return Some(end);
        }
        let (forward, knock) = (self.forward.clone(), self.knock.clone());
        match self.meanwhile(open(&forward, &knock)).await {
            Ok(Opening::Opened(opened)) => {
                self.provider = Some(Side::new(opened.stream, Role::Client).await);
                self.line = Some(opened.line);
                self.state = None;
                Box::pin(self.begin(asked)).await
            }
            // The answer to an upgrade says it best.
            Ok(Opening::Later | Opening::Refused(_)) => Some(End::Again),
            Err(gone) => Some(gone),
        }
    }

    /// Has the client open another connection for its turn.
    fn again(&mut self, ask: &Ask, mut detour: Detour) -> End {
        detour.model.clone_from(&ask.model);
        if self.forward.detours.again(&self.knock.thread, detour) {
            return End::Again;
        }
        let unreachable = rescue::none_left(&Rescued::Unreachable, self.forward.clock.now());
        self.client.say(Message::text(rescue::frame(&unreachable).to_string()));
        End::Close(Some(close(CloseCode::Normal, "")))
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

    /// How far the thread's turn has come.
    pub(super) fn detour(&self) -> Detour {
        self.forward.detours.of(&self.knock.thread, self.forward.clock.now())
    }
}
