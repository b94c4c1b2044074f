//! A home that has seen a lot: as many points of quota's history, homes of sessions and decisions as there can be.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::model::affinity::{Home as At, SessionKey};
use codex_lab_core::model::decision::Decision;
use codex_lab_core::model::quota::Family;
use codex_lab_core::store::state::State;
use rusqlite::{Connection, params};

use crate::crowd::Crowd;
use crate::measure::Outcome;

/// Points of quota's history.
pub(super) const POINTS: i64 = 1_000_000;
/// Homes of sessions.
pub(super) const SESSIONS: usize = 10_000;
/// Decisions of routing.
pub(super) const DECISIONS: usize = 500;

/// Fills a home's state.
pub(super) fn fill(crowd: &Crowd) -> Outcome<()> {
    let home = crowd.home()?;
    let profiles = crowd.profiles.list()?;
    let now = SystemClock.now();
    let state = State::open(&home)?;
    let sessions = (0..SESSIONS).zip(profiles.iter().cycle()).filter_map(|(number, profile)| {
        let at = At { profile: profile.id.clone(), used: now, pinned: false };
        Some((SessionKey::of(&format!("earlier-{number}"))?, Some(at)))
    });
    state.save_homes(&sessions.collect::<Vec<_>>(), &[])?;
    let decision = |number: usize| Decision {
        at: now,
        session: Some(format!("earlier-{number}")),
        family: Family::main(),
        model: None,
        chosen: None,
        tried: Vec::new(),
        instead_of: None,
        verdicts: Vec::new(),
        others: 0,
        times: 1,
    };
    state.save_decisions(&(0..DECISIONS).map(decision).collect::<Vec<_>>())?;
    drop(state);

    let mut connection = Connection::open(home.state())?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "insert into quota_history (profile, family, minutes, at, used, resets_at, source) values (?1, 'codex', ?2, ?3, ?4, null, 'header')",
        )?;
        let windows: Vec<_> = profiles.iter().flat_map(|profile| [(profile, 300), (profile, 10_080)]).collect();
        let each = POINTS / i64::try_from(windows.len())?;
        for (profile, minutes) in windows {
            for point in 0..each {
                let at = now.as_millisecond() - (each - point) * 10_000;
                insert.execute(params![profile.id.as_str(), minutes, at, point % 10_000])?;
            }
        }
    }
    Ok(transaction.commit()?)
}
