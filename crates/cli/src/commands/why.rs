//! Why: who served the last requests, who would serve the next, and what speaks against the others.

use std::collections::BTreeMap;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::decision::Decision;
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::verdict::Verdict;
use codex_lab_core::view::why;
use jiff::{Timestamp, Zoned};
use serde_json::json;

use crate::args::Why;
use crate::output::Output;
use crate::paint::{Text, Tone};

/// Letters of a session's id that are shown.
const SESSION_SHOWN: usize = 13;

type Names = BTreeMap<ProfileId, String>;

pub(super) async fn run(wanted: &Why, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Reply::Decisions { mut decisions, names } = engine.handle(Request::Why { session: wanted.session.clone() }).await? else {
        return Err(not_answered());
    };
    decisions.truncate(wanted.last.into());
    let now = engine.local_time();
    let mut text = Text::default();
    for (place, decision) in decisions.iter().enumerate() {
        text.push(if place > 0 { "\n\n" } else { "" }, Tone::Plain);
        text.append(drawn(decision, &names, &now));
    }
    if decisions.is_empty() {
        text.push("no decision is known", Tone::Plain);
    }
    output.painted_result(&text, &json!({ "decisions": decisions, "names": names }));
    if decisions.is_empty() {
        output.hint("Decisions are made for what comes through the gateway: start Codex with `codex-lab run -- codex`.");
    }
    Ok(())
}

/// Who would serve a session that begins now.
pub(super) async fn explained(folder: Option<String>, model: Option<String>, engine: &Engine) -> Result<(Decision, Names), Failure> {
    match engine.handle(Request::Explain { folder, model }).await? {
        Reply::Explained { decision, names } => Ok((*decision, names)),
        _ => Err(not_answered()),
    }
}

/// A decision with what was found of every profile, a line each.
pub(crate) fn drawn(decision: &Decision, names: &Names, now: &Zoned) -> Text {
    let mut text = Text::from(format!("{}  ", moment(decision.at, now)));
    text.append(chosen(decision, names));
    if decision.times > 1 {
        text.push(&format!(" ({} times)", decision.times), Tone::Plain);
    }
    let of = |what: &str, which: &str| format!("{what} {which}");
    let session = decision.session.as_ref().map(|session| of("session", &shortened(session)));
    let model = decision.model.as_ref().map(|model| of("model", model.as_str()));
    let around: Vec<String> = [session, model].into_iter().flatten().collect();
    if !around.is_empty() {
        text.push(&format!("\n    {}", around.join(", ")), Tone::Plain);
    }
    text.append(verdicts(decision, names));
    text
}

/// "main: the strategy's choice for a new session".
pub(super) fn chosen(decision: &Decision, names: &Names) -> Text {
    match &decision.chosen {
        Some(chosen) => {
            Text::default().with(&name(names, &chosen.profile), Tone::Lead).with(&format!(": {}", why::choice(chosen.choice)), Tone::Plain)
        }
        None => Text::default().with("nobody", Tone::Alarm).with(": no profile can serve", Tone::Plain),
    }
}

/// What was found of every profile, a line each.
pub(super) fn verdicts(decision: &Decision, names: &Names) -> Text {
    let wide = decision.verdicts.iter().map(|judged| name(names, &judged.profile).chars().count()).max().unwrap_or_default();
    let mut text = Text::default();
    for judged in &decision.verdicts {
        text.push(&format!("\n    {:wide$}  ", name(names, &judged.profile)), Tone::Plain);
        // Times are as they were told then.
        let tone = if matches!(judged.verdict, Verdict::Eligible { .. }) { Tone::Plain } else { Tone::Warn };
        text.push(&why::verdict(&judged.verdict, decision.at), tone);
    }
    if decision.others > 0 {
        text.push(&format!("\n    and {} more", decision.others), Tone::Plain);
    }
    text
}

fn name(names: &Names, id: &ProfileId) -> String {
    names.get(id).cloned().unwrap_or_else(|| "a removed profile".to_owned())
}

fn shortened(session: &str) -> String {
    let mut shown: String = session.chars().take(SESSION_SHOWN).collect();
    if session.chars().nth(SESSION_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn moment(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    let form = if at.date() == now.date() { "%H:%M:%S" } else { "%-d %b %H:%M:%S" };
    at.strftime(form).to_string()
}

fn not_answered() -> Failure {
    Failure::new(Code::Internal, "The answer is not one to this question.").hint("Please report this.")
}
