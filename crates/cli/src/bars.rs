//! A line as each status bar wants it. Names come from outside: nothing in them is a bar's own markup.

use codex_lab_core::view::bar::{Bar, BarClass};
use serde_json::json;

use crate::args::Format;
use crate::paint::clean;

/// The line, without its end. `colours`: whether Polybar and tmux are told of any; Waybar has classes instead.
pub(crate) fn line(bar: &Bar, format: &Format, colours: bool) -> String {
    let text = clean(&bar.text);
    let colour = colour(bar.class).filter(|_| colours);
    match format {
        Format::Waybar => waybar(bar),
        Format::Polybar => {
            // It has no way to write this beginning of a tag as text.
            let text = text.replace("%{", "% {");
            colour.map_or(text.clone(), |(polybar, _)| format!("%{{F{polybar}}}{text}%{{F-}}"))
        }
        Format::Tmux => {
            let text = text.replace('#', "##");
            colour.map_or(text.clone(), |(_, tmux)| format!("#[fg={tmux}]{text}#[default]"))
        }
        Format::Template(template) => clean(&template.fill(bar)),
    }
}

/// What stands out, for Polybar and for tmux.
fn colour(class: BarClass) -> Option<(&'static str, &'static str)> {
    match class {
        BarClass::Fine | BarClass::Unknown | BarClass::NoLogin | BarClass::Paused => None,
        BarClass::Low => Some(("#e5a50a", "yellow")),
        BarClass::Critical | BarClass::Empty | BarClass::Attention => Some(("#e01b24", "red")),
    }
}

/// waybar-custom(5): with `"return-type": "json"` the texts are Pango markup.
fn waybar(bar: &Bar) -> String {
    let markup = |text: &str| clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let class = bar.class.as_str();
    let mut value = json!({ "text": markup(&bar.text), "alt": class, "tooltip": markup(&bar.tooltip), "class": class });
    if let Some(percentage) = bar.percentage {
        value["percentage"] = percentage.into();
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use codex_lab_core::view::bar::Template;

    use super::*;

    #[test]
    fn names_are_no_markup() {
        let name = "a#[fg=red]%{F#fff}<b>&";
        let bar = Bar { text: name.to_owned(), tooltip: String::new(), class: BarClass::Low, percentage: None, words: Default::default() };
        let template = Template::parse("x").map(Format::Template).unwrap();
        for (format, colours, expected) in [
            (Format::Tmux, true, "#[fg=yellow]a##[fg=red]%{F##fff}<b>&#[default]"),
            (Format::Polybar, true, "%{F#e5a50a}a#[fg=red]% {F#fff}<b>&%{F-}"),
            (Format::Polybar, false, "a#[fg=red]% {F#fff}<b>&"),
            (template, true, "x"),
        ] {
            assert_eq!(line(&bar, &format, colours), expected);
        }
        let line = line(&bar, &Format::Waybar, true);
        assert!(line.starts_with(r#"{"text":"a#[fg=red]%{F#fff}&lt;b&gt;&amp;","alt":"low""#), "{line}");
    }
}
