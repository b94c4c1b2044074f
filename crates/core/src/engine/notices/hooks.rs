//! Running the user's hooks: one at a time for each event, a few waiting at most, none of them for ever.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::feed::{Feed, Heard};
use crate::base::files::{self, Entry};
use crate::base::ports::{Command, Finished, RunError};
use crate::engine::{Engine, Shared, blocking, settings};
use crate::failure::{Code, Failure, shown};
use crate::model::hooks::{HookCommand, HookEvent};
use crate::model::news::News;
use crate::model::snapshot::Settings;
use crate::notices::gate::Way;
use crate::notices::hook;
use crate::store::notices::Teller;

/// Events of one kind that wait while its hook runs; further ones are dropped.
const MOST_WAITING: usize = 16;
/// Characters of a hook's output that go to the log.
const LOGGED: usize = 2_000;
/// Before it is tried again to read the ledger.
const PAUSE: Duration = Duration::from_secs(30);
/// What a hook finds in its environment, where we have it: the way to programs, and to the desktop.
const VARIABLES: [&str; 8] = ["PATH", "LANG", "TZ", "USER", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"];

type Queues = BTreeMap<HookEvent, mpsc::Sender<Vec<u8>>>;

impl Engine {
    /// Runs hooks for what is new, until dropped; what runs then is killed. For processes that live long.
    pub async fn run_hooks(&self) {
        let mut running = JoinSet::new();
        let mut queues = Queues::new();
        for event in HookEvent::ALL {
            let (queue, waiting) = mpsc::channel(MOST_WAITING);
            queues.insert(event, queue);
            running.spawn(self.clone().run_each(event, waiting));
        }
        let mut feed = loop {
            match Feed::open(self, Teller::Hooks).await {
                Ok(feed) => break feed,
                Err(failure) => tracing::warn!(code = ?failure.code, %failure, "no hook can be run yet"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        loop {
            let heard = feed.heard().await;
            if matches!(heard, Heard::Nothing) {
                return;
            }
            let is_off = self.snapshot().settings.hooks.all().next().is_none();
            // Low windows are noted too: their resets are events.
            let news = feed.news(heard, |_| if is_off { Way::Never } else { Way::Now }).await;
            for (news, _) in &news {
                self.put_in_line(news, &queues);
            }
        }
    }

    fn put_in_line(&self, news: &News, queues: &Queues) {
        let (snapshot, now) = (self.snapshot(), self.shared.ports.clock.now());
        let Some(event) = HookEvent::of(news).filter(|event| snapshot.settings.hooks.command(*event).is_some()) else { return };
        let Some(mut input) = hook::input(news, &snapshot, now).and_then(|input| serde_json::to_vec(&input).ok()) else { return };
        input.push(b'\n');
        if queues.get(&event).is_some_and(|queue| queue.try_send(input).is_err()) {
            tracing::warn!(event = event.as_str(), "too many events wait for this hook; one is dropped");
        }
    }

    async fn run_each(self, event: HookEvent, mut waiting: mpsc::Receiver<Vec<u8>>) {
        while let Some(input) = waiting.recv().await {
            let shared = Arc::clone(&self.shared);
            // As the file is now: what was set when the event came may have been taken back.
            let allowed = blocking(move || Ok(allowed(&shared, event))).await.unwrap_or_else(Err);
            match allowed {
                Ok(Some((command, seconds))) => self.run(event, &command, seconds, input).await,
                Ok(None) => {}
                Err(failure) => tracing::warn!(code = ?failure.code, %failure, event = event.as_str(), "a hook was not run"),
            }
        }
    }

    async fn run(&self, event: HookEvent, command: &HookCommand, seconds: u16, input: Vec<u8>) {
        let environment = &self.shared.ports.environment;
        let home = environment.user_home().map_or_else(|| PathBuf::from("/"), PathBuf::from);
        let kept = VARIABLES.into_iter().filter_map(|name| Some((name.to_owned(), environment.text(name)?.to_owned())));
        let own = [("HOME".to_owned(), shown(&home)), ("CODEX_LAB_EVENT".to_owned(), event.as_str().to_owned())];
        let run = Command {
            program: command.program().to_path_buf(),
            arguments: command.arguments().to_vec(),
            variables: kept.chain(own).collect(),
            timeout: Duration::from_secs(seconds.into()),
        };
        log(event, self.shared.ports.processes.run_apart(run, home, input).await);
    }
}

/// Why hooks that are set are not run.
pub(super) fn problems(shared: &Shared, settings: &Settings) -> Vec<Failure> {
    let mut problems: Vec<Failure> = Vec::new();
    for (event, command) in settings.hooks.all() {
        if let Err(failure) = fit_to_run(shared, event, command)
            && !problems.contains(&failure)
        {
            problems.push(failure);
        }
    }
    problems
}

fn allowed(shared: &Shared, event: HookEvent) -> Result<Option<(HookCommand, u16)>, Failure> {
    let hooks = settings::in_force(shared)?.hooks;
    let Some(command) = hooks.command(event) else { return Ok(None) };
    fit_to_run(shared, event, command)?;
    Ok(Some((command.clone(), hooks.timeout_seconds.get())))
}

fn fit_to_run(shared: &Shared, event: HookEvent, command: &HookCommand) -> Result<(), Failure> {
    let config = shared.home.config();
    if files::entry(&config)? != Entry::Missing && files::others_may_write(&config)? {
        return Err(Failure::new(Code::HookRefused, "Hooks are not run, because other users can change the settings' file.")
            .hint(format!("Make it yours alone: chmod go-w {}", shown(&config))));
    }
    let (program, event) = (command.program(), event.as_str());
    if !files::is_program(program) {
        return Err(Failure::new(Code::HookRefused, format!("The hook for {event}, {}, is no program that can be run.", shown(program)))
            .hint(format!("Put it there and make it executable, or take it out: codex-lab settings hooks.{event} none")));
    }
    if files::others_may_write(program)? {
        return Err(Failure::new(
            Code::HookRefused,
            format!("The hook for {event} is not run, because other users can change {}.", shown(program)),
        )
        .hint(format!("Make it yours alone: chmod go-w {}", shown(program))));
    }
    Ok(())
}

fn log(event: HookEvent, ended: Result<Finished, RunError>) {
    let event = event.as_str();
    match ended {
        Ok(Finished { success: true, output, error }) => {
            tracing::info!(event, output = logged(&output), error = logged(&error), "a hook was run");
        }
        Ok(Finished { success: false, output, error }) => {
            tracing::warn!(event, output = logged(&output), error = logged(&error), "a hook has failed");
        }
        Err(error) => tracing::warn!(event, %error, "a hook did not run to its end"),
    }
}

/// On one line, and not for ever.
fn logged(text: &str) -> String {
    text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).take(LOGGED).collect()
}
