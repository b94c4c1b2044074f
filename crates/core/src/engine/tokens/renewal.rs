//! One refresh, from the profile's lock to the saved login.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Seen;
use super::decide::{Decision, Facts, Why, decide};
use super::live::{self, Standing};
use super::{Bearer, Want, bearer, lane, nothing_to_renew};
use crate::auth::refresh::{self, PAUSE_LIMIT, PAUSES, RefreshError};
use crate::base::locks::FileLock;
use crate::base::secret::Fingerprint;
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::{Code, Failure};
use crate::model::activity::Happened;
use crate::model::auth_document::{AuthDocument, AuthDocumentError, Credential, TokenSet};
use crate::model::lifetime::later;
use crate::model::profile::{Profile, ProfileId};
use crate::model::renewal::RenewedTokens;
use crate::store::rotation::{Rotated, refresh_token};

/// Every place of a refresh where a test may kill the process, in order. Between the provider's answer and the first byte
/// of it on the disk there is none: nothing that runs there can be saved from a kill.
pub const PLACES: &[&str] = &["refresh.locked", "refresh.read", "refresh.sending", "refresh.saved", "refresh.live_written"];

/// Another process may be renewing this login, with all its tries, behind other logins.
const LOCK_PATIENCE: Duration = Duration::from_secs(180);
/// After a refusal Codex may be about to write what it was given in our place.
const SECOND_LOOK: Duration = Duration::from_millis(250);
const SECOND_LOOKS: usize = 12;
/// A token in its last minutes that Codex is to renew is handed out again without another look for this long.
const LEFT_TO_CODEX: Duration = Duration::from_secs(2);
/// A refusal may be answered by newer tokens in a file this often.
const ROUNDS: usize = 3;

/// A login that was renewed, and what it was made from.
#[derive(Debug, Clone)]
pub(super) struct Renewed {
    pub(super) profile: Profile,
    pub(super) login: AuthDocument,
    spent: Fingerprint,
}

/// What was read under the profile's lock.
struct Held {
    profile: Profile,
    login: AuthDocument,
    standing: Standing,
    seen: Seen,
}

impl Engine {
    /// A profile's tokens, renewed if they have to be. Called by one task of this process at a time per profile.
    pub(super) async fn renewed(&self, id: &ProfileId, want: Want) -> Result<Bearer, Failure> {
        if self.try_save(id).await.is_err()
            && let Some((login, failure)) = self.shared.tokens.unsaved.login(id)
        {
            // The lock is ours until it is saved; nobody else can have renewed it. What comes next could not be saved either.
            return if self.serves(&login, want) { Ok(bearer(&login)) } else { Err(failure) };
        }
        let lock = self.lock_login(id).await?;
        let mut refusal = None;
        for _ in 0..ROUNDS {
            let held = self.read_under_lock(id).await?;
            let Credential::OAuth(tokens) = held.login.credential() else { return Ok(self.hand_out(held)) };
            let tokens = tokens.clone();
            let (decision, unsavable) = self.decide(&held, &tokens, want).await?;
            match decision {
                Decision::Use => return Ok(self.hand_out(held)),
                // Nothing newer was found since the provider said no.
                Decision::Refuse(Why::Refused) if refusal.is_some() => break,
                Decision::Refuse(why) => return Err(unsavable.unwrap_or_else(|| refuse(&held, why))),
                Decision::Refresh => {}
            }
            match self.spend(&held, &tokens).await {
                Ok(renewed) => return self.keep(held, &renewed, lock).await,
                Err(Spent::Final(error)) => {
                    let spent = tokens.refresh_token.fingerprint();
                    if !self.newer_appears(&held, spent).await? {
                        // That a new sign-in is needed is what matters, remembered or not.
                        self.note(Happened::RenewalRefused, Some(&held.profile), Some(Code::NeedsSignIn)).await;
                        if let Err(failure) = self.mark_refused(id, spent).await {
                            tracing::warn!(%failure, "the refusal could not be noted");
                        }
                        return Err(error.failure(held.profile.name.as_str()));
                    }
                    refusal = Some(error.failure(held.profile.name.as_str()));
                }
                Err(Spent::LeftToCodex) if tokens.is_alive(self.shared.ports.clock.now()) && want == Want::Fresh => {
                    return Ok(self.hand_out(held));
                }
                Err(Spent::LeftToCodex) => return Err(refuse(&held, Why::CodexMaySpend)),
                Err(Spent::ForNow(failure, asked)) => {
                    self.shared.tokens.rests.begin(id, self.shared.ports.clock.now(), asked);
                    self.note(Happened::RenewalFailed, Some(&held.profile), Some(failure.code)).await;
                    let usable = tokens.is_alive(self.shared.ports.clock.now()) && want == Want::Fresh;
                    return if usable { Ok(bearer(&held.login)) } else { Err(failure) };
                }
            }
        }
        Err(refusal.unwrap_or_else(|| Failure::new(Code::Locked, "This login keeps changing.").hint("Try again in a minute.")))
    }

    /// The profile whose tokens would be renewed; refused as it would be before anything is sent.
    pub(in crate::engine) async fn may_renew(&self, id: &ProfileId) -> Result<Profile, Failure> {
        let (shared, id) = (Arc::clone(&self.shared), id.clone());
        blocking(move || {
            let profile = shared.profiles.get(&id)?;
            let stored = shared.profiles.login_of(&profile)?;
            let (standing, newer) = live::compare(&shared, &profile, &stored);
            let held = Held { seen: Seen::now(&shared, &profile), login: newer.unwrap_or(stored), standing, profile };
            let Credential::OAuth(tokens) = held.login.credential() else { return Err(nothing_to_renew()) };
            // The user's wish ends a rest, and whether the disk takes what comes back is found out by writing alone.
            let facts = Facts { resting: false, ..facts(&shared, &held, tokens, Want::Renewed(refresh_token(&held.login))) };
            let codex_may_spend = decide(facts) == Decision::Refresh && live::codex_may_spend(&shared, standing, tokens);
            match decide(Facts { codex_may_spend, ..facts }) {
                Decision::Refuse(why) => Err(refuse(&held, why)),
                Decision::Use | Decision::Refresh => Ok(held.profile),
            }
        })
        .await
    }

    /// The refresh token that the store has now.
    pub(in crate::engine) async fn stored_refresh_token(&self, id: &ProfileId) -> Result<Option<Fingerprint>, Failure> {
        let (shared, id) = (Arc::clone(&self.shared), id.clone());
        blocking(move || Ok(refresh_token(&shared.profiles.login(&id)?))).await
    }

    async fn lock_login(&self, id: &ProfileId) -> Result<FileLock, Failure> {
        let (shared, wanted) = (Arc::clone(&self.shared), id.clone());
        let lock = blocking(move || Ok(shared.profiles.lock_login(&wanted, "its login is being renewed", LOCK_PATIENCE)?)).await?;
        self.reach("refresh.locked");
        Ok(lock)
    }

    async fn read_under_lock(&self, id: &ProfileId) -> Result<Held, Failure> {
        let (shared, id) = (Arc::clone(&self.shared), id.clone());
        let held = blocking(move || {
            shared.profiles.take_in_staged(&id)?;
            let profile = shared.profiles.get(&id)?;
            let seen = Seen::now(&shared, &profile);
            let stored = shared.profiles.login_of(&profile)?;
            let (standing, newer) = live::read_back(&shared, &profile, &stored)?;
            Ok(Held { profile, login: newer.unwrap_or(stored), standing, seen })
        })
        .await?;
        self.reach("refresh.read");
        Ok(held)
    }

    /// What to do, and why what comes of it could not be saved, if that is the obstacle.
    async fn decide(&self, held: &Held, tokens: &TokenSet, want: Want) -> Result<(Decision, Option<Failure>), Failure> {
        let shared = Arc::clone(&self.shared);
        let (mut facts, standing, tokens) = (facts(&shared, held, tokens, want), held.standing, tokens.clone());
        blocking(move || {
            // What costs a look at processes and disks is asked only where it matters.
            if decide(facts) != Decision::Refresh {
                return Ok((decide(facts), None));
            }
            facts.codex_may_spend = live::codex_may_spend(&shared, standing, &tokens);
            let unsavable = if facts.codex_may_spend { None } else { live::savable(&shared, standing).err() };
            facts.savable = unsavable.is_none();
            Ok((decide(facts), unsavable))
        })
        .await
    }

    /// Sends the refresh token, again after the pauses of T3 where the answer says nothing about it.
    async fn spend(&self, held: &Held, tokens: &TokenSet) -> Result<RenewedTokens, Spent> {
        let ports = &self.shared.ports;
        let mut pauses = PAUSES.iter();
        loop {
            let lane = lane::enter(&self.shared).await.map_err(|failure| Spent::ForNow(failure, None))?;
            // Codex may have started while we were at the disk or waited for the lane. Nothing comes between this look and the request.
            let (shared, standing, looked_at) = (Arc::clone(&self.shared), held.standing, tokens.clone());
            if blocking(move || Ok(live::codex_may_spend(&shared, standing, &looked_at))).await.unwrap_or(true) {
                return Err(Spent::LeftToCodex);
            }
            self.reach("refresh.sending");
            let answer = refresh::refresh(&*ports.http, tokens).await;
            drop(lane);
            let error = match answer {
                Ok(renewed) => return Ok(renewed),
                Err(error) if error.is_final() => return Err(Spent::Final(error)),
                Err(error) => error,
            };
            let asked = error.retry_after();
            tracing::warn!(%error, "a refresh failed for now");
            match pauses.next() {
                Some(pause) if asked.is_none_or(|asked| asked <= PAUSE_LIMIT) => {
                    let pause = asked.map_or(*pause, |asked| asked.max(*pause));
                    tokio::time::sleep(lane::jittered(&*ports.entropy, pause).max(asked.unwrap_or_default())).await;
                }
                _ => return Err(Spent::ForNow(error.failure(""), asked)),
            }
        }
    }

    /// Saves what was renewed, first of all; then tells Codex; then hands it out.
    async fn keep(&self, held: Held, tokens: &RenewedTokens, lock: FileLock) -> Result<Bearer, Failure> {
        let now = self.shared.ports.clock.now();
        let renewed = Renewed {
            login: renew(&held.login, tokens, now).map_err(|_| RefreshError::NotTokens.failure(held.profile.name.as_str()))?,
            spent: refresh_token(&held.login).unwrap_or_else(|| held.login.fingerprint()),
            profile: held.profile,
        };
        self.shared.tokens.rests.end(&renewed.profile.id);
        let (shared, saving) = (Arc::clone(&self.shared), renewed.clone());
        match blocking(move || saving.save(&shared)).await {
            Ok(()) => {
                self.reach("refresh.live_written");
                tracing::info!(profile = %renewed.profile.name, "a login was renewed");
                self.note(Happened::Renewed, Some(&renewed.profile), None).await;
                let handed = bearer(&renewed.login);
                drop(lock);
                Ok(handed)
            }
            Err(failure) => {
                let handed = bearer(&renewed.login);
                self.keep_unsaved(renewed, failure, lock);
                // Where nothing can be saved a look may fail, too. The tokens are good all the same.
                if let Err(failure) = self.publish().await {
                    tracing::warn!(%failure, "looking again failed");
                }
                Ok(handed)
            }
        }
    }

    /// Whether a file has other tokens by now than those that were refused. Codex may have been quicker, and be about to write.
    async fn newer_appears(&self, held: &Held, refused: Fingerprint) -> Result<bool, Failure> {
        let looks = if held.standing.live { SECOND_LOOKS } else { 1 };
        for look in 0..looks {
            if look > 0 {
                tokio::time::sleep(SECOND_LOOK).await;
            }
            let now = self.read_under_lock(&held.profile.id).await?;
            if refresh_token(&now.login) != Some(refused) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn mark_refused(&self, id: &ProfileId, refused: Fingerprint) -> Result<(), Failure> {
        let (shared, id) = (Arc::clone(&self.shared), id.clone());
        blocking(move || Ok(shared.profiles.mark_refused(&id, refused)?)).await?;
        self.publish().await.map(drop)
    }

    fn hand_out(&self, held: Held) -> Bearer {
        let handed = bearer(&held.login);
        if let Credential::OAuth(tokens) = held.login.credential() {
            // A file that was read and has changed since is noticed by its stamp.
            let until = tokens.fresh_until().max(later(self.shared.ports.clock.now(), LEFT_TO_CODEX).min(tokens.ends_at()));
            self.shared.tokens.cache.put(held.profile, handed.clone(), until, held.seen);
        }
        handed
    }

    /// Whether these tokens are what the caller wants and the provider takes.
    fn serves(&self, login: &AuthDocument, want: Want) -> bool {
        match login.credential() {
            Credential::OAuth(tokens) => tokens.is_alive(self.shared.ports.clock.now()) && !want.excludes(tokens),
            Credential::ApiKey(_) => true,
        }
    }

    fn reach(&self, place: &'static str) {
        self.shared.ports.checkpoint.reached(place);
    }
}

impl Renewed {
    /// Into the vault first, then into the live login if that is this one. Blocks.
    pub(super) fn save(&self, shared: &Shared) -> Result<(), Failure> {
        if let Rotated::Superseded(_) = shared.profiles.replace(&self.profile.id, self.spent, &self.login)? {
            tracing::warn!(profile = %self.profile.name, "the user has signed in meanwhile; that login stays");
            return Ok(());
        }
        shared.ports.checkpoint.reached("refresh.saved");
        // It is safe by now; what fails here is tried again at the next look.
        if let Err(error) = shared.switch().write_back(&self.login) {
            tracing::warn!(%error, profile = %self.profile.name, "the renewed login could not be written into the live one yet");
            held(&shared.tokens.unwritten).insert(self.profile.id.clone());
        }
        Ok(())
    }
}

/// What is known without a look at processes and disks.
fn facts(shared: &Shared, held: &Held, tokens: &TokenSet, want: Want) -> Facts {
    let now = shared.ports.clock.now();
    Facts {
        fresh: tokens.is_fresh(now),
        alive: tokens.is_alive(now),
        unwanted: want.excludes(tokens),
        refused: held.profile.refused_token == Some(tokens.refresh_token.fingerprint().to_string()),
        resting: shared.tokens.rests.until(&held.profile.id, now).is_some(),
        codex_may_spend: false,
        savable: true,
    }
}

fn refuse(held: &Held, why: Why) -> Failure {
    let name = held.profile.name.as_str();
    match why {
        Why::Refused => RefreshError::Refused { status: 400, code: None }.failure(name),
        Why::Resting => Failure::new(Code::Provider, format!("The login of {name} could not be renewed just now."))
            .hint("It is tried again by itself within minutes; check your internet connection."),
        Why::CodexMaySpend => {
            Failure::new(Code::NotPossibleNow, format!("Codex is working with the login of {name} and renews it itself."))
                .hint("Try again when its turn has ended.")
        }
        Why::NotSavable => {
            Failure::new(Code::Storage, format!("A renewed login of {name} could not have been saved, so it was not renewed."))
                .hint("Try again.")
        }
    }
}

/// Why the refresh token brought nothing.
enum Spent {
    Final(RefreshError),
    /// Nothing was sent.
    LeftToCodex,
    ForNow(Failure, Option<Duration>),
}

/// An id token that is none, or somebody else's, is left out: the tokens that matter must not be lost for it.
fn renew(login: &AuthDocument, tokens: &RenewedTokens, now: jiff::Timestamp) -> Result<AuthDocument, AuthDocumentError> {
    match login.renewed(tokens, now) {
        Ok(renewed) if renewed.subject() == login.subject() => Ok(renewed),
        _ => {
            tracing::warn!("the provider's id token cannot be used; the one before stays");
            let rest =
                RenewedTokens { id_token: None, access_token: tokens.access_token.clone(), refresh_token: tokens.refresh_token.clone() };
            login.renewed(&rest, now)
        }
    }
}
