//! A snapshot with one profile, for what is read with one at hand.

use codex_lab_core::model::details::ProfileDetails;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::quota::QuotaView;
use codex_lab_core::model::snapshot::{Live, LiveState, ProfileRow, ProfileState, Snapshot, TokenNote};
use jiff::Timestamp;

/// The profile `main` is live.
pub(crate) fn snapshot() -> Snapshot {
    let id = ProfileId::parse("0000000000000001").unwrap();
    let row = ProfileRow {
        id: id.clone(),
        name: "main".to_owned(),
        kind: ProfileKind::Chatgpt,
        email: Some("ada@example.com".to_owned()),
        plan: Some("plus".to_owned()),
        workspace: None,
        state: ProfileState::Ready,
        live: true,
        details: ProfileDetails::default(),
        token: TokenNote::Fine,
        quota: QuotaView::default(),
        also_in: Vec::new(),
        added_at: Timestamp::UNIX_EPOCH,
        last_live_at: None,
    };
    let empty = Snapshot::empty("/home/ada/.codex-lab".to_owned(), "/home/ada/.codex".to_owned());
    let live = Live { state: LiveState::Profile, profile: Some(id), email: row.email.clone(), plan: row.plan.clone(), ..empty.live };
    Snapshot { revision: 1, live, profiles: vec![row], ..empty }
}
