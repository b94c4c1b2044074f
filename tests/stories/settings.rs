//! Settings: each takes effect at once, says where it comes from, and goes back; the environment goes before the file.

use std::path::Path;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::ports::Ports;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::setting::{Allowed, SETTINGS, SettingRow, SettingSource, Unit};
use codex_lab_core::model::snapshot::{Language, Settings, Snapshot, Theme};
use serde_json::{Value, json};

async fn open(home: &Path, variables: &[(&'static str, &str)]) -> Result<Engine, Failure> {
    let variables = variables.iter().map(|(name, value)| (*name, (*value).into()));
    Engine::open(Ports::real(Environment::of(home, variables)).unwrap()).await
}

async fn row(engine: &Engine, key: &str) -> SettingRow {
    let Reply::Settings { rows } = engine.handle(Request::Settings).await.unwrap() else { panic!() };
    assert_eq!(rows.len(), SETTINGS.len());
    rows.into_iter().find(|row| row.key == key).unwrap()
}

async fn set(engine: &Engine, key: &str, value: Option<&str>) -> Result<Snapshot, Failure> {
    match engine.handle(Request::SetSetting { key: key.to_owned(), value: value.map(str::to_owned) }).await? {
        Reply::Done { snapshot } => Ok(*snapshot),
        other => panic!("{other:?}"),
    }
}

/// What a snapshot says of a setting.
fn shown(snapshot: &Snapshot, key: &str) -> Value {
    let place = format!("/{}", key.replace('.', "/"));
    let place = if key.starts_with("routing.") { place } else { format!("/settings{place}") };
    serde_json::to_value(snapshot).unwrap().pointer(&place).cloned().unwrap()
}

/// A text that sets it to something else than its default.
fn other(row: &SettingRow) -> String {
    match row.allowed {
        Allowed::OnOff => if row.default == json!(true) { "off" } else { "on" }.to_owned(),
        Allowed::Words { words } => (*words.iter().find(|word| row.default != **word).unwrap()).to_owned(),
        // Thresholds move away from each other.
        Allowed::Whole { least, unit: Unit::PercentBelow, .. } => (least + 1).to_string(),
        Allowed::Whole { most, .. } => (most - 1).to_string(),
        Allowed::Cents => "550".to_owned(),
        Allowed::QuietHours => "22:00-07:00".to_owned(),
        Allowed::Command => "/bin/true".to_owned(),
    }
}

#[tokio::test]
async fn each_setting_is_in_the_next_snapshot_and_goes_back_to_its_default() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path(), &[]).await.unwrap();
    let elsewhere = open(home.path(), &[]).await.unwrap();
    for setting in &SETTINGS {
        let before = row(&engine, setting.key).await;
        assert_eq!((&before.value, before.source), (&before.default, SettingSource::Default), "{before:?}");
        let text = other(&before);
        let after = set(&engine, setting.key, Some(&text)).await.unwrap();
        let now = row(&engine, setting.key).await;
        assert_eq!((&shown(&after, setting.key), now.source), (&now.value, SettingSource::File), "{now:?}");
        assert_ne!(now.value, now.default, "{} = {text}", setting.key);
        // Another process has it with its next look.
        elsewhere.handle(Request::Snapshot).await.unwrap();
        assert_eq!(row(&elsewhere, setting.key).await, now);
        set(&engine, setting.key, None).await.unwrap();
        assert_eq!(row(&engine, setting.key).await, before);
    }
}

#[tokio::test]
async fn what_a_setting_cannot_be_is_refused_in_its_own_words() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path(), &[]).await.unwrap();
    for (key, value, code, said) in [
        ("background_budget", "5", Code::InvalidInput, "16 to 1000"),
        ("theme", "pink", Code::InvalidInput, "system, light, dark"),
        ("quiet_hours", "at night", Code::InvalidInput, "22:00-07:00"),
        ("routing.low", "5", Code::InvalidInput, "routing.critical (5 %)"),
        ("nothing", "1", Code::NotFound, "no setting of that name"),
    ] {
        let refused = set(&engine, key, Some(value)).await.unwrap_err();
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.message.contains(said) && !refused.hints.is_empty(), "{refused:?}");
    }
    set(&engine, "routing.low", Some("50")).await.unwrap();
    set(&engine, "routing.critical", Some("30")).await.unwrap();
    let crossed = set(&engine, "routing.low", None).await.unwrap_err();
    assert!(crossed.message.contains("routing.critical (30 %)"), "a default can contradict, too: {crossed:?}");
    assert_eq!(engine.snapshot().routing.low, 50);
}

#[tokio::test]
async fn the_environment_goes_before_the_file_and_stays_out_of_it() {
    let home = tempfile::tempdir().unwrap();
    let plain = open(home.path(), &[]).await.unwrap();
    set(&plain, "background_budget", Some("300")).await.unwrap();
    let engine = open(home.path(), &[("CODEX_LAB_LANGUAGE", "de"), ("CODEX_LAB_BACKGROUND_BUDGET", "20")]).await.unwrap();
    let in_force = engine.snapshot().settings.clone();
    assert_eq!((in_force.language, in_force.background_budget), (Language::De, 20));
    let language = row(&engine, "language").await;
    assert_eq!((language.source, language.variable), (SettingSource::Environment, Some("CODEX_LAB_LANGUAGE")));

    for value in [Some("en"), None] {
        let refused = set(&engine, "language", value).await.unwrap_err();
        assert_eq!(refused.code, Code::NotPossibleNow);
        assert!(refused.message.contains("CODEX_LAB_LANGUAGE") && refused.hints[0].contains("Unset"), "{refused:?}");
    }
    let settings = Settings { language: Language::En, ..in_force.clone() };
    assert_eq!(engine.handle(Request::SetSettings { settings }).await.unwrap_err().code, Code::NotPossibleNow);
    let settings = Settings { theme: Theme::Dark, ..in_force };
    engine.handle(Request::SetSettings { settings }).await.unwrap();
    assert_eq!(engine.snapshot().settings.background_budget, 20);
    plain.handle(Request::Snapshot).await.unwrap();
    let in_file = plain.snapshot().settings.clone();
    assert_eq!((in_file.theme, in_file.language, in_file.background_budget), (Theme::Dark, Language::System, 300));
}

#[tokio::test]
async fn a_bad_variable_is_refused_by_its_name_and_nothing_is_made() {
    let home = tempfile::tempdir().unwrap();
    let refused = open(home.path(), &[("CODEX_LAB_THEME", "pink")]).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
    assert!(refused.message.contains("CODEX_LAB_THEME can be system, light, dark"), "{refused:?}");
    assert_eq!(refused.hints, ["Correct or unset CODEX_LAB_THEME, then start Codex Lab again."]);
    assert!(!home.path().join(".codex-lab").exists());
}
