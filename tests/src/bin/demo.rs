//! `codex-lab-demo`: the whole way once, on made-up accounts, with the real app and the real Codex CLI.
//!
//! Without a desktop it happens by itself on a virtual one, and pictures of it are left in a folder. On a desktop with a
//! tray the app is yours to try. Either way everything happens in a temporary home that is removed at the end.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use codex_lab_tests::story::main_job;
use codex_lab_tests::story::own_desktop::{OwnDesktop, has_tray};
use codex_lab_tests::story::stage::{Stage, StoryError};

/// Watch Codex Lab at work with three made-up accounts. Nothing of yours is touched.
#[derive(Parser)]
#[command(name = "codex-lab-demo", version)]
struct Arguments {
    /// Where the pictures go [default: artefacts/demo].
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Use a virtual desktop although there is a real one.
    #[arg(long, conflicts_with = "own_desktop")]
    virtual_desktop: bool,
    /// Use this desktop although its tray was not found.
    #[arg(long)]
    own_desktop: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let own = arguments.own_desktop || (!arguments.virtual_desktop && has_tray().await);
    let told = tokio::select! {
        told = demo(&arguments, own) => told,
        // What was begun is dropped, and ends with it.
        _ = tokio::signal::ctrl_c() => Err(StoryError::Wrong("stopped".to_owned())),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(arguments: &Arguments, own: bool) -> Result<(), StoryError> {
    if own {
        let desktop = OwnDesktop::set().await?;
        desktop.let_the_user_try(&mut say).await?;
        desktop.strike()?;
        say("The app has ended. Nothing is left: no process, and no temporary home.");
        return Ok(());
    }
    let pictures = arguments.pictures.clone().unwrap_or_else(|| top().join("artefacts").join("demo"));
    fs::create_dir_all(&pictures)?;
    say("There is no desktop with a tray here: a virtual one is used, with Xfce's panel and dunst for notifications.");
    let stage = Stage::set().await?;
    let told = main_job::tell(&stage, &pictures, &mut say).await;
    if told.is_err() {
        fs::write(pictures.join("app.log"), stage.app_log())?;
    }
    stage.strike()?;
    told?;
    say("Everything has ended. Nothing is left: no process, and no temporary home.");
    say(&format!("Pictures are in {}", pictures.display()));
    Ok(())
}

/// The top of the project.
fn top() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// One line of the transcript, as it happens.
fn say(line: &str) {
    // A reader who went away has heard enough.
    let _ = writeln!(io::stdout(), "{line}");
}
