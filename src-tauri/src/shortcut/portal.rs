//! One conversation with the portal, on a connection of its own: a connection can say only once whose it is, and what it has bound
//! ends with it.

use std::collections::HashMap;
use std::time::Duration;

use codex_lab_core::base::entropy::{OsEntropy, random_hex};
use codex_lab_core::engine::Engine;
use codex_lab_core::model::shortcut::{ShortcutView, Unbound};
use codex_lab_core::view::command::Command;
use codex_lab_core::view::words;
use futures_util::StreamExt as _;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep_until, timeout};
use zbus::names::OwnedUniqueName;
use zbus::zvariant::{DynamicType, ObjectPath, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use crate::instance;

use super::heard::{Names, PATH, SHORTCUT, Stage, Step, is_another_press, step};

/// A portal answers at once, one that has to be started within this time. A question that the user is asked may take longer.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
const INTERFACE: &str = "org.freedesktop.portal.GlobalShortcuts";
/// What we would take (XDG Shortcuts Specification); the desktop and the user choose.
const PREFERRED: &str = "LOGO+ALT+c";

/// The conversation.
pub(super) struct Portal {
    connection: Connection,
    /// Who is spoken with: nobody else is heard.
    owner: OwnedUniqueName,
    names: Names,
}

impl Portal {
    /// Nothing is asked yet.
    pub(super) async fn of(owner: OwnedUniqueName) -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let name = connection.unique_name().map(ToString::to_string).unwrap_or_default();
        let names = Names::of(&name, &random_hex(&OsEntropy, 16));
        Ok(Self { connection, owner, names })
    }

    /// Asks for the key, and does what it asks for; ends with why there is none any more.
    pub(super) async fn talk(&self, engine: &Engine, clicks: &UnboundedSender<Command>) -> Unbound {
        match self.try_talking(engine, clicks).await {
            Ok(why) | Err(why) => why,
        }
    }

    /// Ends the session, if there is one.
    pub(super) async fn close(&self) {
        let session = self.names.session.as_str();
        match self.call(session, "org.freedesktop.portal.Session", "Close", &()).await {
            Ok(_) => {}
            // It ends with the connection all the same.
            Err(why) => tracing::debug!(%why, "the session of the shortcut was not closed"),
        }
    }

    async fn try_talking(&self, engine: &Engine, clicks: &UnboundedSender<Command>) -> Result<Unbound, Unbound> {
        let mut signals = self.listen().await?;
        self.introduce().await;
        self.look().await?;
        engine.note_shortcut(ShortcutView::asking()).await;
        self.create().await?;
        let (mut stage, mut last_press) = (Stage::Creating, None);
        let patience = Instant::now() + ANSWERS_WITHIN;
        loop {
            let signal = tokio::select! {
                signal = signals.next() => signal,
                // What follows is up to the user.
                () = sleep_until(patience), if stage == Stage::Creating => return Err(Unbound::NoAnswer),
            };
            let Some(Ok(signal)) = signal else { return Err(Unbound::TakenBack) };
            match step(stage, self.names.read(&signal)) {
                Step::Nothing => {}
                Step::Bind => {
                    self.bind().await?;
                    stage = Stage::Binding;
                }
                Step::Show(trigger) => {
                    stage = Stage::Bound;
                    engine.note_shortcut(ShortcutView::bound(&trigger)).await;
                }
                Step::Open => {
                    let now = Instant::now();
                    if is_another_press(last_press.replace(now), now) {
                        // Nobody listens any more when the app is ending.
                        let _ = clicks.send(Command::OpenWindow);
                    }
                }
                Step::Fail(why) => return Ok(why),
            }
        }
    }

    /// Everything that the portal says, from now on.
    async fn listen(&self) -> Result<MessageStream, Unbound> {
        let listening = async {
            let rule =
                MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(self.owner.as_str())?.path_namespace(PATH)?.build();
            MessageStream::for_match_rule(rule, &self.connection, None).await
        };
        timeout(ANSWERS_WITHIN, listening).await.map_err(|_| Unbound::NoAnswer)?.map_err(|error| why_not(&error))
    }

    /// Says whose connection this is, by the name of our desktop file (`org.freedesktop.host.portal.Registry`): newer portals give nothing to an app that has no name, and older ones do not ask for it.
    async fn introduce(&self) {
        let options = HashMap::<&str, Value<'_>>::new();
        if let Err(why) = self.call(PATH, "org.freedesktop.host.portal.Registry", "Register", &(instance::NAME, options)).await {
            tracing::debug!(%why, "the portal takes no names");
        }
    }

    /// Whether it has shortcuts at all.
    async fn look(&self) -> Result<(), Unbound> {
        let looked = self.call(PATH, "org.freedesktop.DBus.Properties", "Get", &(INTERFACE, "version")).await;
        let message = looked.map_err(|why| if why == Unbound::Declined { Unbound::Nowhere } else { why })?;
        let version = message.body().deserialize::<Value<'_>>().ok().and_then(|version| version.downcast::<u32>().ok());
        if version.is_some_and(|version| version > 0) { Ok(()) } else { Err(Unbound::Nowhere) }
    }

    async fn create(&self) -> Result<(), Unbound> {
        let options = HashMap::from([
            ("handle_token", Value::from(self.names.create_token.as_str())),
            ("session_handle_token", Value::from(self.names.session_token.as_str())),
        ]);
        self.ask("CreateSession", &(options,), &self.names.create).await
    }

    async fn bind(&self) -> Result<(), Unbound> {
        let session = ObjectPath::try_from(self.names.session.as_str()).map_err(|_| Unbound::NoAnswer)?;
        let shortcut = HashMap::from([("description", Value::from(words::OPEN)), ("preferred_trigger", Value::from(PREFERRED))]);
        let options = HashMap::from([("handle_token", Value::from(self.names.bind_token.as_str()))]);
        self.ask("BindShortcuts", &(session, vec![(SHORTCUT, shortcut)], "", options), &self.names.bind).await
    }

    /// Asks for what is answered by a signal, there.
    async fn ask<B>(&self, member: &str, body: &B, there: &str) -> Result<(), Unbound>
    where
        B: serde::Serialize + DynamicType + Sync,
    {
        let answer = self.call(PATH, INTERFACE, member, body).await?;
        let promised = answer.body();
        let promised = promised.deserialize::<ObjectPath<'_>>().map_err(|_| Unbound::NoAnswer)?;
        if promised.as_str() == there { Ok(()) } else { Err(Unbound::NoAnswer) }
    }

    async fn call<B>(&self, path: &str, interface: &str, member: &str, body: &B) -> Result<Message, Unbound>
    where
        B: serde::Serialize + DynamicType + Sync,
    {
        let called = self.connection.call_method(Some(self.owner.as_str()), path, Some(interface), member, body);
        let answer = timeout(ANSWERS_WITHIN, called).await.map_err(|_| Unbound::NoAnswer)?;
        answer.map_err(|error| {
            tracing::info!(%error, member, "the portal refused");
            why_not(&error)
        })
    }
}

fn why_not(error: &zbus::Error) -> Unbound {
    match error {
        zbus::Error::MethodError(..) => Unbound::Declined,
        _ => Unbound::NoAnswer,
    }
}
