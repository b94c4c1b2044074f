//! Snapshots and news made by hand for the tests of this room.

use jiff::Timestamp;

use crate::model::details::ProfileDetails;
use crate::model::news::{News, Told};
use crate::model::profile::{ProfileId, ProfileKind};
use crate::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, Quota, QuotaSource, QuotaView, WindowReading};
use crate::model::snapshot::{Live, LiveState, ProfileRow, ProfileState, Snapshot, TokenNote};

/// The moment of the samples: Saturday, 21 November 2026, 14:13:20 UTC.
pub(crate) const NOW: i64 = 1_795_270_400;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(crate) fn id(number: u8) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

pub(super) fn told(news: &News, second: i64) -> Told {
    Told { key: news.key(), at: at(second) }
}

/// Quota of the main family, seen two minutes ago: each window's minutes, the percent used, and in how many seconds it resets.
/// The thresholds are 20 and 5.
pub(crate) fn quota(windows: &[(i64, f64, i64)]) -> QuotaView {
    let mut seen = Observation::new(at(NOW - 120), QuotaSource::Header);
    let reading = |(minutes, used, resets_in): &(i64, f64, i64)| WindowReading {
        minutes: Minutes::of(*minutes).unwrap(),
        used_percent: Percent::of(*used).unwrap(),
        resets_at: Some(at(NOW + resets_in)),
    };
    seen.add(Family::main(), FamilyReading { windows: windows.iter().map(reading).collect(), ..FamilyReading::default() });
    let mut book = Quota::default();
    book.take(&seen);
    book.view((20, 5), at(NOW))
}

pub(crate) fn row(number: u8, name: &str) -> ProfileRow {
    ProfileRow {
        id: id(number),
        name: name.to_owned(),
        kind: ProfileKind::Chatgpt,
        email: Some(format!("{name}@example.com")),
        plan: None,
        workspace: None,
        state: ProfileState::Ready,
        live: number == 1,
        details: ProfileDetails::default(),
        token: TokenNote::Fine,
        quota: QuotaView::default(),
        also_in: Vec::new(),
        added_at: Timestamp::UNIX_EPOCH,
        last_live_at: None,
    }
}

/// Of Ada, who has no profile.
pub(crate) fn empty() -> Snapshot {
    Snapshot { revision: 1, ..Snapshot::empty("/home/ada/.codex-lab".to_owned(), "/home/ada/.codex".to_owned()) }
}

/// Profiles of these names; the first is live.
pub(super) fn snapshot(names: &[&str]) -> Snapshot {
    let empty = empty();
    Snapshot {
        live: Live { state: LiveState::Profile, profile: Some(id(1)), ..empty.live },
        profiles: (1..).zip(names).map(|(number, name)| row(number, name)).collect(),
        ..empty
    }
}
