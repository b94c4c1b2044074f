//! Snapshots made by hand for the tests of the screen.

use std::sync::Arc;

use codex_lab_core::model::details::ProfileDetails;
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, Quota, QuotaSource, QuotaView, WindowReading};
use codex_lab_core::model::snapshot::{Live, LiveState, ProfileRow, ProfileState, SignIn, SignInMethod, SignInPhase, Snapshot, TokenNote};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::state::State;

/// Saturday, 21 November 2026, 14:13:20 UTC.
const NOW: i64 = 1_795_270_400;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

pub(super) fn now() -> Zoned {
    at(0).to_zoned(TimeZone::UTC)
}

pub(super) fn id(number: usize) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

/// Quota of the main family, seen four minutes ago: each window's minutes, the percent used, and in how many minutes it resets.
pub(super) fn quota(windows: &[(i64, f64, i64)]) -> QuotaView {
    let mut seen = Observation::new(at(-240), QuotaSource::Header);
    let reading = |(minutes, used, resets_in): &(i64, f64, i64)| WindowReading {
        minutes: Minutes::of(*minutes).unwrap(),
        used_percent: Percent::of(*used).unwrap(),
        resets_at: Some(at(resets_in * 60)),
    };
    seen.add(Family::main(), FamilyReading { windows: windows.iter().map(reading).collect(), ..FamilyReading::default() });
    let mut book = Quota::default();
    book.take(&seen);
    book.view((20, 5), at(0))
}

pub(super) fn row(number: usize, name: &str, plan: &str) -> ProfileRow {
    ProfileRow {
        id: id(number),
        name: name.to_owned(),
        kind: ProfileKind::Chatgpt,
        email: Some(format!("{}@example.com", name.to_lowercase().replace(' ', "."))),
        plan: Some(plan.to_owned()),
        workspace: None,
        state: ProfileState::Ready,
        live: false,
        details: ProfileDetails::default(),
        token: TokenNote::Fine,
        quota: QuotaView::default(),
        also_in: Vec::new(),
        added_at: at(-86_400),
        last_live_at: None,
    }
}

/// Nothing at all.
pub(super) fn none() -> Snapshot {
    Snapshot { revision: 1, ..Snapshot::empty("/home/ada/.codex-lab".to_owned(), "/home/ada/.codex".to_owned()) }
}

/// These profiles, the first one live.
pub(super) fn of(mut profiles: Vec<ProfileRow>) -> Snapshot {
    let mut snapshot = none();
    if let Some(live) = profiles.first_mut() {
        live.live = true;
        snapshot.live = Live {
            state: LiveState::Profile,
            profile: Some(live.id.clone()),
            email: live.email.clone(),
            plan: live.plan.clone(),
            ..snapshot.live
        };
    }
    snapshot.profiles = profiles;
    snapshot
}

/// `main`, `work` and `backup`, with quota of each.
pub(super) fn trio() -> Snapshot {
    let mut rows = vec![row(1, "main", "plus"), row(2, "work", "business"), row(3, "backup", "plus")];
    rows[0].quota = quota(&[(300, 38.0, 80), (10_080, 82.0, 5 * 1_440)]);
    rows[1].quota = quota(&[(300, 3.0, 297), (10_080, 40.0, 2 * 1_440 + 240)]);
    rows[2].quota = quota(&[(300, 0.0, 300), (10_080, 96.0, 600)]);
    of(rows)
}

pub(super) fn sign_in(method: SignInMethod, phase: SignInPhase) -> SignIn {
    let link = "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_made_up&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback&scope=openid%20profile%20email%20offline_access&code_challenge=made_up&code_challenge_method=S256&state=made_up";
    let is_code = method == SignInMethod::DeviceCode;
    SignIn {
        id: "5".to_owned(),
        method,
        again: None,
        phase,
        url: Some(if is_code { "https://auth.openai.com/codex/device" } else { link }.to_owned()),
        user_code: is_code.then(|| "ABCD-EFGHJ".to_owned()),
        picture: None,
        browser_failed: false,
        deadline: Some(at(598)),
        email: None,
        profile: None,
        created: false,
        failure: None,
    }
}

pub(super) fn state(snapshot: Snapshot, size: (u16, u16)) -> State {
    State::new(Arc::new(snapshot), now(), size, true)
}
