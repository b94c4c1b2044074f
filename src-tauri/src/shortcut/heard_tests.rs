//! What is made of the portal's messages: as they should be, and as they should not.

use zbus::zvariant::{DynamicType, Value};

use super::*;

const REQUEST: &str = "org.freedesktop.portal.Request";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";

fn names() -> Names {
    Names::of(":1.42", "0af3")
}

fn signal<B: serde::Serialize + DynamicType>(path: &str, interface: &str, member: &str, body: &B) -> Message {
    Message::signal(path, interface, member).unwrap().build(body).unwrap()
}

fn vardict(key: &'static str, value: Value<'static>) -> HashMap<&'static str, Value<'static>> {
    HashMap::from([(key, value)])
}

fn listed(id: &str, facts: HashMap<&'static str, Value<'static>>) -> Vec<(String, HashMap<&'static str, Value<'static>>)> {
    vec![("other".to_owned(), HashMap::new()), (id.to_owned(), facts)]
}

fn path(text: &str) -> ObjectPath<'static> {
    ObjectPath::try_from(text.to_owned()).unwrap()
}

#[test]
fn requests_and_the_session_have_their_place_below_the_name_on_the_bus() {
    let names = names();
    assert_eq!(names.create, "/org/freedesktop/portal/desktop/request/1_42/codexlab_create_0af3");
    assert_eq!(names.bind, "/org/freedesktop/portal/desktop/request/1_42/codexlab_bind_0af3");
    assert_eq!(names.session, "/org/freedesktop/portal/desktop/session/1_42/codexlab_session_0af3");
}

#[test]
fn a_session_is_the_one_that_was_asked_for() {
    let names = names();
    let created = |answer: u32, session: Value<'static>| {
        names.read(&signal(&names.create, REQUEST, "Response", &(answer, vardict("session_handle", session))))
    };
    assert_eq!(created(0, names.session.clone().into()), Heard::Created);
    assert_eq!(created(0, path(&names.session).into()), Heard::Created);
    assert_eq!(created(1, names.session.clone().into()), Heard::Refused);
    for nonsense in [Value::from("/elsewhere"), Value::from(7_u32), Value::from("")] {
        assert_eq!(created(0, nonsense.try_clone().unwrap()), Heard::Nonsense, "{nonsense:?}");
    }
    assert_eq!(names.read(&signal(&names.create, REQUEST, "Response", &(0_u32, vardict("other", 1_u32.into())))), Heard::Nonsense);
    assert_eq!(names.read(&signal(&names.create, REQUEST, "Response", &"yes")), Heard::Nonsense);
    assert_eq!(names.read(&signal(&names.bind.replace("0af3", "0af4"), REQUEST, "Response", &"yes")), Heard::Else);
}

#[test]
fn a_key_is_bound_when_it_is_ours() {
    let names = names();
    let bound = |answer: u32, shortcuts: Value<'static>| {
        names.read(&signal(&names.bind, REQUEST, "Response", &(answer, vardict("shortcuts", shortcuts))))
    };
    let facts = || vardict("trigger_description", "Press Super+Alt+C".into());
    assert_eq!(bound(0, listed(SHORTCUT, facts()).into()), Heard::Bound("Press Super+Alt+C".to_owned()));
    assert_eq!(bound(0, listed(SHORTCUT, HashMap::new()).into()), Heard::Bound(String::new()));
    assert_eq!(bound(0, listed(SHORTCUT, vardict("trigger_description", 7_u32.into())).into()), Heard::Bound(String::new()));
    assert_eq!(bound(0, listed("shut", facts()).into()), Heard::Refused);
    assert_eq!(bound(1, listed(SHORTCUT, facts()).into()), Heard::Refused);
    assert_eq!(bound(0, "open".into()), Heard::Nonsense);
    assert_eq!(bound(0, vec!["open"].into()), Heard::Nonsense);
    assert_eq!(bound(0, listed(SHORTCUT, vardict("trigger_description", "x".repeat(LONGEST).into())).into()), Heard::Nonsense);
}

#[test]
fn a_key_that_is_pressed_or_changed_is_ours_or_none_of_our_business() {
    let names = names();
    let pressed =
        |session: &str, id: &str| names.read(&signal(PATH, SHORTCUTS, "Activated", &(path(session), id, 5_u64, vardict("x", true.into()))));
    assert_eq!(pressed(&names.session, SHORTCUT), Heard::Pressed);
    assert_eq!(pressed(&names.session, "other"), Heard::Else);
    assert_eq!(pressed("/elsewhere", SHORTCUT), Heard::Else);
    assert_eq!(names.read(&signal(PATH, SHORTCUTS, "Activated", &(SHORTCUT,))), Heard::Nonsense);
    assert_eq!(names.read(&signal("/elsewhere", SHORTCUTS, "Activated", &(SHORTCUT,))), Heard::Else);
    assert_eq!(names.read(&signal(PATH, SHORTCUTS, "Deactivated", &(SHORTCUT,))), Heard::Else);
    let changed = |session: &str, id: &str| {
        names.read(&signal(PATH, SHORTCUTS, "ShortcutsChanged", &(path(session), listed(id, vardict("trigger_description", "F9".into())))))
    };
    assert_eq!(changed(&names.session, SHORTCUT), Heard::Bound("F9".to_owned()));
    assert_eq!(changed(&names.session, "other"), Heard::Refused);
    assert_eq!(changed("/elsewhere", SHORTCUT), Heard::Else);
    let none = HashMap::<&str, Value<'_>>::new();
    assert_eq!(names.read(&signal(&names.session, "org.freedesktop.portal.Session", "Closed", &(none,))), Heard::Closed);
}

#[test]
fn what_is_done_about_it_hangs_on_how_far_it_has_come() {
    let bound = || Heard::Bound("F9".to_owned());
    for (stage, heard, expected) in [
        (Stage::Creating, Heard::Created, Step::Bind),
        (Stage::Creating, Heard::Refused, Step::Fail(Unbound::Declined)),
        (Stage::Creating, Heard::Nonsense, Step::Fail(Unbound::NoAnswer)),
        (Stage::Creating, bound(), Step::Nothing),
        (Stage::Creating, Heard::Pressed, Step::Nothing),
        (Stage::Binding, Heard::Created, Step::Nothing),
        (Stage::Binding, bound(), Step::Show("F9".to_owned())),
        (Stage::Binding, Heard::Refused, Step::Fail(Unbound::Declined)),
        (Stage::Binding, Heard::Pressed, Step::Nothing),
        (Stage::Binding, Heard::Closed, Step::Fail(Unbound::TakenBack)),
        (Stage::Bound, bound(), Step::Show("F9".to_owned())),
        (Stage::Bound, Heard::Pressed, Step::Open),
        (Stage::Bound, Heard::Refused, Step::Fail(Unbound::TakenBack)),
        (Stage::Bound, Heard::Closed, Step::Fail(Unbound::TakenBack)),
        (Stage::Bound, Heard::Nonsense, Step::Nothing),
        (Stage::Bound, Heard::Else, Step::Nothing),
    ] {
        let said = format!("{stage:?} {heard:?}");
        assert_eq!(step(stage, heard), expected, "{said}");
    }
}

#[test]
fn a_key_that_is_held_down_is_one_press() {
    let start = Instant::now();
    assert!(is_another_press(None, start));
    assert!(!is_another_press(Some(start), start + HELD_DOWN / 2));
    assert!(is_another_press(Some(start), start + HELD_DOWN));
    assert!(!is_another_press(Some(start + HELD_DOWN), start), "a clock that goes back");
}
