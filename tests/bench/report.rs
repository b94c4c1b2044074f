//! What was measured, in tables for people and in JSON for programs.

use std::fmt::Write as _;
#[cfg(target_os = "linux")]
use std::path::Path;

use serde_json::Value;

use crate::measure::{Outcome, say};

/// Everything that was measured in one run.
#[derive(Default)]
pub(crate) struct Report {
    sections: Vec<Section>,
}

/// One table.
pub(crate) struct Section {
    /// Its name in the JSON.
    pub(crate) key: &'static str,
    pub(crate) title: String,
    /// How it was measured.
    pub(crate) note: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
}

/// One line of a table, and the same in numbers.
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) figures: Value,
}

impl Report {
    /// Takes a table in, and prints it.
    pub(crate) fn add(&mut self, section: Section) -> Outcome<()> {
        say(&format!("\n{}", section.text(None)))?;
        self.sections.push(section);
        Ok(())
    }

    /// Writes `bench/RESULTS.md` and `bench/results.json`. Tables that were not measured this time stay as they are.
    #[cfg(target_os = "linux")]
    pub(crate) fn write(&self, machine: &crate::machine::Machine) -> Outcome<()> {
        // The programs measured lie beside this one, and were built as it was.
        if cfg!(debug_assertions) {
            return say("\nnot written: these programs are not built as `--release`");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench");
        std::fs::create_dir_all(&folder)?;
        let before = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut figures: serde_json::Map<String, Value> = serde_json::from_str(&before("results.json")).unwrap_or_default();
        let old = before("RESULTS.md");
        let old = old.split_once("\n## ").unwrap_or_default().1;
        let is_kept = |old: &&str| !self.sections.iter().any(|section| old.starts_with(&section.title));
        let kept = old.split("\n## ").filter(|old| !old.is_empty()).filter(is_kept);
        let run = machine.text();
        let mut text = "# How fast Codex Lab is\n\nEach table says which run it is of.\n".to_owned();
        for section in &self.sections {
            write!(text, "\n{}", section.text(Some(&run)))?;
            let rows: Value = section.rows.iter().map(|row| row.figures.clone()).collect();
            figures.insert(section.key.to_owned(), serde_json::json!({"run": machine.figures(), "rows": rows}));
        }
        for kept in kept {
            write!(text, "\n## {}\n", kept.trim_end())?;
        }
        std::fs::write(folder.join("RESULTS.md"), text)?;
        std::fs::write(folder.join("results.json"), format!("{:#}\n", Value::Object(figures)))?;
        say("\nwritten: bench/RESULTS.md, bench/results.json")
    }
}

impl Section {
    /// The run that it is of is named below how it was measured.
    fn text(&self, run: Option<&str>) -> String {
        let mut text = format!("## {}\n\n", self.title);
        for note in [self.note.as_str(), run.unwrap_or_default()].into_iter().filter(|note| !note.is_empty()) {
            let _ = writeln!(text, "{note}\n");
        }
        if self.columns.is_empty() {
            return text;
        }
        let rules = self.columns.iter().enumerate().map(|(place, _)| if place == 0 { "---" } else { "---:" });
        let lines = [self.columns.iter().map(|column| (*column).to_owned()).collect(), rules.map(str::to_owned).collect::<Vec<_>>()];
        for cells in lines.iter().chain(self.rows.iter().map(|row| &row.cells)) {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }
}
