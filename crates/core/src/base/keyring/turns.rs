//! Calls that may never come back, each on a thread of its own, one at a time.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::KeyringError;

/// Who may call. A call that hangs is left behind, and nobody else calls until it is back: so there is never more than one.
#[derive(Debug, Default)]
pub(super) struct Turns {
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Desk {
    /// Calls so far; the number of the last one.
    calls: u64,
    /// The call that is out.
    out: Option<u64>,
    /// It was given up.
    given_up: bool,
}

impl Turns {
    /// Makes a call, and waits for its turn and its answer for as long as `patience`. The call is told how long it has: a
    /// little less, so that it can give up by itself and say what it was waiting for.
    pub(super) fn call<T: Send + 'static>(
        self: &Arc<Self>,
        patience: Duration,
        work: impl FnOnce(Duration) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let deadline = Instant::now() + patience;
        let turn = self.take(patience).ok_or(KeyringError::TimedOut)?;
        let number = turn.number;
        let (answer, answered) = mpsc::sync_channel(1);
        let left = deadline.saturating_duration_since(Instant::now());
        let call = move || {
            let result = work(left * 9 / 10);
            // Before the answer: whoever has it may call again.
            drop(turn);
            // Nobody may be waiting any more.
            let _ = answer.send(result);
        };
        thread::Builder::new().name("keyring".to_owned()).spawn(call).map_err(|error| KeyringError::Other(error.into()))?;
        answered.recv_timeout(left).unwrap_or_else(|failure| {
            Err(match failure {
                RecvTimeoutError::Timeout => {
                    self.give_up(number);
                    KeyringError::TimedOut
                }
                // The thread broke down over what it was given.
                RecvTimeoutError::Disconnected => KeyringError::Corrupt,
            })
        })
    }

    fn take(self: &Arc<Self>, patience: Duration) -> Option<Turn> {
        let waiting = |desk: &mut Desk| desk.out.is_some() && !desk.given_up;
        let (mut desk, _) = self.changed.wait_timeout_while(self.desk(), patience, waiting).unwrap_or_else(PoisonError::into_inner);
        if desk.out.is_some() {
            return None;
        }
        desk.calls += 1;
        desk.out = Some(desk.calls);
        Some(Turn { number: desk.calls, turns: self.clone() })
    }

    fn give_up(&self, number: u64) {
        let mut desk = self.desk();
        if desk.out == Some(number) {
            desk.given_up = true;
            self.changed.notify_all();
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to call, given back when dropped.
struct Turn {
    number: u64,
    turns: Arc<Turns>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut desk = self.turns.desk();
        desk.out = None;
        desk.given_up = false;
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(20);

    /// A call that hangs until the other end of this is dropped.
    fn hang(end: mpsc::Receiver<()>) -> impl FnOnce(Duration) -> Result<(), KeyringError> {
        move |_| {
            assert!(end.recv().is_err());
            Ok(())
        }
    }

    #[test]
    fn a_call_that_hangs_holds_its_caller_and_all_others_no_longer_than_their_patience() {
        let turns = Arc::new(Turns::default());
        let (holds, end) = mpsc::channel();
        let started = Instant::now();
        assert!(matches!(turns.call(SHORT, hang(end)), Err(KeyringError::TimedOut)));
        assert!(matches!(turns.call(LONG, |_| Ok(())), Err(KeyringError::TimedOut)), "fails at once while the first is stuck");
        assert!(started.elapsed() < LONG / 2);

        drop(holds);
        let (mut desk, _) = turns.changed.wait_timeout_while(turns.desk(), LONG, |desk| desk.out.is_some()).unwrap();
        assert_eq!(desk.out.take(), None, "the stuck call has come back");
        drop(desk);
        assert_eq!(turns.call(LONG, |_| Ok(7)).unwrap(), 7);
    }

    #[test]
    fn calls_wait_for_each_other() {
        let turns = Arc::new(Turns::default());
        let (holds, end) = mpsc::channel();
        thread::scope(|scope| {
            let first = scope.spawn(|| turns.call(LONG, hang(end)));
            let out = turns.changed.wait_timeout_while(turns.desk(), SHORT, |desk| desk.out.is_none());
            drop(out);
            let second = scope.spawn(|| turns.call(LONG, |_| Ok(2)));
            drop(holds);
            first.join().unwrap().unwrap();
            assert_eq!(second.join().unwrap().unwrap(), 2);
        });
    }

    #[test]
    fn a_call_that_breaks_down_is_an_answer_that_cannot_be_used() {
        let turns = Arc::new(Turns::default());
        let broken = turns.call::<()>(LONG, |_| panic!("an answer of the wrong length"));
        assert!(matches!(broken, Err(KeyringError::Corrupt)));
        assert!(turns.call(LONG, |_| Ok(())).is_ok());
    }

    #[test]
    fn a_call_knows_how_long_it_has() {
        let turns = Arc::new(Turns::default());
        let has = turns.call(LONG, Ok).unwrap();
        assert!(has < LONG && has > LONG / 2, "{has:?}");
    }
}
