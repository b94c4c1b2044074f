//! A campaign: one home and one server through many rounds, in each of which several things go wrong at once, as drawn from a seed.
//! After each, nothing may be lost, sent twice or told twice, and the server takes no more than it did.

mod checks;
mod resident;
mod stage;
mod trouble;
mod wire;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use codex_lab_tests::chance::Chance;
use codex_lab_tests::effort::{Effort, all, tally};
use codex_lab_tests::misbehaviour;
use codex_lab_tests::shim::{Knob, Panel};
use rustix::process::Signal;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use checks::Excuses;
use stage::{Came, LOOK, PATIENCE, Stage};
use trouble::{Blow, KINDS, Round, Storm};
use wire::Weather;

/// Of so many rounds the first ones leave the server alive, so that it shows whether it grows.
const LIFE: u32 = 40;
const SPARED: u32 = 28;
/// Seconds after which a machine whose clock was set right goes on.
const SETTLES: i64 = 2;
/// Rounds of a normal test run, and of `make faults`.
const ROUNDS: (u32, u32) = (3, 60);

/// Lets one round happen; what came of the commands, and what may be excused.
async fn happen(stage: &mut Stage, round: &Round) -> (Vec<Came>, Excuses) {
    let mut excuses = Excuses { lost_answers: round.may_lose_answers(), kills: Vec::new(), failing_disks: 0 };
    for (misbehaviour, times) in &round.misbehaviours {
        stage.template.sandbox.script(misbehaviour.script(*times));
    }
    stage.wire.turns(match round.storm {
        None => Weather::Fine,
        Some(Storm::Silent(bytes)) => Weather::Silent(bytes),
        Some(Storm::Cut(bytes)) => Weather::Cut(bytes),
        Some(Storm::Closed) => Weather::Closed,
    });
    let server = &stage.resident;
    match &round.blow {
        Some(Blow::Stop(..)) => server.send(Signal::STOP),
        Some(Blow::Full(_)) => server.panel.turn(Knob::Error, 28).unwrap(),
        Some(Blow::Once(_, errno)) => server.panel.turn(Knob::Error, errno.number().into()).unwrap(),
        Some(Blow::Slow(micros)) => server.panel.turn(Knob::SlowMicros, *micros).unwrap(),
        Some(Blow::Nameless) => server.panel.turn(Knob::Nameless, 1).unwrap(),
        Some(Blow::Kill(_)) | None => {}
    }
    excuses.failing_disks += usize::from(matches!(round.blow, Some(Blow::Full(_) | Blow::Once(..))));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut commands, mut turns, mut panels) = (JoinSet::new(), JoinSet::new(), Vec::<Panel>::new());
    for deed in &round.deeds {
        excuses.failing_disks += usize::from(matches!(deed.blow, Some(Blow::Full(_) | Blow::Once(..))));
        let (panel, ended) = stage.start(deed.clone());
        panels.push(panel);
        commands.spawn(ended);
    }
    let silent = if matches!(round.storm, Some(Storm::Silent(_))) { stage.half_open() } else { Vec::new() };
    for _ in 0..round.turns {
        turns.spawn(stage.turn(&client));
    }
    let mut came = Vec::new();
    let end = Instant::now() + round.window;
    if let Some(after) = round.killed_after {
        gather(&mut commands, &mut came, Instant::now() + after).await;
        stage.resident.kill();
        excuses.kills.push(stage.now_ms());
    }
    gather(&mut commands, &mut came, end).await;

    // All is well again.
    drop(silent);
    stage.template.sandbox.clear_scripts();
    stage.wire.turns(Weather::Fine);
    stage.resident.panel.mend().unwrap();
    // The provider tells time in whole seconds: what is renewed by a clock that is right is of a later one.
    stage.passes(SETTLES, 0);
    for panel in &panels {
        panel.mend().unwrap();
        panel.turn(Knob::AheadMs, stage.ahead * 1000).unwrap();
        std::fs::write(panel.path().with_extension("lifted"), "").unwrap();
    }
    if round.killed_after.is_some() {
        stage.resident = resident::Resident::start(&stage.place, stage.ahead);
    } else {
        stage.resident.send(Signal::CONT);
    }
    let last = Instant::now() + PATIENCE;
    while !commands.is_empty() && Instant::now() < last {
        stage.template.sandbox.release();
        gather(&mut commands, &mut came, Instant::now() + LOOK).await;
    }
    while !turns.is_empty() && Instant::now() < last {
        stage.template.sandbox.release();
        let _ = timeout(LOOK, turns.join_next()).await;
    }
    assert!(commands.is_empty() && turns.is_empty(), "{} commands and {} turns do not come to an end", commands.len(), turns.len());
    excuses.kills.extend(came.iter().filter_map(|came| came.killed_at));
    (came, excuses)
}

/// Takes in those that end until then.
async fn gather(commands: &mut JoinSet<Came>, came: &mut Vec<Came>, until: Instant) {
    let all = async {
        while let Some(ended) = commands.join_next().await {
            came.push(ended.unwrap());
        }
    };
    let _ = tokio::time::timeout_at(until, all).await;
}

/// One round, and what does not hold after it.
fn play(stage: &mut Stage, round: &Round) -> Vec<String> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let before = stage.template.sandbox.requests().last().map_or(0, |request| request.seq);
    stage.passes(round.passes, round.wrong_by);
    stage.edit(|account| account.access_lifetime = round.lifetime);
    let played = catch_unwind(AssertUnwindSafe(|| {
        let (came, excuses) = runtime.block_on(happen(stage, round));
        checks::all(stage, before, &came, &excuses)
    }));
    played.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        vec![said.unwrap_or_else(|| "it broke off".to_owned())]
    })
}

#[test]
fn nothing_is_lost_sent_twice_or_told_twice_whatever_goes_wrong_at_once() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut chance = Chance::from_environment().unwrap();
    println!("the seed is {}", chance.seed());
    let effort = Effort::wished(ROUNDS.0, ROUNDS.1);
    let since = Instant::now();
    let mut stage = Stage::new();
    let mut table: BTreeMap<&str, (u32, usize)> = KINDS.iter().map(|kind| (*kind, (0, 0))).collect();
    let (mut done, mut found, mut signed_in, mut told) = (0, Vec::new(), 0, 0);
    while effort.goes_on(done, since) {
        done += 1;
        let is_spared = all() && done % LIFE < SPARED;
        let round = Round::draw(&mut chance, all(), is_spared, stage.now_ms() / 1000);
        let findings = play(&mut stage, &round);
        for kind in &round.kinds {
            let row = table.get_mut(kind).unwrap();
            *row = (row.0 + 1, row.1 + findings.len());
        }
        let provider: Vec<_> =
            round.misbehaviours.iter().map(|(it, _)| format!("{:?} {}", it.on, misbehaviour::name(&it.behaviour))).collect();
        println!("round {done}: {:?} {provider:?}: {} commands, {} findings", round.kinds, round.deeds.len(), findings.len());
        if !findings.is_empty() {
            found.extend(findings.iter().map(|finding| format!("round {done} {:?}: {finding}", round.kinds)));
            println!("{round:#?}\n{}", findings.join("\n"));
            signed_in += stage.sign_ins.values().sum::<usize>();
            told += stage.heard().len();
            stage = Stage::new();
        }
    }
    signed_in += stage.sign_ins.values().sum::<usize>();
    told += stage.heard().len();
    for (kind, (rounds, findings)) in &table {
        println!("{kind:24} {rounds:6} rounds {findings:4} findings");
        tally(&format!("campaign: {kind}"), *rounds, *findings).unwrap();
    }
    let counters = stage.template.sandbox.counters();
    println!(
        "{done} rounds: {signed_in} sign-ins were needed, hooks heard {told} times; last home: {counters:?}, server {:?}",
        stage.resident.most
    );
    assert!(found.is_empty(), "seed {}:\n{}", chance.seed(), found.join("\n"));
}
