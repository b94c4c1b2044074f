//! Snapshots made by hand for the tests of this room.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::details::ProfileDetails;
use crate::model::profile::ProfileKind;
use crate::model::quota::QuotaView;
use crate::model::routing::RoutingSettings;
use crate::model::shortcut::ShortcutView;
use crate::model::snapshot::{
    GatewayView, Live, LiveState, ProfileRow, ProfileState, Session, SessionChoice, SessionKind, Settings, SignIn, SignInMethod,
    SignInPhase, Snapshot, TokenNote, VaultMode, VaultState, VaultView,
};
pub(super) use crate::notices::samples::{NOW, id, quota};

/// The moment of the samples where the user lives.
pub(super) fn now() -> Zoned {
    Timestamp::from_second(NOW).unwrap().to_zoned(TimeZone::UTC)
}

pub(super) fn row(number: u8, name: &str, plan: Option<&str>) -> ProfileRow {
    ProfileRow {
        id: id(number),
        name: name.to_owned(),
        kind: ProfileKind::Chatgpt,
        email: Some(format!("{name}@example.com")),
        plan: plan.map(str::to_owned),
        workspace: None,
        state: ProfileState::Ready,
        live: false,
        details: ProfileDetails::default(),
        token: TokenNote::Fine,
        quota: QuotaView::default(),
        also_in: Vec::new(),
        added_at: Timestamp::UNIX_EPOCH,
        last_live_at: None,
    }
}

/// `main` is live; `backup` and `work` stand by; nothing to undo.
pub(crate) fn snapshot() -> Snapshot {
    let mut main = row(1, "main", Some("plus"));
    main.live = true;
    Snapshot {
        revision: 1,
        home: "/home/ada/.codex-lab".to_owned(),
        first_run: false,
        live: Live {
            state: LiveState::Profile,
            profile: Some(main.id.clone()),
            email: Some("ada@example.com".to_owned()),
            plan: Some("plus".to_owned()),
            codex_home: "/home/ada/.codex".to_owned(),
            failure: None,
        },
        vault: VaultView { mode: VaultMode::File, state: VaultState::Open, failure: None },
        profiles: vec![main, row(2, "backup", Some("plus")), row(3, "work", Some("business"))],
        sign_in: None,
        undo: None,
        removed: None,
        sessions: Vec::new(),
        pins: Vec::new(),
        clients: Vec::new(),
        problems: Vec::new(),
        settings: Settings::default(),
        gateway: GatewayView::default(),
        shortcut: ShortcutView::default(),
        routing: RoutingSettings::default(),
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
