//! The rules of routing: showing them, and changing them.

use std::path::{Path, PathBuf};

use codex_lab_core::api::table::Request;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::profile::{ProfileId, ProfileKind};
use codex_lab_core::model::routing::{FolderBinding, Force, RoutingSettings};
use codex_lab_core::model::snapshot::Snapshot;
use codex_lab_core::view::times::{moment, span};
use codex_lab_core::view::why as words;
use jiff::{SignedDuration, Zoned};
use serde_json::json;

use super::{change, why};
use crate::args::{Route, RouteForce, Switch};
use crate::names;
use crate::output::Output;
use crate::paint::{Text, Tone};

pub(super) async fn run(what: Option<&Route>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    match what {
        None => show(engine, output).await,
        Some(Route::Explain { folder, model }) => explain(folder.as_deref(), model.clone(), engine, output).await,
        Some(rule) => {
            let before = engine.snapshot();
            let settings = changed(before.routing.clone(), rule, &before, &engine.local_time())?;
            let Some((after, _)) = change(engine, Request::SetRouting { settings }, output).await? else { return Ok(()) };
            let line = said(rule, &after, &engine.local_time());
            output.result(&line, &json!({ "routing": after.routing, "spending": after.spending }));
            if matches!(rule, Route::ApiKeys { allowed: Switch::On, .. }) && after.routing.api_key_spend_cap_cents.is_none() {
                output.hint("There is no cap on what that may cost. Set one: codex-lab route api-keys on --cap 5");
            }
            Ok(())
        }
    }
}

async fn show(engine: &Engine, output: &Output) -> Result<(), Failure> {
    let snapshot = engine.snapshot();
    let (next, names) = why::explained(None, None, engine).await?;
    let mut text = Text::from(lines(&snapshot, &engine.local_time()).join("\n"));
    text.push("\nnext         ", Tone::Plain);
    text.append(why::chosen(&next, &names));
    output.painted_result(&text, &json!({ "routing": snapshot.routing, "spending": snapshot.spending, "next": next, "names": names }));
    output.hint("`codex-lab route explain` says what speaks against the others.");
    Ok(())
}

async fn explain(folder: Option<&Path>, model: Option<String>, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let folder = named(&absolute(folder.unwrap_or(Path::new("."))))?;
    let (decision, names) = why::explained(Some(folder), model, engine).await?;
    let mut text = why::chosen(&decision, &names);
    text.append(why::verdicts(&decision, &names));
    output.painted_result(&text, &json!({ "decision": decision, "names": names }));
    Ok(())
}

/// The settings with one change made.
fn changed(mut settings: RoutingSettings, change: &Route, snapshot: &Snapshot, now: &Zoned) -> Result<RoutingSettings, Failure> {
    match change {
        Route::Strategy { strategy, .. } => settings.strategy = strategy.strategy(),
        Route::Order { names, .. } => settings.order = ids(snapshot, names)?,
        Route::Thresholds(wanted) => {
            settings.low = wanted.low.unwrap_or(settings.low);
            settings.critical = wanted.critical.unwrap_or(settings.critical);
        }
        Route::Force(wanted) => settings.force = force(wanted, snapshot, now)?,
        Route::Bind { folder, names, .. } => {
            let (folder, profiles) = (resolved(folder), ids(snapshot, names)?);
            settings.folders.retain(|binding| binding.folder != folder);
            settings.folders.push(FolderBinding { folder, profiles });
        }
        Route::Unbind { folder, .. } => {
            let (there, written) = (resolved(folder), absolute(folder));
            let before = settings.folders.len();
            settings.folders.retain(|binding| binding.folder != there && binding.folder != written);
            if settings.folders.len() == before {
                return Err(Failure::new(Code::NotFound, "This folder is not bound by itself.")
                    .hint("`codex-lab route` lists the folders that are bound."));
            }
        }
        Route::Wall { wall, off: true, .. } => {
            settings
                .walls
                .remove(wall)
                .ok_or_else(|| Failure::new(Code::NotFound, "There is no wall of that name.").hint("`codex-lab route` lists the walls."))?;
        }
        Route::Wall { wall, names, .. } => drop(settings.walls.insert(wall.clone(), ids(snapshot, names)?)),
        Route::ApiKeys { allowed, cap, .. } => {
            settings.api_key_fallback = *allowed == Switch::On;
            settings.api_key_spend_cap_cents = cap.map_or(settings.api_key_spend_cap_cents, |cap| cap.0);
        }
        Route::Wait { wait, .. } => settings.wait_for_reset = *wait == Switch::On,
        Route::Explain { .. } => {}
    }
    Ok(settings)
}

fn force(wanted: &RouteForce, snapshot: &Snapshot, now: &Zoned) -> Result<Option<Force>, Failure> {
    let Some(name) = &wanted.name else { return Ok(None) };
    let profile = names::find(snapshot, name)?.id.clone();
    let until = wanted.span.and_then(|span| now.timestamp().checked_add(SignedDuration::try_from(span).ok()?).ok());
    Ok(Some(Force { profile, until, strict: wanted.strict }))
}

fn ids(snapshot: &Snapshot, named: &[String]) -> Result<Vec<ProfileId>, Failure> {
    let mut ids = Vec::new();
    for name in named {
        let id = &names::find(snapshot, name)?.id;
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    Ok(ids)
}

/// The rule that was changed, as it is now.
fn said(change: &Route, after: &Snapshot, now: &Zoned) -> String {
    let begins = match change {
        Route::Strategy { .. } => "strategy",
        Route::Order { .. } => "order",
        Route::Thresholds(_) => "thresholds",
        Route::Force(_) => "force",
        Route::Bind { .. } | Route::Unbind { .. } => "folder",
        Route::Wall { .. } => "wall",
        Route::ApiKeys { .. } => "api keys",
        Route::Wait { .. } => "all used up",
        Route::Explain { .. } => return String::new(),
    };
    let lines: Vec<String> = lines(after, now).into_iter().filter(|line| line.starts_with(begins)).collect();
    if lines.is_empty() { format!("{begins:11}  none is left") } else { lines.join("\n") }
}

/// All rules, a line or more each.
fn lines(snapshot: &Snapshot, now: &Zoned) -> Vec<String> {
    let routing = &snapshot.routing;
    let named = |ids: &[ProfileId]| ids.iter().map(|id| name(snapshot, id)).collect::<Vec<_>>().join(", ");
    let strategy = serde_json::to_value(routing.strategy).ok();
    let strategy_name = strategy.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
    let order =
        if routing.order.is_empty() { "as in the list".to_owned() } else { format!("{}, then as in the list", named(&routing.order)) };
    let dollars = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
    let api_keys = match (routing.api_key_fallback, routing.api_key_spend_cap_cents) {
        (false, _) => "do not stand in where no subscription is left".to_owned(),
        (true, Some(cents)) => format!("stand in where no subscription is left, up to {} dollars a month", dollars(cents)),
        (true, None) => "stand in where no subscription is left, without a cap".to_owned(),
    };
    let spending = &snapshot.spending;
    let each =
        spending.profiles.iter().map(|(id, cents)| format!("{} {}", name(snapshot, id), dollars(*cents))).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("strategy     {strategy_name}: a new session gets {}", words::strategy(routing.strategy)),
        format!("order        {order}"),
        format!("thresholds   spared below {} % left, a last resort below {} %", routing.low, routing.critical),
        format!("force        {}", routing.force.as_ref().map_or_else(|| "none".to_owned(), |force| forced(force, snapshot, now))),
        format!("api keys     {api_keys}"),
        format!(
            "all used up  requests {}",
            if routing.wait_for_reset { "wait for the first reset" } else { "are refused, with the first reset named" }
        ),
    ];
    if !each.is_empty() || snapshot.profiles.iter().any(|row| row.kind == ProfileKind::ApiKey) {
        let each = if each.is_empty() { each } else { format!(": {each}") };
        lines.insert(5, format!("api keys     cost about {} dollars so far this month (UTC){each}", dollars(spending.cents)));
    }
    lines.extend(routing.folders.iter().map(|it| format!("folder       {}: {} alone", it.folder.display(), named(&it.profiles))));
    lines.extend(routing.walls.iter().map(|(wall, profiles)| format!("wall         {wall}: {}", named(profiles))));
    lines
}

fn forced(force: &Force, snapshot: &Snapshot, now: &Zoned) -> String {
    let name = name(snapshot, &force.profile);
    let how = if force.strict { "serves everything, and nothing else does" } else { "serves everything it can" };
    match force.until {
        Some(until) => format!("{name} {how}, until {} ({} left)", moment(until, now), span(until.duration_since(now.timestamp()))),
        None => format!("{name} {how}, until it is taken back"),
    }
}

fn name(snapshot: &Snapshot, id: &ProfileId) -> String {
    snapshot.profiles.iter().find(|row| row.id == *id).map_or_else(|| "a removed profile".to_owned(), |row| row.name.clone())
}

fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// Where a folder's links lead; as it is written, where it is not there.
fn resolved(folder: &Path) -> PathBuf {
    let absolute = absolute(folder);
    codex_lab_core::base::files::canonical(&absolute).unwrap_or(absolute)
}

fn named(folder: &Path) -> Result<String, Failure> {
    folder
        .to_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(Code::InvalidInput, "The folder's name is not Unicode.").hint("Name a folder above it with --folder."))
}
