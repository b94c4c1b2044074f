//! A line for a bar in the user's own words: text with placeholders.

use super::Bar;

/// What can stand between braces.
pub const PLACEHOLDERS: [&str; 8] = ["profile", "plan", "email", "class", "left", "window", "resets", "quota"];

/// Longer templates are a mistake.
const LONGEST: usize = 1_000;

/// Text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A place in [`PLACEHOLDERS`].
    Word(usize),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name that nothing stands for.
    #[error("there is no {{{0}}}; there are {{{known}}}", known = PLACEHOLDERS.join("}, {"))]
    Unknown(String),
    /// A brace without its other one.
    #[error("a brace has no other one; a brace itself is written twice")]
    Brace,
    /// More than 1,000 letters, or a control character such as a line's end.
    #[error("write one line of at most {LONGEST} letters")]
    Text,
}

impl Template {
    /// Reads a template: `{profile}` is a placeholder, `{{` and `}}` are braces.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(TemplateError::Text);
        }
        let (mut parts, mut plain) = (Vec::new(), String::new());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '{' | '}' if letters.next_if_eq(&letter).is_some() => plain.push(letter),
                '}' => return Err(TemplateError::Brace),
                '{' => {
                    let mut name = String::new();
                    loop {
                        match letters.next() {
                            Some('}') => break,
                            None | Some('{') => return Err(TemplateError::Brace),
                            Some(letter) => name.push(letter),
                        }
                    }
                    let place = PLACEHOLDERS.iter().position(|known| *known == name);
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Word(place.ok_or(TemplateError::Unknown(name))?));
                }
                letter => plain.push(letter),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Self(parts))
    }

    /// The line for a bar.
    pub fn fill(&self, bar: &Bar) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Word(place) => bar.words.get(*place).cloned().unwrap_or_default(),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::bar::bar;
    use crate::view::samples::{now, quota, snapshot};

    #[test]
    fn placeholders_are_filled() {
        let mut shown = snapshot();
        shown.profiles[0].quota = quota(&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)]);
        for (template, expected) in [
            ("", ""),
            ("codex", "codex"),
            ("{profile} {left}%", "main 18%"),
            ("{window} until {resets}: {class}", "week until Thu 14:13: low"),
            ("{quota}", "5h 62 % · week 18 % left"),
            ("{email} ({plan})", "ada@example.com (plus)"),
            ("{{{profile}}} }}{{", "{main} }{"),
            ("ü{left}ß", "ü18ß"),
        ] {
            assert_eq!(Template::parse(template).unwrap().fill(&bar(&shown, &now())), expected, "{template}");
        }
        shown.profiles[0].quota = quota(&[]);
        let all = "{profile} {plan} {class} {left} {window} {resets} {quota}";
        assert_eq!(Template::parse(all).unwrap().fill(&bar(&shown, &now())), "main plus unknown ? ? ? ?");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let unknown = |name: &str| TemplateError::Unknown(name.to_owned());
        for (text, error) in [
            ("{name}", unknown("name")),
            ("{}", unknown("")),
            ("{ left }", unknown(" left ")),
            ("{left", TemplateError::Brace),
            ("left}", TemplateError::Brace),
            ("{{left}", TemplateError::Brace),
            ("{le{ft}}", TemplateError::Brace),
            ("a\nb", TemplateError::Text),
            ("\u{1b}[31m{left}", TemplateError::Text),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
        assert_eq!(Template::parse(&"x".repeat(LONGEST + 1)), Err(TemplateError::Text));
        assert!(unknown("x").to_string().starts_with("there is no {x}; there are {profile}, {plan}"), "{}", unknown("x"));
    }
}
