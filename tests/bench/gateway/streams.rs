//! Memory: under many streams at once, and under one that tells as much as an hour's does.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::client::{Client, turn};
use super::provider::{FLOOD, TICKS};
use super::roles::Player;
use super::stage::{Contender, wait};
use crate::measure::Outcome;

/// Streams at once.
pub(super) const STREAMS: usize = 1000;
/// How long they stay, once all of them have begun.
pub(super) const STAY: Duration = Duration::from_secs(4);
/// An hour of a hundred events a second.
pub(super) const EVENTS: usize = 360_000;
/// Runs of each.
pub(super) const RUNS: usize = 5;

/// Memory in KiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) idle: u64,
    /// The most that was seen under all streams.
    pub(super) most: u64,
}

/// Memory of a gateway, in KiB, at places of one stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grown {
    /// A tenth of the stream has passed.
    pub(super) early: u64,
    /// The most that was seen from then on.
    pub(super) most: u64,
    pub(super) bytes: usize,
}

/// How much somebody takes while streams are open that tell something each second.
pub(super) async fn under_streams(contender: &Contender) -> Outcome<Taken> {
    contender.warm_up().await?;
    wait(Duration::from_millis(300)).await;
    let idle = contender.footprint()?.memory_kib;
    let (begun, mut streams) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for number in 0..STREAMS {
        let (target, begun) = (contender.target.clone(), Arc::clone(&begun));
        let wanted = turn(&target, &format!("stream-{number}"), TICKS)?;
        streams.spawn(async move {
            let mut pieces = 0;
            let came = |_| {
                pieces += 1;
                begun.fetch_add(usize::from(pieces == 1), Ordering::Relaxed);
            };
            Client::connect(&target).await?.listen(&wanted, came).await
        });
    }
    let mut most = 0;
    let mut stayed = Duration::ZERO;
    let step = Duration::from_millis(250);
    while stayed < STAY {
        wait(step).await;
        most = most.max(contender.footprint()?.memory_kib);
        if begun.load(Ordering::Relaxed) == STREAMS {
            stayed += step;
        }
        if let Some(ended) = streams.try_join_next() {
            ended??;
            return Err("a stream without an end has ended".into());
        }
    }
    Ok(Taken { idle, most })
}

/// How much a fresh gateway takes while one long stream passes.
pub(super) async fn under_one(provider: &Player, home: &Path) -> Outcome<Grown> {
    let gateway = Contender::gateway("gateway", provider, home)?;
    gateway.warm_up().await?;
    let wanted = turn(&gateway.target, "long", &format!("{FLOOD} {EVENTS}"))?;
    let mut client = Client::connect(&gateway.target).await?;
    let bytes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&bytes);
    let listening = tokio::spawn(async move { client.listen(&wanted, |more| _ = counted.fetch_add(more, Ordering::Relaxed)).await });
    let mut seen = Vec::new();
    while !listening.is_finished() {
        seen.push((bytes.load(Ordering::Relaxed), gateway.footprint()?.memory_kib));
        wait(Duration::from_millis(20)).await;
    }
    listening.await??;
    seen.push((bytes.load(Ordering::Relaxed), gateway.footprint()?.memory_kib));
    let bytes = bytes.load(Ordering::Relaxed);
    let later: Vec<u64> = seen.iter().filter(|(so_far, _)| *so_far >= bytes / 10).map(|(_, memory)| *memory).collect();
    Ok(Grown { early: later.first().copied().unwrap_or_default(), most: later.iter().max().copied().unwrap_or_default(), bytes })
}
