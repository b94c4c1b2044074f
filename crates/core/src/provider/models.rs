//! The models a Codex account has, as the Codex CLI 0.169.0 lists them when it asks nobody. Checked 2026-11-21 with
//! `codex debug models --bundled`; those it hides are left out (codex-runtime.md 7).

/// A model that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its name in requests.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// How much it takes in at once, in tokens.
    pub context: u32,
}

/// The models, the CLI's own choice first. Each of them reasons, calls tools and sees images.
pub const CATALOG: [Listed; 9] = [
    Listed { id: "gpt-6.1-sol", name: "GPT-6.1-Sol", context: 272_000 },
    Listed { id: "gpt-6-astra", name: "GPT-6-Astra", context: 272_000 },
    Listed { id: "gpt-6-sol", name: "GPT-6-Sol", context: 272_000 },
    Listed { id: "gpt-6-luna", name: "GPT-6-Luna", context: 272_000 },
    Listed { id: "gpt-5.6-sol", name: "GPT-5.6-Sol", context: 272_000 },
    Listed { id: "gpt-6.1-terra", name: "GPT-6.1-Terra", context: 500_000 },
    Listed { id: "gpt-5.6-terra", name: "GPT-5.6-Terra", context: 272_000 },
    Listed { id: "gpt-5.6-luna", name: "GPT-5.6-Luna", context: 272_000 },
    Listed { id: "gpt-5.5", name: "GPT-5.5", context: 272_000 },
];

/// The one for small work, such as naming a conversation.
pub const SMALL: &str = "gpt-6-luna";
/// Those known to cost least, the cheapest first (codex-runtime.md 7).
pub const SMALL_ONES: [&str; 2] = [SMALL, "gpt-5.6-luna"];
/// Words in the names of models that cost little.
pub const SMALL_WORDS: [&str; 4] = ["nano", "luna", "mini", "lite"];
/// How hard a model may think, the least first: an open set.
pub const EFFORTS: [&str; 5] = ["none", "minimal", "low", "medium", "high"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_one_is_listed_and_no_name_twice() {
        assert!(CATALOG.iter().any(|model| model.id == SMALL));
        for (place, model) in CATALOG.iter().enumerate() {
            assert!(CATALOG[..place].iter().all(|other| other.id != model.id && other.name != model.name), "{}", model.id);
        }
    }
}
