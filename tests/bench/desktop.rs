//! What the user of the tray waits for: the icon after a start, the window after a click, a switch, and the end of the web view.
//! The real app on a desktop of its own, with the sandbox provider behind it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_lab_core::api::table::Request;
use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_tests::desktop::{App, Desktop, PATIENCE, Tray};
use codex_lab_tests::offline;
use codex_lab_tests::sandbox::{Sandbox, SandboxAccount, SandboxOptions};
use serde_json::json;
use tokio::time::interval;

use crate::bundle::Bundle;
use crate::idle::{PROFILES, home};
use crate::machine::{load, today};
use crate::measure::{Outcome, median, now, say};
use crate::report::{Row, Section};

/// Times each thing is done; once more before, which does not count.
const ROUNDS: usize = 9;
/// How often the screen is looked at.
const SCREEN_EVERY: Duration = Duration::from_millis(8);
/// How often a file is, or a process.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// The share of what is drawn in the end, in hundredths, that counts as drawn: the seconds of a countdown come and go.
const ENOUGH: usize = 95;
/// After a window is drawn it is left alone this long; then nothing in it moves.
const STANDS: Duration = Duration::from_millis(1500);
/// Between two rounds.
const RESTS: Duration = Duration::from_millis(500);
const OPEN: &str = "Open Codex Lab";

/// In seconds, one for each round.
#[derive(Default)]
struct Waits {
    tray: Vec<f64>,
    window: Vec<f64>,
    gone: Vec<f64>,
    switch: Vec<f64>,
}

/// Measures all of it.
pub(crate) fn measure() -> Outcome<Section> {
    say("the desktop")?;
    let bundle = Bundle::look()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    Ok(section(&runtime.block_on(waits())?, &bundle))
}

async fn waits() -> Outcome<Waits> {
    let accounts = SandboxAccount::crowd(PROFILES);
    let sandbox = Sandbox::start(SandboxOptions { accounts, ..SandboxOptions::default() }).await?;
    let home = home(&sandbox).await?;
    let names = profiles(home.path()).await?;
    let desktop = Desktop::start().await?;
    let mut waits = Waits::default();
    for round in 0..=ROUNDS {
        let (registered, begun) = (desktop.tray_host().registered(), now());
        let app = desktop.app(home.path(), sandbox.env()).hidden().undriven().start().await?;
        desktop.tray_host().wait_for_more_than(registered).await?;
        let took = begun.elapsed();
        app.tray().await?;
        tokio::time::sleep(RESTS).await;
        // The app stays for the rest in the last round.
        if round == ROUNDS {
            waits.tray.push(took.as_secs_f64());
            let tray = app.tray().await?;
            windows(&desktop, &app, &tray, &mut waits).await?;
            switches(&tray, &names, home.path(), &mut waits).await?;
        } else {
            if round > 0 {
                waits.tray.push(took.as_secs_f64());
            }
            app.terminate()?;
            app.end().await?;
        }
    }
    Ok(waits)
}

/// The names of the profiles; the first one is live from now on.
async fn profiles(home: &Path) -> Outcome<Vec<String>> {
    let engine = Engine::open(offline::ports(Environment::of(home, [("HOME", home.as_os_str().to_owned())]))).await?;
    let profiles = engine.snapshot().profiles.clone();
    let first = profiles.first().map(|row| row.id.clone());
    engine.handle(Request::SwitchTo { profile: first }).await?;
    Ok(profiles.into_iter().map(|row| row.name).collect())
}

async fn windows(desktop: &Desktop, app: &App<'_>, tray: &Tray, waits: &mut Waits) -> Outcome<()> {
    let screen = desktop.screen();
    // What it comes to in the end is seen in the first round, which warms up, too.
    let mut whole = usize::MAX;
    for round in 0..=ROUNDS {
        let begun = now();
        tray.click(OPEN).await?;
        if round == 0 {
            app.wait_for_window().await?;
            tokio::time::sleep(STANDS).await;
            whole = screen.drawn();
        } else {
            sees(SCREEN_EVERY, "the window", || screen.drawn() * 100 >= whole * ENOUGH).await?;
            waits.window.push(begun.elapsed().as_secs_f64());
            tokio::time::sleep(STANDS).await;
        }
        let processes = app.process_ids();
        let begun = now();
        app.close_window().await?;
        sees(LOOK_EVERY, "the end of the web view", || processes.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists())).await?;
        if round > 0 {
            waits.gone.push(begun.elapsed().as_secs_f64());
        }
        tokio::time::sleep(RESTS).await;
    }
    Ok(())
}

async fn switches(tray: &Tray, names: &[String], home: &Path, waits: &mut Waits) -> Outcome<()> {
    let live = home.join(".codex").join("auth.json");
    for (round, name) in names.iter().cycle().skip(1).take(ROUNDS + 1).enumerate() {
        let before = fs::read(&live)?;
        let begun = now();
        tray.click(name).await?;
        let replaced = sees(LOOK_EVERY, "another live login", || fs::read(&live).is_ok_and(|now| now != before));
        let told = async { Ok(tray.wait_for_checked(name).await.map(drop)?) };
        tokio::try_join!(replaced, told)?;
        if round > 0 {
            waits.switch.push(begun.elapsed().as_secs_f64());
        }
        tokio::time::sleep(RESTS).await;
    }
    Ok(())
}

/// Looks this often until it is so.
async fn sees(every: Duration, what: &str, mut is_so: impl FnMut() -> bool) -> Outcome<()> {
    let looking = async {
        let mut tick = interval(every);
        loop {
            tick.tick().await;
            if is_so() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.map_err(|_| format!("in vain waited for {what}").into())
}

/// In whole milliseconds.
fn rounded(seconds: &[f64]) -> Vec<f64> {
    seconds.iter().map(|seconds| (seconds * 1e3).round()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "some hundred thousand bytes")]
fn section(waits: &Waits, bundle: &Bundle) -> Section {
    let took = |what: &str, wanted: &str, seconds: &[f64]| {
        let middle = median(seconds.to_vec());
        let worst = seconds.iter().copied().fold(0.0, f64::max);
        let shown = |seconds: f64| format!("{:.0} ms", seconds * 1e3);
        Row {
            cells: vec![what.to_owned(), wanted.to_owned(), shown(middle), shown(worst)],
            figures: json!({ "what": what, "wanted": wanted, "ms": [middle * 1e3, worst * 1e3], "rounds": rounded(seconds) }),
        }
    };
    let size = |what: &str, wanted: &str, bytes: u64| {
        let kib = bytes as f64 / 1024.0;
        Row {
            cells: vec![what.to_owned(), wanted.to_owned(), format!("{kib:.1} KiB"), String::new()],
            figures: json!({ "what": what, "wanted": wanted, "kib": kib }),
        }
    };
    let build = if cfg!(debug_assertions) { "as for development" } else { "as `--release`" };
    Section {
        key: "desktop",
        title: "The desktop".to_owned(),
        note: format!(
            "The app, built {build}, on a virtual display of its own (Xvfb, openbox, software rendering), {PROFILES} profiles, the sandbox \
             provider behind it; medians of {ROUNDS} rounds after one that warms up, on {}; load of the machine at the end: {}. Started: \
             from the start of the program to its call of `RegisterStatusNotifierItem`. Opened: from the click over D-Bus until {ENOUGH} % \
             of what the window shows in the end is on the screen, read from the display's memory every {} ms. Switched: from the click \
             over D-Bus until both another `auth.json` is in place and the menu has its mark at the profile; there is no Codex daemon. \
             Closed: from the keystroke until none of its processes is left. The pages: `ui/dist`, each file compressed by gzip.",
            today(),
            load(),
            SCREEN_EVERY.as_millis(),
        ),
        columns: vec!["", "wanted", "median", "worst"],
        rows: vec![
            took("started, until the icon is registered in the tray", "under 300 ms", &waits.tray),
            took("opened from the tray, until the window is drawn", "under 500 ms", &waits.window),
            took("switched from the tray, until it is done", "under 150 ms", &waits.switch),
            took("closed, until the web view and its processes are gone", "under 5,000 ms", &waits.gone),
            size("pages, the most that one window reads, compressed", "under 150 KiB", bundle.most),
            size("pages, with every language, compressed", "", bundle.all),
        ],
    }
}
