//! The desktop's portal as the test wants it: owns `org.freedesktop.portal.Desktop`, and gives a key to who asks for one.
#![allow(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "the interface on the bus, and the calls zbus makes of it"
)]

use std::collections::HashMap;

use tokio::sync::watch;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, ObjectServer};

use super::{DesktopError, PATIENCE};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
/// The key that it gives.
const KEY: &str = "Super+Alt+C";

/// What a portal answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalAnswers {
    /// A session, then the key, once it knows the app's name.
    Key,
    /// A session, and no key: its user said no.
    No,
    /// A session that nobody asked for.
    Nonsense,
    /// Nothing, to the very first call.
    Never,
    /// That it has no such thing.
    Nothing,
}

/// What was asked of it so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The names that apps gave.
    pub names: Vec<String>,
    /// Sessions that were made, oldest first.
    pub sessions: Vec<String>,
    /// The shortcut's name and what else was said of it, for each time a key was asked for.
    pub bound: Vec<(String, Vec<(String, String)>)>,
    /// Sessions that were closed.
    pub closed: Vec<String>,
}

/// A running portal. Goes away when dropped.
pub struct Portal {
    connection: Connection,
    asked: watch::Receiver<Asked>,
}

#[derive(Clone)]
struct Shortcuts {
    answers: PortalAnswers,
    asked: watch::Sender<Asked>,
}

struct Registry(Shortcuts);

struct Session {
    path: String,
    asked: watch::Sender<Asked>,
}

type Options = HashMap<String, OwnedValue>;

#[zbus::interface(name = "org.freedesktop.host.portal.Registry")]
impl Registry {
    fn register(&self, app_id: String, options: Options) {
        drop(options);
        self.0.asked.send_modify(|asked| asked.names.push(app_id));
    }
}

#[zbus::interface(name = "org.freedesktop.portal.Session")]
impl Session {
    fn close(&self) {
        self.asked.send_modify(|asked| asked.closed.push(self.path.clone()));
    }
}

#[zbus::interface(name = "org.freedesktop.portal.GlobalShortcuts")]
impl Shortcuts {
    async fn create_session(
        &self,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
        #[zbus(object_server)] server: &ObjectServer,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        if self.asked.borrow().names.is_empty() {
            return Err(zbus::fdo::Error::AccessDenied("An app id is required".to_owned()));
        }
        let request = below("request", &header, &options, "handle_token")?;
        let session = below("session", &header, &options, "session_handle_token")?;
        let session_path = session.to_string();
        server.at(&session, Session { path: session_path.clone(), asked: self.asked.clone() }).await?;
        self.asked.send_modify(|asked| asked.sessions.push(session_path.clone()));
        let told = if self.answers == PortalAnswers::Nonsense { "/nobody/asked/for/this" } else { &session_path };
        respond(connection, &header, &request, 0, HashMap::from([("session_handle", Value::from(told))])).await?;
        Ok(request)
    }

    async fn bind_shortcuts(
        &self,
        session_handle: OwnedObjectPath,
        shortcuts: Vec<(String, Options)>,
        parent_window: String,
        options: Options,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &Connection,
    ) -> zbus::fdo::Result<OwnedObjectPath> {
        let _ = (session_handle, parent_window);
        let request = below("request", &header, &options, "handle_token")?;
        let mut bound = Vec::new();
        for (id, facts) in shortcuts {
            let mut said: Vec<_> = facts.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
            said.sort();
            self.asked.send_modify(|asked| asked.bound.push((id.clone(), said)));
            bound.push((id, HashMap::from([("trigger_description", Value::from(KEY))])));
        }
        let answer = u32::from(self.answers == PortalAnswers::No);
        respond(connection, &header, &request, answer, HashMap::from([("shortcuts", Value::from(bound))])).await?;
        Ok(request)
    }

    #[zbus(property, name = "version")]
    async fn version(&self) -> u32 {
        if self.answers == PortalAnswers::Never {
            std::future::pending::<()>().await;
        }
        1
    }

    #[zbus(signal)]
    async fn activated(emitter: &SignalEmitter<'_>, session: ObjectPath<'_>, id: &str, at: u64, options: Options) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn shortcuts_changed(emitter: &SignalEmitter<'_>, session: ObjectPath<'_>, shortcuts: Vec<(&str, Options)>) -> zbus::Result<()>;
}

/// A place of the caller's own, called by a token of its options.
fn below(what: &str, header: &Header<'_>, options: &Options, token: &str) -> zbus::fdo::Result<OwnedObjectPath> {
    let wrong = |what: &str| zbus::fdo::Error::InvalidArgs(what.to_owned());
    let sender = header.sender().ok_or_else(|| wrong("no sender"))?.as_str().trim_start_matches(':').replace('.', "_");
    let token = options.get(token).and_then(text).ok_or_else(|| wrong(token))?;
    OwnedObjectPath::try_from(format!("{PATH}/{what}/{sender}/{token}")).map_err(|_| wrong("the token"))
}

fn text(value: &OwnedValue) -> Option<String> {
    value.downcast_ref::<&str>().ok().map(str::to_owned)
}

async fn respond(
    connection: &Connection,
    header: &Header<'_>,
    request: &OwnedObjectPath,
    answer: u32,
    results: HashMap<&str, Value<'_>>,
) -> zbus::Result<()> {
    connection.emit_signal(header.sender().cloned(), request, "org.freedesktop.portal.Request", "Response", &(answer, results)).await
}

impl Portal {
    pub(super) async fn start(address: &str, answers: PortalAnswers) -> Result<Self, DesktopError> {
        let (sender, asked) = watch::channel(Asked::default());
        let shortcuts = Shortcuts { answers, asked: sender };
        let mut portal = zbus::connection::Builder::address(address)?.serve_at(PATH, Registry(shortcuts.clone()))?;
        if answers != PortalAnswers::Nothing {
            portal = portal.serve_at(PATH, shortcuts)?;
        }
        Ok(Self { connection: portal.name(NAME)?.build().await?, asked })
    }

    /// What was asked of it so far.
    pub fn asked(&self) -> Asked {
        self.asked.borrow().clone()
    }

    /// Waits until so much was asked of it.
    pub async fn wait_until(&self, what: &str, enough: impl FnMut(&Asked) -> bool) -> Result<Asked, DesktopError> {
        let mut asked = self.asked.clone();
        let waited = tokio::time::timeout(PATIENCE, asked.wait_for(enough)).await;
        let seen = waited.ok().and_then(Result::ok).map(|asked| asked.clone());
        seen.ok_or_else(|| DesktopError::NotInTime(format!("{what}; asked were {:?}", self.asked())))
    }

    /// The key is pressed.
    pub async fn press(&self) -> Result<(), DesktopError> {
        let session = self.session()?;
        Ok(Shortcuts::activated(&self.emitter()?, session.into_inner(), "open", 7, HashMap::new()).await?)
    }

    /// The user chose another key in the desktop's settings.
    pub async fn change_key(&self, key: &str) -> Result<(), DesktopError> {
        let facts = HashMap::from([("trigger_description".to_owned(), OwnedValue::from(zbus::zvariant::Str::from(key.to_owned())))]);
        let session = self.session()?;
        Ok(Shortcuts::shortcuts_changed(&self.emitter()?, session.into_inner(), vec![("open", facts)]).await?)
    }

    fn emitter(&self) -> Result<SignalEmitter<'_>, DesktopError> {
        Ok(SignalEmitter::new(&self.connection, PATH)?)
    }

    /// The newest one.
    fn session(&self) -> Result<OwnedObjectPath, DesktopError> {
        let session = self.asked().sessions.last().cloned().unwrap_or_default();
        OwnedObjectPath::try_from(session).map_err(|_| DesktopError::NotInTime("a session of the portal".to_owned()))
    }
}
