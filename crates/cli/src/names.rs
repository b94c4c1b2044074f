//! Finding the profile that a name means.

use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{ProfileRow, Snapshot};

/// The profile of this name; case does not count, as two names never differ in case alone.
pub(crate) fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Result<&'a ProfileRow, Failure> {
    let found = snapshot.profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name.trim()));
    found.ok_or_else(|| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let failure = Failure::new(Code::NotFound, format!("There is no profile called {shown:?}."));
        match closest(snapshot, name) {
            Some(closest) => failure.hint(format!("Did you mean {closest}?")).hint("`codex-lab list` shows the profiles."),
            None => failure.hint("`codex-lab list` shows the profiles; `codex-lab login` adds one."),
        }
    })
}

fn closest<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a str> {
    let name = name.to_lowercase();
    let likeness = |profile: &&ProfileRow| strsim::jaro_winkler(&profile.name.to_lowercase(), &name);
    let best = snapshot.profiles.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) > 0.7).then_some(best.name.as_str())
}
