//! A tray menu as the tray host gets it (`com.canonical.dbusmenu`, `GetLayout`).

use std::collections::HashMap;
use std::fmt;

use zbus::zvariant::{OwnedValue, Value};

/// A menu, from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrayMenu {
    /// Its lines; a submenu's lines are in its own line.
    pub lines: Vec<MenuLine>,
}

/// One line of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MenuLine {
    /// The number a click names.
    pub id: i32,
    /// What it says; empty for a separator.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Its mark, if it is of a kind that has one.
    pub checked: Option<bool>,
    /// Whether it is one of several to choose from.
    pub choice: bool,
    /// A line between groups.
    pub separator: bool,
    /// The lines of its submenu.
    pub lines: Vec<MenuLine>,
}

impl TrayMenu {
    /// The line with this label, or with this label before ` — `; in submenus too, if the menu itself has none.
    pub fn line(&self, label: &str) -> Option<&MenuLine> {
        let mut all = Vec::new();
        collect(&self.lines, &mut all);
        find(self.lines.iter(), label).or_else(|| find(all.into_iter(), label))
    }

    /// The same within the submenu of this label.
    pub fn line_in(&self, submenu: &str, label: &str) -> Option<&MenuLine> {
        find(self.line(submenu)?.lines.iter(), label)
    }

    /// The labels of all lines that are chosen among several.
    pub fn chosen(&self) -> Vec<&str> {
        let mut all = Vec::new();
        collect(&self.lines, &mut all);
        all.iter().filter(|line| line.choice && line.checked == Some(true)).map(|line| line.label.as_str()).collect()
    }
}

fn find<'a>(lines: impl Iterator<Item = &'a MenuLine> + Clone, label: &str) -> Option<&'a MenuLine> {
    lines.clone().find(|line| line.label == label).or_else(|| lines.into_iter().find(|line| line.label.split(" — ").next() == Some(label)))
}

fn collect<'a>(lines: &'a [MenuLine], all: &mut Vec<&'a MenuLine>) {
    for line in lines {
        all.push(line);
        collect(&line.lines, all);
    }
}

/// One line of text for each line, as `codex_lab_core::view::menu::Menu` has it.
impl fmt::Display for TrayMenu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        draw(&self.lines, 0, f)
    }
}

fn draw(lines: &[MenuLine], depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for line in lines {
        let indent = "  ".repeat(depth);
        if line.separator {
            writeln!(f, "{indent}---")?;
            continue;
        }
        let off = if line.enabled { "" } else { "- " };
        let mark = match (line.checked, line.choice) {
            (Some(true), true) => "(x) ",
            (Some(false), true) => "( ) ",
            (Some(true), false) => "[x] ",
            (Some(false), false) => "[ ] ",
            (None, _) => "",
        };
        let more = if line.lines.is_empty() { "" } else { " >" };
        writeln!(f, "{indent}{off}{mark}{}{more}", line.label)?;
        draw(&line.lines, depth + 1, f)?;
    }
    Ok(())
}

/// A line on the wire: number, properties, children.
pub(super) type WireLine = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// Reads the root line.
pub(super) fn read((_root, _properties, children): &WireLine) -> TrayMenu {
    TrayMenu { lines: children.iter().filter_map(|child| line(child)).collect() }
}

/// `None` for what is no line.
fn line(value: &Value<'_>) -> Option<MenuLine> {
    let Value::Structure(structure) = unwrapped(value) else { return None };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = structure.fields() else { return None };
    let property = |wanted: &str| {
        properties.iter().find(|(name, _)| matches!(name, Value::Str(name) if name == wanted)).map(|(_, value)| unwrapped(value))
    };
    let text = |name: &str| match property(name) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    Some(MenuLine {
        id: *id,
        label: without_mnemonic(&text("label")),
        enabled: property("enabled") != Some(&Value::Bool(false)),
        choice: text("toggle-type") == "radio",
        checked: (!text("toggle-type").is_empty()).then(|| property("toggle-state") == Some(&Value::I32(1))),
        separator: text("type") == "separator",
        lines: children.iter().filter_map(line).collect(),
    })
}

/// A value without the wrapping that says of what type it is.
fn unwrapped<'a, 'v>(mut value: &'a Value<'v>) -> &'a Value<'v> {
    while let Value::Value(inner) = value {
        value = inner;
    }
    value
}

/// `_x` underlines x, `__` is an underscore.
fn without_mnemonic(label: &str) -> String {
    let mut plain = String::new();
    let mut letters = label.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '_' { letters.next() } else { Some(letter) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnemonics_are_not_text() {
        assert_eq!(without_mnemonic("_Quit a__b_"), "Quit a_b");
    }

    #[test]
    fn a_line_is_found_by_its_label_or_by_what_stands_before_the_dash() {
        let named = |label: &str| MenuLine { label: label.to_owned(), enabled: true, ..MenuLine::default() };
        let inner = MenuLine { lines: vec![named("far — plus")], ..named("More") };
        let menu = TrayMenu { lines: vec![named("main — plus"), named("main"), inner] };
        assert_eq!(menu.line("main").unwrap().label, "main");
        assert_eq!(menu.line("far").unwrap().label, "far — plus");
        assert_eq!(menu.line("mai"), None);
        assert_eq!(menu.line_in("More", "far").unwrap().label, "far — plus");
        assert_eq!(menu.line_in("More", "main"), None);
        assert_eq!(menu.to_string(), "main — plus\nmain\nMore >\n  far — plus\n");
    }
}
