//! The tools whose stores can be imported from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Tools whose stores are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum ImportSource {
    /// The stock Codex, in a file or in the keyring.
    Codex,
    /// Every Code.
    EveryCode,
    /// The fork of Codex that is also named Codex Lab.
    CodexLabFork,
    /// opencode-multi-auth-codex.
    OpencodeMultiAuthCodex,
    /// `OpenCode`.
    Opencode,
    /// codex-auth.
    CodexAuth,
    /// cc-switch.
    CcSwitch,
    /// codex-multi-auth.
    CodexMultiAuth,
}

impl ImportSource {
    /// All of them, in the order they are looked at. The tools whose files are the freshest copy come first.
    pub const ALL: [Self; 8] = [
        Self::Codex,
        Self::EveryCode,
        Self::CodexLabFork,
        Self::OpencodeMultiAuthCodex,
        Self::Opencode,
        Self::CodexAuth,
        Self::CcSwitch,
        Self::CodexMultiAuth,
    ];

    /// The word for it in requests and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Codex => "codex",
            Self::EveryCode => "every-code",
            Self::CodexLabFork => "codex-lab-fork",
            Self::OpencodeMultiAuthCodex => "opencode-multi-auth-codex",
            Self::Opencode => "opencode",
            Self::CodexAuth => "codex-auth",
            Self::CcSwitch => "cc-switch",
            Self::CodexMultiAuth => "codex-multi-auth",
        }
    }
}

/// Its name for people.
impl fmt::Display for ImportSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Codex => "Codex",
            Self::EveryCode => "Every Code",
            Self::CodexLabFork => "the Codex fork named Codex Lab",
            Self::Opencode => "OpenCode",
            other => other.word(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_one_in_requests() {
        for source in ImportSource::ALL {
            assert_eq!(serde_json::to_value(source).unwrap(), source.word());
        }
    }
}
