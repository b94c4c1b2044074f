//! Parts of the menu, compared as text. Whole menus are in `menu_states.rs`.

use jiff::Timestamp;

use super::*;
use crate::failure::{Code, Failure};
use crate::model::prime::Hindrance;
use crate::model::routing::Force;
use crate::model::snapshot::{SessionKind, TokenNote, Undo, VaultState};
use crate::view::samples::{id, now, quota, row, session, sign_in, snapshot};

fn drawn(snapshot: &Snapshot) -> Vec<String> {
    lines(&menu(snapshot, &[], &now()))
}

fn lines(menu: &Menu) -> Vec<String> {
    menu.to_string().lines().map(str::to_owned).collect()
}

fn labelled<'a>(entries: &'a [Entry], label: &str) -> &'a Item {
    entries
        .iter()
        .find_map(|entry| match entry {
            Entry::Item(item) if item.label == label => Some(item),
            _ => None,
        })
        .unwrap()
}

#[test]
fn new_numbers_are_no_new_lines() {
    let mut shown = snapshot();
    shown.profiles[0].quota = quota(&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
    let mut later = shown.clone();
    later.profiles[0].quota = quota(&[(300, 100.0, 3_600), (10_080, 83.0, 5 * 86_400)]);
    assert_ne!(drawn(&later), drawn(&shown));
    assert!(menu(&later, &[], &now()).has_lines_of(&menu(&shown, &[], &now())));
}

#[test]
fn short_of_names_a_line_is_no_longer_than_it_has_to_be() {
    let mut shown = snapshot();
    shown.profiles[0].quota = quota(&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
    shown.profiles[1].quota = quota(&[(300, 100.0, 3_600), (10_080, 100.0, 5 * 86_400)]);
    shown.profiles[2].token = TokenNote::Resting { until: now().timestamp() };
    shown.routing.force =
        Some(Force { profile: id(2), until: Some(now().timestamp() + jiff::SignedDuration::from_hours(20)), strict: true });
    let longest = drawn(&shown).into_iter().map(|line| line.chars().count()).max();
    assert!(longest <= Some(44), "{:#?}", drawn(&shown));
    shown.profiles[2].name = "x".repeat(10_000);
    shown.profiles[0].name = "y".repeat(10_000);
    let longest = drawn(&shown).into_iter().map(|line| line.chars().count()).max();
    assert!(longest <= Some(64), "{:#?}", drawn(&shown));
}

#[test]
fn auto_routing_shows_and_changes_who_serves() {
    let mut shown = snapshot();
    let item = |shown: &Snapshot, label: &str| {
        let item = labelled(&menu(shown, &[], &now()).entries, label).clone();
        (Command::parse(&item.id).unwrap(), item.enabled, item.mark)
    };
    assert_eq!(item(&shown, "Auto routing"), (Command::AutoRouting(false), true, Mark::Check(true)));
    for (ahead, label) in [(Some(6_400), "Auto routing (off until 16:00)"), (None, "Auto routing (off)")] {
        let until = ahead.map(|seconds| now().timestamp() + jiff::SignedDuration::from_secs(seconds));
        shown.routing.force = Some(Force { profile: id(2), until, strict: false });
        assert_eq!(item(&shown, label), (Command::AutoRouting(true), true, Mark::Check(false)));
    }
    shown.routing.force = Some(Force { profile: id(2), until: Some(now().timestamp()), strict: false });
    assert_eq!(item(&shown, "Auto routing").2, Mark::Check(true), "the force is over");
    shown.profiles[0].live = false;
    assert!(!item(&shown, "Auto routing").1, "there is nobody to send everything to");
}

#[test]
fn each_profile_can_be_paused_and_taken_back() {
    let mut shown = snapshot();
    shown.profiles[1].state = ProfileState::Paused;
    let entries = menu(&shown, &[], &now()).entries;
    let pauses = entries.iter().find_map(|entry| match entry {
        Entry::Submenu { label, entries } if label == words::PAUSE => Some(entries),
        _ => None,
    });
    let does = |label| {
        let item = labelled(pauses.unwrap(), label);
        (Command::parse(&item.id).unwrap(), item.mark)
    };
    assert_eq!(does("main"), (Command::SetPaused(id(1), true), Mark::Check(false)));
    assert_eq!(does("backup"), (Command::SetPaused(id(2), false), Mark::Check(true)));
}

#[test]
fn a_week_is_offered_to_be_started_where_it_is_known_not_to_have() {
    let shown = snapshot();
    let prime = |number, opted_in, by_hand| PrimePreview { profile: id(number), name: String::new(), opted_in, hindrance: None, by_hand };
    let refused = PrimeByHand::Refused { why: Hindrance::Exhausted };
    let offered = |shown: &Snapshot, primes: &[PrimePreview]| -> Vec<String> {
        let drawn = lines(&menu(shown, primes, &now()));
        drawn.into_iter().skip_while(|line| !line.starts_with(words::PRIME_NOW)).take_while(|line| line != "---").collect()
    };
    for (first, second, expected) in [
        (PrimeByHand::Starts, PrimeByHand::Looks, &["Prime now (start a week) >", "  main"][..]),
        (PrimeByHand::Starts, PrimeByHand::Starts, &["Prime now (start a week) >", "  main", "  backup"]),
        (refused, PrimeByHand::Starts, &["Prime now (start a week) >", "  backup"]),
        (refused, PrimeByHand::Looks, &[]),
    ] {
        // Who has not opted in may want it by hand all the same.
        assert_eq!(offered(&shown, &[prime(1, true, first), prime(2, false, second)]), expected, "{first:?} {second:?}");
    }
    let both = [prime(1, true, PrimeByHand::Starts), prime(99, true, PrimeByHand::Starts)];
    let entries = menu(&shown, &both, &now()).entries;
    let inner = entries.iter().find_map(|entry| match entry {
        Entry::Submenu { label, entries } if label == words::PRIME_NOW => Some(entries),
        _ => None,
    });
    assert_eq!(inner.map(|entries| labelled(entries, "main").id.clone()), Some(Command::PrimeNow(id(1)).id()));
    let mut paused = shown.clone();
    paused.profiles[0].state = ProfileState::Paused;
    assert!(offered(&paused, &both).is_empty(), "what is shown as paused is not offered, whatever was known before");
}

#[test]
fn a_stale_daemon_can_be_restarted_and_a_stale_run_cannot() {
    let mut shown = snapshot();
    shown.sessions = vec![session(7, SessionKind::Daemon, true), session(8, SessionKind::Exec, true), session(9, SessionKind::Exec, false)];
    let drawn_lines = drawn(&shown);
    assert!(drawn_lines.contains(&"- 2 Codex sessions still run on the old login".to_owned()), "{drawn_lines:?}");
    assert!(drawn_lines.contains(&"Restart Codex daemon (keeps conversations)".to_owned()), "{drawn_lines:?}");

    shown.sessions = vec![session(8, SessionKind::Exec, true)];
    shown.sessions[0].choices.clear();
    let drawn_lines = drawn(&shown);
    assert!(drawn_lines.contains(&"- 1 Codex session still runs on the old login".to_owned()), "{drawn_lines:?}");
    assert!(!drawn_lines.contains(&"Restart Codex daemon (keeps conversations)".to_owned()), "{drawn_lines:?}");
}

#[test]
fn a_profile_that_cannot_be_used_offers_what_helps() {
    let mut shown = snapshot();
    shown.profiles[0].state = ProfileState::NeedsSignIn;
    shown.profiles[1].state = ProfileState::Paused;
    shown.profiles[2].state = ProfileState::Unreadable;
    let entries = menu(&shown, &[], &now()).entries;
    let main = labelled(&entries, "main — needs sign-in");
    assert_eq!((main.id.clone(), main.enabled, main.mark), (Command::SignInAgain(id(1)).id(), true, Mark::Choice(true)));
    assert!(!labelled(&entries, "backup — paused").enabled);
    assert!(!labelled(&entries, "work — login file unreadable").enabled);
}

#[test]
fn a_live_login_of_no_profile_leaves_every_mark_off() {
    let mut shown = snapshot();
    shown.profiles[0].live = false;
    for (state, can_sign_out) in [(LiveState::Unknown, true), (LiveState::Unreadable, false), (LiveState::Elsewhere, false)] {
        shown.live.state = state;
        let entries = menu(&shown, &[], &now()).entries;
        let marked = entries.iter().any(|entry| matches!(entry, Entry::Item(Item { mark: Mark::Choice(true), .. })));
        assert!(!marked, "{state:?}");
        assert_eq!(labelled(&entries, words::NO_LOGIN).enabled, can_sign_out, "{state:?}");
    }
}

#[test]
fn a_running_sign_in_takes_the_place_of_a_new_one() {
    let mut shown = snapshot();
    for phase in [SignInPhase::Starting, SignInPhase::Waiting, SignInPhase::Finishing, SignInPhase::OtherAccount] {
        shown.sign_in = Some(sign_in(phase));
        let drawn = drawn(&shown);
        assert!(drawn.contains(&"Show the sign-in…".to_owned()) && !drawn.contains(&"Add account…".to_owned()), "{phase:?}: {drawn:?}");
    }
    for phase in [SignInPhase::Done, SignInPhase::Failed] {
        shown.sign_in = Some(sign_in(phase));
        assert!(drawn(&shown).contains(&"Add account…".to_owned()), "{phase:?}");
    }
}

#[test]
fn problems_are_counted_on_top() {
    let mut shown = snapshot();
    shown.problems.push(Failure::new(Code::Storage, "A file was set aside."));
    assert_eq!(drawn(&shown)[1], "1 thing needs your attention…");
}

#[test]
fn a_vault_that_is_not_open_is_told_on_top_and_locks_its_profiles() {
    let mut shown = snapshot();
    for row in &mut shown.profiles {
        row.state = ProfileState::Locked;
    }
    for (state, told) in [
        (VaultState::Locked, "The logins are locked…"),
        (VaultState::Denied, "The logins cannot be opened…"),
        (VaultState::Missing, "The logins cannot be opened…"),
        (VaultState::Corrupt, "The logins cannot be opened…"),
    ] {
        shown.vault.state = state;
        assert_eq!(drawn(&shown)[1..5], [told, "---", "(x) main — locked", "- ( ) backup — locked"]);
        assert_eq!(labelled(&menu(&shown, &[], &now()).entries, told).id, Command::OpenWindow.id());
    }
}

#[test]
fn a_thousand_profiles_stay_within_reach() {
    let mut shown = snapshot();
    shown.profiles = (0..=249).cycle().take(1000).map(|number| row(number, &format!("p{number}"), None)).collect();
    let entries = menu(&shown, &[], &now()).entries;
    assert!(entries.len() < 28, "{}", entries.len());
    let inner = entries.iter().find_map(|entry| match entry {
        Entry::Submenu { label, entries } if label == words::MORE_PROFILES => Some(entries),
        _ => None,
    });
    assert_eq!(inner.unwrap().len(), 1000 - ROOM);
}

#[test]
fn labels_and_marks_change_without_new_lines() {
    let before = snapshot();
    let mut after = before.clone();
    after.profiles[0].live = false;
    after.profiles[1].live = true;
    after.undo = Some(Undo { to: Some(id(1)), name: Some("main".to_owned()), switched_at: Timestamp::UNIX_EPOCH });
    assert!(menu(&after, &[], &now()).has_lines_of(&menu(&before, &[], &now())));
    assert_ne!(menu(&after, &[], &now()), menu(&before, &[], &now()));
    after.profiles.pop();
    assert!(!menu(&after, &[], &now()).has_lines_of(&menu(&before, &[], &now())));
}

#[test]
fn nobody_is_named_where_that_is_not_wanted() {
    let mut shown = snapshot();
    for row in &mut shown.profiles {
        row.name = format!("{}@example.com", row.name);
    }
    shown.settings.private_notifications = true;
    shown.profiles[1].state = ProfileState::NeedsSignIn;
    shown.profiles.extend((4..=ROOM + 2).map(|number| row(number.try_into().unwrap(), "ada@example.com", Some("plus"))));
    let undo = |to: u8| Undo { to: Some(id(to)), name: Some("ada@example.com".to_owned()), switched_at: Timestamp::UNIX_EPOCH };
    let kept = |lines: &[String]| [0, 2, 3, 4].map(|place| lines[place].clone());
    for (live, to, first, back) in [
        (LiveState::Profile, 2, "- Codex uses profile 1 — plus", "Undo last switch (back to profile 2)"),
        (LiveState::Unknown, 200, "- Codex uses another login — plus, not kept here", "Undo last switch (back to another profile)"),
    ] {
        shown.live.state = live;
        shown.undo = Some(undo(to));
        let week = PrimePreview {
            profile: id(1),
            name: "ada@example.com".to_owned(),
            opted_in: true,
            hindrance: None,
            by_hand: PrimeByHand::Starts,
        };
        let lines = lines(&menu(&shown, &[week], &now()));
        assert!(lines.contains(&"  Profile 1".to_owned()), "{lines:?}");
        assert_eq!(kept(&lines), [first, "(x) Profile 1 — plus", "( ) Profile 2 — needs sign-in", "( ) Profile 3 — business"]);
        assert!(lines.contains(&back.to_owned()), "{lines:?}");
        assert!(lines.contains(&format!("  ( ) Profile {} — plus", ROOM + 2)), "{lines:?}");
        assert!(!lines.concat().contains('@') && !lines.concat().contains("main"), "{lines:?}");
    }
}
