//! Short answers: the time to the first byte, and how many a second, round by round, all contenders in turn.

use std::time::Duration;

use super::client::{Client, turn};
use super::stage::Contender;
use crate::measure::{Outcome, at, now};

/// How many are asked for at once.
pub(super) const AT_ONCE: [usize; 2] = [1, 32];
/// How often everyone has a turn.
pub(super) const ROUNDS: usize = 7;
/// How long one asks each time.
pub(super) const LASTING: Duration = Duration::from_millis(1200);
/// Not counted at the beginning of each time.
const WARM_UP: Duration = Duration::from_millis(150);

/// What one turn of one contender came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// To the first byte, in microseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) per_second: f64,
    /// Of the processor, by the process in between, for each answer, in microseconds.
    pub(super) busy: f64,
}

/// The rounds of each contender, for each number of requests at once.
pub(super) type Rounds = Vec<[Vec<Round>; AT_ONCE.len()]>;

/// Everyone in turn.
pub(super) async fn play(contenders: &[Contender]) -> Outcome<Rounds> {
    let mut rounds: Rounds = contenders.iter().map(|_| Default::default()).collect();
    for _ in 0..ROUNDS {
        for (column, at_once) in AT_ONCE.into_iter().enumerate() {
            for (contender, rounds) in contenders.iter().zip(&mut rounds) {
                rounds[column].push(round(contender, at_once).await?);
            }
        }
    }
    Ok(rounds)
}

/// One turn of one contender.
pub(super) async fn round(contender: &Contender, at_once: usize) -> Outcome<Round> {
    ask(contender, at_once, WARM_UP).await?;
    let (before, started) = (contender.footprint()?, now());
    let mut times = ask(contender, at_once, LASTING).await?;
    let (after, lasted) = (contender.footprint()?, started.elapsed());
    times.sort();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    #[expect(clippy::cast_precision_loss, reason = "far fewer than that")]
    let answers = times.len() as f64;
    Ok(Round {
        p50: micros(at(&times, 50)),
        p99: micros(at(&times, 99)),
        per_second: answers / lasted.as_secs_f64(),
        busy: (after.busy - before.busy) / answers * 1e6,
    })
}

/// So many clients, each of which asks again as soon as it was answered; a session each.
async fn ask(contender: &Contender, at_once: usize, lasting: Duration) -> Outcome<Vec<Duration>> {
    let mut asking = Vec::new();
    for number in 0..at_once {
        let mut client = Client::connect(&contender.target).await?;
        let wanted = turn(&contender.target, &format!("session-{number}"), "")?;
        asking.push(tokio::spawn(async move {
            let (mut times, started) = (Vec::new(), now());
            while started.elapsed() < lasting {
                let took = client.ask(&wanted).await?;
                if took.status != 200 {
                    return Err(format!("an answer with status {}", took.status).into());
                }
                times.push(took.first);
            }
            Outcome::Ok(times)
        }));
    }
    let mut all = Vec::new();
    for task in asking {
        all.extend(task.await??);
    }
    Ok(all)
}
