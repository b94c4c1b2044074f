//! How long the everyday things take with 1,000 profiles.

use std::path::PathBuf;
use std::{env, fs};

use codex_lab_core::engine::Engine;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_tests::offline;

use crate::crowd::Crowd;
use crate::measure::{self, Outcome, RUNS, measure_many, now};
use crate::report::{Row, Section};

/// Profiles in the homes that are listed. The last one is used for all the rest.
const SIZES: [usize; 3] = [1, 50, 1000];
/// Times a token is asked for.
const TOKENS: usize = 100_000;

/// Measures all of it.
pub(crate) fn measure(drop_caches: bool) -> Outcome<Section> {
    let program = program()?;
    let mut rows = Vec::new();
    let mut crowds = SIZES.into_iter().map(Crowd::new).collect::<Outcome<Vec<_>>>()?;
    for crowd in &crowds {
        Crowd::settle();
        let size = crowd.size;
        rows.push(measure::measure(&format!("codex-lab list, {size} profiles"), || crowd.run(&program, &["list"]))?);
        rows.push(measure::measure(&format!("the same, no earlier look kept, {size}"), || {
            crowd.forget_looks()?;
            crowd.run(&program, &["list"])
        })?);
        if drop_caches {
            rows.push(measure::measure(&format!("the same, nothing in memory, {size}"), || {
                fs::write("/proc/sys/vm/drop_caches", "3")?;
                crowd.run(&program, &["list"])
            })?);
        }
    }
    let crowd = crowds.pop().ok_or("there is no crowd")?;
    rows.push(measure::measure("codex-lab list --json", || crowd.run(&program, &["list", "--json"]))?);
    rows.push(measure::measure("codex-lab status", || crowd.run(&program, &["status"]))?);
    rows.push(fresh_tokens(&crowd)?);

    let known = crowd.profiles.list()?;
    let known = known.first().ok_or("there is no profile")?;
    let file = fs::read_to_string(crowd.home()?.login_file(&known.name))?;
    let mut newcomers = crowd.newcomers.iter();
    rows.push(measure::measure("read the list of profiles", || Ok(crowd.profiles.list().map(drop)?))?);
    rows.push(measure::measure("read one login from disk", || Ok(crowd.profiles.login(&known.id).map(drop)?))?);
    rows.push(measure::measure("understand a login's text", || Ok(AuthDocument::parse(file.clone()).map(drop)?))?);
    rows.push(measure::measure("keep a fresh login as a profile", || {
        let login = AuthDocument::parse(newcomers.next().ok_or("no login is left")?.clone())?;
        Ok(crowd.profiles.keep(&login).map(drop)?)
    })?);
    Ok(Section {
        key: "everyday",
        title: "Everyday things".to_owned(),
        note: format!("With 1,000 profiles where nothing else is said; {RUNS} runs each, of a fresh token {TOKENS}."),
        columns: vec!["", "median", "best", "worst (of a token: p99)"],
        rows,
    })
}

/// Asks for the tokens of all profiles in turn, each of them fresh.
fn fresh_tokens(crowd: &Crowd) -> Outcome<Row> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let engine = Engine::open(offline::ports(crowd.environment())).await?;
        let ids: Vec<_> = crowd.profiles.list()?.into_iter().map(|profile| profile.id).collect();
        for id in &ids {
            engine.access_token(id).await?;
        }
        let mut times = Vec::with_capacity(TOKENS);
        for id in ids.iter().cycle().take(TOKENS) {
            let started = now();
            engine.access_token(id).await?;
            times.push(started.elapsed());
        }
        Ok(measure_many("a fresh token, in process", times))
    })
}

/// The terminal program, built beside this one.
pub(crate) fn program() -> Outcome<PathBuf> {
    let program = Some(built()?.join(format!("codex-lab{}", env::consts::EXE_SUFFIX)));
    program.filter(|program| program.is_file()).ok_or_else(|| "codex-lab is not built for release: run `make bench`".into())
}

/// Where this program's build has put the others.
pub(crate) fn built() -> Outcome<PathBuf> {
    Ok(env::current_exe()?.ancestors().nth(2).ok_or("this program lies nowhere")?.to_owned())
}
