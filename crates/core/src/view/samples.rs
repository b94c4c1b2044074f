//! Snapshots made by hand for the tests of this room.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::snapshot::{
    Live, LiveState, ProfileRow, Session, SessionChoice, SessionKind, SignIn, SignInMethod, SignInPhase, Snapshot,
};
use crate::notices::samples::{self, empty};
pub(super) use crate::notices::samples::{NOW, id, quota};

/// The moment of the samples where the user lives.
pub(super) fn now() -> Zoned {
    Timestamp::from_second(NOW).unwrap().to_zoned(TimeZone::UTC)
}

pub(super) fn row(number: u8, name: &str, plan: Option<&str>) -> ProfileRow {
    ProfileRow { plan: plan.map(str::to_owned), live: false, ..samples::row(number, name) }
}

/// `main` is live; `backup` and `work` stand by; nothing to undo.
pub(crate) fn snapshot() -> Snapshot {
    let mut main = row(1, "main", Some("plus"));
    main.live = true;
    let empty = empty();
    Snapshot {
        live: Live {
            state: LiveState::Profile,
            profile: Some(main.id.clone()),
            email: Some("ada@example.com".to_owned()),
            plan: Some("plus".to_owned()),
            ..empty.live
        },
        profiles: vec![main, row(2, "backup", Some("plus")), row(3, "work", Some("business"))],
        ..empty
    }
}

pub(super) fn session(pid: u32, kind: SessionKind, stale: bool) -> Session {
    Session {
        pid,
        kind,
        folder: None,
        started_at: Timestamp::UNIX_EPOCH,
        stale,
        profile: None,
        choices: vec![SessionChoice::Leave, SessionChoice::WhenIdle, SessionChoice::Restart],
        chosen: None,
    }
}

pub(super) fn sign_in(phase: SignInPhase) -> SignIn {
    SignIn {
        id: "5".to_owned(),
        method: SignInMethod::Browser,
        again: None,
        phase,
        url: None,
        user_code: None,
        picture: None,
        browser_failed: false,
        deadline: None,
        email: None,
        profile: None,
        created: false,
        failure: None,
    }
}
