//! Bars and spinners for whoever waits at a terminal. They are gone when the work is over: the lines before and after are as
//! they would be without them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::base::progress::{Far, Progress, Work};
use codex_lab_core::view::progress as words;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// What is over by then is not worth a line.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between two turns of a spinner.
const TURN: Duration = Duration::from_millis(120);
const COUNTED: &str = "{msg}  [{bar:24}] {pos}/{len}";
const OPEN: &str = "{spinner} {wide_msg}";

/// What decides whether anything is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes {
    /// Standard error goes to a terminal.
    pub(crate) terminal: bool,
    /// One that can only print lines.
    pub(crate) dumb: bool,
    /// The result is for a program.
    pub(crate) json: bool,
    /// No progress is wanted.
    pub(crate) quiet: bool,
    /// A log goes to the same lines.
    pub(crate) verbose: bool,
}

impl Wishes {
    /// Whether anything is drawn.
    pub(crate) fn drawn(self) -> bool {
        self.terminal && !self.dumb && !self.json && !self.quiet && !self.verbose
    }
}

/// Draws on standard error, one line.
#[derive(Default)]
pub(crate) struct Bars {
    drawn: Arc<Mutex<Option<Drawn>>>,
}

/// What is told now.
struct Drawn {
    work: Work,
    far: Far,
    bar: ProgressBar,
    turning: AbortHandle,
}

impl Drawn {
    fn begin(work: Work, far: Far, all: &Arc<Mutex<Option<Self>>>, runtime: &Handle) -> Self {
        let template = if matches!(far, Far::Steps { .. }) { COUNTED } else { OPEN };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        // In every terminal's letters, and without colours.
        let style = style.progress_chars("=> ").tick_chars("|/-\\ ");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style);
        let all = Arc::clone(all);
        let turning = runtime.spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            if let Some(drawn) = &*held(&all) {
                drawn.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            loop {
                if let Some(drawn) = &*held(&all) {
                    drawn.turn();
                }
                tokio::time::sleep(TURN).await;
            }
        });
        Self { work, far, bar, turning: turning.abort_handle() }
    }

    fn turn(&self) {
        if let Far::Steps { done, of } = self.far {
            self.bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
            self.bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        }
        self.bar.set_message(words::line(self.work, self.far, SystemClock.now()));
        self.bar.tick();
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.turning.abort();
        self.bar.finish_and_clear();
    }
}

impl Progress for Bars {
    fn at(&self, work: Work, far: Far) {
        let mut drawn = held(&self.drawn);
        match &mut *drawn {
            Some(drawn) if drawn.work == work => drawn.far = far,
            _ => {
                // Outside of a runtime nothing could turn it.
                *drawn = None;
                *drawn = Handle::try_current().ok().map(|runtime| Drawn::begin(work, far, &self.drawn, &runtime));
            }
        }
    }

    fn over(&self) {
        *held(&self.drawn) = None;
    }
}

impl fmt::Debug for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bars")
    }
}

fn held(drawn: &Mutex<Option<Drawn>>) -> MutexGuard<'_, Option<Drawn>> {
    drawn.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_at_a_terminal_that_can_draw_sees_any() {
        let person = Wishes { terminal: true, dumb: false, json: false, quiet: false, verbose: false };
        assert!(person.drawn());
        let others = [
            Wishes { terminal: false, ..person },
            Wishes { dumb: true, ..person },
            Wishes { json: true, ..person },
            Wishes { quiet: true, ..person },
            Wishes { verbose: true, ..person },
        ];
        assert!(others.iter().all(|other| !other.drawn()));
    }

    #[test]
    fn the_templates_are_good() {
        for template in [COUNTED, OPEN] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[tokio::test]
    async fn what_is_told_last_is_what_goes_on_until_it_is_over() {
        let bars = Bars::default();
        let now = |bars: &Bars| held(&bars.drawn).as_ref().map(|drawn| (drawn.work, drawn.far));
        bars.at(Work::PrepareMove, Far::Unknown);
        bars.at(Work::CopyVault, Far::Steps { done: 0, of: 2 });
        bars.at(Work::CopyVault, Far::Steps { done: 1, of: 2 });
        assert_eq!(now(&bars), Some((Work::CopyVault, Far::Steps { done: 1, of: 2 })));
        let turning = held(&bars.drawn).as_ref().map(|drawn| drawn.turning.clone()).unwrap();
        bars.over();
        assert_eq!(now(&bars), None);
        while !turning.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}
