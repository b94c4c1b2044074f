//! The ledger of priming between two processes.

use super::*;
use crate::base::environment::Environment;
use crate::store::home::Home;

const NOW: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn id() -> ProfileId {
    ProfileId::parse("0123456789abcdef").unwrap()
}

/// Two processes' states of one home.
fn two() -> (tempfile::TempDir, State, State) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
    let (one, other) = (State::open(&home).unwrap(), State::open(&home).unwrap());
    (folder, one, other)
}

fn claim(state: &State, now: i64) -> Result<PrimeClaim, Hindrance> {
    state.claim_prime(&id(), at(now + WEEK), false, at(now)).unwrap()
}

#[test]
fn of_two_processes_one_gets_the_window() {
    let (_folder, one, other) = two();
    let threads =
        [one.clone(), other.clone()].map(|state| std::thread::spawn(move || (0..20).filter(|_| claim(&state, NOW).is_ok()).count()));
    let got: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(got, 1);
    assert_eq!(claim(&other, NOW + 5), Err(Hindrance::AlreadyPrimed));
}

#[test]
fn a_window_goes_from_its_claim_to_its_verdict() {
    let (_folder, one, other) = two();
    let claimed = claim(&one, NOW).unwrap();
    assert!(one.note_prime_sent(&claimed, "gpt-6-luna", at(NOW + 1)).unwrap());
    assert!(!one.note_prime_sent(&claimed, "gpt-6-luna", at(NOW + 2)).unwrap(), "once");
    let end = PrimeEnd { trouble: None, input_tokens: Some(12), output_tokens: Some(2) };
    one.note_prime_end(&claimed, &end, at(NOW + 3)).unwrap();
    let record = other.prime_near(&id(), None).unwrap().unwrap();
    assert_eq!((record.state, record.ended_at, record.output_tokens), (PrimeState::Sent, Some(at(NOW + 3)), Some(2)));
    assert!(other.judge_prime(&id(), record.anchor, Some(at(NOW + WEEK + 2)), at(NOW + 600)).unwrap());
    assert!(!one.judge_prime(&id(), record.anchor, None, at(NOW + 700)).unwrap(), "it was judged");
    let record = one.primes(9).unwrap().remove(0);
    assert_eq!((record.state, record.resets_at, record.trouble), (PrimeState::Verified, Some(at(NOW + WEEK + 2)), None));
    assert_eq!(claim(&one, NOW + 6 * DAY), Err(Hindrance::AlreadyPrimed));
    assert_eq!(claim(&one, NOW + WEEK + 60).unwrap().attempt, 1);
    assert_eq!(one.primes(9).unwrap().len(), 2);
}

#[test]
fn a_process_that_lost_its_claim_sends_nothing() {
    let (_folder, one, other) = two();
    let slow = claim(&one, NOW).unwrap();
    let quick = claim(&other, NOW + 700).unwrap();
    assert_eq!((quick.attempt, quick.anchor), (1, at(NOW + 700 + WEEK)));
    assert!(!one.note_prime_sent(&slow, "m", at(NOW + 701)).unwrap());
    assert!(other.note_prime_sent(&quick, "m", at(NOW + 702)).unwrap());
    one.note_prime_end(&slow, &PrimeEnd { trouble: Some(PrimeTrouble::Unreachable), ..PrimeEnd::default() }, at(NOW + 703)).unwrap();
    assert_eq!(one.prime_near(&id(), None).unwrap().unwrap().state, PrimeState::Sent);
}

#[test]
fn tries_are_counted_and_end() {
    let (_folder, one, _) = two();
    let mut now = NOW;
    for (attempt, pause) in [(1, Some(60)), (2, Some(300)), (3, Some(1800)), (4, None)] {
        let claimed = claim(&one, now).unwrap();
        assert_eq!(claimed.attempt, attempt);
        assert_eq!(claimed.before.is_some(), attempt > 1);
        if attempt == 2 {
            assert!(one.note_prime_sent(&claimed, "m", at(now)).unwrap());
            one.note_prime_end(&claimed, &PrimeEnd::default(), at(now)).unwrap();
            assert!(one.judge_prime(&id(), claimed.anchor, None, at(now)).unwrap());
        } else {
            let end = PrimeEnd { trouble: Some(PrimeTrouble::Refused), ..PrimeEnd::default() };
            one.note_prime_end(&claimed, &end, at(now)).unwrap();
        }
        let record = one.prime_near(&id(), None).unwrap().unwrap();
        assert_eq!((record.state, record.next_at), (PrimeState::Failed, pause.map(|pause| at(now + pause))));
        if let Some(pause) = pause {
            assert!(matches!(claim(&one, now + pause - 1), Err(Hindrance::Resting { .. })));
            now += pause;
        }
    }
    assert_eq!(claim(&one, now + DAY), Err(Hindrance::GivenUp));
    assert_eq!(one.claim_prime(&id(), at(now + DAY + WEEK), true, at(now + DAY)).unwrap().unwrap().attempt, 5);
}

#[test]
fn two_years_are_kept() {
    let (_folder, one, _) = two();
    for week in 0..110 {
        claim(&one, NOW + week * WEEK).unwrap();
    }
    assert_eq!(one.thin_primes().unwrap(), 6);
    assert_eq!((one.primes(999).unwrap().len(), one.thin_primes().unwrap()), (104, 0));
    one.with(|connection| connection.execute("update primes set state = 'odd'", [])).unwrap();
    assert!(one.primes(9).unwrap().is_empty() && one.prime_near(&id(), None).unwrap().is_none(), "written by a newer version");
}
