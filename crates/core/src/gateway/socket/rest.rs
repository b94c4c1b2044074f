//! A turn on a WebSocket that waits: for a moment, or for a profile to come back. The client hears signs of life meanwhile.

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::super::detour::Detour;
use super::super::patience::Patience;
use super::super::rescue;
use super::super::waiting::{BEAT, Rested};
use super::bridge::{Bridge, End, close, farewell};
use super::turn::Asked;

impl Bridge {
    /// Waits until somebody can serve the turn, on another connection, or nobody will.
    pub(super) async fn wait(&mut self, until: Timestamp, asked: Asked, patience: Patience, mut detour: Detour) -> Option<End> {
        let (forward, provider) = (self.forward.clone(), self.provider.take());
        let ask = asked.ask.clone();
        let rested = async move {
            let mut until = until;
            let (rested, ()) = tokio::join!(
                async {
                    loop {
                        match forward.rested(&ask, until, patience).await {
                            Rested::Until(next) => until = next,
                            rested => break rested,
                        }
                    }
                },
                farewell(provider)
            );
            rested
        };
        match self.rest(rested).await {
            Err(end) => Some(end),
            Ok(Rested::Refused(answer)) => self.tell(&answer),
            Ok(Rested::Nobody(none)) => {
                self.forward.house.changed(&asked.ask, Some(&none));
                self.forward.detours.over(&self.knock.thread);
                self.tell(&self.forward.nobody(&none, None))
            }
            Ok(Rested::Back | Rested::Until(_)) => {
                detour.tried.clear();
                self.move_on(asked, detour).await
            }
        }
    }

    /// Has a turn go on by another connection, but not before then.
    pub(super) async fn move_on_at(&mut self, until: Timestamp, asked: Asked, detour: Detour) -> Option<End> {
        let (forward, provider) = (self.forward.clone(), self.provider.take());
        let rested = async move { tokio::join!(forward.until(until), farewell(provider)) };
        match self.rest(rested).await {
            Ok(_) => self.move_on(asked, detour).await,
            Err(end) => Some(end),
        }
    }

    /// Waits for something that nobody works on: that ends when the gateway does.
    async fn rest<T>(&mut self, something: impl Future<Output = T>) -> Result<T, End> {
        let mut stop = self.stop.clone();
        let something = async {
            tokio::select! {
                something = something => Some(something),
                _ = stop.wait_for(|stop| *stop) => None,
            }
        };
        self.meanwhile(something).await?.ok_or_else(|| End::Close(Some(close(CloseCode::Away, ""))))
    }

    /// Waits for something, while the client may go away.
    pub(super) async fn meanwhile<T>(&mut self, something: impl Future<Output = T>) -> Result<T, End> {
        let Self { client, next, .. } = self;
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let gone = std::future::poll_fn(|context| {
            use std::task::Poll::{Pending, Ready};
            while beat.poll_tick(context).is_ready() {
                // Who does not listen is not told twice.
                if client.is_clear() {
                    client.say(Message::text(rescue::keepalive().to_string()));
                }
            }
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
            value = something => Ok(value),
            () = gone => Err(End::Gone),
        }
    }
}
