//! How long the everyday things take with 1,000 profiles. Prints medians; judges nothing. `make bench` runs it, and
//! `cargo bench -p codex-lab-tests --bench profiles -- --drop-caches` (as root, on Linux) with files that come from the disk;
//! `-- --routing` measures choosing a profile alone.

mod crowd;
mod measure;
mod routing;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use codex_lab_core::engine::Engine;
use codex_lab_core::model::auth_document::AuthDocument;
use codex_lab_tests::offline;

use crowd::Crowd;
use measure::{measure, measure_many, say};

/// Profiles in the homes that are listed. The last one is used for all the rest.
const SIZES: [usize; 3] = [1, 50, 1000];
/// Times a token is asked for.
const TOKENS: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    routing::choosing()?;
    if env::args().any(|argument| argument == "--routing") {
        return Ok(());
    }
    let program = program()?;
    let drop_caches = env::args().any(|argument| argument == "--drop-caches");
    say(&format!("load of the machine at the start: {}", load()))?;
    let mut crowds = SIZES.into_iter().map(Crowd::new).collect::<Result<Vec<_>, _>>()?;
    for crowd in &crowds {
        Crowd::settle();
        let size = crowd.size;
        measure(&format!("codex-lab list, {size} profiles"), || crowd.run(&program, &["list"]))?;
        measure(&format!("the same, no earlier look kept, {size}"), || {
            crowd.forget_looks()?;
            crowd.run(&program, &["list"])
        })?;
        if drop_caches {
            measure(&format!("the same, nothing in memory, {size}"), || {
                fs::write("/proc/sys/vm/drop_caches", "3")?;
                crowd.run(&program, &["list"])
            })?;
        }
    }
    let crowd = crowds.pop().ok_or("there is no crowd")?;
    measure("codex-lab list --json", || crowd.run(&program, &["list", "--json"]))?;
    measure("codex-lab status", || crowd.run(&program, &["status"]))?;
    fresh_tokens(&crowd)?;

    let known = crowd.profiles.list()?;
    let known = known.first().ok_or("there is no profile")?;
    let file = fs::read_to_string(crowd.home()?.login_file(&known.name))?;
    let mut newcomers = crowd.newcomers.iter();
    measure("read the list of profiles", || Ok(crowd.profiles.list().map(|_| ())?))?;
    measure("read one login from disk", || Ok(crowd.profiles.login(&known.id).map(|_| ())?))?;
    measure("understand a login's text", || Ok(AuthDocument::parse(file.clone()).map(|_| ())?))?;
    measure("keep a fresh login as a profile", || {
        let login = AuthDocument::parse(newcomers.next().ok_or("no login is left")?.clone())?;
        Ok(crowd.profiles.keep(&login).map(|_| ())?)
    })
}

/// Asks for the tokens of all profiles in turn, each of them fresh.
fn fresh_tokens(crowd: &Crowd) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let engine = Engine::open(offline::ports(crowd.environment())).await?;
        let ids: Vec<_> = crowd.profiles.list()?.into_iter().map(|profile| profile.id).collect();
        for id in &ids {
            engine.access_token(id).await?;
        }
        let mut times = Vec::with_capacity(TOKENS);
        for id in ids.iter().cycle().take(TOKENS) {
            let started = measure::now();
            engine.access_token(id).await?;
            times.push(started.elapsed());
        }
        measure_many("a fresh token, in process", times)
    })
}

/// The terminal program, built beside this one.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let here = env::current_exe()?;
    let program = here.ancestors().nth(2).map(|folder| folder.join(format!("codex-lab{}", env::consts::EXE_SUFFIX)));
    program.filter(|program| program.is_file()).ok_or_else(|| "codex-lab is not built for release: run `make bench`".into())
}

/// Processes that wait for a processor, over the last one, five and fifteen minutes: figures of a busy machine say little.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first: Vec<_> = text.split(' ').take(3).collect();
    if first.is_empty() { "unknown".to_owned() } else { first.join(" ") }
}
