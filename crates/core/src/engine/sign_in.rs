//! The sign-in that is going on: starts it, carries the user's answers to it, and stores what comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::{Engine, blocking, held};
use crate::auth::flow::{self, Command, FlowSetup, Progress};
use crate::base::entropy::random_hex;
use crate::base::ports::Browser;
use crate::base::secret::Secret;
use crate::failure::{Code, Failure};
use crate::model::activity::Happened;
use crate::model::auth_document::{AuthDocument, Credential};
use crate::model::event::Event;
use crate::model::profile::{Profile, ProfileId};
use crate::model::snapshot::{SignIn, SignInMethod, SignInPhase};
use crate::model::subject::Subject;

/// The sign-in on the screen, running or ended.
#[derive(Debug)]
pub(super) struct ActiveSignIn {
    /// As shown.
    pub(super) shown: SignIn,
    commands: mpsc::Sender<Command>,
    task: Option<AbortHandle>,
    /// A login of another account than expected, until the user decides.
    other: Option<AuthDocument>,
    /// Whether the browser may be opened.
    asked: Arc<AtomicBool>,
}

/// The browser, left alone until somebody asks for it.
#[derive(Debug)]
struct WhenAsked {
    browser: Arc<dyn Browser>,
    asked: Arc<AtomicBool>,
}

#[async_trait]
impl Browser for WhenAsked {
    async fn open(&self, url: &str) -> bool {
        !self.asked.load(Ordering::Relaxed) || self.browser.open(url).await
    }
}

impl ActiveSignIn {
    fn is_running(&self) -> bool {
        matches!(self.shown.phase, SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing)
    }
}

impl Engine {
    /// Begins a sign-in whose page the caller opens; the browser of this machine is left alone until its page is asked for. The
    /// sign-in's id.
    pub async fn offer_sign_in(&self, method: SignInMethod, again: Option<ProfileId>, replace: bool) -> Result<String, Failure> {
        self.start_sign_in(method, again, replace, true).await
    }

    pub(super) async fn begin_sign_in(&self, method: SignInMethod, again: Option<ProfileId>, replace: bool) -> Result<(), Failure> {
        self.start_sign_in(method, again, replace, false).await.map(drop)
    }

    async fn start_sign_in(&self, method: SignInMethod, again: Option<ProfileId>, replace: bool, offered: bool) -> Result<String, Failure> {
        let expected = self.expected(again.clone()).await?.map(|profile| profile.subject);
        if replace {
            self.cancel_sign_in().await?;
        }
        let (commands, inbox) = mpsc::channel(8);
        let shown = SignIn {
            id: random_hex(&*self.shared.ports.entropy, 8),
            method,
            again,
            phase: SignInPhase::Starting,
            url: None,
            user_code: None,
            picture: None,
            deadline: None,
            browser_failed: false,
            email: None,
            profile: None,
            created: false,
            failure: None,
        };
        let id = shown.id.clone();
        let asked = Arc::new(AtomicBool::new(!offered));
        {
            let mut slot = held(&self.shared.sign_in);
            must_be_free(slot.as_ref())?;
            *slot = Some(ActiveSignIn { shown, commands, task: None, other: None, asked: Arc::clone(&asked) });
        }
        let engine = self.clone();
        let named = id.clone();
        let mut ports = self.shared.ports.clone();
        ports.browser = Arc::new(WhenAsked { browser: ports.browser, asked });
        let setup = FlowSetup::new(ports, method);
        let task = tokio::spawn(async move { engine.follow_sign_in(named, setup, expected, inbox).await });
        self.change_sign_in(&id, |active| active.task = Some(task.abort_handle()));
        Ok(id)
    }

    /// The profile that is to be signed in again, if a sign-in may begin now.
    pub(super) async fn may_sign_in(&self, again: Option<ProfileId>, replace: bool) -> Result<Option<Profile>, Failure> {
        let expected = self.expected(again).await?;
        if !replace {
            must_be_free(held(&self.shared.sign_in).as_ref())?;
        }
        Ok(expected)
    }

    async fn expected(&self, again: Option<ProfileId>) -> Result<Option<Profile>, Failure> {
        // The provider gives a login once: where it cannot be kept, none is asked for.
        self.must_be_open().await?;
        let Some(id) = again else { return Ok(None) };
        let shared = Arc::clone(&self.shared);
        blocking(move || Ok(Some(shared.profiles.get(&id)?))).await
    }

    pub(super) async fn open_sign_in_page(&self) -> Result<(), Failure> {
        if let Some(active) = held(&self.shared.sign_in).as_ref() {
            active.asked.store(true, Ordering::Relaxed);
        }
        self.command_sign_in(Command::OpenPage).await
    }

    /// An address that is of no use is refused; the sign-in goes on waiting.
    pub(super) async fn paste_callback(&self, address: Secret) -> Result<(), Failure> {
        let (reply, answer) = oneshot::channel();
        self.command_sign_in(Command::Paste { address, reply }).await?;
        answer.await.map_err(|_| not_waiting())?.map_err(|error| error.failure())
    }

    /// Calls a running sign-in off and waits until its port is free again.
    pub(super) async fn cancel_sign_in(&self) -> Result<(), Failure> {
        if !held(&self.shared.sign_in).as_ref().is_some_and(ActiveSignIn::is_running) {
            return Ok(());
        }
        self.command_sign_in(Command::Cancel).await?;
        let mut latest = self.subscribe();
        let ended = latest.wait_for(|snapshot| {
            snapshot
                .sign_in
                .as_ref()
                .is_none_or(|sign_in| !matches!(sign_in.phase, SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing))
        });
        if tokio::time::timeout(std::time::Duration::from_secs(5), ended).await.is_err() {
            // It hangs in an exchange: end the task, which closes its port too.
            let mut slot = held(&self.shared.sign_in);
            if let Some(task) = slot.take().and_then(|active| active.task) {
                task.abort();
            }
        }
        Ok(())
    }

    pub(super) fn dismiss_sign_in(&self) {
        let mut slot = held(&self.shared.sign_in);
        if slot.as_ref().is_some_and(|active| !active.is_running()) {
            *slot = None;
        }
    }

    /// Adds the other account that signing in again gave, or drops it.
    pub(super) async fn decide_sign_in(&self, add: bool) -> Result<(), Failure> {
        let waiting = held(&self.shared.sign_in).as_mut().and_then(|active| Some((active.shown.id.clone(), active.other.take()?)));
        let Some((id, login)) = waiting else {
            return Err(Failure::new(Code::NotPossibleNow, "No sign-in is waiting for a decision.").hint("Start a sign-in first."));
        };
        if add {
            self.finish_sign_in(&id, login).await
        } else {
            let failure = Failure::new(Code::WrongAccount, "That was another account; nothing was changed.")
                .hint("Sign in again and choose the right account; a private window asks anew.");
            self.fail_sign_in(&id, failure).await;
            Ok(())
        }
    }

    async fn follow_sign_in(&self, id: String, setup: FlowSetup, expected: Option<Subject>, inbox: mpsc::Receiver<Command>) {
        let (progress, mut seen) = watch::channel(Progress::starting());
        let mut run = std::pin::pin!(flow::run(setup, inbox, &progress));
        let result = loop {
            tokio::select! {
                result = &mut run => break result,
                Ok(()) = seen.changed() => {
                    let progress = seen.borrow_and_update().clone();
                    self.change_sign_in(&id, |active| {
                        active.shown.phase = progress.phase;
                        active.shown.url = progress.url;
                        active.shown.user_code = progress.user_code;
                        active.shown.picture = progress.picture;
                        active.shown.deadline = progress.deadline;
                        active.shown.browser_failed = progress.browser_failed;
                    });
                    let _ = self.publish().await;
                }
            }
        };
        let ended = match result {
            Err(error) => Err(error.failure()),
            Ok(login) if expected.is_some() && login.subject() != expected => {
                self.change_sign_in(&id, |active| {
                    active.shown.phase = SignInPhase::OtherAccount;
                    active.shown.email = email(&login);
                    active.other = Some(login);
                });
                Ok(())
            }
            Ok(login) => self.finish_sign_in(&id, login).await,
        };
        if let Err(failure) = ended {
            self.fail_sign_in(&id, failure).await;
        }
        let _ = self.publish().await;
    }

    /// Stores the login. If its profile is live, the live login is renewed too.
    async fn finish_sign_in(&self, id: &str, login: AuthDocument) -> Result<(), Failure> {
        let email = email(&login);
        let shared = Arc::clone(&self.shared);
        let kept = blocking(move || Ok(shared.profiles.sign_in(&login)?)).await?;
        if self.live_profile().await?.is_some_and(|live| live.id == kept.profile.id) {
            self.switch_to(Some(kept.profile.id.clone())).await?;
        }
        let created = kept.outcome == crate::store::profiles::KeepOutcome::Added;
        self.change_sign_in(id, |active| {
            active.shown.phase = SignInPhase::Done;
            active.shown.email = email;
            active.shown.profile = Some(kept.profile.id.clone());
            active.shown.created = created;
        });
        self.note(if created { Happened::Added } else { Happened::SignedIn }, Some(&kept.profile), None).await;
        self.publish().await?;
        self.announce(Event::SignedIn { profile: kept.profile.id, name: kept.profile.name.to_string(), created });
        Ok(())
    }

    async fn fail_sign_in(&self, id: &str, failure: Failure) {
        let cancelled = failure.code == Code::Cancelled;
        self.change_sign_in(id, |active| {
            active.shown.phase = SignInPhase::Failed;
            active.shown.failure = Some(failure.clone());
        });
        if !cancelled {
            self.note(Happened::SignInFailed, None, Some(failure.code)).await;
            self.announce(Event::SignInFailed { failure });
        }
    }

    /// Changes the sign-in of this id; one that was replaced meanwhile changes nothing.
    fn change_sign_in(&self, id: &str, change: impl FnOnce(&mut ActiveSignIn)) {
        if let Some(active) = held(&self.shared.sign_in).as_mut().filter(|active| active.shown.id == id) {
            change(active);
        }
    }

    async fn command_sign_in(&self, command: Command) -> Result<(), Failure> {
        let commands = held(&self.shared.sign_in).as_ref().filter(|active| active.is_running()).map(|active| active.commands.clone());
        commands.ok_or_else(not_waiting)?.send(command).await.map_err(|_| not_waiting())
    }
}

fn must_be_free(slot: Option<&ActiveSignIn>) -> Result<(), Failure> {
    if slot.is_some_and(ActiveSignIn::is_running) {
        return Err(Failure::new(Code::SignInRunning, "Another sign-in is going on.").hint("Finish it or cancel it first."));
    }
    Ok(())
}

fn not_waiting() -> Failure {
    Failure::new(Code::NotPossibleNow, "No sign-in is waiting for that.").hint("Start a sign-in first.")
}

fn email(login: &AuthDocument) -> Option<String> {
    match login.credential() {
        Credential::OAuth(tokens) => tokens.claims.email.clone(),
        Credential::ApiKey(_) => None,
    }
}
