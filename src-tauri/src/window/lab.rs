//! The app as its window sees it: asked over standard output, heard over standard input. Where it ends, so does the window.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::value::{RawValue, to_raw_value};
use tauri::AppHandle;
use tauri::ipc::Channel;
use tokio::sync::oneshot;

use super::wire::{Answer, FromWindow, ToWindow, senseless};
use super::{Page, view};
use crate::desktop::held;

/// The app. Clones share it.
#[derive(Clone)]
pub(super) struct Lab {
    inner: Arc<Inner>,
}

struct Inner {
    app: AppHandle,
    page: Mutex<Page>,
    calls: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    follower: Mutex<Option<Channel<Box<RawValue>>>>,
}

impl Lab {
    /// Begins to listen.
    pub(super) fn begin(app: AppHandle, page: Page) -> io::Result<Self> {
        let inner =
            Inner { app, page: Mutex::new(page), calls: AtomicU64::default(), waiting: Mutex::default(), follower: Mutex::default() };
        let lab = Self { inner: Arc::new(inner) };
        let listener = lab.clone();
        thread::Builder::new().name("app".to_owned()).spawn(move || {
            let ended = listener.listen();
            // The app is gone, or ends: there is nothing left to show.
            listener.inner.app.exit(i32::from(ended.is_err()));
        })?;
        Ok(lab)
    }

    /// Asks for what the table has. The error is the app's failure.
    pub(super) async fn call(&self, request: Box<RawValue>) -> Result<Box<RawValue>, Box<RawValue>> {
        self.ask(|id| FromWindow::Call { id, request }).await
    }

    /// Hands every snapshot to this channel from now on.
    pub(super) async fn follow(&self, channel: Channel<Box<RawValue>>) -> Result<(), Box<RawValue>> {
        *held(&self.inner.follower) = Some(channel);
        self.ask(|id| FromWindow::Follow { id }).await.map(drop)
    }

    /// The page that the window is to show.
    pub(super) fn page(&self) -> Page {
        held(&self.inner.page).clone()
    }

    async fn ask(&self, asks: impl FnOnce(u64) -> FromWindow) -> Result<Box<RawValue>, Box<RawValue>> {
        let id = self.inner.calls.fetch_add(1, Ordering::Relaxed);
        let (answers, answered) = oneshot::channel();
        held(&self.inner.waiting).insert(id, answers);
        say(&asks(id)).map_err(|error| gone(&serde_json::Error::io(error)))?;
        let answer = answered.await.map_err(|_| gone(&serde_json::Error::io(io::ErrorKind::BrokenPipe.into())))?;
        match (answer.reply, answer.failure) {
            (Some(reply), _) => Ok(reply),
            (None, Some(failure)) => Err(failure),
            // What came of it was nothing.
            (None, None) => Ok(RawValue::NULL.to_owned()),
        }
    }

    fn listen(&self) -> io::Result<()> {
        for line in io::stdin().lock().lines() {
            match serde_json::from_str(&line?)? {
                ToWindow::Answer(answer) => {
                    // Whoever has asked may be gone with the page.
                    let _ = held(&self.inner.waiting).remove(&answer.id).map(|waiting| waiting.send(answer));
                }
                ToWindow::Snapshot(snapshot) => {
                    if let Some(channel) = &*held(&self.inner.follower) {
                        let _ = channel.send(snapshot);
                    }
                }
                ToWindow::Show { time, page } => {
                    *held(&self.inner.page) = page.clone();
                    let lab = self.clone();
                    let asked = self.inner.app.run_on_main_thread(move || match view::show(&lab.inner.app, &page) {
                        Ok(true) => shown(time),
                        // It is about to end; the app starts another one.
                        Ok(false) => {}
                        Err(error) => tracing::error!(%error, "the window cannot be shown"),
                    });
                    if let Err(error) = asked {
                        tracing::debug!(%error, "the window is ending");
                    }
                }
            }
        }
        Ok(())
    }
}

/// The window shows what it was asked to show for the so-many-th time.
pub(super) fn shown(time: u64) {
    if let Err(error) = say(&FromWindow::Shown(time)) {
        tracing::debug!(%error, "the app hears no more");
    }
}

fn say(said: &FromWindow) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}

fn gone(error: &serde_json::Error) -> Box<RawValue> {
    to_raw_value(&senseless(error)).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
