//! The window as the app sees it: a process that is started, asked, answered and, in the end, gone.

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::Stdio;

use codex_lab_core::base::files;
use codex_lab_core::failure::{Code, Failure};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::codec::{FramedRead, LinesCodec};

use super::Page;
use super::wire::{Answer, FirstLine, FromWindow, LONGEST, ToWindow, senseless};
use crate::desktop::Desktop;
use crate::platform;

/// The window's program lies beside ours.
const PROGRAM: &str = "codex-lab-window";
/// What is said and not yet heard; who says more waits.
const UNHEARD: usize = 16;

/// How a window ended.
enum Ended {
    /// It was closed, or killed.
    Closed,
    /// The same, but meanwhile this page of it was asked for.
    AskedFor(Page),
    /// Nobody has ever seen it.
    Unseen,
}

/// Shows the window whenever a page of it is wanted, for as long as anybody can want one.
pub(crate) async fn keep(desktop: Desktop, mut wanted: UnboundedReceiver<Page>) {
    while let Some(page) = wanted.recv().await {
        let mut ended = Ended::AskedFor(page);
        while let Ended::AskedFor(page) = ended {
            ended = match start(&desktop) {
                Ok((process, storage)) => {
                    let ended = talk(process, page, &desktop, &mut wanted).await;
                    drop(storage);
                    ended
                }
                Err(error) => {
                    tracing::error!(%error, "the window cannot be started");
                    Ended::Unseen
                }
            };
        }
        if matches!(ended, Ended::Unseen) {
            desktop.window_failed().await;
        }
        desktop.window_closed().await;
    }
}

/// Starts the window. What comes with it is held for as long as it is there.
fn start(desktop: &Desktop) -> io::Result<(Child, Option<TempDir>)> {
    let kept = desktop.window_storage();
    // The window then says what is wrong with the home. Nobody else can have made this folder, and it goes with the window.
    let brief = if kept.is_none() { Some(private_folder()?) } else { None };
    let mut command = Command::new(program()?);
    command.args(kept.as_deref().or(brief.as_ref().map(TempDir::path)));
    let command = command.envs(platform::WINDOW_VARIABLES).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    Ok((command.spawn()?, brief))
}

fn private_folder() -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("codex-lab-").tempdir()?;
    files::make_private(folder.path()).map_err(io::Error::other)?;
    Ok(folder)
}

fn program() -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(PROGRAM).with_extension(std::env::consts::EXE_EXTENSION))
}

/// Answers a window until it is gone.
async fn talk(mut process: Child, page: Page, desktop: &Desktop, wanted: &mut UnboundedReceiver<Page>) -> Ended {
    let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else { return Ended::Unseen };
    let (says, said) = mpsc::channel(UNHEARD);
    let mut conversation = Conversation { desktop: desktop.clone(), says, calls: JoinSet::new(), follower: None };
    let snapshot = desktop.snapshot().and_then(|snapshot| serde_json::value::to_raw_value(&*snapshot).ok());
    let writer = tokio::spawn(write(input, FirstLine { page, snapshot }, said));
    let mut lines = lines(output);
    // Asked for so many times; the first time is its start.
    let (mut asked, mut unseen) = (1_u64, None);
    let mut was_seen = false;
    loop {
        tokio::select! {
            line = lines.next() => match line {
                Some(Ok(line)) => {
                    if let Some(seen) = conversation.hear(&line) {
                        was_seen = true;
                        unseen = unseen.filter(|_| seen < asked);
                    }
                }
                Some(Err(error)) => {
                    tracing::error!(%error, "the window says what cannot be heard");
                    break;
                }
                None => break,
            },
            Some(page) = wanted.recv() => {
                asked += 1;
                unseen = Some(page.clone());
                conversation.say(ToWindow::Show { time: asked, page }).await;
            }
            // Calls that have ended are forgotten.
            Some(_) = conversation.calls.join_next() => {}
        }
    }
    drop(conversation);
    writer.abort();
    match process.wait().await {
        Ok(status) if !status.success() => tracing::error!(%status, "the window ended by itself"),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "nobody knows how the window ended"),
    }
    match unseen {
        // Another one would not be seen either.
        _ if !was_seen => Ended::Unseen,
        Some(page) => Ended::AskedFor(page),
        None => Ended::Closed,
    }
}

fn lines(output: ChildStdout) -> FramedRead<ChildStdout, LinesCodec> {
    FramedRead::new(output, LinesCodec::new_with_max_length(LONGEST))
}

async fn write(mut input: ChildStdin, first: FirstLine, mut said: mpsc::Receiver<ToWindow>) {
    let mut written = write_line(&mut input, &first).await;
    while written.is_ok()
        && let Some(said) = said.recv().await
    {
        written = write_line(&mut input, &said).await;
    }
    if let Err(error) = written {
        tracing::debug!(%error, "the window hears no more");
    }
}

async fn write_line(input: &mut ChildStdin, said: &impl serde::Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    input.write_all(&line).await
}

struct Conversation {
    desktop: Desktop,
    says: mpsc::Sender<ToWindow>,
    calls: JoinSet<()>,
    /// Hands snapshots on.
    follower: Option<AbortHandle>,
}

impl Conversation {
    async fn say(&self, said: ToWindow) {
        // Nobody hears it where the window is gone.
        let _ = self.says.send(said).await;
    }

    /// Does as the window says; a number comes back where it shows what it was asked to show for the so-many-th time.
    fn hear(&mut self, line: &str) -> Option<u64> {
        match serde_json::from_str(line) {
            Ok(FromWindow::Call { id, request }) => {
                let (desktop, says) = (self.desktop.clone(), self.says.clone());
                self.calls.spawn(async move {
                    let answer = Answer::of(id, unless_it_panics(call(&desktop, &request)).await);
                    let _ = says.send(ToWindow::Answer(answer)).await;
                });
                None
            }
            Ok(FromWindow::Follow { id }) => {
                let following = self.calls.spawn(follow(self.desktop.clone(), self.says.clone(), id));
                if let Some(former) = self.follower.replace(following) {
                    former.abort();
                }
                None
            }
            Ok(FromWindow::Shown(time)) => Some(time),
            Err(_) => {
                // Of its libraries, most likely.
                tracing::debug!("the window says what is not meant for us");
                None
            }
        }
    }
}

/// The page waits for every answer.
async fn unless_it_panics<R>(work: impl Future<Output = Result<R, Failure>>) -> Result<R, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        Err(Failure::new(Code::Internal, "Something went wrong inside Codex Lab, and this was not finished.")
            .hint("Try again; if that does not help, please report it with the last lines of logs/desktop.log."))
    })
}

async fn call(desktop: &Desktop, request: &RawValue) -> Result<impl serde::Serialize + use<>, Failure> {
    let request = serde_json::from_str(request.get()).map_err(|error| senseless(&error))?;
    desktop.engine().await?.handle(request).await
}

/// Every snapshot, the newest where there are several.
async fn follow(desktop: Desktop, says: mpsc::Sender<ToWindow>, id: u64) {
    let mut snapshots = match desktop.engine().await {
        Ok(engine) => engine.subscribe(),
        Err(failure) => {
            let _ = says.send(ToWindow::Answer(Answer::of(id, Err::<(), _>(failure)))).await;
            return;
        }
    };
    let _ = says.send(ToWindow::Answer(Answer::of(id, Ok(())))).await;
    loop {
        let snapshot = serde_json::value::to_raw_value(&*snapshots.borrow_and_update().clone());
        let Ok(snapshot) = snapshot else { return };
        if says.send(ToWindow::Snapshot(snapshot)).await.is_err() || snapshots.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_answered_with_a_failure() {
        let failure = unless_it_panics::<()>(async { panic!("a secret") }).await.unwrap_err();
        assert_eq!((failure.code, failure.to_string().contains("secret")), (Code::Internal, false));
        assert_eq!(unless_it_panics(async { Ok(7) }).await.unwrap(), 7);
    }
}
