//! Activity: the timeline of what was done, a page at a time; and noting what no other table keeps.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Engine, Shared, blocking};
use crate::api::table::{ImportItem, ImportOutcome, Reply};
use crate::base::sorting;
use crate::failure::{Code, Failure};
use crate::model::activity::{ActivityEntry, ActivityFilter, Happened, Place, SEARCH_LIMIT};
use crate::model::profile::Profile;
use crate::store::activity::Noted;
use crate::store::timeline::Stretch;
use crate::view::activity::{Names, is_found};

/// Rows of each table that are read at once.
const ROWS: u32 = 1_000;
/// So often for one page: where what is searched for is rare, the next page goes on.
const ROUNDS: usize = 20;

impl Engine {
    /// A page of the timeline, the newest first.
    pub(super) async fn activity(&self, filter: ActivityFilter) -> Result<Reply, Failure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || page(&shared, &filter)).await
    }

    /// Notes what happened to a profile. That it could not be noted is no failure of what was done.
    pub(super) async fn note(&self, what: Happened, profile: Option<&Profile>, code: Option<Code>) {
        let noted = noted(&self.shared, what, profile, code);
        let shared = Arc::clone(&self.shared);
        if let Err(failure) = blocking(move || Ok(shared.state.note_activity(&[noted])?)).await {
            tracing::warn!(code = ?failure.code, %failure, "what happened could not be noted");
        }
    }
}

/// Notes what an import did.
pub(super) fn note_imports(shared: &Shared, items: &[ImportItem]) {
    let at = shared.ports.clock.now();
    let noted = items.iter().filter_map(|item| {
        let what = match item.outcome {
            ImportOutcome::Added => Happened::Imported,
            ImportOutcome::Updated => Happened::Updated,
            ImportOutcome::Unchanged | ImportOutcome::Skipped | ImportOutcome::Failed => return None,
        };
        Some(Noted { at, what, profile: item.profile.clone(), name: item.name.clone(), code: None })
    });
    if let Err(error) = shared.state.note_activity(&noted.collect::<Vec<_>>()) {
        tracing::warn!(%error, "what was imported could not be noted");
    }
}

fn noted(shared: &Shared, what: Happened, profile: Option<&Profile>, code: Option<Code>) -> Noted {
    let (id, name) = (profile.map(|profile| profile.id.clone()), profile.map(|profile| profile.name.to_string()));
    Noted { at: shared.ports.clock.now(), what, profile: id, name, code }
}

fn page(shared: &Shared, filter: &ActivityFilter) -> Result<Reply, Failure> {
    let words = words(filter.search.as_deref().unwrap_or_default())?;
    let mut before = match filter.before.as_deref().map(Place::parse) {
        None => None,
        Some(Some(place)) => Some(place),
        Some(None) => {
            return Err(Failure::new(Code::InvalidInput, "That is no place in the timeline.").hint("Start from the newest entry."));
        }
    };
    // What ends later has not happened yet.
    let now = shared.ports.clock.now();
    let start = before.as_ref().map_or(Timestamp::MAX, |place| Timestamp::from_millisecond(place.at).unwrap_or(Timestamp::MAX));
    let mut newest = filter.until.unwrap_or(now).min(now).min(start);
    let oldest = filter.since.unwrap_or(Timestamp::MIN);
    let limit = filter.page();
    let mut names = names(shared)?;
    let mut entries = Vec::new();
    let mut more = false;
    for _round in 0..ROUNDS {
        let stretch = Stretch { newest, oldest, profile: filter.profile.as_ref(), rows: ROWS };
        let found = shared.state.timeline(stretch, |kind| filter.wants(kind))?;
        let is_whole = |entry: &ActivityEntry| found.whole_from.is_none_or(|from| entry.at.as_millisecond() >= from);
        let mut next = found.entries;
        next.retain(|entry| is_whole(entry) && before.as_ref().is_none_or(|place| place.is_before(entry)));
        sorting::by(&mut next, ActivityEntry::order);
        let progress = next.last().map(ActivityEntry::place);
        entries.extend(next.into_iter().filter(|entry| is_found(entry, &names, &words)));
        more = entries.len() > limit || found.whole_from.is_some();
        let Some(from) = found.whole_from.filter(|_| entries.len() <= limit) else { break };
        // More rows of one moment than are read at once: those that are left are passed over.
        let from = if progress.is_some() { from } else { from.saturating_sub(1) };
        newest = Timestamp::from_millisecond(from).unwrap_or(Timestamp::MIN).min(newest);
        before = progress.or_else(|| Some(Place { at: from, key: "\u{10ffff}".to_owned() }));
    }
    entries.truncate(limit);
    let last = entries.last().map(ActivityEntry::place).filter(|_| entries.len() == limit).or(before);
    let next = last.filter(|_| more).map(|place| place.to_string());
    names.retain(|id, _| entries.iter().any(|entry| entry.is_about(id)));
    Ok(Reply::Activity { entries, names, next })
}

/// Names of profiles: as they are now, or were when they were last heard of.
fn names(shared: &Shared) -> Result<Names, Failure> {
    let mut names = shared.state.noted_names()?;
    let removed = shared.profiles.removed()?;
    let listed = shared.profiles.list()?;
    let all = removed.iter().map(|removed| &removed.profile).chain(&listed);
    names.extend(all.map(|profile| (profile.id.clone(), profile.name.to_string())));
    Ok(names)
}

/// The words of a search, in lower case.
fn words(search: &str) -> Result<Vec<String>, Failure> {
    if search.chars().count() > SEARCH_LIMIT {
        return Err(Failure::new(Code::InvalidInput, format!("A search has {SEARCH_LIMIT} characters at most.")).hint("Search for less."));
    }
    Ok(search.split_whitespace().map(str::to_lowercase).collect())
}
