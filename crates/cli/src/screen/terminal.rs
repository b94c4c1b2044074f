//! The terminal while the screen has it, and giving it back: at the end, after an error, and before a panic is told.

use std::io::{Stdout, stdout};

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// The terminal, taken. It is given back when this goes.
pub(super) struct Taken {
    /// What is drawn on.
    pub(super) screen: Terminal<CrosstermBackend<Stdout>>,
}

impl Taken {
    /// Takes it. `broken` is called, with the terminal given back, when any thread panics.
    pub(super) fn take(broken: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
            broken();
        }));
        enable_raw_mode()?;
        let taken = execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())))
            .inspect_err(|_| give_back())?;
        Ok(Self { screen: taken })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// As it was. What fails here has nobody left to be told.
fn give_back() {
    let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}
