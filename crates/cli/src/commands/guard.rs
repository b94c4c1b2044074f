//! Whether enough quota is left, for scripts.

use std::process::ExitCode;

use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::view::guard::{Answer, Standing, Wish, guard, guard_any};

use crate::args::Guard;
use crate::names;
use crate::output::Output;

/// Less is left than was asked for. No [`Code`] ends with this: the question was answered.
const TOO_LITTLE: u8 = 80;
/// Nobody knows what is left.
const UNKNOWN: u8 = 81;

/// Says whether enough is left, in a line and by the exit status.
pub(crate) fn run(wanted: &Guard, engine: &Engine, output: &Output) -> Result<ExitCode, Failure> {
    let answer = answer(wanted, engine)?;
    let (word, status) = match answer.standing {
        Standing::Enough => ("enough", ExitCode::SUCCESS),
        Standing::TooLittle => ("too little", ExitCode::from(TOO_LITTLE)),
        Standing::Unknown => ("unknown", ExitCode::from(UNKNOWN)),
    };
    output.result(&format!("{word}: {}", answer.reason), &answer);
    Ok(status)
}

fn answer(wanted: &Guard, engine: &Engine) -> Result<Answer, Failure> {
    let (snapshot, now) = (engine.snapshot(), engine.local_time());
    let Guard { min_remaining: least, window, max_age, trust_resets, .. } = *wanted;
    let wish = Wish { least, window, max_age, trust_resets };
    if wanted.any {
        let none =
            || Failure::new(Code::NotFound, "There is no profile that takes anything new.").hint("`codex-lab login` adds an account.");
        return guard_any(snapshot.profiles.iter(), wish, &now).ok_or_else(none);
    }
    let row = match &wanted.profile {
        Some(name) => names::find(&snapshot, name)?,
        None => snapshot.profiles.iter().find(|row| row.live).ok_or_else(|| {
            Failure::new(Code::NotFound, "The live login is no profile, so nothing is known of its quota.")
                .hint("Name a profile with --profile, or say --any.")
        })?,
    };
    Ok(guard(row, wish, &now))
}
