//! Links of the form `codex-lab://…`: what they may ask for. Anybody can write one on any page, so they are hostile text, and what
//! comes of one is a question to the user and nothing else (docs/deep-links.md).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::name::ProfileName;

/// No link is longer, in bytes: the longest name with every letter escaped, and what stands before it.
pub const LONGEST: usize = 256;

const SCHEME: &str = "codex-lab://";

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Make the profile of this name the live login.
    Switch(ProfileName),
    /// Sign in to another account.
    Add,
    /// Show a page.
    Page(LinkPage),
}

/// A page that a link can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the pages")]
pub enum LinkPage {
    Accounts,
    Usage,
    Routing,
    Activity,
    Settings,
}

/// Why a link asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkError {
    /// Over [`LONGEST`].
    #[error("the link is longer than 256 bytes")]
    TooLong,
    /// Another scheme, or none.
    #[error("the link does not begin with codex-lab://")]
    Scheme,
    /// It names nothing that a link may ask for.
    #[error("the link asks for something that there is not")]
    Unknown,
    /// What it names cannot be a profile.
    #[error("the link names what cannot be a profile")]
    Name,
}

impl Link {
    /// Whether an argument is meant to be a link, however broken.
    pub fn is_meant_by(argument: &str) -> bool {
        argument.get(..SCHEME.len() - 2).is_some_and(|scheme| scheme.eq_ignore_ascii_case(&SCHEME[..SCHEME.len() - 2]))
    }

    /// Reads a link, all of it: `switch/<profile>`, `add` or `page/<page>` after the scheme.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > LONGEST {
            return Err(LinkError::TooLong);
        }
        let scheme = text.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        let asked = &text[scheme.ok_or(LinkError::Scheme)?.len()..];
        match asked.split_once('/') {
            None if asked == "add" => Ok(Self::Add),
            Some(("switch", name)) => {
                let name = unescaped(name).ok_or(LinkError::Name)?;
                let read = ProfileName::parse(&name).map_err(|_| LinkError::Name)?;
                // A name that would have to be trimmed is not the one that was written.
                if read.as_str() == name { Ok(Self::Switch(read)) } else { Err(LinkError::Name) }
            }
            Some(("page", "accounts")) => Ok(Self::Page(LinkPage::Accounts)),
            Some(("page", "usage")) => Ok(Self::Page(LinkPage::Usage)),
            Some(("page", "routing")) => Ok(Self::Page(LinkPage::Routing)),
            Some(("page", "activity")) => Ok(Self::Page(LinkPage::Activity)),
            Some(("page", "settings")) => Ok(Self::Page(LinkPage::Settings)),
            _ => Err(LinkError::Unknown),
        }
    }
}

/// A text whose `%20` and the like stand for a byte (RFC 3986, 2.1); `None` where they do not, or are no text together.
fn unescaped(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, more @ ..] = rest {
        if *first == b'%' {
            let [high, low, more @ ..] = more else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
            rest = more;
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_asks_for() {
        let switch = |name: &str| Ok(Link::Switch(ProfileName::parse(name).unwrap()));
        let page = |page| Ok(Link::Page(page));
        let long = format!("codex-lab://switch/{}", "a".repeat(64));
        let escaped = format!("codex-lab://switch/{}", "%61".repeat(64));
        let too_long = format!("codex-lab://switch/{}", "a".repeat(LONGEST));
        for (text, expected) in [
            ("codex-lab://add", Ok(Link::Add)),
            ("CODEX-LAB://add", Ok(Link::Add)),
            ("codex-lab://switch/work", switch("work")),
            ("codex-lab://switch/my%20work", switch("my work")),
            ("codex-lab://switch/a@b.c+d", switch("a@b.c+d")),
            (long.as_str(), switch(&"a".repeat(64))),
            (escaped.as_str(), switch(&"a".repeat(64))),
            ("codex-lab://page/accounts", page(LinkPage::Accounts)),
            ("codex-lab://page/usage", page(LinkPage::Usage)),
            ("codex-lab://page/routing", page(LinkPage::Routing)),
            ("codex-lab://page/activity", page(LinkPage::Activity)),
            ("codex-lab://page/settings", page(LinkPage::Settings)),
            ("", Err(LinkError::Scheme)),
            ("codex-lab:add", Err(LinkError::Scheme)),
            ("https://example.com/", Err(LinkError::Scheme)),
            (" codex-lab://add", Err(LinkError::Scheme)),
            ("codex-lab:/\u{e4}dd", Err(LinkError::Scheme)),
            ("codex-lab://", Err(LinkError::Unknown)),
            ("codex-lab://add/", Err(LinkError::Unknown)),
            ("codex-lab://add?now", Err(LinkError::Unknown)),
            ("codex-lab://Add", Err(LinkError::Unknown)),
            ("codex-lab://page/sign_in", Err(LinkError::Unknown)),
            ("codex-lab://page/usage/x", Err(LinkError::Unknown)),
            ("codex-lab://remove/work", Err(LinkError::Unknown)),
            ("codex-lab://switch", Err(LinkError::Unknown)),
            ("codex-lab://switch/", Err(LinkError::Name)),
            ("codex-lab://switch/%20work", Err(LinkError::Name)),
            ("codex-lab://switch/a/b", Err(LinkError::Name)),
            ("codex-lab://switch/..%2Fb", Err(LinkError::Name)),
            ("codex-lab://switch/a%", Err(LinkError::Name)),
            ("codex-lab://switch/a%2", Err(LinkError::Name)),
            ("codex-lab://switch/a%zz", Err(LinkError::Name)),
            ("codex-lab://switch/a%+1", Err(LinkError::Name)),
            ("codex-lab://switch/a%ff", Err(LinkError::Name)),
            ("codex-lab://switch/a%00", Err(LinkError::Name)),
            ("codex-lab://switch/<b>", Err(LinkError::Name)),
            ("codex-lab://switch/work#x", Err(LinkError::Name)),
            ("codex-lab://switch/work\nadd", Err(LinkError::Name)),
            (too_long.as_str(), Err(LinkError::TooLong)),
        ] {
            assert_eq!(Link::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_meant_as_a_link() {
        for (argument, expected) in [
            ("codex-lab://add", true),
            ("Codex-Lab:x", true),
            ("codex-lab", false),
            ("--hidden", false),
            ("", false),
            ("codex-l\u{e4}b:", false),
        ] {
            assert_eq!(Link::is_meant_by(argument), expected, "{argument:?}");
        }
    }
}
