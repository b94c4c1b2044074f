//! What is known of profiles' weeks, put together from the index, the quota books, routing, the ledgers and this process.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::codex::idle;
use crate::engine::background::Ground;
use crate::engine::candidates::candidates;
use crate::engine::tokens;
use crate::engine::{Engine, Shared, blocking, held};
use crate::failure::Failure;
use crate::model::background::Purpose;
use crate::model::lifetime::later;
use crate::model::prime::ledger;
use crate::model::prime::{Hindrance, PrimeByHand, PrimeRecord, PrimeState};
use crate::model::profile::{Profile, ProfileId, ProfileKind};
use crate::model::quota::{Family, Minutes, Percent, Quota};
use crate::model::snapshot::{MOST_HOURS_APART, SessionKind};
use crate::model::verdict::Reason;
use crate::prime::plan::{self, Facts, Step};
use crate::prime::recognise::{Reading, Sight};
use crate::quota::schedule::FLOOR;
use crate::route::candidate::Candidate;
use crate::route::eligibility::{Circumstances, judge};
use crate::store::routing_settings;

/// A profile is at work if there was traffic of its own within this time.
const AT_WORK: Duration = Duration::from_secs(10 * 60);
/// A week takes a token, a list of models and the request itself.
const REQUESTS: u32 = 3;

/// What is known of all profiles whose weeks anybody cares for.
pub(super) struct Known {
    facts: BTreeMap<ProfileId, About>,
    conservative: bool,
    apart: Duration,
}

/// What is known of one.
#[derive(Debug, Clone)]
struct About {
    opted_in: bool,
    hindrance: Option<Hindrance>,
    has_week: Option<bool>,
    sight: Sight,
    record: Option<PrimeRecord>,
    asked_at: Option<Timestamp>,
    budget_free_at: Option<Timestamp>,
    /// When its week ends, if it is known to run.
    ends: Option<Timestamp>,
}

impl Known {
    /// What is next about each.
    pub(super) fn steps(&self, now: Timestamp) -> BTreeMap<ProfileId, Step> {
        self.facts.keys().map(|id| (id.clone(), self.step(id, now))).collect()
    }

    /// What is next about one.
    pub(super) fn step(&self, id: &ProfileId, now: Timestamp) -> Step {
        let Some(about) = self.facts.get(id) else { return Step::Nothing(Hindrance::NotOptedIn) };
        let others = self.facts.iter().filter(|(other, about)| *other != id && about.opted_in);
        let others_end: Vec<Timestamp> = others.filter_map(|(_, about)| about.ends).collect();
        let hindrance = about.hindrance.or_else(|| self.conservative.then_some(Hindrance::Conservative));
        let facts = Facts {
            opted_in: about.opted_in,
            hindrance,
            has_week: about.has_week,
            sight: &about.sight,
            record: about.record.as_ref(),
            asked_at: about.asked_at,
            asked_every: FLOOR,
            others_end: &others_end,
            apart: self.apart,
            budget_free_at: about.budget_free_at,
            jitter: tokens::spread(id),
        };
        plan::next(&facts, now)
    }

    /// What keeps even the user from starting it.
    pub(super) fn hindrance_for_user(&self, id: &ProfileId) -> Option<Hindrance> {
        let about = self.facts.get(id)?;
        about.hindrance.or_else(|| (about.has_week == Some(false)).then_some(Hindrance::NoWindow))
    }

    /// What would come of it if the user asked for it.
    pub(super) fn would_by_hand(&self, id: &ProfileId, now: Timestamp) -> PrimeByHand {
        let Some(about) = self.facts.get(id) else { return PrimeByHand::Looks };
        match self.hindrance_for_user(id) {
            Some(why) => PrimeByHand::Refused { why },
            None => plan::would_by_hand(&about.sight, about.record.as_ref(), about.ends, now),
        }
    }

    /// Whether a process is at it just now.
    pub(super) fn is_under_way(&self, id: &ProfileId, now: Timestamp) -> bool {
        self.facts.get(id).and_then(|about| about.record.as_ref()).is_some_and(|record| ledger::is_under_way(record, now))
    }

    /// The last readings of one.
    pub(super) fn sight(&self, id: &ProfileId) -> Sight {
        self.facts.get(id).map(|about| about.sight).unwrap_or_default()
    }
}

impl Engine {
    /// What is known of the profiles that were opted in, that have a request still to be judged, or that are asked about.
    pub(super) async fn gather(&self, about: Option<&ProfileId>) -> Result<Known, Failure> {
        let (engine, about) = (self.clone(), about.cloned());
        blocking(move || {
            if let Some(id) = &about {
                // Whoever asks about one that is not there is told so.
                engine.shared.profiles.get(id)?;
            }
            let now = engine.shared.ports.clock.now();
            engine.know(&Ground::read(&engine.shared, now)?, |profile| about.as_ref() == Some(&profile.id), now)
        })
        .await
    }

    /// The same of all profiles.
    pub(super) async fn gather_all(&self) -> Result<Known, Failure> {
        let engine = self.clone();
        blocking(move || {
            let now = engine.shared.ports.clock.now();
            engine.know(&Ground::read(&engine.shared, now)?, |_| true, now)
        })
        .await
    }

    /// What is known of these profiles, of those that were opted in, and of those that have a request still to be judged. Blocks.
    pub(super) fn know(&self, ground: &Ground, these: impl Fn(&Profile) -> bool, now: Timestamp) -> Result<Known, Failure> {
        let shared = &self.shared;
        let mut known = Known {
            facts: BTreeMap::new(),
            conservative: ground.settings.conservative,
            apart: Duration::from_secs(u64::from(ground.settings.prime_apart_hours.min(MOST_HOURS_APART)) * 60 * 60),
        };
        let sent = shared.state.primes_to_judge()?;
        let wanted = |profile: &&Profile| profile.details.prime || sent.contains(&profile.id) || these(profile);
        let wanted: Vec<&Profile> = ground.profiles.iter().filter(wanted).collect();
        if wanted.is_empty() {
            return Ok(known);
        }
        let (routing, candidates) = (routing_settings::read(&shared.home)?, candidates(shared, now)?);
        let tried = held(&shared.priming.tried).clone();
        for profile in wanted {
            let id = &profile.id;
            let book = shared.quotas.book(id);
            let sight = sight(shared, id, &book, now);
            let record = shared.state.prime_near(id, sight.latest().and_then(|reading| reading.resets_at))?;
            let circumstances =
                Circumstances { family: &Family::main(), model: None, at_home: false, insisted: false, settings: &routing, now };
            let candidate = candidates.iter().find(|candidate| candidate.id == *id);
            let hindrance = standing(profile)
                .or_else(|| candidate.and_then(|candidate| refusal(candidate, &circumstances)))
                .or_else(|| self.is_in_use(profile, now).then_some(Hindrance::InUse));
            let about = About {
                opted_in: profile.details.prime,
                hindrance,
                has_week: has_week(&book),
                ends: ends(&book, record.as_ref(), now),
                sight,
                record,
                asked_at: ground.asks.get(id).map(|asked| asked.at).max(tried.get(id).copied()),
                budget_free_at: ground.free_at(id, Purpose::Prime, REQUESTS),
            };
            known.facts.insert(id.clone(), about);
        }
        Ok(known)
    }

    /// Whether a session is at work with it: through the gateway, or the stock Codex in the middle of a turn.
    fn is_in_use(&self, profile: &Profile, now: Timestamp) -> bool {
        let in_flight = self.shared.routing.desk.with(|router| router.roster.in_flight(&profile.id)) > 0;
        let traffic = self.traffic_at(&profile.id).is_some_and(|at| at <= now && now < later(at, AT_WORK));
        let snapshot = self.snapshot();
        let its_own = || snapshot.sessions.iter().filter(|session| session.profile.as_deref() == Some(profile.name.as_str()));
        let runs_a_turn =
            || its_own().any(|session| session.kind == SessionKind::Exec) || !idle::is_idle(&self.shared.codex, now).unwrap_or(false);
        in_flight || traffic || (its_own().next().is_some() && runs_a_turn())
    }
}

/// What speaks against it whatever the quota.
fn standing(profile: &Profile) -> Option<Hindrance> {
    let checks = [
        (profile.kind == ProfileKind::ApiKey, Hindrance::ApiKey),
        (profile.paused, Hindrance::Paused),
        (profile.needs_sign_in, Hindrance::NeedsSignIn),
        (profile.imported_from.is_some(), Hindrance::OwnedElsewhere),
    ];
    checks.into_iter().find(|(applies, _)| *applies).map(|(_, hindrance)| hindrance)
}

/// Why routing would give it no request.
fn refusal(candidate: &Candidate, circumstances: &Circumstances<'_>) -> Option<Hindrance> {
    let mut refused = None;
    judge(candidate, circumstances, |reason| {
        let hindrance = match reason {
            Reason::Paused => Hindrance::Paused,
            Reason::NeedsSignIn => Hindrance::NeedsSignIn,
            Reason::VaultLocked => Hindrance::VaultLocked,
            Reason::Draining => Hindrance::Draining,
            Reason::Exhausted { .. } => Hindrance::Exhausted,
            _ => Hindrance::Blocked,
        };
        refused.get_or_insert(hindrance);
    });
    refused
}

/// Brings what was seen of a week up to date with the book.
fn sight(shared: &Shared, id: &ProfileId, book: &Quota, now: Timestamp) -> Sight {
    let mut sights = held(&shared.priming.sights);
    let sight = sights.entry(id.clone()).or_default();
    sight.notice_clock(now);
    let window = book.window(&Family::main(), Minutes::WEEK);
    // Nobody can tell when that was.
    if let Some(window) =
        window.filter(|window| window.observed_at > Timestamp::UNIX_EPOCH && window.observed_at <= later(now, Duration::from_secs(60)))
    {
        sight.take(Reading::from(window));
    }
    *sight
}

fn has_week(book: &Quota) -> Option<bool> {
    let main = Family::main();
    if book.window(&main, Minutes::WEEK).is_some() {
        return Some(true);
    }
    let told = book.families().any(|(family, facts)| *family == main && facts.complete_at.is_some());
    told.then_some(false)
}

/// When a week ends that is in use, or was started.
fn ends(book: &Quota, record: Option<&PrimeRecord>, now: Timestamp) -> Option<Timestamp> {
    let window = book.window(&Family::main(), Minutes::WEEK).filter(|window| window.used_percent > Percent::NONE);
    let started = record.filter(|record| matches!(record.state, PrimeState::Sent | PrimeState::Verified));
    let ends = [window.and_then(|window| window.resets_at), started.map(|record| record.resets_at.unwrap_or(record.anchor))];
    ends.into_iter().flatten().filter(|end| end.duration_since(now) > SignedDuration::ZERO).max()
}
