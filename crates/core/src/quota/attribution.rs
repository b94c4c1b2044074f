//! Whose quota a line of a session log tells of. A log does not say which login its Codex uses now, so a line is only taken where
//! nothing else is possible; in doubt it is nobody's. Decides; reads nothing.

use jiff::Timestamp;

use super::session_log::SessionStart;
use crate::codex::sessions::live_at;
use crate::model::profile::{Profile, ProfileId};
use crate::model::quota::Told;
use crate::model::subject::Subject;
use crate::store::state::SwitchRecord;

/// The name of the provider that sessions on a ChatGPT login have. Others are gateways, which may use any login.
const PROVIDER: &str = "openai";

/// What is known beside the log itself.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// All profiles.
    pub profiles: &'a [Profile],
    /// The switches of the live login, newest first.
    pub switches: &'a [SwitchRecord],
    /// Whether a Codex runs that read its login before the last switch: it may write to any log.
    pub stale_runs: bool,
}

/// The profile whose quota a line of `at` tells of; `None` if that cannot be told. A session goes on with the login that was live
/// when its process began, so from the session's start to the line there must have been no switch. Where the log names who started
/// it, and the switches know who was live, both must agree.
pub fn profile_of(start: &SessionStart, at: Timestamp, around: Circumstances<'_>) -> Option<ProfileId> {
    let switched = around.switches.iter().any(|switch| start.at <= switch.at && switch.at <= at);
    let elsewhere = start.provider.as_deref().is_some_and(|provider| provider != PROVIDER);
    if switched || elsewhere || around.stale_runs || at < start.at {
        return None;
    }
    let live = (!around.switches.is_empty()).then(|| live_at(around.switches, start.at));
    match (&start.creator, live) {
        (Told::Is(creator), live) => {
            let is_creators = |profile: &&Profile| matches!(&profile.subject, Subject::ChatGpt { user, workspace, .. } if *user == creator.user && *workspace == creator.workspace);
            let profile = around.profiles.iter().find(is_creators)?;
            live.is_none_or(|live| live.as_ref() == Some(&profile.id)).then(|| profile.id.clone())
        }
        // A Codex that names its user has none: an API key, or a gateway's.
        (Told::Nothing, _) | (Told::Unsaid, None) => None,
        (Told::Unsaid, Some(live)) => live.filter(|id| around.profiles.iter().any(|profile| profile.id == *id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::ProfileKind;
    use crate::quota::session_log::Creator;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(number: u64) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn profile(number: u64) -> Profile {
        serde_json::from_value(serde_json::json!({
            "id": id(number), "name": format!("p{number}"), "kind": ProfileKind::Chatgpt, "added_at": at(0),
            "subject": {"kind": "chat_gpt", "issuer": "i", "user": format!("u{number}"), "workspace": "ws"},
        }))
        .unwrap()
    }

    fn switch(second: i64, from: Option<u64>, to: Option<u64>) -> SwitchRecord {
        SwitchRecord { id: format!("s{second}"), at: at(second), from: from.map(id), to: to.map(id) }
    }

    fn creator(number: u64, workspace: &str) -> Told<Creator> {
        Told::Is(Creator { user: format!("u{number}"), workspace: workspace.into() })
    }

    #[test]
    fn a_line_is_somebodys_only_where_nothing_else_is_possible() {
        // The session starts at 100, the line is of 200; 1 and 2 are profiles, 3 is none.
        type Case = (Vec<SwitchRecord>, Told<Creator>, Option<u64>);
        let to_one = || vec![switch(50, Some(2), Some(1))];
        let cases: [Case; 15] = [
            (to_one(), Told::Unsaid, Some(1)),
            (to_one(), creator(1, "ws"), Some(1)),
            // Started by a Codex from before the switch, or after a login by hand.
            (to_one(), creator(2, "ws"), None),
            (to_one(), creator(1, "other"), None),
            (to_one(), Told::Nothing, None),
            (vec![], Told::Unsaid, None),
            (vec![], creator(2, "ws"), Some(2)),
            (vec![], creator(3, "ws"), None),
            // Switched during the session, at its very start, after the line.
            (vec![switch(150, Some(1), Some(2))], creator(1, "ws"), None),
            (vec![switch(100, Some(1), Some(2))], Told::Unsaid, None),
            (vec![switch(200, Some(1), Some(2))], Told::Unsaid, None),
            (vec![switch(201, Some(1), Some(2)), switch(50, Some(2), Some(1))], Told::Unsaid, Some(1)),
            (vec![switch(201, Some(1), Some(2))], Told::Unsaid, Some(1)),
            (vec![switch(50, Some(1), None)], Told::Unsaid, None),
            (vec![switch(50, Some(1), Some(3))], Told::Unsaid, None),
        ];
        let profiles = [profile(1), profile(2)];
        for (number, (switches, creator, whose)) in cases.into_iter().enumerate() {
            let start = SessionStart { session: "s".into(), at: at(100), creator, provider: Some("openai".into()) };
            let around = Circumstances { profiles: &profiles, switches: &switches, stale_runs: false };
            assert_eq!(profile_of(&start, at(200), around), whose.map(id), "case {number}");
            assert_eq!(profile_of(&start, at(200), Circumstances { stale_runs: true, ..around }), None, "case {number}");
            assert_eq!(profile_of(&start, at(99), around), None, "case {number}");
            let elsewhere = SessionStart { provider: Some("gw".into()), ..start };
            assert_eq!(profile_of(&elsewhere, at(200), around), None, "case {number}");
        }
    }
}
