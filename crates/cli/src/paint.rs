//! Text of which parts stand out, where the terminal shows colours. It never steers the terminal otherwise.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

const PLAIN: &str = "\u{1b}[0m";

/// How much a part of a text stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Not at all.
    #[default]
    Plain,
    /// A word that leads.
    Lead,
    /// Worth a look.
    Warn,
    /// Bad.
    Alarm,
    /// What is beside the matter.
    Quiet,
    /// What the rest is about.
    Strong,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Lead => "\u{1b}[36m",
            Self::Warn => "\u{1b}[33m",
            Self::Alarm => "\u{1b}[1;31m",
            Self::Quiet => "\u{1b}[2m",
            Self::Strong => "\u{1b}[1m",
        }
    }
}

/// Text in parts, each with its tone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    parts: Vec<(String, Tone)>,
}

impl Text {
    /// Adds a part.
    pub(crate) fn push(&mut self, part: &str, tone: Tone) {
        if !part.is_empty() {
            self.parts.push((clean(part), tone));
        }
    }

    /// Adds all of another text.
    pub(crate) fn append(&mut self, other: Self) {
        self.parts.extend(other.parts);
    }

    /// The same with a part added.
    pub(crate) fn with(mut self, part: &str, tone: Tone) -> Self {
        self.push(part, tone);
        self
    }

    /// What it is made of, in order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, Tone)> {
        self.parts.iter().map(|(part, tone)| (part.as_str(), *tone))
    }

    /// The same, each line by itself.
    pub(crate) fn lines(&self) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        for (part, tone) in self.parts() {
            for (place, piece) in part.split('\n').enumerate() {
                if place > 0 {
                    lines.push(Self::default());
                }
                if let Some(line) = lines.last_mut() {
                    line.push(piece, tone);
                }
            }
        }
        lines
    }

    /// Whether there is nothing to see.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The columns it takes.
    pub(crate) fn width(&self) -> usize {
        self.parts.iter().map(|(part, _)| part.width()).sum()
    }

    /// As much of it as fits into so many columns, with a sign where something is left out.
    pub(crate) fn cut(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let mut used = 0;
        let mut cut = Self::default();
        for (part, tone) in &self.parts {
            let fits = |c: &char| {
                used += c.width().unwrap_or(0);
                used < columns
            };
            cut.push(&part.chars().take_while(fits).collect::<String>(), *tone);
        }
        cut.with("…", Tone::Plain)
    }

    /// Without the blanks at its end.
    pub(crate) fn trimmed(mut self) -> Self {
        while let Some((last, _)) = self.parts.last_mut() {
            last.truncate(last.trim_end().len());
            if !last.is_empty() {
                break;
            }
            self.parts.pop();
        }
        self
    }

    /// As it is written.
    pub(crate) fn written(&self, colours: bool) -> String {
        let part = |(part, tone): &(String, Tone)| match (colours, tone) {
            (false, _) | (true, Tone::Plain) => part.clone(),
            (true, tone) => format!("{}{part}{PLAIN}", tone.code()),
        };
        self.parts.iter().map(part).collect()
    }
}

impl<T: AsRef<str> + ?Sized> From<&T> for Text {
    fn from(text: &T) -> Self {
        Self::default().with(text.as_ref(), Tone::Plain)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// Names and e-mails come from outside: nothing in them may steer the terminal or turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !steers(*c)).collect()
}

/// Whether a character does more than to be seen.
pub(crate) fn steers(c: char) -> bool {
    c != '\n' && c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal_but_our_own_colours() {
        assert_eq!(clean("a\u{1b}[2Jb\rc\nd\u{9b}\u{202e}e"), "a[2Jbc\nde");
        let text = Text::from("a\u{1b}[2J ").with("b\u{9b}", Tone::Warn).with("c", Tone::Plain);
        assert_eq!(text.written(false), "a[2J bc");
        assert_eq!(text.written(true), "a[2J \u{1b}[33mb\u{1b}[0mc");
        assert_eq!(text.width(), 7);
    }

    #[test]
    fn a_cut_keeps_the_tones_before_it() {
        let text = Text::from("ab").with("cdef", Tone::Alarm);
        assert_eq!(text.cut(6), text);
        assert_eq!(text.cut(5), Text::from("ab").with("cd", Tone::Alarm).with("…", Tone::Plain));
        assert_eq!(text.cut(2), Text::from("a").with("…", Tone::Plain));
        assert_eq!(Text::from("日本").cut(3).written(false), "日…");
        let blank = Text::from("a").with("b  ", Tone::Warn).with(" ", Tone::Plain);
        assert_eq!(blank.trimmed(), Text::from("a").with("b", Tone::Warn));
    }
}
