//! Taking out of a text whatever names a person or opens a door: for a support bundle that is shown to others. Pure. It rather takes out
//! too much than too little.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::base::sorting;

/// Stands for what was taken out.
const GONE: &str = "[…]";
/// From this length on a run of letters and digits is nobody's word.
const LONG: usize = 20;
/// The same for one without any digit.
const VERY_LONG: usize = 40;
/// So secrets begin.
const BEGINNINGS: [&str; 8] = ["sk-", "sk_", "eyJ", "rt_", "rt.", "at_", "ac_", "sess-"];
/// What follows these on a line is a secret to its end.
const TO_THE_END: [&str; 4] = ["cookie", "authorization", "bearer", "basic "];
/// What is set to a value by these is a secret.
const NAMED: [&str; 7] = ["token", "secret", "password", "passphrase", "passwd", "api_key", "apikey"];
/// Members of an object that are the user's own words, or nobody else's business.
const PRIVATE: [&str; 12] =
    ["note", "label", "workspace", "account_id", "user_id", "hooks", "sign_in", "url", "user_code", "arguments", "command", "source"];

/// What is known to be private, and what stands for it. One for a whole bundle: the same e-mail has the same number everywhere.
#[derive(Debug, Default)]
pub struct Redaction {
    homes: Vec<String>,
    /// In lower case, and what stands for it.
    known: Vec<(String, String)>,
    emails: BTreeMap<String, usize>,
}

impl Redaction {
    /// What lies below this folder is told from `~` on.
    pub fn home(&mut self, home: &str) {
        if home.len() > 1 {
            self.homes.push(home.trim_end_matches('/').to_owned());
            sorting::by_key(&mut self.homes, |home| std::cmp::Reverse(home.len()));
        }
    }

    /// A word stands for this from now on, whatever its case. Words of one letter are not looked for.
    pub fn replace(&mut self, text: &str, stand_in: &str) {
        let text = text.trim().to_lowercase();
        if text.chars().count() > 1 && self.known.iter().all(|(known, _)| *known != text) {
            self.known.push((text, stand_in.to_owned()));
            sorting::by_key(&mut self.known, |(known, _)| std::cmp::Reverse(known.len()));
        }
    }

    /// This is taken out wherever it stands.
    pub fn hide(&mut self, text: &str) {
        self.replace(text, GONE);
    }

    /// A text of any number of lines.
    pub fn text(&mut self, text: &str) -> String {
        let lines: Vec<_> = text.lines().map(|line| self.line(line)).collect();
        lines.join("\n")
    }

    /// All texts of a value, names of members too.
    pub fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let redacted = members.iter().map(|(name, value)| {
                    let is_private = PRIVATE.contains(&name.as_str()) && !matches!(value, Value::Null | Value::Bool(_) | Value::Number(_));
                    (self.text(name), if is_private { GONE.into() } else { self.value(value) })
                });
                redacted.collect()
            }
            plain => plain.clone(),
        }
    }

    fn line(&mut self, line: &str) -> String {
        let mut line = line.to_owned();
        for home in &self.homes {
            line = line.replace(home.as_str(), "~");
        }
        let lower = line.to_ascii_lowercase();
        if let Some(end) = TO_THE_END.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min() {
            line.truncate(end);
            line.push_str(GONE);
        }
        let line = without_named(&line);
        // E-mails and secrets are whole words; names may be parts of either.
        let line = self.words(&line);
        self.without_known(&line)
    }

    /// Judges each word: what stands between blanks, quotes and brackets.
    fn words(&mut self, line: &str) -> String {
        let mut out = String::new();
        for piece in line.split_inclusive(|c: char| c.is_whitespace() || "\"'`()<>[]{},;|\\".contains(c)) {
            let end = piece.trim_end_matches(|c: char| c.is_whitespace() || "\"'`()<>[]{},;|\\".contains(c)).len();
            let (word, rest) = piece.split_at(end);
            out.push_str(&self.word(word));
            out.push_str(rest);
        }
        out
    }

    /// What stands before an address and behind its host may hold an e-mail or a secret as much as any word.
    fn word(&mut self, word: &str) -> String {
        let Some((scheme, rest)) = word.split_once("://") else { return self.part(word) };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        // Somebody's name and password may stand before the host.
        let host = host.rsplit('@').next().unwrap_or_default();
        format!("{}://{host}{}", self.part(scheme), self.part(path))
    }

    /// A word, or a part of one, that is no address: with all its e-mails.
    fn part(&mut self, word: &str) -> String {
        let is_part = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
        let (mut out, mut rest, mut from) = (String::new(), word, 0);
        while let Some(at) = rest[from..].find('@').map(|at| from + at) {
            let start = rest[..at].char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map_or(at, |(start, _)| start);
            let end = rest[at + 1..].find(|c: char| !is_part(c)).map_or(rest.len(), |length| at + 1 + length);
            if start == at || end == at + 1 {
                from = at + 1;
                continue;
            }
            let number = self.emails.len() + 1;
            let number = *self.emails.entry(rest[start..end].to_lowercase()).or_insert(number);
            let _ = write!(out, "{}e{number}@…", runs(&rest[..start]));
            (rest, from) = (&rest[end..], 0);
        }
        out.push_str(&runs(rest));
        out
    }

    /// Each place is replaced once, by the longest that is known of it: a stand-in may be somebody's name.
    fn without_known(&self, line: &str) -> String {
        let lower = line.to_lowercase();
        // Only where both have the same places: hardly any letter changes its length.
        if lower.len() != line.len() {
            let is_known = self.known.iter().any(|(known, _)| lower.contains(known.as_str()));
            return if is_known { GONE.to_owned() } else { line.to_owned() };
        }
        let mut places: BTreeMap<usize, (usize, &str)> = BTreeMap::new();
        for (known, stand_in) in &self.known {
            for (start, end) in whole(&lower, known) {
                let is_free = places.range(..end).next_back().is_none_or(|(_, (taken, _))| *taken <= start);
                if is_free && line.is_char_boundary(start) && line.is_char_boundary(end) {
                    places.insert(start, (end, stand_in));
                }
            }
        }
        let (mut out, mut done) = (String::new(), 0);
        for (start, (end, stand_in)) in places {
            out.push_str(&line[done..start]);
            out.push_str(stand_in);
            done = end;
        }
        out.push_str(&line[done..]);
        out
    }
}

/// Takes out what a name such as `password` is set to.
fn without_named(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    loop {
        let lower = rest.to_ascii_lowercase();
        let next = NAMED.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min();
        let Some(end) = next else {
            out.push_str(rest);
            return out;
        };
        let (before, after) = rest.split_at(end);
        out.push_str(before);
        rest = after;
        let value = after.trim_start_matches(['"', '\'', ' ']);
        if let Some(value) = value.strip_prefix(['=', ':']).filter(|value| !value.starts_with(':')) {
            let value = value.trim_start_matches(['"', '\'', ' ']);
            let length = value.find(|c: char| c.is_whitespace() || "\"'`,;&".contains(c)).unwrap_or(value.len());
            let _ = write!(out, "={GONE}");
            rest = &value[length..];
        }
    }
}

/// Takes out each run of a word that could be a secret. A path is judged by its parts.
fn runs(word: &str) -> String {
    let is_path = word.starts_with(['/', '~', '.']) || word.contains("/.");
    let is_run = |c: char| c.is_alphanumeric() || "_-.+=~".contains(c) || (c == '/' && !is_path);
    let mut out = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(is_run) {
        let length = rest[start..].find(|c: char| !is_run(c)).unwrap_or(rest.len() - start);
        out.push_str(&rest[..start]);
        let run = &rest[start..start + length];
        out.push_str(if is_secret(run) { GONE } else { run });
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    out
}

fn is_secret(run: &str) -> bool {
    let (digits, letters) = (run.chars().filter(char::is_ascii_digit).count(), run.chars().filter(|c| c.is_alphabetic()).count());
    let begins = BEGINNINGS.iter().any(|beginning| run.starts_with(beginning)) && run.len() > 6;
    let is_hex = run.len() >= 16 && run.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    // A long name of several words has few digits.
    let is_random = run.len() >= LONG && letters > 0 && (digits >= 3 || (digits > 0 && !run.contains(['-', '_', '.'])));
    begins
        || (is_hex && digits > 0 && !is_moment(run))
        || (is_random && !is_moment(run))
        || (run.len() >= VERY_LONG && !run.contains(['-', '_', '.', '/']))
}

/// `2026-01-31T12`, and what is behind its colons.
fn is_moment(run: &str) -> bool {
    run.chars().all(|c| c.is_ascii_digit() || "-TZ.+".contains(c)) && run.matches('-').count() >= 2 && run.len() <= 32
}

/// Where a text stands as whole words: both its ends are no letter and no digit.
fn whole<'a>(lower: &'a str, known: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    lower.match_indices(known).map(|(start, found)| (start, start + found.len())).filter(|(start, end)| {
        let (before, after) = (lower[..*start].chars().next_back(), lower[*end..].chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;
