//! The lines of a sign-in.

use codex_lab_core::model::snapshot::{SignIn, SignInMethod, SignInPhase};
use codex_lab_core::view::times::countdown;

use super::canvas::{pieces, wrapped};
use super::state::State;
use crate::paint::{Text, Tone};

/// What it is for.
pub(super) fn title(state: &State) -> String {
    match state.snapshot.sign_in.as_ref().filter(|_| state.begins == 0).and_then(|sign_in| sign_in.again.as_ref()) {
        Some(profile) => format!("Sign in again: {}", state.name(profile)),
        None => "Sign in".to_owned(),
    }
}

/// What is going on, and what the user does now.
pub(super) fn lines(state: &State, columns: usize) -> Vec<Text> {
    let mut lines = Vec::new();
    let Some(sign_in) = state.snapshot.sign_in.as_ref().filter(|_| state.begins == 0) else {
        say(&mut lines, "Starting…", columns);
        return lines;
    };
    match sign_in.phase {
        SignInPhase::Starting => say(&mut lines, "Starting…", columns),
        SignInPhase::Waiting => waiting(state, sign_in, columns, &mut lines),
        SignInPhase::Finishing => say(&mut lines, "The account is there; its login is being fetched and kept…", columns),
        SignInPhase::OtherAccount => {
            let email = sign_in.email.as_deref().filter(|_| !state.snapshot.settings.private_notifications);
            let who = email.unwrap_or("another account");
            say(&mut lines, &format!("This sign-in was for {who}, not for the account of that profile."), columns);
            say(&mut lines, "Add it as a new profile?", columns);
        }
        SignInPhase::Done => say(&mut lines, "Done.", columns),
        SignInPhase::Failed => {
            let Some(failure) = &sign_in.failure else { return lines };
            lines.extend(wrapped(&failure.message, columns).iter().map(|line| Text::default().with(line, Tone::Alarm)));
            lines.push(Text::default());
            for hint in &failure.hints {
                lines.extend(wrapped(hint, columns).iter().map(Text::from));
            }
        }
    }
    lines
}

fn waiting(state: &State, sign_in: &SignIn, columns: usize, lines: &mut Vec<Text>) {
    let url = sign_in.url.as_deref().unwrap_or_default();
    let left = sign_in.deadline.map(|deadline| countdown(deadline.duration_since(state.now.timestamp())));
    let left = left.map(|left| format!(" {left} left.")).unwrap_or_default();
    let link = |lines: &mut Vec<Text>| {
        // From the margin and without marks, so that it can be copied by hand.
        lines.extend(pieces(url, columns).iter().map(|piece| Text::default().with(piece, Tone::Lead)));
        lines.push(Text::default());
    };
    if let (SignInMethod::DeviceCode, Some(code)) = (sign_in.method, &sign_in.user_code) {
        say(lines, "Open this page on any machine and type in the code below:", columns);
        link(lines);
        lines.push(Text::from("    ").with(code, Tone::Strong));
        lines.push(Text::default());
        say(lines, &format!("Waiting for the code to be typed in.{left}"), columns);
        return;
    }
    if sign_in.browser_failed {
        say(lines, "The browser could not be opened; open this page by hand:", columns);
    } else {
        say(
            lines,
            "Your browser opens to sign in. If it does not, or for another account, open this page (a private window asks anew):",
            columns,
        );
    }
    link(lines);
    say(lines, &format!("Waiting for the browser.{left} Nothing is changed before it is done."), columns);
    say(lines, "Is the browser on another machine? Press p, and paste the address that it ends at and cannot open.", columns);
}

fn say(lines: &mut Vec<Text>, text: &str, columns: usize) {
    lines.extend(wrapped(text, columns).iter().map(Text::from));
    lines.push(Text::default());
}
