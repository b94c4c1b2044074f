//! Tables for the machine: a row is a sequence of events, each with the effects it must have.

use serde_json::json;

use super::*;
use crate::auth::ask::AskError;
use crate::auth::callback::Refusal;
use crate::auth::fakes::jwt;

fn login_in(workspace: &str) -> Box<AuthDocument> {
    let id = jwt(&json!({"https://api.openai.com/auth": {"chatgpt_user_id": "u", "chatgpt_account_id": workspace}}));
    let text = json!({"auth_mode": "chatgpt", "tokens": {"id_token": id, "access_token": "at", "refresh_token": "rt"}});
    Box::new(AuthDocument::parse(text.to_string()).unwrap())
}

fn grant() -> Grant {
    Grant { code: Secret::new("dc"), verifier: Secret::new("v"), redirect_uri: "r".into() }
}

fn device_code() -> DeviceCode {
    DeviceCode { user_code: "A-1".into(), interval: Duration::from_secs(5), device_auth_id: Secret::new("d") }
}

fn code() -> Callback {
    Callback::Code(Secret::new("ac"))
}

fn returned(tab: u64, callback: Callback) -> Event {
    Event::Returned { tab: Tab(tab), callback }
}

/// An effect in a few words.
fn words(effect: &Effect) -> String {
    match effect {
        Effect::Bind => "bind".into(),
        Effect::AskCode => "ask code".into(),
        Effect::ShowCode(code) => format!("show {}", code.user_code),
        Effect::Poll => "poll".into(),
        Effect::StartClock(time) => format!("clock {}", time.as_secs()),
        Effect::OpenPage => "open".into(),
        Effect::TellOpened(opened) => format!("opened {opened}"),
        Effect::ExchangeCode(code) => format!("exchange {}", code.expose()),
        Effect::ExchangeGrant(grant) => format!("exchange {}", grant.code.expose()),
        Effect::Answer(Tab(tab), page) => match page {
            Page::Failed(failure) => format!("tab {tab}: {:?}", failure.code),
            page => format!("tab {tab}: {page:?}"),
        },
        Effect::AnswerPaste(answer) => format!("paste: {answer:?}"),
        Effect::Finish(_) => "finish".into(),
        Effect::Fail(error) => format!("fail {:?}", error.failure().code),
    }
}

fn play(mut login: Login, row: Vec<(Event, &str)>) -> Login {
    for (number, (event, expected)) in row.into_iter().enumerate() {
        let event_words = format!("{event:?}");
        let effects: Vec<String> = login.step(event).iter().map(words).collect();
        assert_eq!(effects.join(", "), expected, "step {number}: {event_words:.60}");
    }
    login
}

fn browser(row: Vec<(Event, &str)>) -> Login {
    let begin = vec![(Event::Begin, "bind"), (Event::Bound, "clock 600, open"), (Event::Opened(true), "opened true")];
    play(Login::new(SignInMethod::Browser, Vec::new()), begin.into_iter().chain(row).collect())
}

fn device(row: Vec<(Event, &str)>) -> Login {
    let begin = vec![(Event::Begin, "ask code"), (Event::CodeIssued(Box::new(device_code())), "show A-1, clock 900, poll")];
    play(Login::new(SignInMethod::DeviceCode, Vec::new()), begin.into_iter().chain(row).collect())
}

#[test]
fn a_browser_signs_in() {
    browser(vec![
        (returned(1, code()), "exchange ac"),
        (Event::Exchanged(login_in("w")), "tab 1: SignedIn, finish"),
        (returned(2, code()), "tab 2: AlreadyUsed"),
    ]);
}

#[test]
fn a_device_signs_in() {
    device(vec![
        (Event::StillPending, "poll"),
        (Event::StillPending, "poll"),
        (Event::Approved(grant()), "exchange dc"),
        (Event::Exchanged(login_in("w")), "finish"),
    ]);
}

#[test]
fn a_pasted_address_signs_in_while_the_listener_waits() {
    browser(vec![
        (Event::Pasted(Err(PasteError::NotACallback)), "paste: Err(NotACallback)"),
        (Event::Pasted(Err(PasteError::WrongState)), "paste: Err(WrongState)"),
        (Event::Pasted(Ok(code())), "paste: Ok(()), exchange ac"),
        (Event::Pasted(Ok(code())), "paste: Err(NotWaiting)"),
        (returned(1, code()), "tab 1: AlreadyUsed"),
        (Event::Exchanged(login_in("w")), "finish"),
    ]);
}

#[test]
fn a_foreign_callback_changes_nothing() {
    browser(vec![
        (returned(1, Callback::WrongState), "tab 1: WrongState"),
        (returned(2, Callback::WrongState), "tab 2: WrongState"),
        (returned(3, code()), "exchange ac"),
        (returned(4, Callback::WrongState), "tab 4: WrongState"),
        (Event::Exchanged(login_in("w")), "tab 3: SignedIn, finish"),
    ]);
}

#[test]
fn a_code_is_exchanged_once() {
    browser(vec![
        (returned(1, code()), "exchange ac"),
        (returned(2, code()), "tab 2: AlreadyUsed"),
        (Event::Exchanged(login_in("w")), "tab 1: SignedIn, finish"),
        (Event::Exchanged(login_in("w")), ""),
    ]);
}

#[test]
fn refusals_end_it_in_the_tab_and_in_the_app() {
    for (callback, code) in [
        (Callback::Refused(Refusal::Denied), "SignInRefused"),
        (Callback::Refused(Refusal::NoCodex), "SignInRefused"),
        (Callback::Refused(Refusal::Other("x".into())), "SignInRefused"),
        (Callback::Empty, "Provider"),
    ] {
        browser(vec![(returned(1, callback.clone()), &format!("tab 1: {code}, fail {code}"))]);
        browser(vec![(Event::Pasted(Ok(callback)), &format!("paste: Ok(()), fail {code}"))]);
    }
    device(vec![(Event::DeviceFailed(DeviceError::Refused), "fail SignInRefused")]);
    device(vec![(Event::DeviceFailed(DeviceError::Trouble { status: 500 }), "fail Provider")]);
}

#[test]
fn a_failed_exchange_is_told_in_the_tab_too() {
    let failed = || Event::NotExchanged(ExchangeError::Trouble { status: 500 });
    browser(vec![(returned(1, code()), "exchange ac"), (failed(), "tab 1: Provider, fail Provider")]);
    browser(vec![(Event::Pasted(Ok(code())), "paste: Ok(()), exchange ac"), (failed(), "fail Provider")]);
    device(vec![(Event::Approved(grant()), "exchange dc"), (failed(), "fail Provider")]);
}

#[test]
fn only_a_wanted_workspace_finishes() {
    for (workspaces, end) in [
        (vec![], "tab 1: SignedIn, finish"),
        (vec!["v".to_owned(), "w".to_owned()], "tab 1: SignedIn, finish"),
        (vec!["v".to_owned()], "tab 1: WrongAccount, fail WrongAccount"),
    ] {
        let row = vec![
            (Event::Begin, "bind"),
            (Event::Bound, "clock 600, open"),
            (returned(1, code()), "exchange ac"),
            (Event::Exchanged(login_in("w")), end),
        ];
        play(Login::new(SignInMethod::Browser, workspaces), row);
    }
}

#[test]
fn a_sign_in_that_cannot_start_ends() {
    let start = |method, row| play(Login::new(method, Vec::new()), row);
    start(SignInMethod::Browser, vec![(Event::Begin, "bind"), (Event::NotBound(BindError::AllBusy), "fail PortBusy")]);
    let denied = BindError::Io(std::io::ErrorKind::PermissionDenied.into());
    start(SignInMethod::Browser, vec![(Event::Begin, "bind"), (Event::NotBound(denied), "fail PortBusy")]);
    let off = DeviceError::NotOffered;
    start(SignInMethod::DeviceCode, vec![(Event::Begin, "ask code"), (Event::DeviceFailed(off), "fail SignInRefused")]);
    let large = DeviceError::Ask(AskError::TooLarge);
    start(SignInMethod::DeviceCode, vec![(Event::Begin, "ask code"), (Event::DeviceFailed(large), "fail Provider")]);
}

#[test]
fn a_browser_that_does_not_start_ends_nothing() {
    browser(vec![
        (Event::Opened(false), "opened false"),
        (Event::OpenAsked, "open"),
        (Event::Opened(true), "opened true"),
        (returned(1, code()), "exchange ac"),
        (Event::OpenAsked, ""),
        (Event::Opened(false), ""),
    ]);
    device(vec![(Event::OpenAsked, "open"), (Event::Opened(false), "opened false"), (Event::StillPending, "poll")]);
}

#[test]
fn cancel_works_everywhere_and_once() {
    let cancelled = "fail Cancelled";
    for (method, begin) in [(SignInMethod::Browser, "bind"), (SignInMethod::DeviceCode, "ask code")] {
        play(Login::new(method, Vec::new()), vec![(Event::Begin, begin), (Event::CancelAsked, cancelled), (Event::CancelAsked, "")]);
    }
    browser(vec![
        (Event::CancelAsked, cancelled),
        (returned(1, code()), "tab 1: AlreadyUsed"),
        (Event::Pasted(Ok(code())), "paste: Err(NotWaiting)"),
    ]);
    browser(vec![
        (returned(1, code()), "exchange ac"),
        (Event::CancelAsked, "tab 1: Cancelled, fail Cancelled"),
        (Event::Exchanged(login_in("w")), ""),
    ]);
    device(vec![(Event::CancelAsked, cancelled), (Event::Approved(grant()), "")]);
}

#[test]
fn the_clock_ends_the_users_part_only() {
    browser(vec![(Event::DeadlinePassed, "fail SignInExpired")]);
    device(vec![(Event::DeadlinePassed, "fail SignInExpired")]);
    browser(vec![
        (returned(1, code()), "exchange ac"),
        (Event::DeadlinePassed, ""),
        (Event::Exchanged(login_in("w")), "tab 1: SignedIn, finish"),
    ]);
}

#[test]
fn a_device_flow_takes_no_address() {
    device(vec![(Event::Pasted(Ok(code())), "paste: Err(NotWaiting)"), (Event::StillPending, "poll")]);
}

#[test]
fn the_phase_follows() {
    let mut login = Login::new(SignInMethod::Browser, Vec::new());
    let mut phases = vec![login.phase()];
    for event in [Event::Begin, Event::Bound, returned(1, code()), Event::Exchanged(login_in("w"))] {
        login.step(event);
        phases.push(login.phase());
    }
    use SignInPhase::{Finishing, Starting, Waiting};
    assert_eq!(phases, [Starting, Starting, Waiting, Finishing, Finishing]);
}
