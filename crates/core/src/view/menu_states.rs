//! Whole menus, as text, for the states that a user may be in. `(x)` and `( )` choose, `[x]` and `[ ]` switch, `-` goes before what
//! cannot be clicked, and `~` before what stands for lines that most menus share.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::failure::{Code, Failure};
use crate::model::prime::PrimeByHand;
use crate::model::quota::WindowNote;
use crate::model::routing::Force;
use crate::model::snapshot::{TokenNote, Undo, VaultState};
use crate::view::samples::{id, now, quota, row, snapshot};

/// What `~` stands for.
const SHARED: [(&str, &str); 4] = [
    ("~ quota", "- 5h 62 % left, resets 15:13\n- week 18 % left, resets Thu 14:13"),
    ("~ routed", "( ) No login (sign out locally)\n---\n[x] Auto routing"),
    ("~ none paused", "Pause >\n  [ ] main\n  [ ] backup\n  [ ] work"),
    ("~ end", "---\nAdd account…\nUndo last switch (back to backup)\n---\nOpen Codex Lab\nQuit"),
];

/// With quota, and a switch that can be undone.
fn three_profiles() -> Snapshot {
    let mut shown = snapshot();
    shown.profiles[0].quota = quota(&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
    shown.profiles[1].quota = quota(&[(300, 0.0, 18_000), (10_080, 7.0, 6 * 86_400)]);
    shown.undo = Some(Undo { to: Some(id(2)), name: Some("backup".to_owned()), switched_at: Timestamp::UNIX_EPOCH });
    shown
}

#[test]
fn first_start() {
    let mut shown = snapshot();
    shown.profiles.clear();
    (shown.live.state, shown.first_run) = (LiveState::None, true);
    is(
        &shown,
        &[],
        "
        - Codex has no login
        ---
        (x) No login (sign out locally)
        ---
        Add account…
        - Undo last switch
        ---
        Open Codex Lab
        Quit",
    );
}

#[test]
fn live_only() {
    let mut shown = snapshot();
    shown.profiles.clear();
    shown.live.state = LiveState::Unknown;
    is(
        &shown,
        &[],
        "
        - Codex uses ada@example.com — plus, not kept here
        ---
        ( ) No login (sign out locally)
        ---
        Add account…
        - Undo last switch
        ---
        Open Codex Lab
        Quit",
    );
}

#[test]
fn three_profiles_with_quota() {
    let week = |profile, by_hand| PrimePreview { profile, name: String::new(), opted_in: true, hindrance: None, by_hand };
    is(
        &three_profiles(),
        &[week(id(1), PrimeByHand::Looks), week(id(3), PrimeByHand::Starts)],
        "
        - Codex uses main — plus
        ~ quota
        ---
        (x) main — 5h 62 % · week 18 % left
        ( ) backup — 5h 100 % · week 93 % left
        ( ) work — business
        ~ routed
        ~ none paused
        ---
        Add account…
        Undo last switch (back to backup)
        Prime now (start a week) >
          work
        ---
        Open Codex Lab
        Quit",
    );
}

#[test]
fn exhausted() {
    let mut shown = three_profiles();
    shown.profiles[0].quota = quota(&[(300, 100.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
    shown.profiles[1].quota = quota(&[(300, 100.0, 600), (10_080, 100.0, 86_400)]);
    shown.profiles[2].quota = quota(&[(300, 100.0, -60), (10_080, 96.0, 86_400)]);
    is(
        &shown,
        &[],
        "
        - Codex uses main — plus
        - 5h used up until 15:13
        - week 18 % left, resets Thu 14:13
        ---
        (x) main — used up until 15:13
        ( ) backup — used up until Sun 14:13
        ( ) work — 5h reset, unverified · week 4 % left
        ~ routed
        ~ none paused
        ~ end",
    );
    assert_eq!(shown.profiles[1].quota.lowest().map(|window| window.note), Some(WindowNote::Empty));
}

#[test]
fn forced() {
    let mut shown = three_profiles();
    let until = now().timestamp() + SignedDuration::from_secs(6_400);
    shown.routing.force = Some(Force { profile: id(2), until: Some(until), strict: true });
    is(
        &shown,
        &[],
        "
        - Codex uses main — plus
        ~ quota
        ---
        (x) main — 5h 62 % · week 18 % left
        ( ) backup — 5h 100 % · week 93 % left
        ( ) work — business
        ( ) No login (sign out locally)
        ---
        [ ] Auto routing (off until 16:00)
        - The gateway sends all to backup alone
        ~ none paused
        ~ end",
    );
}

#[test]
fn paused() {
    let mut shown = three_profiles();
    for row in &mut shown.profiles[..2] {
        row.state = ProfileState::Paused;
    }
    shown.profiles[2].details.drain = true;
    is(
        &shown,
        &[],
        "
        - Codex uses main — paused
        ~ quota
        ---
        (x) main — paused
        - ( ) backup — paused
        ( ) work — draining
        ~ routed
        Pause >
          [x] main
          [x] backup
          [ ] work
        ~ end",
    );
}

#[test]
fn offline() {
    let mut shown = three_profiles();
    let until = now().timestamp() + SignedDuration::from_secs(300);
    for row in &mut shown.profiles {
        row.token = TokenNote::Resting { until };
    }
    for window in &mut shown.profiles[0].quota.families[0].windows {
        window.confidence = crate::model::quota::Confidence::Low;
    }
    shown.problems.push(Failure::new(Code::Network, "The provider cannot be reached."));
    is(
        &shown,
        &[],
        "
        - Codex uses main — not renewed, next try 14:18
        - 5h ~62 % left, resets 15:13
        - week ~18 % left, resets Thu 14:13
        1 thing needs your attention…
        ---
        (x) main — 5h ~62 % · week ~18 % left
        ( ) backup — 5h 100 % · week 93 % left
        ( ) work — not renewed, next try 14:18
        ~ routed
        ~ none paused
        ~ end",
    );
}

#[test]
fn privacy_mode() {
    let mut shown = three_profiles();
    shown.settings.private_notifications = true;
    shown.routing.force = Some(Force { profile: id(2), until: None, strict: false });
    is(
        &shown,
        &[],
        "
        - Codex uses profile 1 — plus
        ~ quota
        ---
        (x) Profile 1 — 5h 62 % · week 18 % left
        ( ) Profile 2 — 5h 100 % · week 93 % left
        ( ) Profile 3 — business
        ( ) No login (sign out locally)
        ---
        [ ] Auto routing (off)
        - The gateway sends all to profile 2
        Pause >
          [ ] Profile 1
          [ ] Profile 2
          [ ] Profile 3
        ---
        Add account…
        Undo last switch (back to profile 2)
        ---
        Open Codex Lab
        Quit",
    );
}

#[test]
fn fifty_profiles() {
    let mut shown = snapshot();
    shown.profiles.extend((4..=50).map(|number| row(number, &format!("p{number}"), None)));
    let names = |range: std::ops::RangeInclusive<usize>, begin: &str| -> String {
        range.map(|number| [begin, "p", &number.to_string(), "\n"].concat()).collect()
    };
    let expected = format!(
        "- Codex uses main — plus\n---\n(x) main — plus\n( ) backup — plus\n( ) work — business\n{}More profiles >\n{}\
         ( ) No login (sign out locally)\n---\n[x] Auto routing\nPause >\n  [ ] main\n  [ ] backup\n  [ ] work\n{}  More profiles >\n{}---\n\
         Add account…\n- Undo last switch\n---\nOpen Codex Lab\nQuit\n",
        names(4..=12, "( ) "),
        names(13..=50, "  ( ) "),
        names(4..=12, "  [ ] "),
        names(13..=50, "    [ ] "),
    );
    assert_eq!(menu(&shown, &[], &now()).to_string(), expected);
}

#[test]
fn locked_vault() {
    let mut shown = three_profiles();
    shown.vault.state = VaultState::Locked;
    for row in &mut shown.profiles {
        row.state = ProfileState::Locked;
    }
    is(
        &shown,
        &[],
        "
        - Codex uses main — locked
        ~ quota
        The logins are locked…
        ---
        (x) main — locked
        - ( ) backup — locked
        - ( ) work — locked
        ~ routed
        ~ none paused
        ~ end",
    );
}

#[track_caller]
fn is(shown: &Snapshot, primes: &[PrimePreview], expected: &'static str) {
    let drawn = menu(shown, primes, &now()).to_string();
    let lines = expected.lines().skip(1).map(|line| line.strip_prefix("        ").unwrap());
    let written_out = |line: &'static str| SHARED.iter().find(|(short, _)| *short == line).map_or(line, |(_, whole)| *whole).lines();
    let expected: Vec<&str> = lines.flat_map(written_out).collect();
    assert_eq!(drawn.lines().collect::<Vec<_>>(), expected, "\n{drawn}");
}
