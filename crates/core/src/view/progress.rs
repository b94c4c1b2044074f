//! The words of long work: what goes on, and how long it may. English, and nothing of the user's in them.

use jiff::Timestamp;

use super::times::countdown;
use crate::base::progress::{Far, Work};

/// What goes on, in a line without its end.
pub fn line(work: Work, far: Far, now: Timestamp) -> String {
    match far {
        Far::Until(end) => format!("{}, {} left", words(work), countdown(end.duration_since(now))),
        Far::Unknown | Far::Steps { .. } => words(work).to_owned(),
    }
}

fn words(work: Work) -> &'static str {
    match work {
        Work::FindLogins => "Looking for logins of other tools",
        Work::KeepLogins => "Keeping logins",
        Work::CheckKey => "Asking the provider about the key",
        Work::Browser => "Waiting for the browser",
        Work::DeviceCode => "Waiting for the code to be typed in",
        Work::SignIn => "Signing in",
        Work::Switch => "Switching the login",
        Work::RestartDaemon => "Restarting Codex's daemon, which lets a running turn end",
        Work::Idle => "Waiting until no turn is running",
        Work::Renew => "Renewing the login",
        Work::SignOut => "Signing out at the provider",
        Work::StartWeek => "Looking whether the week has started",
        Work::SecondReading => "Waiting before the second look at the week",
        Work::OpenVault => "Opening the vault",
        Work::PrepareMove => "Preparing the vault's key",
        Work::CopyVault => "Writing logins and copies in their new form",
        Work::ReplaceVault => "Putting logins and copies in place",
        Work::Export => "Sealing the profiles",
        Work::OpenExport => "Opening the file",
        Work::Examine => "Looking at everything",
        Work::Gather => "Gathering what is known",
        Work::EndProgram => "Waiting for a running Codex Lab to end",
        Work::Undo => "Undoing what was changed outside the home",
        Work::DeleteHome => "Deleting the home",
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_wait_says_how_long_it_may_be_and_never_less_than_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        let until = |seconds| line(Work::Browser, Far::Until(now + SignedDuration::from_secs(seconds)), now);
        assert_eq!(until(298), "Waiting for the browser, 4:58 left");
        assert_eq!(until(-3), "Waiting for the browser, 0:00 left");
        assert_eq!(line(Work::KeepLogins, Far::Steps { done: 1, of: 2 }, now), "Keeping logins");
        assert_eq!(line(Work::Renew, Far::Unknown, now), "Renewing the login");
    }
}
