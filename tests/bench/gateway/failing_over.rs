//! What it costs that a profile is out of quota and the next one serves, beside asking the provider twice oneself.

use std::time::Duration;

use super::client::{Client, turn};
use super::provider::REFUSE;
use super::stage::Contender;
use crate::measure::{Outcome, at};

/// How often both have a turn.
pub(super) const ROUNDS: usize = 5;
/// Times in each round. A profile rests after each.
pub(super) const TIMES: usize = 60;

/// Microseconds from the request to the first byte of the answer, at the median and the 99th of a hundred.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Of a refusal, and of an answer after it, asked for oneself.
    pub(super) twice: [f64; 2],
    /// Of the answer of the profile that stands in.
    pub(super) over: [f64; 2],
}

/// All rounds.
pub(super) async fn play(direct: &Contender, gateway: &Contender) -> Outcome<Vec<Round>> {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let (mut twice, mut over) = (Vec::new(), Vec::new());
        let (mut to_provider, mut to_gateway) = (Client::connect(&direct.target).await?, Client::connect(&gateway.target).await?);
        for time in 0..TIMES {
            let name = format!("{round}-{time}");
            let wanted = turn(&direct.target, &name, &format!("{REFUSE} direct-{name}"))?;
            let (refused, answered) = (to_provider.ask(&wanted).await?, to_provider.ask(&wanted).await?);
            let served = to_gateway.ask(&turn(&gateway.target, &name, &format!("{REFUSE} gateway-{name}"))?).await?;
            if (refused.status, answered.status, served.status) != (429, 200, 200) {
                return Err(format!("statuses {}, {}, {}", refused.status, answered.status, served.status).into());
            }
            twice.push(refused.first + answered.first);
            over.push(served.first);
        }
        rounds.push(Round { twice: of(twice), over: of(over) });
    }
    Ok(rounds)
}

fn of(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort();
    [50, 99].map(|hundredths| at(&times, hundredths).as_secs_f64() * 1e6)
}
