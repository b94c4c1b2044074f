//! The cheapest model of an account's list (codex-runtime.md 2.5, 7), and the least effort it can be asked for.

use serde::Deserialize;

use crate::base::sorting;
use crate::provider::models::{EFFORTS, SMALL_ONES, SMALL_WORDS};

/// Models of one list that are looked at.
const LIST_LIMIT: usize = 256;
/// Characters of a model's name.
const NAME_LIMIT: usize = 100;
/// The effort that every model knows.
const USUAL_EFFORT: &str = "low";

/// A model, and how it is asked for as little as possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cheap {
    /// Its name in requests.
    pub model: String,
    /// Its lowest effort.
    pub effort: String,
}

#[derive(Deserialize)]
struct Catalog {
    models: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    slug: String,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    priority: Option<i64>,
    #[serde(default)]
    supported_reasoning_levels: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    effort: String,
}

/// The models that may be asked, the cheapest first; empty where the answer is no list. Hidden ones are left alone.
pub fn cheapest_first(answer: &[u8]) -> Vec<Cheap> {
    let Ok(catalog) = serde_json::from_slice::<Catalog>(answer) else { return Vec::new() };
    let listed = |entry: &Entry| {
        let named = !entry.slug.is_empty() && entry.slug.len() <= NAME_LIMIT && entry.slug.bytes().all(|byte| byte.is_ascii_graphic());
        named && entry.visibility.as_deref().is_none_or(|visibility| visibility == "list")
    };
    let mut models: Vec<Entry> = catalog.models.into_iter().take(LIST_LIMIT).filter(listed).collect();
    sorting::by_key(&mut models, |entry| (cost(&entry.slug), std::cmp::Reverse(entry.priority)));
    models.into_iter().map(|entry| Cheap { effort: least_effort(&entry.supported_reasoning_levels), model: entry.slug }).collect()
}

/// The model to try: the cheapest, or the next one where the provider did not take that one the last time.
pub fn choose<'a>(models: &'a [Cheap], refused: Option<&str>) -> Option<&'a Cheap> {
    let place = models.iter().position(|cheap| Some(cheap.model.as_str()) == refused).map_or(0, |refused| refused + 1);
    models.get(place).or_else(|| models.first())
}

/// Those known to be cheap, in order; then those whose name says so; then the rest, what the provider recommends least first.
fn cost(slug: &str) -> usize {
    let known = SMALL_ONES.iter().position(|small| *small == slug);
    let small = || SMALL_WORDS.iter().any(|word| slug.split(['-', '.', '_']).any(|part| part == *word));
    known.unwrap_or_else(|| SMALL_ONES.len() + usize::from(!small()))
}

fn least_effort(levels: &[Level]) -> String {
    let least = EFFORTS.iter().find(|effort| levels.iter().any(|level| level.effort == **effort));
    least.copied().unwrap_or(USUAL_EFFORT).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        cheapest_first(list.as_bytes()).into_iter().map(|cheap| format!("{}/{}", cheap.model, cheap.effort)).collect()
    }

    #[test]
    fn the_cheapest_comes_first() {
        let list = r#"{"models":[
            {"slug":"gpt-6.1-sol","priority":1,"visibility":"list","supported_reasoning_levels":[{"effort":"none"},{"effort":"low"}]},
            {"slug":"gpt-7-mini","priority":2},
            {"slug":"gpt-6-astra","priority":3,"supported_reasoning_levels":[{"effort":"ultra"},{"effort":"high"},{"effort":"medium"}]},
            {"slug":"gpt-5.6-luna","priority":9,"supported_reasoning_levels":[{"effort":"medium"},{"effort":"low"}]},
            {"slug":"gpt-6-luna","priority":8,"visibility":"list"},
            {"slug":"gpt-secret-mini","priority":1,"visibility":"hide"},
            {"slug":"","priority":1}, {"slug":"a b"}]}"#;
        let all = ["gpt-6-luna/low", "gpt-5.6-luna/low", "gpt-7-mini/low", "gpt-6-astra/medium", "gpt-6.1-sol/none"];
        assert_eq!(names(list), all);
        for nonsense in ["", "{}", "[]", "<html>", r#"{"models":{}}"#, r#"{"models":[{"name":"x"}]}"#] {
            assert!(names(nonsense).is_empty(), "{nonsense}");
        }
    }

    #[test]
    fn what_was_refused_gives_way_to_the_next() {
        let models: Vec<Cheap> = ["a", "b"].map(|model| Cheap { model: model.to_owned(), effort: String::new() }).to_vec();
        for (refused, chosen) in [(None, "a"), (Some("a"), "b"), (Some("b"), "a"), (Some("gone"), "a")] {
            assert_eq!(choose(&models, refused).map(|cheap| cheap.model.as_str()), Some(chosen), "{refused:?}");
        }
        assert_eq!(choose(&[], None), None);
    }
}
