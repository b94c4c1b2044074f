//! What is remembered of a turn on a WebSocket while its client opens another connection for it: only there can it go on with
//! another profile (codex-runtime.md 2.3).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::base::secret::{Fingerprint, Secret};
use crate::model::profile::ProfileId;

/// Threads on a detour at a time; the one that began first gives way.
const THREADS: usize = 1000;
/// A client comes back at once; whoever comes later begins anew.
const LIFETIME: SignedDuration = SignedDuration::from_mins(2);
/// Connections that one turn is sent to.
const TIMES: u32 = 16;
/// Tokens are new for this long after they were renewed.
const NEW: SignedDuration = SignedDuration::from_mins(5);

/// The detours of all threads. Forgotten at the end of the process, as the connections are.
#[derive(Debug, Clone, Default)]
pub struct Detours(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    threads: HashMap<String, Detour>,
    /// Threads in the order in which their detours began, by a number of its own for each.
    order: BTreeMap<u64, String>,
    next: u64,
    renewed: HashMap<ProfileId, (Timestamp, Fingerprint)>,
}

/// How far a turn has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Detour {
    /// The profiles that have had their try at it.
    pub(super) tried: Vec<ProfileId>,
    /// How often the profile that is asked now has lost its connection.
    pub(super) lost: u8,
    /// Its model, which the client does not name again when it opens a connection.
    pub(super) model: Option<String>,
    began: Timestamp,
    number: u64,
    times: u32,
}

impl Detours {
    /// The detour that a thread is on; a new one if it is on none.
    pub(super) fn of(&self, thread: &str, now: Timestamp) -> Detour {
        let kept = self.kept();
        let detour = kept.threads.get(thread).filter(|detour| is_within(detour.began, LIFETIME, now));
        detour.cloned().unwrap_or_else(|| Detour { began: now, ..Detour::default() })
    }

    /// Sends a thread's turn to another connection. `false` where it has come too often: it goes round in a circle.
    pub(super) fn again(&self, thread: &str, mut detour: Detour) -> bool {
        detour.times += 1;
        let goes_on = detour.times <= TIMES;
        if goes_on {
            self.keep(thread, detour);
        } else {
            self.over(thread);
        }
        goes_on
    }

    /// Notes how far a turn has come, without sending it anywhere.
    pub(super) fn keep(&self, thread: &str, mut detour: Detour) {
        let mut kept = self.kept();
        kept.forget(thread);
        while kept.threads.len() >= THREADS {
            let Some((_, oldest)) = kept.order.pop_first() else { break };
            kept.threads.remove(&oldest);
        }
        detour.number = kept.next;
        kept.next += 1;
        kept.order.insert(detour.number, thread.to_owned());
        kept.threads.insert(thread.to_owned(), detour);
    }

    /// A thread's turn is served, or has failed for good.
    pub(super) fn over(&self, thread: &str) {
        self.kept().forget(thread);
    }

    /// These tokens are a profile's new ones.
    pub(super) fn renewed(&self, profile: &ProfileId, token: &Secret, now: Timestamp) {
        self.kept().renewed.insert(profile.clone(), (now, token.fingerprint()));
    }

    /// Whether tokens had just been renewed: if they are refused, others would be, too.
    pub(super) fn is_new(&self, profile: &ProfileId, token: &Secret, now: Timestamp) -> bool {
        self.kept().renewed.get(profile).is_some_and(|(since, known)| is_within(*since, NEW, now) && *known == token.fingerprint())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget(&mut self, thread: &str) {
        if let Some(detour) = self.threads.remove(thread) {
            self.order.remove(&detour.number);
        }
    }
}

impl Detour {
    /// Since when the turn is on its way.
    pub(super) fn began(&self) -> Timestamp {
        self.began
    }

    /// A profile has had its try.
    pub(super) fn tried(&mut self, profile: &ProfileId) {
        if !self.tried.contains(profile) {
            self.tried.push(profile.clone());
        }
        self.lost = 0;
    }
}

/// A clock that was set back makes everything seem to be ahead: that counts as long ago.
fn is_within(since: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    (SignedDuration::ZERO..span).contains(&now.duration_since(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn profile(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    #[test]
    fn a_turn_goes_on_from_where_it_was_for_a_while() {
        let detours = Detours::default();
        let mut detour = detours.of("a", at(0));
        detour.lost = 2;
        detour.tried(&profile(1));
        detour.tried(&profile(1));
        assert!(detours.again("a", detour));
        let detour = detours.of("a", at(119));
        assert_eq!((detour.tried.as_slice(), detour.lost, detour.began()), (&[profile(1)][..], 0, at(0)));
        assert!(detours.of("b", at(1)).tried.is_empty());
        assert!(detours.of("a", at(120)).tried.is_empty(), "who comes late begins anew");
        assert!(detours.of("a", at(-1)).tried.is_empty(), "the clock was set back");
        detours.over("a");
        assert!(detours.of("a", at(1)).tried.is_empty());
    }

    #[test]
    fn nobody_goes_round_in_a_circle() {
        let detours = Detours::default();
        let rounds = (0..1000).take_while(|_| detours.again("a", detours.of("a", at(0)))).count();
        assert_eq!(rounds, TIMES as usize);
        assert!(detours.again("a", detours.of("a", at(0))), "then it begins anew");
    }

    #[test]
    fn only_so_many_are_remembered() {
        let detours = Detours::default();
        for number in 0..=THREADS {
            let mut detour = detours.of(&number.to_string(), at(0));
            detour.tried(&profile(1));
            detours.keep(&number.to_string(), detour);
        }
        assert!(detours.of("0", at(0)).tried.is_empty() && !detours.of("1", at(0)).tried.is_empty());
        let kept = detours.kept();
        assert_eq!((kept.threads.len(), kept.order.len()), (THREADS, THREADS));
    }

    #[test]
    fn tokens_are_new_for_a_while() {
        let (detours, token) = (Detours::default(), Secret::new("t"));
        detours.renewed(&profile(1), &token, at(0));
        assert!(detours.is_new(&profile(1), &token, at(299)));
        assert!(!detours.is_new(&profile(1), &token, at(300)) && !detours.is_new(&profile(1), &Secret::new("u"), at(1)));
        assert!(!detours.is_new(&profile(2), &token, at(1)));
    }
}
