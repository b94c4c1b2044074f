//! What is left of a profile's quota, as lines.

use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::quota::WindowNote;
use codex_lab_core::model::snapshot::ProfileRow;
use codex_lab_core::view::quota::{self, Left};
use jiff::Zoned;

use crate::paint::{Text, Tone};

/// In a few words; `None` where nothing is known.
pub(super) fn line(profile: &ProfileRow, now: &Zoned) -> Option<Text> {
    let line = quota::line(&profile.quota, now);
    let mut text = Text::default();
    for (place, left) in line.iter().enumerate() {
        text.push(if place > 0 { " · " } else { "" }, Tone::Plain);
        text.push(&left.text, tone(left));
    }
    (!line.is_empty()).then_some(text)
}

/// All that is known, a line each, to go below other lines.
pub(super) fn all(profile: &ProfileRow, now: &Zoned) -> Text {
    let known = quota::known(&profile.quota, now);
    let wide = known.iter().map(|known| known.window.chars().count()).max().unwrap_or_default();
    let mut lines: Vec<Text> = known
        .iter()
        .map(|known| {
            let mut line = Text::from(format!("{:wide$}  ", known.window));
            line.push(&known.left.text, tone(&known.left));
            line.with(&format!("; {}", known.seen), Tone::Plain)
        })
        .collect();
    if lines.is_empty() && profile.kind == ProfileKind::Chatgpt {
        lines.push(Text::from("no reading yet"));
    }
    lines.extend(quota::account(&profile.quota, now).iter().map(Text::from));
    let mut text = Text::default();
    for (place, line) in lines.into_iter().enumerate() {
        text.push(if place > 0 { "\n         " } else { "\nquota    " }, Tone::Plain);
        text.append(line);
    }
    text
}

fn tone(left: &Left) -> Tone {
    match left.note {
        WindowNote::Fine | WindowNote::ResetUnverified => Tone::Plain,
        WindowNote::Low => Tone::Warn,
        WindowNote::Critical | WindowNote::Empty => Tone::Alarm,
    }
}
