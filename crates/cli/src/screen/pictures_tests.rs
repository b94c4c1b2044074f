//! What the screen looks like, compared with files that people have read. `UPDATE_EXPECTED=1` writes them anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::block::BlockKind;
use codex_lab_core::model::decision::{Chosen, Decision, Judged};
use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::quota::Family;
use codex_lab_core::model::routing::Force;
use codex_lab_core::model::snapshot::{
    Live, LiveState, ProfileState, Removed, SignInMethod, SignInPhase, Snapshot, Undo, VaultMode, VaultState, VaultView,
};
use codex_lab_core::model::verdict::{Choice, Rank, Reason, Verdict};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::draw::draw;
use super::event::Event;
use super::samples::{at, id, none, of, quota, row, sign_in, state, trio};
use super::state::{Page, State};
use super::update::update;

const SIZES: [(u16, u16); 3] = [(80, 24), (40, 12), (120, 40)];

fn drawn(state: &State) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(state.size.0, state.size.1)).unwrap();
    terminal.draw(|frame| draw(state, frame)).unwrap();
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut covered = 0;
        for x in 0..buffer.area.width {
            // Behind a letter of two columns is nothing of its own.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            covered = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub(super) fn press(state: &mut State, key: KeyCode) {
    update(state, Event::Key(KeyEvent::new(key, KeyModifiers::NONE)));
}

/// Compares the scene in all sizes with `tests/terminal/expected/screen/NAME.txt`.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever changes what is drawn")]
fn check(name: &str, snapshot: &Snapshot, prepare: impl Fn(&mut State)) {
    let mut pictures = String::new();
    for (columns, rows) in SIZES {
        let mut state = state(snapshot.clone(), (columns, rows));
        prepare(&mut state);
        let coloured = drawn(&state);
        state.colours = false;
        let plain = drawn(&state);
        assert_eq!(text(&coloured), text(&plain), "{name}: colours say nothing that words do not");
        assert!(plain.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{name}");
        write!(pictures, "=== {columns}x{rows}\n{}", text(&plain)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/terminal/expected/screen").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &pictures).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}: run with UPDATE_EXPECTED=1", path.display()));
    assert_eq!(pictures, expected, "{name} looks different from {}", path.display());
}

/// As many profiles, in every state there is.
fn many(count: usize) -> Snapshot {
    let mut rows = Vec::new();
    for number in 1..=count {
        let mut row = row(number, &format!("account-{number}"), "plus");
        let used = u32::try_from(number * 7 % 101).unwrap();
        row.quota = quota(&[(300, f64::from(used), 90), (10_080, f64::from(used) / 2.0, 3_000)]);
        row.state = [ProfileState::Ready, ProfileState::Paused, ProfileState::NeedsSignIn, ProfileState::Unreadable][number % 7 % 4];
        rows.push(row);
    }
    of(rows)
}

/// What is not as it should be.
fn troubled() -> Snapshot {
    let mut snapshot = trio();
    let rows = &mut snapshot.profiles;
    rows[0].state = ProfileState::NeedsSignIn;
    rows[1].details.drain = true;
    rows[1].quota = quota(&[(300, 100.0, -5), (10_080, 100.0, 1_440)]);
    rows[2].state = ProfileState::Paused;
    let mut key = row(4, "key of the company", "");
    (key.kind, key.plan, key.email) = (ProfileKind::ApiKey, None, None);
    rows.push(key);
    rows.push(row(5, "日本語の名前がここにあります", "pro"));
    rows.push(row(6, "a-name-that-is-much-longer-than-any-column-of-this-list-could-be", "team"));
    snapshot.problems.push(Failure::new(Code::Network, "OpenAI cannot be reached."));
    snapshot
}

fn waiting(method: SignInMethod) -> Snapshot {
    let mut snapshot = trio();
    snapshot.sign_in = Some(sign_in(method, SignInPhase::Waiting));
    snapshot
}

fn on_sign_in(state: &mut State) {
    state.page = Page::SignIn;
}

fn decisions(state: &mut State) {
    let judged = |number, verdict| Judged { profile: id(number), verdict };
    let refused = |reason| Verdict::Refused(vec![reason]);
    let decision = Decision {
        at: at(-60),
        session: Some("0199a1b2-c3d4-7e5f-8899-aabbccddeeff".to_owned()),
        family: Family::main(),
        model: None,
        chosen: Some(Chosen { profile: id(2), choice: Choice::Fallback }),
        tried: Vec::new(),
        instead_of: None,
        verdicts: vec![
            judged(2, Verdict::Eligible { rank: Rank::Preferred }),
            judged(1, refused(Reason::Exhausted { minutes: 300, resets_at: Some(at(4_740)) })),
            judged(3, refused(Reason::Blocked { kind: BlockKind::RateLimited, until: Some(at(0)) })),
        ],
        others: 0,
        times: 2,
    };
    let nobody = Decision { chosen: None, session: None, times: 1, ..decision.clone() };
    let names = BTreeMap::from([(id(1), "main".to_owned()), (id(2), "work".to_owned()), (id(3), "backup".to_owned())]);
    press(state, KeyCode::Char('w'));
    update(state, Event::Decided(Ok((vec![decision, nobody], names))));
}

#[test]
fn the_list() {
    check("list-none", &none(), |_| {});
    let mut unknown = none();
    unknown.live = Live { state: LiveState::Unknown, email: Some("ada@example.com".into()), plan: Some("plus".into()), ..unknown.live };
    check("list-not-kept", &unknown, |_| {});
    check("list-one", &of(vec![row(1, "main", "plus")]), |_| {});
    check("list-three", &trio(), |_| {});
    check("list-fifty", &many(50), |state| (0..29).for_each(|_| press(state, KeyCode::Down)));
}

#[test]
fn what_is_not_as_it_should_be() {
    check("list-troubled", &troubled(), |state| press(state, KeyCode::Down));
    let mut exhausted = trio();
    exhausted.profiles[0].quota = quota(&[(300, 100.0, 80), (10_080, 100.0, 1_440)]);
    exhausted.routing.force = Some(Force { profile: id(1), until: Some(at(6_400)), strict: false });
    check("list-exhausted", &exhausted, |_| {});
    let mut locked = trio();
    locked.vault = VaultView { mode: VaultMode::Passphrase, state: VaultState::Locked, failure: None };
    locked.profiles.iter_mut().for_each(|row| row.state = ProfileState::Locked);
    check("locked", &locked, |state| {
        press(state, KeyCode::Char('v'));
        "hush".chars().for_each(|letter| press(state, KeyCode::Char(letter)));
    });
    check("failed", &trio(), |state| {
        let failure = Failure::new(Code::Locked, "Another program holds Codex's login file, and has for ten seconds.");
        let failure = failure.hint("Try again in a moment.").hint("`codex-lab doctor` says which program it is.");
        update(state, Event::Changed(Err(failure)));
    });
}

#[test]
fn signing_in() {
    check("sign-in-browser", &waiting(SignInMethod::Browser), on_sign_in);
    check("sign-in-device-code", &waiting(SignInMethod::DeviceCode), on_sign_in);
    check("sign-in-paste", &waiting(SignInMethod::Browser), |state| {
        on_sign_in(state);
        press(state, KeyCode::Char('p'));
        update(state, Event::Pasted(format!("http://127.0.0.1:1455/auth/callback?code={}&state=the-end", "x".repeat(200))));
    });
    let mut failed = waiting(SignInMethod::Browser);
    let failure = Failure::new(Code::PortBusy, "The ports 1455 and 1457 are both in use, so the browser could not come back here.");
    let failed_now = failed.sign_in.as_mut().unwrap();
    (failed_now.phase, failed_now.again) = (SignInPhase::Failed, Some(id(1)));
    failed_now.failure = Some(failure.hint("Use a device code.").hint("End the program that uses them."));
    check("sign-in-failed", &failed, on_sign_in);
    let mut other = waiting(SignInMethod::Browser);
    let other_now = other.sign_in.as_mut().unwrap();
    (other_now.phase, other_now.again, other_now.email) = (SignInPhase::OtherAccount, Some(id(1)), Some("bob@example.com".to_owned()));
    check("sign-in-other-account", &other, on_sign_in);
}

#[test]
fn removing_and_what_is_read() {
    check("removing", &trio(), |state| press(state, KeyCode::Char('x')));
    let mut removed = trio();
    removed.undo = Some(Undo { to: Some(id(2)), name: Some("work".to_owned()), switched_at: at(-60) });
    removed.removed = Some(Removed { id: id(9), name: "old".to_owned(), removed_at: at(-30) });
    check("removed", &removed, |state| {
        update(state, Event::Changed(Ok("old is removed here; nothing was revoked. u brings it back.".to_owned())));
    });
    check("limits", &trio(), |state| press(state, KeyCode::Char('l')));
    check("why", &trio(), decisions);
    check("help", &trio(), |state| press(state, KeyCode::Char('?')));
}

#[test]
fn where_names_are_hidden() {
    let mut private = trio();
    private.settings.private_notifications = true;
    for (name, prepare) in [("private-list", &(|_: &mut State| {}) as &dyn Fn(&mut State)), ("private-why", &decisions)] {
        check(name, &private, prepare);
    }
    for (columns, rows) in SIZES {
        let mut state = state(private.clone(), (columns, rows));
        for key in ['x', '\u{1b}', 'l', 'q', 'e', 'w'] {
            press(&mut state, KeyCode::Char(key));
            let seen = text(&drawn(&state));
            assert!(!["main", "work", "backup", "@"].iter().any(|name| seen.contains(name)), "{key}: {seen}");
        }
    }
}

#[test]
fn whatever_the_size_nothing_breaks() {
    for columns in [0, 1, 2, 35, 36, 40, 59, 62, 79, 80, 101, 130] {
        for rows in [0, 1, 8, 9, 10, 11, 15, 16, 20, 40] {
            let mut state = state(troubled(), (columns, rows));
            drawn(&state);
            for key in ['l', 'q', '?', 'q', 'x', 'n', 'e'] {
                press(&mut state, KeyCode::Char(key));
                drawn(&state);
            }
            Arc::make_mut(&mut state.snapshot).sign_in = waiting(SignInMethod::Browser).sign_in;
            (state.page, state.prompt) = (Page::SignIn, None);
            drawn(&state);
        }
    }
    let small = text(&drawn(&state(trio(), (30, 6))));
    assert!(small.starts_with("This terminal is 30x6; the\n"), "{small}");
}
