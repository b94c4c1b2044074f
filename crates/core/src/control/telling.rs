//! What connections are told without asking: each line is written once, however many there are to tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::account::{completed, limits_of, updated};
use super::envelope::notice;
use crate::api::table::Request;
use crate::engine::Engine;
use crate::failure::{Code, Failure};
use crate::model::event::Event;
use crate::model::profile::ProfileId;
use crate::model::snapshot::{SignIn, SignInPhase, Snapshot};

/// Lines that a slow connection may lag behind before it misses some.
const BACKLOG: usize = 256;

/// The control interface of one engine. Clones share it.
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) engine: Engine,
    /// The newest snapshot as a line; `None` while nobody wants it.
    newest: watch::Sender<Option<Bytes>>,
    told: broadcast::Sender<Bytes>,
    /// Names that are wished for the profiles of sign-ins, by the sign-in's id.
    names: Mutex<BTreeMap<String, String>>,
}

/// What one connection is told.
#[derive(Debug)]
pub(super) struct Told(broadcast::Receiver<Bytes>);

impl Control {
    /// The control interface of an engine.
    pub fn new(engine: Engine) -> Self {
        let (newest, _) = watch::channel(None);
        let (told, _) = broadcast::channel(BACKLOG);
        Self { shared: Arc::new(Shared { engine, newest, told, names: Mutex::default() }) }
    }

    /// Tells connections what changes, until dropped. Without it they are only answered.
    pub(super) async fn tell(&self) {
        let engine = &self.shared.engine;
        let (mut snapshots, mut events) = (engine.subscribe(), engine.events());
        let mut before = snapshots.borrow_and_update().clone();
        let mut ended = before.sign_in.as_ref().map(ending);
        loop {
            tokio::select! {
                // An event first: a sign-in may be off the screen by the time that this sees its end.
                biased;
                event = events.recv() => match event {
                    Ok(event) => {
                        if let (Event::SignedIn { profile, created, .. }, Some(sign_in)) = (&event, &before.sign_in) {
                            let done = SignIn { phase: SignInPhase::Done, profile: Some(profile.clone()), created: *created, ..sign_in.clone() };
                            self.tell_end(&done, &mut ended);
                        }
                        self.tell_event(&event);
                    }
                    Err(RecvError::Lagged(missed)) => self.tell_all("event/missed", &json!({ "missed": missed })),
                    Err(RecvError::Closed) => return,
                },
                changed = snapshots.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = snapshots.borrow_and_update().clone();
                    self.tell_change(&before, &now);
                    match (&before.sign_in, &now.sign_in) {
                        (_, Some(sign_in)) => self.tell_end(sign_in, &mut ended),
                        (Some(gone), None) if ended.as_ref().is_some_and(|(id, ended)| *id == gone.id && !is_end(*ended)) => {
                            let failure = Failure::new(Code::Cancelled, "The sign-in was called off.").hint("Start it again.");
                            self.tell_end(&SignIn { phase: SignInPhase::Failed, failure: Some(failure), ..gone.clone() }, &mut ended);
                        }
                        (_, None) => {}
                    }
                    before = now;
                }
            }
        }
    }

    /// What a connection is told from now on.
    pub(super) fn told(&self) -> Told {
        Told(self.shared.told.subscribe())
    }

    /// Every later snapshot, the newest at least.
    pub(super) fn snapshots(&self) -> watch::Receiver<Option<Bytes>> {
        let mut newest = self.shared.newest.subscribe();
        newest.mark_unchanged();
        newest
    }

    pub(super) fn tell_all(&self, method: &str, params: &Value) {
        // Nobody listening is no failure.
        let _ = self.shared.told.send(notice(method, params));
    }

    /// What the profile of a sign-in is to be called.
    pub(super) fn wish_name(&self, login: &str, name: String) {
        self.names().insert(login.to_owned(), name);
    }

    fn tell_change(&self, before: &Snapshot, now: &Snapshot) {
        let shared = &self.shared;
        let line = (shared.newest.receiver_count() > 0).then(|| notice("snapshot/updated", &json!({ "snapshot": now })));
        shared.newest.send_replace(line);
        if live(before) != live(now) {
            self.tell_all("account/updated", &updated(now));
        }
        for row in &now.profiles {
            if before.profiles.iter().any(|known| known.id == row.id && known.quota != row.quota) {
                self.tell_all("account/rateLimits/updated", &limits_of(row));
            }
        }
    }

    /// Each end is told once.
    fn tell_end(&self, sign_in: &SignIn, ended: &mut Option<(String, SignInPhase)>) {
        let stands = ending(sign_in);
        if is_end(sign_in.phase) && ended.as_ref() != Some(&stands) {
            self.tell_ended(sign_in.clone());
        }
        *ended = Some(stands);
    }

    fn tell_event(&self, event: &Event) {
        let snapshot = self.shared.engine.snapshot();
        let names: BTreeMap<_, _> = snapshot.profiles.iter().map(|row| (&row.id, &row.name)).collect();
        self.tell_all("event/happened", &json!({ "event": event, "names": names }));
    }

    /// The name first, so that whoever hears of the end finds it.
    fn tell_ended(&self, sign_in: SignIn) {
        let control = self.clone();
        tokio::spawn(async move {
            let mut not_named = None;
            // While the user is asked, the wish stays.
            let name = if sign_in.phase == SignInPhase::OtherAccount { None } else { control.names().remove(&sign_in.id) };
            if let (Some(name), Some(profile)) = (name, sign_in.profile.clone()) {
                not_named = control.rename(Request::Rename { profile, name }).await.err();
            }
            let completed = completed(&sign_in, &control.shared.engine.snapshot(), not_named.as_ref());
            control.tell_all("account/login/completed", &completed);
        });
    }

    async fn rename(&self, request: Request) -> Result<(), Failure> {
        self.shared.engine.handle(request).await.map(drop)
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.shared.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// The next line; `None` when there are no more.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        match self.0.recv().await {
            Ok(line) => Some(line),
            Err(RecvError::Lagged(missed)) => Some(notice("event/missed", &json!({ "missed": missed }))),
            Err(RecvError::Closed) => None,
        }
    }
}

fn is_end(phase: SignInPhase) -> bool {
    matches!(phase, SignInPhase::Done | SignInPhase::Failed | SignInPhase::OtherAccount)
}

fn ending(sign_in: &SignIn) -> (String, SignInPhase) {
    (sign_in.id.clone(), sign_in.phase)
}

fn live(snapshot: &Snapshot) -> (Option<&str>, Option<&String>) {
    (snapshot.live.profile.as_ref().map(ProfileId::as_str), snapshot.live.email.as_ref())
}
