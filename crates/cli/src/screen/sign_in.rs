//! A sign-in on the screen: the keys that steer it, and following it to its end.

use codex_lab_core::api::table::Request;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::snapshot::{SignIn, SignInMethod, SignInPhase};
use crossterm::event::KeyCode;

use super::event::Effect;
use super::state::{Line, Note, Page, Prompt, Purpose, State};

/// Begins one, in the place of one that runs.
pub(super) fn begin(state: &mut State, method: SignInMethod, again: Option<ProfileId>) -> Vec<Effect> {
    (state.page, state.scroll, state.note) = (Page::SignIn, 0, None);
    state.begins += 1;
    vec![Effect::Step(Request::BeginSignIn { method, again, replace: true })]
}

/// A key while it is on the screen.
pub(super) fn pressed(state: &mut State, key: KeyCode) -> Vec<Effect> {
    let shown = state.snapshot.sign_in.clone().filter(|_| state.begins == 0);
    let other = |method| if method == SignInMethod::Browser { SignInMethod::DeviceCode } else { SignInMethod::Browser };
    let method = shown.as_ref().map_or(SignInMethod::Browser, |sign_in| sign_in.method);
    let again = shown.as_ref().and_then(|sign_in| sign_in.again.clone());
    let link = shown.and_then(|sign_in| sign_in.url);
    match (state.phase(), key) {
        (SignInPhase::OtherAccount, KeyCode::Char('y')) => vec![Effect::Step(Request::DecideSignIn { add: true })],
        (SignInPhase::OtherAccount, KeyCode::Char('n') | KeyCode::Esc) => vec![Effect::Step(Request::DecideSignIn { add: false })],
        (SignInPhase::Failed, KeyCode::Enter) => begin(state, method, again),
        (SignInPhase::Failed | SignInPhase::Done, KeyCode::Esc | KeyCode::Char('q')) => {
            state.page = Page::List;
            vec![Effect::Step(Request::DismissSignIn)]
        }
        (SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing, KeyCode::Esc) => {
            state.page = Page::List;
            state.note = Some(Note::Done("The sign-in is called off; nothing was changed.".to_owned()));
            vec![Effect::Step(Request::CancelSignIn)]
        }
        (SignInPhase::Waiting | SignInPhase::Failed, KeyCode::Char('d')) => begin(state, other(method), again),
        (SignInPhase::Waiting, KeyCode::Char('o')) => vec![Effect::Step(Request::OpenSignInPage)],
        (SignInPhase::Waiting, KeyCode::Char('p')) if method == SignInMethod::Browser => {
            state.prompt = Some(Prompt::Line(Purpose::Address, Line::default()));
            Vec::new()
        }
        (SignInPhase::Waiting, KeyCode::Char('c')) => link.map(|link| copied(state, link)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// It has begun, or it cannot.
pub(super) fn began(state: &mut State, began: Result<(), Failure>) -> Vec<Effect> {
    state.begins = state.begins.saturating_sub(1);
    if began.is_err() && state.begins == 0 {
        state.page = Page::List;
    }
    stepped(state, began)
}

/// A step was taken, or refused.
pub(super) fn stepped(state: &mut State, stepped: Result<(), Failure>) -> Vec<Effect> {
    if let Err(failure) = stepped {
        state.note = Some(Note::Failed(failure));
    }
    follow(state)
}

/// The snapshot may have the end of it.
pub(super) fn follow(state: &mut State) -> Vec<Effect> {
    if state.begins > 0 {
        return Vec::new();
    }
    let Some(sign_in) = state.snapshot.sign_in.clone() else {
        return Vec::new();
    };
    if sign_in.phase != SignInPhase::Waiting {
        // Nothing is left to be pasted.
        state.prompt.take_if(|prompt| matches!(prompt, Prompt::Line(Purpose::Address, _)));
    }
    let called_off = sign_in.failure.as_ref().is_some_and(|failure| failure.code == Code::Cancelled);
    let ended = match sign_in.phase {
        SignInPhase::Done => true,
        SignInPhase::Failed => called_off || state.page != Page::SignIn,
        _ => false,
    };
    if !ended || state.told.as_ref() == Some(&sign_in.id) {
        return Vec::new();
    }
    state.told = Some(sign_in.id.clone());
    if state.page == Page::SignIn {
        state.page = Page::List;
    }
    match (sign_in.phase, &sign_in.profile) {
        (SignInPhase::Done, Some(profile)) => {
            state.select(profile);
            state.note = Some(Note::Done(done(state, &sign_in, profile)));
        }
        _ if !called_off => state.note = sign_in.failure.map(Note::Failed),
        _ => {}
    }
    vec![Effect::Step(Request::DismissSignIn)]
}

fn done(state: &State, sign_in: &SignIn, profile: &ProfileId) -> String {
    let name = state.name(profile);
    let hidden = state.snapshot.settings.private_notifications;
    let who = sign_in.email.as_ref().filter(|_| !hidden).map(|email| format!(" as {email}")).unwrap_or_default();
    let how = if sign_in.created { "new profile" } else { "renewed the login of" };
    let live = state.snapshot.profiles.iter().any(|row| row.live && row.id == *profile);
    format!("Signed in{who}: {how} {name}.{}", if live { "" } else { " Enter makes it live." })
}

fn copied(state: &mut State, link: String) -> Effect {
    state.note = Some(Note::Done("The link is copied, if this terminal has a clipboard.".to_owned()));
    Effect::Copy(link)
}
