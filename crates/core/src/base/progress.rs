//! How far long work is, told to whoever waits for it. What goes on in the background is no such work: nobody waits.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Work that somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// The stores of other tools are read.
    FindLogins,
    /// Logins are taken in.
    KeepLogins,
    /// The provider is asked about an API key.
    CheckKey,
    /// The user signs in on the page that the browser shows.
    Browser,
    /// The user types a code into a page, wherever.
    DeviceCode,
    /// A sign-in starts, or what came back is exchanged and stored.
    SignIn,
    /// Another login becomes the live one.
    Switch,
    /// Codex starts its daemon anew, which waits for the turn in flight.
    RestartDaemon,
    /// A running turn has to end first.
    Idle,
    /// A profile's tokens are renewed.
    Renew,
    /// The provider ends a login.
    SignOut,
    /// A week is started.
    StartWeek,
    /// The second of two readings of a week has to be apart from the first.
    SecondReading,
    /// The vault's key is asked for, or made from a passphrase.
    OpenVault,
    /// The vault is to be moved: the key is made, and put where it belongs.
    PrepareMove,
    /// Each login and copy is written in the vault's new form, and compared.
    CopyVault,
    /// Each of these is put in its place.
    ReplaceVault,
    /// All profiles are written into one sealed file.
    Export,
    /// Such a file is opened.
    OpenExport,
    /// Everything is looked at.
    Examine,
    /// What somebody who helps has to see is put together.
    Gather,
    /// A program of ours ends.
    EndProgram,
    /// What was changed outside the home is undone.
    Undo,
    /// The home is deleted.
    DeleteHome,
}

/// How far work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Far {
    /// Nobody can tell.
    Unknown,
    /// It is over by then.
    Until(Timestamp),
    /// It has steps.
    Steps {
        /// So many are done.
        done: usize,
        /// Of so many.
        of: usize,
    },
}

/// Is told of long work. One piece at a time: what is told last is what goes on.
pub trait Progress: fmt::Debug + Send + Sync {
    /// Work goes on, and is this far.
    fn at(&self, work: Work, far: Far);

    /// It is over, however it ended.
    fn over(&self);
}

/// Tells nobody.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn at(&self, _work: Work, _far: Far) {}

    fn over(&self) {}
}

/// Work that goes on until this is dropped.
#[derive(Debug)]
#[must_use = "work is over when this is dropped"]
pub struct Underway {
    told: Arc<dyn Progress>,
    work: Work,
    far: Far,
}

impl Underway {
    /// Tells that work goes on.
    pub fn begin(told: &Arc<dyn Progress>, work: Work, far: Far) -> Self {
        told.at(work, far);
        Self { told: Arc::clone(told), work, far }
    }

    /// The same for work of so many steps, none of which is done.
    pub fn of_steps(told: &Arc<dyn Progress>, work: Work, of: usize) -> Self {
        Self::begin(told, work, Far::Steps { done: 0, of })
    }

    /// One more step is done.
    pub fn step(&mut self) {
        if let Far::Steps { done, .. } = &mut self.far {
            *done += 1;
        }
        self.told.at(self.work, self.far);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.told.over();
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::Told;
    use super::*;

    #[test]
    fn work_is_told_step_by_step_and_is_over_however_it_ends() {
        let told = Arc::new(Told::default());
        let port: Arc<dyn Progress> = told.clone();
        let mut work = Underway::of_steps(&port, Work::KeepLogins, 2);
        work.step();
        drop(work);
        drop(Underway::begin(&port, Work::Renew, Far::Unknown));
        let steps = |done| Some((Work::KeepLogins, Far::Steps { done, of: 2 }));
        assert_eq!(told.all(), [steps(0), steps(1), None, Some((Work::Renew, Far::Unknown)), None]);
    }
}
