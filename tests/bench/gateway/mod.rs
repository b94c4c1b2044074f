//! The gateway beside nginx and beside nobody, before the same provider, in one run. All of them are processes of their own and
//! take turns, so that whatever else the machine does is everybody's.

pub(crate) mod alone;
mod answers;
mod bare;
pub(crate) mod beside;
mod client;
mod failing_over;
pub(crate) mod footprint;
mod history;
mod house;
mod http;
pub(crate) mod nginx;
mod portkey;
mod provider;
pub(crate) mod roles;
mod rounds;
mod stage;
mod streams;
mod tables;

use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::crowd::Crowd;
use crate::measure::{Outcome, say};
use crate::report::Report;
use answers::Answers;
use stage::Contender;
use tables::{FEW, Figures, LONG, MANY};

/// Measures all of it.
pub(crate) fn measure(report: &mut Report) -> Outcome<()> {
    // A thousand streams are a thousand connections here, and two thousand in between.
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?;
    say("gateway: making homes")?;
    let (few, many, long) = (Crowd::new(3)?, Crowd::new(1000)?, Crowd::new(3)?);
    history::fill(&long)?;
    Crowd::settle();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = runtime.block_on(figures(few.folder(), many.folder(), long.folder()))?;
    figures.tables().into_iter().try_for_each(|table| report.add(table))
}

/// Short answers with three profiles alone, told and kept nowhere: to see soon what a change comes to.
pub(crate) fn glance() -> Outcome<()> {
    let few = Crowd::new(3)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let provider = stage::provider()?;
        let contenders = [
            Contender::direct(&provider),
            Contender::nginx(&provider)?,
            Contender::bare(&provider)?,
            Contender::gateway(FEW, &provider, few.folder())?,
        ];
        for contender in &contenders {
            contender.warm_up().await?;
        }
        let rounds = rounds::play(&contenders).await?;
        for (contender, rounds) in contenders.iter().zip(&rounds) {
            tables::glance(&contender.name, rounds).into_iter().try_for_each(|line| say(&line))?;
        }
        Ok(())
    })
}

async fn figures(few: &Path, many: &Path, long: &Path) -> Outcome<Figures> {
    let provider = stage::provider()?;
    let contenders = [
        Contender::direct(&provider),
        Contender::nginx(&provider)?,
        Contender::gateway(FEW, &provider, few)?,
        Contender::gateway(MANY, &provider, many)?,
        Contender::gateway(LONG, &provider, long)?,
        Contender::bare(&provider)?,
    ];
    for contender in &contenders {
        contender.warm_up().await?;
    }
    say("gateway: short answers")?;
    let rounds = rounds::play(&contenders).await?;
    say("gateway: failing over")?;
    let [direct, _, _, gateway, ..] = &contenders;
    let failing_over = failing_over::play(direct, gateway).await?;
    let names = contenders.iter().map(|contender| contender.name.clone()).collect();
    drop(contenders);

    say("gateway: memory")?;
    let (mut ours, mut nginx, mut long_stream) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..streams::RUNS {
        ours.push(streams::under_streams(&Contender::gateway(FEW, &provider, few)?).await?);
        nginx.push(streams::under_streams(&Contender::nginx(&provider)?).await?);
        long_stream.push(streams::under_one(&provider, few).await?);
    }
    Ok(Figures { short: Answers { names, rounds }, failing_over, streams: [ours, nginx], long_stream })
}
