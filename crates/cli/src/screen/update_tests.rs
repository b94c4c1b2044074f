//! What follows from keys and from what is heard, as tables.

use std::sync::Arc;

use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{Live, LiveState, ProfileState, Removed, SignIn, SignInMethod, SignInPhase, Snapshot, Undo};
use codex_lab_core::model::snapshot::{VaultMode, VaultState};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::event::{Effect, Event};
use super::samples::{at, id, none, of, row, sign_in, state, trio};
use super::state::{Note, Page, Prompt, State};
use super::update::update;

fn key(state: &mut State, code: KeyCode) -> Vec<Effect> {
    update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

/// Types letters, of which `\n` is Enter and `\u{1b}` is Esc; what is wanted in the end.
fn typed(state: &mut State, letters: &str) -> String {
    let mut effects = Vec::new();
    for letter in letters.chars() {
        effects.extend(key(
            state,
            match letter {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\u{8}' => KeyCode::Backspace,
                letter => KeyCode::Char(letter),
            },
        ));
    }
    format!("{effects:?}").replace("00000000000000", "")
}

fn said(state: &State) -> String {
    match &state.note {
        None => String::new(),
        Some(Note::Doing(text) | Note::Done(text)) => text.clone(),
        Some(Note::Failed(failure)) => failure.message.clone(),
    }
}

fn hear(state: &mut State, change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = (*state.snapshot).clone();
    change(&mut snapshot);
    format!("{:?}", update(state, Event::Snapshot(Arc::new(snapshot))))
}

#[test]
fn keys_of_the_list_ask_for_what_they_say() {
    for (keys, expected, note) in [
        ("\n", "[]", "main is live already."),
        ("j\n", r#"[Change(SwitchTo { profile: Some(ProfileId("02")) }, "work is live. u switches back.")]"#, "Switching to work…"),
        ("jjjjj\n", r#"[Change(SwitchTo { profile: Some(ProfileId("03")) }, "backup is live. u switches back.")]"#, "Switching to backup…"),
        ("p", r#"[Change(SetPaused { profile: ProfileId("01"), paused: true }, "main is paused.")]"#, ""),
        ("a", "[Step(BeginSignIn { method: Browser, again: None, replace: true })]", ""),
        ("Gs", r#"[Step(BeginSignIn { method: Browser, again: Some(ProfileId("03")), replace: true })]"#, ""),
        ("x", "[]", ""),
        ("xn", "[]", "main stays."),
        ("x\n", "[]", "main stays."),
        (
            "xy",
            r#"[Change(Remove { profile: ProfileId("01"), sign_out: false }, "main is removed here; nothing was revoked. u brings it back.")]"#,
            "Removing main…",
        ),
        (
            "xo",
            r#"[Change(Remove { profile: ProfileId("01"), sign_out: true }, "main is removed and signed out at the provider.")]"#,
            "Signing main out…",
        ),
        ("u", "[]", "There is nothing to undo."),
        ("w", "[Decisions]", ""),
        ("r", r#"[Refresh { profile: ProfileId("01"), name: "main" }]"#, "Asking what is left of main…"),
        ("J", r#"[Change(Reorder { profiles: [ProfileId("02"), ProfileId("01"), ProfileId("03")] }, "The order is changed.")]"#, ""),
        ("K", "[]", ""),
        ("e\u{8}\u{8}\u{8}\u{8}home \n", r#"[Change(Rename { profile: ProfileId("01"), name: "home" }, "main is now home.")]"#, ""),
        ("e\u{8}\u{8}\u{8}\u{8}\n", "[]", ""),
        ("ex\u{1b}", "[]", ""),
        ("c", "[]", ""),
        ("v", "[]", ""),
        ("q", "[Quit]", ""),
        ("lq?qq", "[Quit]", ""),
    ] {
        let mut state = state(trio(), (80, 24));
        assert_eq!(typed(&mut state, keys), expected, "{keys:?}");
        assert_eq!(said(&state), note, "{keys:?}");
    }
}

#[test]
fn keys_that_need_a_profile_do_nothing_without_one() {
    let mut state = state(none(), (80, 24));
    assert_eq!(typed(&mut state, "\npsxelrJKjkgG"), "[]");
    assert_eq!((state.page, state.prompt.is_none(), said(&state)), (Page::List, true, String::new()));
}

#[test]
fn some_keys_are_there_when_they_are_of_use() {
    let mut unknown = none();
    unknown.live = Live { state: LiveState::Unknown, ..unknown.live };
    let mut locked = trio();
    (locked.vault.mode, locked.vault.state) = (VaultMode::Passphrase, VaultState::Locked);
    let mut paused = trio();
    paused.profiles[0].state = ProfileState::Paused;
    for (snapshot, keys, expected) in [
        (unknown, "c", r#"[Change(CaptureLive, "The live login is kept as a profile.")]"#),
        (paused, "p", r#"[Change(SetPaused { profile: ProfileId("01"), paused: false }, "main is in use again.")]"#),
    ] {
        assert_eq!(typed(&mut state(snapshot, (80, 24)), keys), expected);
    }
    let asked = typed(&mut state(locked, (80, 24)), "vhush\n");
    assert!(asked.starts_with("[Change(UnlockVault { passphrase: Some(") && !asked.contains("hush"), "{asked}");
}

#[test]
fn what_was_last_is_undone_first() {
    let switched = |seconds| Some(Undo { to: None, name: None, switched_at: at(seconds) });
    let removed = |seconds| Some(Removed { id: id(9), name: "old".to_owned(), removed_at: at(seconds) });
    for (undo, removal, expected) in [
        (switched(-9), None, "UndoSwitch"),
        (None, removed(-9), "UndoRemove"),
        (switched(-9), removed(-8), "UndoRemove"),
        (switched(-8), removed(-8), "UndoRemove"),
        (switched(-7), removed(-8), "UndoSwitch"),
    ] {
        let mut snapshot = trio();
        (snapshot.undo, snapshot.removed) = (undo, removal);
        let asked = typed(&mut state(snapshot, (80, 24)), "u");
        assert!(asked.starts_with(&format!("[Change({expected},")), "{asked}");
    }
}

#[test]
fn the_selection_stays_with_its_profile() {
    let mut state = state(trio(), (80, 24));
    typed(&mut state, "j");
    hear(&mut state, |snapshot| snapshot.profiles.rotate_left(1));
    assert_eq!((state.place(), state.selected().unwrap().name.as_str()), (0, "work"));
    hear(&mut state, |snapshot| drop(snapshot.profiles.remove(0)));
    assert_eq!(state.selected().unwrap().name, "backup", "where it was");
    hear(&mut state, |snapshot| snapshot.profiles.clear());
    assert!(state.selected().is_none());
    hear(&mut state, |snapshot| snapshot.profiles = of(vec![row(7, "new", "plus")]).profiles);
    assert_eq!(state.selected().unwrap().name, "new");
}

#[test]
fn moved_profiles_are_moved_on_the_screen_at_once() {
    let mut state = state(trio(), (80, 24));
    let asked = typed(&mut state, "JJJ");
    assert_eq!(asked.matches("Reorder").count(), 2, "the last place is the last: {asked}");
    assert_eq!(state.snapshot.profiles.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["work", "backup", "main"]);
    assert_eq!(state.place(), 2);
}

#[test]
fn an_older_snapshot_does_not_take_a_move_back() {
    let names = |state: &State| state.snapshot.profiles.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    let mut state = state(trio(), (80, 24));
    let older = Arc::clone(&state.snapshot);
    typed(&mut state, "JJ");
    update(&mut state, Event::Snapshot(Arc::clone(&older)));
    assert_eq!(names(&state), ["work", "backup", "main"]);
    update(&mut state, Event::Ordered(Ok("The order is changed.".to_owned()), Arc::clone(&older)));
    assert_eq!((names(&state), state.place()), (["work", "backup", "main"].map(str::to_owned).to_vec(), 2), "another one is on its way");
    // One that was refused is not shown any longer.
    let failure = Failure::new(Code::Storage, "The disk is full.");
    update(&mut state, Event::Ordered(Err(failure), older));
    assert_eq!((names(&state), state.place()), (["main", "work", "backup"].map(str::to_owned).to_vec(), 0));
}

/// A state in which a sign-in of this way and phase is on the screen.
fn signing(method: SignInMethod, phase: SignInPhase) -> State {
    let mut state = state(trio(), (80, 24));
    typed(&mut state, "a");
    let before = Arc::clone(&state.snapshot);
    update(&mut state, Event::Began(Ok(()), before));
    hear(&mut state, |snapshot| snapshot.sign_in = Some(sign_in(method, phase)));
    state
}

#[test]
fn keys_of_a_sign_in_fit_its_phase() {
    use SignInMethod::{Browser, DeviceCode};
    use SignInPhase::{Failed, Finishing, OtherAccount, Waiting};
    for (method, phase, keys, expected) in [
        (Browser, Waiting, "d", "[Step(BeginSignIn { method: DeviceCode, again: None, replace: true })]"),
        (DeviceCode, Waiting, "d", "[Step(BeginSignIn { method: Browser, again: None, replace: true })]"),
        (DeviceCode, Failed, "\n", "[Step(BeginSignIn { method: DeviceCode, again: None, replace: true })]"),
        (Browser, Waiting, "o", "[Step(OpenSignInPage)]"),
        (Browser, Waiting, "q", "[]"),
        (DeviceCode, Waiting, "c", r#"[Copy("https://auth.openai.com/codex/device")]"#),
        (DeviceCode, Waiting, "px\n", "[]"),
        (Browser, Waiting, "\u{1b}", "[Step(CancelSignIn)]"),
        (Browser, Finishing, "d", "[]"),
        (Browser, Finishing, "\u{1b}", "[Step(CancelSignIn)]"),
        (Browser, OtherAccount, "y", "[Step(DecideSignIn { add: true })]"),
        (Browser, OtherAccount, "n", "[Step(DecideSignIn { add: false })]"),
        (Browser, Failed, "\u{1b}", "[Step(DismissSignIn)]"),
    ] {
        assert_eq!(typed(&mut signing(method, phase), keys), expected, "{phase:?} {keys:?}");
    }
    let mut state = signing(Browser, Waiting);
    typed(&mut state, "p");
    update(&mut state, Event::Pasted(" http://127.0.0.1:1455/auth/callback?code=hush\n".to_owned()));
    let asked = typed(&mut state, "\n");
    assert!(asked.starts_with("[Step(PasteCallback { url: ") && !asked.contains("hush"), "{asked}");
}

#[test]
fn the_end_of_a_sign_in_leads_back_to_the_list() {
    let mut state = signing(SignInMethod::Browser, SignInPhase::Waiting);
    typed(&mut state, "p");
    let asked = hear(&mut state, |snapshot| {
        snapshot.profiles.push(row(4, "new-plus", "plus"));
        let ended = snapshot.sign_in.as_mut().unwrap();
        (ended.phase, ended.profile, ended.created, ended.email) =
            (SignInPhase::Done, Some(id(4)), true, Some("new@example.com".to_owned()));
    });
    assert_eq!(asked, "[Step(DismissSignIn)]");
    assert_eq!((state.page, state.prompt.is_none(), state.place()), (Page::List, true, 3));
    assert_eq!(said(&state), "Signed in as new@example.com: new profile new-plus. Enter makes it live.");
    assert_eq!(hear(&mut state, |snapshot| snapshot.revision += 1), "[]", "told once");
}

#[test]
fn a_sign_in_that_fails_says_why_and_one_that_is_called_off_does_not() {
    let failed = |code| {
        let mut state = signing(SignInMethod::Browser, SignInPhase::Waiting);
        let asked = hear(&mut state, |snapshot| {
            let ended = snapshot.sign_in.as_mut().unwrap();
            (ended.phase, ended.failure) = (SignInPhase::Failed, Some(Failure::new(code, "Why.")));
        });
        (asked, state.page, said(&state))
    };
    assert_eq!(failed(Code::PortBusy), ("[]".to_owned(), Page::SignIn, String::new()), "the page has the reason");
    assert_eq!(failed(Code::Cancelled), ("[Step(DismissSignIn)]".to_owned(), Page::List, String::new()));
    // Another way was chosen: the end of the one before is no end.
    let mut state = signing(SignInMethod::Browser, SignInPhase::Waiting);
    typed(&mut state, "d");
    let asked = hear(&mut state, |snapshot| {
        let ended = snapshot.sign_in.as_mut().unwrap();
        (ended.phase, ended.failure) = (SignInPhase::Failed, Some(Failure::new(Code::Cancelled, "Called off.")));
    });
    assert_eq!((asked.as_str(), state.page), ("[]", Page::SignIn));
    // Nor where it begins before the screen has heard of it.
    let mut begun = (*state.snapshot).clone();
    begun.revision += 1;
    begun.sign_in = Some(SignIn { id: "another".to_owned(), ..sign_in(SignInMethod::DeviceCode, SignInPhase::Waiting) });
    let asked = format!("{:?}", update(&mut state, Event::Began(Ok(()), Arc::new(begun))));
    assert_eq!((asked.as_str(), state.page, state.phase()), ("[]", Page::SignIn, SignInPhase::Waiting));
    // One that cannot begin.
    typed(&mut state, "d");
    let before = Arc::clone(&state.snapshot);
    let refused = Failure::new(Code::VaultLocked, "The logins are locked.");
    update(&mut state, Event::Began(Err(refused), before));
    assert_eq!((state.page, said(&state).as_str()), (Page::List, "The logins are locked."));
}

#[test]
fn pages_scroll_as_far_as_they_go() {
    let mut state = state(trio(), (80, 16));
    typed(&mut state, "?");
    typed(&mut state, &"j".repeat(200));
    let end = state.scroll;
    assert!(end > 5, "{end}");
    typed(&mut state, "k");
    assert_eq!(state.scroll, end - 1, "no key goes nowhere");
    update(&mut state, Event::Resized(80, 60));
    typed(&mut state, "j");
    assert_eq!(state.scroll, 0, "all of it is seen");
    typed(&mut state, "\u{1b}");
    assert_eq!(state.page, Page::List);
}

#[test]
fn control_c_ends_it_wherever_the_user_is() {
    let end = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for keys in ["", "a", "x", "e", "l", "?"] {
        let mut state = state(trio(), (80, 24));
        typed(&mut state, keys);
        assert!(matches!(update(&mut state, Event::Key(end))[..], [Effect::Quit]), "{keys}");
    }
    let mut state = state(trio(), (80, 24));
    typed(&mut state, "e");
    update(&mut state, Event::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    typed(&mut state, "x");
    assert!(matches!(&state.prompt, Some(Prompt::Line(_, line)) if line.text() == "x"));
}
