//! What a hook is given on its standard input. Names of profiles, times and numbers: nothing secret, no e-mail.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::block::BlockKind;
use crate::model::hooks::HookEvent;
use crate::model::news::News;
use crate::model::profile::ProfileId;
use crate::model::quota::Minutes;
use crate::model::snapshot::Snapshot;

/// Goes up where something that is there changes its meaning; what is added does not count.
const VERSION: u32 = 1;

/// One event as a hook reads it: one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookInput<'a> {
    version: u32,
    event: HookEvent,
    at: Timestamp,
    /// Whom it is about; of `all`, the first to come back.
    profile: Option<Named<'a>>,
    /// Whether no profile has quota left.
    all: bool,
    /// Who stands in.
    to: Option<Named<'a>>,
    why: Option<BlockKind>,
    window_minutes: Option<u32>,
    /// When what it tells of ends, or has ended.
    until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Named<'a> {
    id: &'a ProfileId,
    name: &'a str,
}

/// What the hook of this event is given; `None` if none is run for this news.
pub fn input<'a>(news: &'a News, snapshot: &'a Snapshot, at: Timestamp) -> Option<HookInput<'a>> {
    let named = |id: &'a ProfileId| {
        let name = snapshot.profiles.iter().find(|row| row.id == *id).map_or("", |row| &row.name);
        Named { id, name }
    };
    let event = HookEvent::of(news)?;
    let key = news.key();
    let (to, why) = match news {
        News::FellBack { to, why, .. } => (Some(named(to)), *why),
        _ => (None, None),
    };
    let (profile, all) = match news {
        News::AllExhausted { first, .. } => (first.as_ref(), true),
        _ => (news.profile(), false),
    };
    let window_minutes = key.minutes.map(Minutes::get);
    Some(HookInput { version: VERSION, event, at, profile: profile.map(named), all, to, why, window_minutes, until: key.reset })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::quota::Percent;
    use crate::notices::samples::{at, id, snapshot};

    #[test]
    fn a_hook_is_given_names_times_and_numbers() {
        let shown = snapshot(&["main", "backup"]);
        let given = |news: News| serde_json::to_value(input(&news, &shown, at(0))).unwrap();
        let main = json!({ "id": "0000000000000001", "name": "main" });
        let empty = json!({
            "version": 1, "event": "exhausted", "at": "1970-01-01T00:00:00Z", "profile": main, "all": false, "to": null, "why": null,
            "window_minutes": 300, "until": "1970-01-01T00:01:00Z",
        });
        assert_eq!(given(News::Exhausted { profile: id(1), minutes: Minutes::FIVE_HOURS, resets_at: Some(at(60)) }), empty);
        let fell_back = given(News::FellBack { from: id(1), to: id(2), why: Some(BlockKind::SignedOut), until: None });
        assert_eq!((&fell_back["profile"], &fell_back["why"]), (&main, &json!("signed_out")));
        assert_eq!(fell_back["to"], json!({ "id": "0000000000000002", "name": "backup" }));
        let all = given(News::AllExhausted { first: Some(id(1)), until: None });
        assert_eq!((&all["event"], &all["all"], &all["profile"]), (&json!("exhausted"), &json!(true), &main));
        assert_eq!(given(News::SignInNeeded { profile: id(9) })["profile"], json!({ "id": "0000000000000009", "name": "" }));
        let low = News::Low { profile: id(1), minutes: Minutes::WEEK, left: Percent::whole(9), critical: false, resets_at: None };
        assert_eq!(given(low), json!(null), "no hook is run for it");
    }
}
