//! What profiles are called in the tray and in notifications: by their names, or by their places where the user wants no names there.

use super::words;
use crate::model::profile::ProfileId;
use crate::model::snapshot::Snapshot;

/// Letters of a name in a menu, which is as wide as its widest line.
const ROOM: usize = 28;

/// What a profile is called within a sentence: its name, or its place where names are hidden.
pub(super) fn called(id: &ProfileId, snapshot: &Snapshot) -> String {
    let place = snapshot.profiles.iter().position(|row| row.id == *id);
    match place.and_then(|place| Some((place, snapshot.profiles.get(place)?))) {
        Some((place, _)) if snapshot.settings.private_notifications => format!("profile {}", place + 1),
        Some((_, row)) => words::plain(&row.name),
        None => "another profile".to_owned(),
    }
}

/// What a profile of this name is called that is there no more.
pub(super) fn unknown(name: &str, snapshot: &Snapshot) -> String {
    if snapshot.settings.private_notifications { "another profile".to_owned() } else { words::plain(name) }
}

/// A sentence begins with a capital letter, but names are as the user wrote them.
pub(super) fn sentence(text: &str, snapshot: &Snapshot) -> String {
    let is_ours = text.starts_with("another profile") || snapshot.settings.private_notifications;
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if is_ours => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// The name of a profile where it begins a line.
pub(super) fn title(id: &ProfileId, snapshot: &Snapshot) -> String {
    sentence(&called(id, snapshot), snapshot)
}

/// The same in a menu: of a long name the beginning and the end, which tell it from others.
pub(super) fn fitting(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= ROOM {
        return name.to_owned();
    }
    let end = ROOM / 2 - 1;
    let begin = ROOM - end - 1;
    letters[..begin].iter().chain(&['…']).chain(&letters[letters.len() - end..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::{id, snapshot};

    #[test]
    fn names_are_shown_as_they_are_or_not_at_all() {
        let mut shown = snapshot();
        shown.profiles[1].name = "ada@example.com".to_owned();
        for (private, whom, within, first) in [
            (false, 1, "main", "main"),
            (false, 2, "ada@example.com", "ada@example.com"),
            (false, 9, "another profile", "Another profile"),
            (true, 1, "profile 1", "Profile 1"),
            (true, 2, "profile 2", "Profile 2"),
            (true, 9, "another profile", "Another profile"),
        ] {
            shown.settings.private_notifications = private;
            assert_eq!((called(&id(whom), &shown).as_str(), title(&id(whom), &shown).as_str()), (within, first), "{private} {whom}");
        }
        assert_eq!(unknown("ada@example.com", &shown), "another profile");
    }

    #[test]
    fn of_a_long_name_a_menu_shows_both_ends() {
        for (name, expected) in [
            ("main", "main"),
            ("ada.lovelace@example.com ab", "ada.lovelace@example.com ab"),
            ("ada.lovelace@example.com (business)", "ada.lovelace@e…om (business)"),
            ("ünïcödé-ünïcödé-ünïcödé-ünïcödé", "ünïcödé-ünïcöd…ïcödé-ünïcödé"),
        ] {
            assert_eq!(fitting(name), expected);
            assert!(fitting(name).chars().count() <= ROOM, "{name}");
        }
    }
}
