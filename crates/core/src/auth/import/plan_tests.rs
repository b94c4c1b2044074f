//! What would become of logins: pure values in, decisions out.

use super::*;
use crate::model::details::ProfileDetails;
use crate::model::name::ProfileName;
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::samples::login;

const LIVE: &str = "/home/ada/.codex/auth.json";

fn found(from: ImportSource, source: &str, login: AuthDocument) -> Found {
    Found { from: Some(from), source: source.to_owned(), email: None, login: Ok(login) }
}

fn known(name: &str, login: AuthDocument) -> Known {
    let profile = Profile {
        id: ProfileId::parse("0123456789abcdef").unwrap(),
        name: ProfileName::parse(name).unwrap(),
        kind: ProfileKind::Chatgpt,
        subject: login.subject().unwrap(),
        email: None,
        plan: None,
        paused: false,
        needs_sign_in: false,
        refused_token: None,
        details: ProfileDetails::default(),
        imported_from: None,
        added_at: jiff::Timestamp::UNIX_EPOCH,
        last_live_at: None,
        unknown: serde_json::Map::new(),
    };
    Known { profile, login: Some(login) }
}

/// One word for each row.
fn fates(planned: &[Planned]) -> Vec<&'static str> {
    let word = |item: &Planned| match item.fate {
        Fate::Add => "add",
        Fate::Update(_) => "update",
        Fate::Unchanged(_) => "unchanged",
        Fate::Elsewhere => "elsewhere",
        Fate::Skip => "skip",
    };
    planned.iter().map(word).collect()
}

#[test]
fn new_newer_and_older_logins_are_told_apart() {
    use ImportSource::Opencode;
    let stores = || {
        vec![
            found(Opencode, "a", login("ada", "ws", 5)),
            found(Opencode, "b", login("lin", "ws", 5)),
            found(Opencode, "c", login("kay", "ws", 5)),
        ]
    };
    let stored = [known("ada", login("ada", "ws", 4)), known("lin", login("lin", "ws", 6))];
    assert_eq!(fates(&plan(stores(), &[], None, &stored, LIVE)), ["update", "unchanged", "add"]);
    let unreadable = [Known { login: None, ..known("ada", login("ada", "ws", 9)) }];
    assert_eq!(fates(&plan(stores(), &[], None, &unreadable, LIVE)), ["update", "add", "add"]);
}

#[test]
fn of_several_places_the_newest_login_is_taken() {
    let found = vec![
        found(ImportSource::EveryCode, "a", login("ada", "ws", 3)),
        found(ImportSource::Opencode, "b", login("ada", "ws", 5)),
        found(ImportSource::CodexAuth, "c", login("ada", "ws", 4)),
    ];
    assert_eq!(fates(&plan(found, &[], None, &[], LIVE)), ["elsewhere", "add", "elsewhere"]);
}

#[test]
fn of_the_chosen_places_the_newest_login_is_taken() {
    let found = vec![found(ImportSource::EveryCode, "a", login("ada", "ws", 3)), found(ImportSource::Opencode, "b", login("ada", "ws", 5))];
    assert_eq!(fates(&plan(found, &[], Some(&["every-code:a".to_owned()]), &[], LIVE)), ["add"], "the user has said which");
}

#[test]
fn one_e_mail_in_two_workspaces_is_two_accounts() {
    let found =
        vec![found(ImportSource::EveryCode, "a", login("ada", "home", 3)), found(ImportSource::EveryCode, "b", login("ada", "work", 4))];
    assert_eq!(fates(&plan(found, &[], None, &[], LIVE)), ["add", "add"]);
}

#[test]
fn a_login_in_two_places_names_its_owners() {
    let everywhere = vec![
        found(ImportSource::Codex, LIVE, login("ada", "ws", 3)),
        found(ImportSource::Opencode, "store", login("ada", "ws", 3)),
        found(ImportSource::Opencode, "again", login("ada", "ws", 3)),
    ];
    let planned = plan(everywhere, &[], None, &[], LIVE);
    assert_eq!(fates(&planned), ["add", "elsewhere"], "a tool that keeps a login twice is one owner");
    assert_eq!(planned[0].also_at, ["OpenCode (store)"]);
    assert_eq!(
        planned[0].owners.iter().map(Holder::to_string).collect::<Vec<_>>(),
        ["OpenCode (store)"],
        "what Codex rotates is read back"
    );
    assert_eq!(planned[1].also_at, [format!("Codex ({LIVE})")]);

    let alone = plan(vec![found(ImportSource::Codex, LIVE, login("ada", "ws", 3))], &[], None, &[], LIVE);
    assert!(alone[0].also_at.is_empty() && alone[0].owners.is_empty());
    let another_home = plan(vec![found(ImportSource::Codex, "/else/auth.json", login("ada", "ws", 3))], &[], None, &[], LIVE);
    assert_eq!(another_home[0].owners.len(), 1);
}

#[test]
fn places_that_were_not_asked_for_are_named_and_not_imported() {
    let beside = [found(ImportSource::CcSwitch, "db", login("ada", "ws", 3)), found(ImportSource::CcSwitch, "db", login("lin", "ws", 3))];
    let planned = plan(vec![found(ImportSource::Opencode, "store", login("ada", "ws", 3))], &beside, None, &[], LIVE);
    assert_eq!(fates(&planned), ["add"]);
    assert_eq!(planned[0].also_at, ["cc-switch (db)"]);
    assert_eq!(planned[0].owners.len(), 2);
}

#[test]
fn two_accounts_with_the_same_tokens_would_lose_them() {
    // The same day gives the same user the same refresh token.
    let found = || {
        vec![
            found(ImportSource::CodexMultiAuth, "1", login("ada", "home", 3)),
            found(ImportSource::CodexMultiAuth, "2", login("ada", "work", 3)),
        ]
    };
    let planned = plan(found(), &[], None, &[], LIVE);
    assert_eq!(fates(&planned), ["add", "skip"]);
    assert!(matches!(&planned[1].found.login, Err(ImportError::SameTokens { other }) if other == "codex-multi-auth (1)"));
    let planned = plan(found(), &[], None, &[known("work", login("ada", "work", 3))], LIVE);
    assert_eq!(fates(&planned), ["skip", "unchanged"], "the profile was there first");
    assert!(matches!(&planned[0].found.login, Err(ImportError::SameTokens { other }) if other == "work"));
}

#[test]
fn what_cannot_be_used_stays_in_the_plan_with_its_reason() {
    let bad = Found {
        from: Some(ImportSource::CcSwitch),
        source: "db".into(),
        email: Some("dot@example.com".into()),
        login: Err(ImportError::NoAccessToken),
    };
    let planned = plan(vec![bad], &[], None, &[], LIVE);
    assert_eq!(fates(&planned), ["skip"]);
    assert_eq!(planned[0].found.key(), "cc-switch:db");
}

#[test]
fn a_login_that_no_tool_holds_any_more_is_ours_alone() {
    let mut shared = known("ada", login("ada", "ws", 3));
    shared.profile.imported_from = Some("OpenCode (store)".into());
    let known = [shared, known("lin", login("lin", "ws", 3))];
    let of = |everything: &[Found]| freed(&everything.iter().collect::<Vec<_>>(), &known, LIVE).len();
    assert_eq!(of(&[]), 1, "the one that was shared");
    assert_eq!(of(&[found(ImportSource::Codex, LIVE, login("ada", "ws", 4))]), 1, "the live login is no other tool's");
    assert_eq!(of(&[found(ImportSource::Opencode, "store", login("ada", "ws", 2))]), 0, "a spent copy is a danger still");
    assert_eq!(of(&[found(ImportSource::CcSwitch, "db", login("ada", "ws", 9))]), 0);
    assert_eq!(of(&[found(ImportSource::CcSwitch, "db", login("ada", "other", 9))]), 1, "another account");
    let locked = |from| Found { from: Some(from), source: "x".into(), email: None, login: Err(ImportError::Busy) };
    assert_eq!(of(&[locked(ImportSource::Opencode)]), 0, "it may hold it still");
    assert_eq!(of(&[locked(ImportSource::CcSwitch)]), 1);
}
