//! The settings by their names in `config.toml`: what they are, what else they could be, and where they come from.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::setting::{SettingError, SettingRow, SettingSource};
use codex_lab_core::view::would::value;
use serde_json::json;

use super::change;
use crate::args::SettingsWords;
use crate::output::{self, Output};
use crate::table::table;

/// Those of routing that are more than a word.
const ROUTE: &str = "Order, force, folders and walls are set with `codex-lab route`.";
/// Takes a setting back.
const DEFAULT: &str = "default";

pub(super) async fn run(wanted: &SettingsWords, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let Some(key) = &wanted.key else {
        list(&rows(engine).await?, output);
        output.hint(ROUTE);
        return Ok(());
    };
    if let Some(value) = &wanted.value {
        let value = Some(value).filter(|value| *value != DEFAULT).cloned();
        if change(engine, Request::SetSetting { key: key.clone(), value }, output).await?.is_none() {
            return Ok(());
        }
    }
    let row = rows(engine).await?.into_iter().find(|row| row.key == key);
    list(&[row.ok_or_else(|| Failure::from(SettingError::Unknown).hint(ROUTE))?], output);
    Ok(())
}

async fn rows(engine: &Engine) -> Result<Vec<SettingRow>, Failure> {
    match engine.handle(Request::Settings).await? {
        Reply::Settings { rows } => Ok(rows),
        _ => Err(Failure::new(Code::Internal, "Codex Lab did not say what its settings are.").hint("Please report this.")),
    }
}

fn list(settings: &[SettingRow], output: &Output) {
    let shown = |row: &SettingRow| {
        let source = match row.source {
            SettingSource::Default => "default",
            SettingSource::File => "config.toml",
            SettingSource::Environment => row.variable.unwrap_or("environment"),
        };
        [row.key.to_owned(), value(&row.value), source.to_owned(), value(&row.default), row.choices.clone()]
    };
    let rows: Vec<_> = settings.iter().map(shown).collect();
    output.result(&table(["SETTING", "VALUE", "FROM", "DEFAULT", "CAN BE"], &rows, output::width()), &json!({ "settings": settings }));
}
