//! The user's remarks on a profile.

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::Failure;
use codex_lab_core::model::details::{Colour, ProfileDetails};

use super::change;
use crate::args::{Remarks, Set, Switch};
use crate::names;
use crate::output::Output;

pub(super) async fn set(set: &Set, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let before = names::find(&engine.snapshot(), &set.name)?.clone();
    let details = changed(before.details, &set.remarks);
    let Some((after, _)) = change(engine, Request::SetDetails { profile: before.id.clone(), details }, output).await? else {
        return Ok(());
    };
    let row = after.profiles.iter().find(|row| row.id == before.id);
    let lines = row.map_or_else(Vec::new, |row| lines(&row.details));
    let text = if lines.is_empty() { "nothing is noted".to_owned() } else { lines.join("\n") };
    output.result(&text, &row);
    Ok(())
}

/// What is noted, a line each.
pub(super) fn lines(details: &ProfileDetails) -> Vec<String> {
    let usual = ProfileDetails::default();
    let mut lines = Vec::new();
    lines.extend(details.label.as_ref().map(|label| format!("label    {label}")));
    lines.extend(details.colour.map(|colour| format!("colour   {}", colour_word(colour))));
    lines.extend((details.weight != usual.weight).then(|| format!("weight   {}", details.weight)));
    lines.extend(details.drain.then(|| "drain    on".to_owned()));
    lines.extend(details.prime.then(|| "prime    on".to_owned()));
    lines.extend(details.muted.then(|| "muted    on".to_owned()));
    lines.extend(details.thresholds.low.map(|low| format!("low      {low} %")));
    lines.extend(details.thresholds.critical.map(|critical| format!("critical {critical} %")));
    // A note may have several lines.
    lines.extend(details.note.as_ref().map(|note| format!("note     {}", note.replace('\n', "\n         "))));
    lines
}

fn changed(mut details: ProfileDetails, remarks: &Remarks) -> ProfileDetails {
    if let Some(label) = &remarks.label {
        details.label = Some(label.clone());
    }
    if let Some(note) = &remarks.note {
        details.note = Some(note.clone());
    }
    if let Some(colour) = remarks.colour {
        details.colour = colour.colour();
    }
    details.weight = remarks.weight.unwrap_or(details.weight);
    details.drain = remarks.drain.map_or(details.drain, |drain| drain == Switch::On);
    details.muted = remarks.mute.map_or(details.muted, |mute| mute == Switch::On);
    details.thresholds.low = remarks.low.map_or(details.thresholds.low, |low| low.0);
    details.thresholds.critical = remarks.critical.map_or(details.thresholds.critical, |critical| critical.0);
    details
}

fn colour_word(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => "blue",
        Colour::Orange => "orange",
        Colour::Green => "green",
        Colour::Pink => "pink",
        Colour::Yellow => "yellow",
        Colour::Grey => "grey",
    }
}
