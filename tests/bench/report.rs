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
        say(&format!("\n{}", section.text()))?;
        self.sections.push(section);
        Ok(())
    }

    /// Writes `bench/RESULTS.md` and `bench/results.json`. Tables that were not measured this time stay as they are.
    #[cfg(target_os = "linux")]
    pub(crate) fn write(&self, machine: &crate::machine::Machine) -> Outcome<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench");
        std::fs::create_dir_all(&folder)?;
        let before = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let mut text = format!("# How fast Codex Lab is\n\n{}\n", machine.text());
        let mut figures: serde_json::Map<String, Value> = serde_json::from_str(&before("results.json")).unwrap_or_default();
        figures.insert("machine".to_owned(), machine.figures());
        for section in &self.sections {
            write!(text, "\n{}", section.text())?;
            figures.insert(section.key.to_owned(), section.rows.iter().map(|row| row.figures.clone()).collect());
        }
        let is_new = |old: &&str| !self.sections.iter().any(|section| old.starts_with(&section.title));
        for old in before("RESULTS.md").split("\n## ").skip(1).filter(is_new) {
            write!(text, "\n## {}\n", old.trim_end())?;
        }
        std::fs::write(folder.join("RESULTS.md"), text)?;
        std::fs::write(folder.join("results.json"), format!("{:#}\n", Value::Object(figures)))?;
        say("\nwritten: bench/RESULTS.md, bench/results.json")
    }
}

impl Section {
    fn text(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        if !self.note.is_empty() {
            let _ = writeln!(text, "{}\n", self.note);
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
