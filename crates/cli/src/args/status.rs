//! The words of `status`.

use clap::Args as ClapArgs;
use codex_lab_core::view::bar::{PLACEHOLDERS, Template};

/// How to show the live login.
#[derive(Debug, ClapArgs)]
pub(crate) struct Status {
    /// One line for a status bar: `waybar`, `polybar`, `tmux`, or a text with placeholders such as "{profile} {left}%"
    #[arg(long, value_name = "FORMAT", value_parser = format, conflicts_with = "json", long_help = long_help())]
    pub(crate) format: Option<Format>,
    /// Go on, and print it again whenever it changes
    #[arg(long)]
    pub(crate) watch: bool,
}

/// What a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON with text, tooltip, class and percentage.
    Waybar,
    /// Text in Polybar's colours.
    Polybar,
    /// Text in tmux's colours.
    Tmux,
    /// The user's own words.
    Template(Template),
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "waybar" => Ok(Format::Waybar),
        "polybar" => Ok(Format::Polybar),
        "tmux" => Ok(Format::Tmux),
        text if text.contains(['{', '}']) => Template::parse(text).map(Format::Template).map_err(|error| error.to_string()),
        _ => Err(format!("say waybar, polybar, tmux, or a text with {{{}}}", PLACEHOLDERS.join("}, {"))),
    }
}

fn long_help() -> String {
    format!(
        "One line for a status bar: `waybar`, `polybar`, `tmux`, or a text with placeholders such as \"{{profile}} {{left}}%\". \
         There are {{{}}}; what is not known is a question mark, and a brace itself is written twice",
        PLACEHOLDERS.join("}, {")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_a_bar_or_has_placeholders() {
        for (text, good) in [
            ("waybar", true),
            ("tmux", true),
            ("{left}", true),
            ("a {{b}} {left}", true),
            ("Waybar", false),
            ("i3bar", false),
            ("", false),
            ("{nothing}", false),
            ("}", false),
        ] {
            assert_eq!(format(text).is_ok(), good, "{text}");
        }
        assert!(long_help().contains("{profile}, {plan}, {email}, {class}, {left}, {window}, {resets}, {quota};"));
    }
}
