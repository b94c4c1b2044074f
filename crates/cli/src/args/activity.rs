//! What of the timeline is asked for.

use clap::Args as ClapArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use codex_lab_core::model::activity::{ActivityKind, LARGEST_PAGE, SEARCH_LIMIT, USUAL_PAGE};

use super::usage::hours;

/// What to show.
#[derive(Debug, ClapArgs)]
pub(crate) struct Activity {
    /// Only what this profile has to do with
    pub(crate) name: Option<String>,
    /// Only this sort; may be given more than once. Without it, all but choices and background requests
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    pub(crate) kind: Vec<ActivityKind>,
    /// How far to go back: hours or days, such as 24h or 30d; without it, as far as is known
    #[arg(long, value_name = "TIME", value_parser = hours)]
    pub(crate) last: Option<u32>,
    /// Only entries with all of these words
    #[arg(long, value_name = "TEXT", value_parser = search)]
    pub(crate) search: Option<String>,
    /// How many of the newest
    #[arg(long, value_name = "NUMBER", default_value_t = USUAL_PAGE, value_parser = clap::value_parser!(u32).range(1..=i64::from(LARGEST_PAGE)))]
    pub(crate) limit: u32,
    /// List it as comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// The words for the sorts.
fn kinds() -> impl TypedValueParser<Value = ActivityKind> {
    PossibleValuesParser::new(ActivityKind::ALL.map(ActivityKind::as_str))
        .try_map(|word| ActivityKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or("no such sort"))
}

fn search(text: &str) -> Result<String, String> {
    if text.chars().count() > SEARCH_LIMIT {
        return Err(format!("write {SEARCH_LIMIT} characters at most"));
    }
    Ok(text.to_owned())
}
