//! The screen's dealings with the outside: draws on the terminal, hears its keys, follows the engine, and has done what is wanted.

use std::sync::Arc;
use std::time::Duration;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::engine::quota::Asked;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::view::times::moment;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::Event as Heard;
use crossterm::execute;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::draw::draw;
use super::event::{Effect, Event};
use super::state::State;
use super::terminal::Taken;
use super::update::update;
use crate::commands::ending::left;

/// Until the times on the screen are drawn anew: where one counts seconds, and else.
const TICK: Duration = Duration::from_secs(1);
const SLOW_TICK: Duration = Duration::from_secs(20);
/// A change that is being made when the screen ends may take this long.
const GRACE: Duration = Duration::from_secs(10);

/// What comes to the screen.
enum Message {
    Event(Event),
    /// The terminal is gone.
    Gone,
    /// A thread has panicked; the terminal is given back already.
    Broken,
}

/// Shows the screen until the user, the terminal or the system ends it.
pub(super) async fn show(engine: &Engine, colours: bool) -> Result<(), Failure> {
    let (tell, mut told) = unbounded_channel();
    let broken = tell.clone();
    // Heard before anything is drawn: who ends it then gets the terminal back, too.
    let left = left();
    let mut taken = Taken::take(move || drop(broken.send(Message::Broken))).map_err(|error| unusable(&error))?;
    let size = crossterm::terminal::size().map_err(|error| unusable(&error))?;
    let state = State::new(engine.snapshot(), engine.local_time(), size, colours);
    hear_keys(tell.clone());
    let work = Work::begin(engine, &tell);
    let shown = tokio::select! {
        shown = go_on(state, &mut taken, &mut told, &work, engine) => shown,
        () = engine.watch() => Ok(()),
        () = left => Ok(()),
    };
    drop(taken);
    work.end(engine).await;
    shown
}

async fn go_on(
    mut state: State,
    taken: &mut Taken,
    told: &mut UnboundedReceiver<Message>,
    work: &Work,
    engine: &Engine,
) -> Result<(), Failure> {
    let mut snapshots = engine.subscribe();
    loop {
        taken.screen.draw(|frame| draw(&state, frame)).map_err(|error| unusable(&error))?;
        let tick = if state.counts_seconds() { TICK } else { SLOW_TICK };
        let message = tokio::select! {
            message = told.recv() => message.unwrap_or(Message::Gone),
            changed = snapshots.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                Message::Event(Event::Snapshot(Arc::clone(&snapshots.borrow_and_update())))
            }
            () = tokio::time::sleep(tick) => Message::Event(Event::Now(engine.local_time())),
        };
        let mut messages = vec![message];
        // What has come meanwhile is drawn together: a pasted text, a key held down.
        while let Ok(message) = told.try_recv() {
            messages.push(message);
        }
        update(&mut state, Event::Now(engine.local_time()));
        for message in messages {
            let event = match message {
                Message::Event(event) => event,
                Message::Gone => return Ok(()),
                Message::Broken => return Err(Failure::new(Code::Internal, "The screen broke.").hint("Please report this.")),
            };
            for effect in update(&mut state, event) {
                if matches!(effect, Effect::Quit) {
                    return Ok(());
                }
                work.on(effect, engine);
            }
        }
    }
}

/// Hands keys on from a thread of their own, which waits for them without a clock and ends with the program.
fn hear_keys(tell: UnboundedSender<Message>) {
    std::thread::spawn(move || {
        loop {
            let message = match crossterm::event::read() {
                Ok(Heard::Key(key)) => Message::Event(Event::Key(key)),
                Ok(Heard::Paste(text)) => Message::Event(Event::Pasted(text)),
                Ok(Heard::Resize(columns, rows)) => Message::Event(Event::Resized(columns, rows)),
                Ok(_) => continue,
                Err(_) => Message::Gone,
            };
            let is_last = matches!(message, Message::Gone);
            if tell.send(message).is_err() || is_last {
                return;
            }
        }
    });
}

/// What is being done beside the screen.
struct Work {
    changes: UnboundedSender<(Request, String)>,
    steps: UnboundedSender<Request>,
    changing: JoinHandle<()>,
    tell: UnboundedSender<Message>,
}

impl Work {
    fn begin(engine: &Engine, tell: &UnboundedSender<Message>) -> Self {
        let (changes, mut wanted) = unbounded_channel::<(Request, String)>();
        let (by, answers) = (engine.clone(), tell.clone());
        let changing = tokio::spawn(async move {
            while let Some((request, said)) = wanted.recv().await {
                let orders = matches!(request, Request::Reorder { .. });
                let changed = Box::pin(by.handle(request)).await.map(|_| said);
                let event = if orders { Event::Ordered(changed, by.snapshot()) } else { Event::Changed(changed) };
                let _ = answers.send(Message::Event(event));
            }
        });
        let (steps, mut wanted) = unbounded_channel();
        let (by, answers) = (engine.clone(), tell.clone());
        tokio::spawn(async move {
            while let Some(request) = wanted.recv().await {
                let begins = matches!(request, Request::BeginSignIn { .. });
                let taken = Box::pin(by.handle(request)).await.map(drop);
                let _ = answers.send(Message::Event(if begins { Event::Began(taken, by.snapshot()) } else { Event::Stepped(taken) }));
            }
        });
        Self { changes, steps, changing, tell: tell.clone() }
    }

    /// Has it done. Where nobody does any more, the screen has ended.
    fn on(&self, effect: Effect, engine: &Engine) {
        match effect {
            Effect::Change(request, said) => drop(self.changes.send((request, said))),
            Effect::Step(request) => drop(self.steps.send(request)),
            Effect::Refresh { profile, name } => {
                let (engine, tell) = (engine.clone(), self.tell.clone());
                tokio::spawn(async move {
                    let asked = Box::pin(engine.poll_usage(&profile)).await;
                    let said = asked.map(|asked| refreshed(&asked, &name, &engine));
                    let _ = tell.send(Message::Event(Event::Changed(said)));
                });
            }
            Effect::Decisions => {
                let (engine, tell) = (engine.clone(), self.tell.clone());
                tokio::spawn(async move {
                    let answered = Box::pin(engine.handle(Request::Why { session: None })).await;
                    let decided = answered.and_then(|reply| match reply {
                        Reply::Decisions { decisions, names } => Ok((decisions, names)),
                        _ => Err(Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this.")),
                    });
                    let _ = tell.send(Message::Event(Event::Decided(decided)));
                });
            }
            // A terminal without a clipboard says nothing of it.
            Effect::Copy(text) => drop(execute!(std::io::stdout(), CopyToClipboard::to_clipboard_from(text))),
            Effect::Quit => {}
        }
    }

    /// Lets a change that is being made come to its end, calls a sign-in off, and waits for what is not saved.
    async fn end(self, engine: &Engine) {
        drop(self.changes);
        let all = async {
            let _ = self.changing.await;
            let _ = Box::pin(engine.handle(Request::CancelSignIn)).await;
        };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            tracing::warn!("the screen ends before what it began");
        }
        // From here on nothing else hears that the user has had enough.
        tokio::select! {
            () = engine.until_saved(|failure| crate::output::must(&format!("note: {}", failure.message))) => {}
            () = left() => {}
        }
    }
}

/// What came of asking for a profile's quota.
fn refreshed(asked: &Asked, name: &str, engine: &Engine) -> String {
    match asked {
        Asked::Told(_) => format!("{name}: asked just now."),
        Asked::NotNow(Some(at)) => format!("{name} was asked lately; it can be asked again at {}.", moment(*at, &engine.local_time())),
        Asked::NotNow(None) => format!("{name} cannot be asked as things are."),
        Asked::NoToken => format!("{name} has no token that is still good, and none is renewed for this."),
        Asked::Nothing(_) => format!("The provider told nothing of {name}; what was known stays."),
    }
}

fn unusable(error: &std::io::Error) -> Failure {
    Failure::new(Code::NotPossibleNow, format!("This terminal cannot show the screen: {error}."))
        .hint("`codex-lab list` shows the profiles; `codex-lab --help` names every command.")
}
