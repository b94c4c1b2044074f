//! Quota: what is left of an account's allowance, window by window, and how far each number can be trusted.

mod account;
mod book;
#[cfg(test)]
mod book_tests;
mod family;
mod history;
mod observation;
mod text;
mod view;
mod window;

pub use account::{Account, Credits, LimitReached, Noted, SpendLimit, Told};
pub use book::{Changed, FamilyFacts, Quota, WindowChange};
pub use family::Family;
pub use history::{Forecast, HistoryPoint, TogetherHistory, UsageHistory, WindowHistory};
pub use observation::{FAMILIES_LIMIT, FamilyReading, Observation, WINDOWS_LIMIT, WindowReading, reset_after, reset_at};
pub use text::ShortText;
pub use view::{FamilyView, QuotaView, Remaining, WindowNote, WindowView};
pub use window::{Confidence, Minutes, Percent, QuotaSource, QuotaWindow};
