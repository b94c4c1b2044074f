//! The words of quota: what is left, in a few words for menus and lists, and all that is known of it. English.

use jiff::{Timestamp, Zoned};

use super::times::{moment, span, window, window_short};
use super::words::plain;
use crate::model::quota::{
    Confidence, Credits, FamilyView, LimitReached, Percent, QuotaSource, QuotaView, SpendLimit, WindowNote, WindowView,
};

/// A menu has no room for more windows than these.
const MOST_LINES: usize = 6;

/// A few words, and how much they are to stand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// "5h 62 %".
    pub text: String,
    /// What is to be said of the window.
    pub note: WindowNote,
}

/// All that is known of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// "5-hour", "Spark weekly".
    pub window: String,
    /// "62 % left, resets 14:05 (in 1 h 20 min)".
    pub left: Left,
    /// "seen 4 min ago in an answer".
    pub seen: String,
}

/// What is left in one line: each window of the main family, the lowest with its reset, and other families where little is left.
/// Empty: nothing is known.
pub fn line(view: &QuotaView, now: &Zoned) -> Vec<Left> {
    let lowest = view.lowest();
    let mut line: Vec<Left> = view.main_windows().iter().map(|window| short(window, Some(window) == lowest, now)).collect();
    for family in view.families.iter().filter(|family| !family.main) {
        let low = family.windows.iter().filter(|window| !matches!(window.note, WindowNote::Fine | WindowNote::ResetUnverified));
        line.extend(
            low.map(|window| Left { text: format!("{} {}", family_name(family), short(window, true, now).text), note: window.note }),
        );
    }
    line
}

/// The same for a menu: a line for each window, "5h 62 % left, resets 15:13", "week used up until Thu 14:00".
pub fn lines(view: &QuotaView, now: &Zoned) -> Vec<String> {
    let low = |window: &&WindowView| !matches!(window.note, WindowNote::Fine | WindowNote::ResetUnverified);
    let others = view.families.iter().filter(|family| !family.main).flat_map(|family| {
        let name = family_name(family);
        family.windows.iter().filter(low).map(move |window| format!("{name} {}", whole(window, now)))
    });
    view.main_windows().iter().map(|window| whole(window, now)).chain(others).take(MOST_LINES).collect()
}

/// For a menu with many profiles: "5h 62 % · week 18 % left", or "used up until Thu 14:00".
pub fn brief(view: &QuotaView, now: &Zoned) -> Option<String> {
    let windows = view.main_windows();
    let empty = || windows.iter().filter(|window| window.note == WindowNote::Empty);
    if empty().next().is_some() {
        // All of them have to come back.
        let back = empty().map(|window| window.resets_at).collect::<Option<Vec<Timestamp>>>().and_then(|resets| resets.into_iter().max());
        return Some(used_up(back, now));
    }
    let numbered = windows.iter().rposition(|window| window.note != WindowNote::ResetUnverified);
    let Some(last) = numbered else { return (!windows.is_empty()).then(|| "reset, unverified".to_owned()) };
    let text = |(place, window): (usize, &WindowView)| {
        let name = window_short(window.minutes.get());
        match window.note {
            WindowNote::ResetUnverified => format!("{name} reset, unverified"),
            _ => format!("{name} {}{}", about(window), if place == last { " left" } else { "" }),
        }
    };
    Some(windows.iter().enumerate().map(text).collect::<Vec<_>>().join(" · "))
}

/// All windows of all families, each with its age and source.
pub fn known(view: &QuotaView, now: &Zoned) -> Vec<Known> {
    let each = view.families.iter().flat_map(|family| family.windows.iter().map(move |window| (family, window)));
    each.map(|(family, shown)| Known {
        window: if family.main { window(shown.minutes.get()) } else { format!("{} {}", family_name(family), window(shown.minutes.get())) },
        left: Left { text: left(shown, now), note: shown.note },
        seen: seen(shown, now.timestamp()),
    })
    .collect()
}

/// What else is known of the account: credits, limits.
pub fn account(view: &QuotaView, now: &Zoned) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(view.limit_reached.as_ref().map(|limit| limit_reached(limit).to_owned()));
    lines.extend(view.credits.as_ref().map(credits));
    lines.extend(view.spend_limit.as_ref().map(|limit| spend_limit(limit, now)));
    lines.extend(view.reset_credits.filter(|count| *count > 0).map(|count| match count {
        1 => "its windows can be reset once on request".to_owned(),
        count => format!("its windows can be reset {count} times on request"),
    }));
    lines
}

fn whole(shown: &WindowView, now: &Zoned) -> String {
    let name = window_short(shown.minutes.get());
    match (shown.note, shown.resets_at) {
        (WindowNote::ResetUnverified, _) => format!("{name} reset, unverified"),
        (WindowNote::Empty, back) => format!("{name} {}", used_up(back, now)),
        (_, Some(resets_at)) => format!("{name} {} left, resets {}", about(shown), moment(resets_at, now)),
        (_, None) => format!("{name} {} left", about(shown)),
    }
}

fn used_up(back: Option<Timestamp>, now: &Zoned) -> String {
    back.map_or_else(|| "used up".to_owned(), |back| format!("used up until {}", moment(back, now)))
}

/// "62 %", or "~62 %" where that was long ago.
pub(super) fn about(shown: &WindowView) -> String {
    let sign = if shown.confidence == Confidence::Low { "~" } else { "" };
    format!("{sign}{}", percent(shown.left_percent))
}

fn short(shown: &WindowView, with_reset: bool, now: &Zoned) -> Left {
    let name = window_short(shown.minutes.get());
    let text = match (shown.note, shown.resets_at.filter(|_| with_reset)) {
        (WindowNote::ResetUnverified, _) => format!("{name} reset, unverified"),
        (_, Some(resets_at)) => format!("{name} {}, resets {}", percent(shown.left_percent), moment(resets_at, now)),
        (_, None) => format!("{name} {}", percent(shown.left_percent)),
    };
    Left { text, note: shown.note }
}

fn left(shown: &WindowView, now: &Zoned) -> String {
    match (shown.note, shown.resets_at) {
        (WindowNote::ResetUnverified, Some(at)) => format!("reset {}, unverified", moment(at, now)),
        (_, Some(at)) => {
            let ahead = span(at.duration_since(now.timestamp()));
            format!("{} left, resets {} (in {ahead})", percent(shown.left_percent), moment(at, now))
        }
        (_, None) => format!("{} left, no reset is known", percent(shown.left_percent)),
    }
}

fn seen(shown: &WindowView, now: Timestamp) -> String {
    let source = match shown.source {
        QuotaSource::Header => "in an answer",
        QuotaSource::Stream => "in a stream",
        QuotaSource::Usage => "by asking",
        QuotaSource::SessionLog => "in a log of Codex",
    };
    let Some(at) = shown.observed_at else { return format!("seen {source}, nobody can tell when") };
    let trust = match shown.confidence {
        Confidence::High | Confidence::Unverified => "",
        Confidence::Medium => ", may have changed",
        Confidence::Low => ", long ago",
    };
    format!("seen {} ago {source}{trust}", span(now.duration_since(at)))
}

fn percent(percent: Percent) -> String {
    format!("{} %", percent.rounded_up())
}

fn family_name(family: &FamilyView) -> String {
    plain(family.name.as_ref().map_or_else(|| family.family.as_str(), |name| name.as_str()))
}

fn credits(credits: &Credits) -> String {
    let left = match (&credits.balance, credits.unlimited, credits.has_credits) {
        (_, true, _) => "credits without limit".to_owned(),
        (Some(balance), _, true) => format!("credits left: {}", plain(balance.as_str())),
        (None, _, true) => "has credits".to_owned(),
        (_, _, false) => "no credits".to_owned(),
    };
    if credits.overage_limit_reached == Some(true) { format!("{left}; the limit on their use is reached") } else { left }
}

fn spend_limit(limit: &SpendLimit, now: &Zoned) -> String {
    let what = limit.limit.as_ref().map_or_else(|| "its spend limit".to_owned(), |of| format!("its spend limit of {}", plain(of.as_str())));
    let state = match (limit.reached, limit.used_percent) {
        (true, _) => "is reached".to_owned(),
        (false, Some(used)) => format!("is used to {}", percent(used)),
        (false, None) => "is not reached".to_owned(),
    };
    let back = limit.resets_at.map(|at| format!("; resets {}", moment(at, now))).unwrap_or_default();
    format!("{what} {state}{back}")
}

fn limit_reached(limit: &LimitReached) -> &'static str {
    match limit {
        LimitReached::RateLimit => "a limit is reached",
        LimitReached::OwnerCreditsDepleted | LimitReached::MemberCreditsDepleted => "its workspace has no credits left",
        LimitReached::OwnerUsageLimit | LimitReached::MemberUsageLimit => "its workspace's limit is reached",
        LimitReached::Other(_) => "a limit is reached that this version does not know",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::{now, quota};

    fn text(view: &QuotaView) -> String {
        line(view, &now()).into_iter().map(|left| left.text).collect::<Vec<_>>().join(" · ")
    }

    #[test]
    fn a_line_names_each_window_and_the_lowest_ones_reset() {
        // Saturday, 14:13:20.
        for (windows, expected) in [
            (&[][..], ""),
            (&[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)], "5h 62 % · week 18 %, resets Thu 14:13"),
            (&[(300, 92.5, 3_600), (10_080, 60.0, 86_400)], "5h 8 %, resets 15:13 · week 40 %"),
            (&[(300, 100.0, 3_600), (10_080, 60.0, 86_400)], "5h 0 %, resets 15:13 · week 40 %"),
            (&[(300, 100.0, 3_600), (10_080, 100.0, 86_400)], "5h 0 % · week 0 %, resets Sun 14:13"),
            (&[(300, 38.0, -60), (10_080, 10.0, 0)], "5h reset, unverified · week reset, unverified"),
            (&[(43_200, 10.0, 20 * 86_400)], "30d 90 %, resets 11 Dec"),
        ] {
            assert_eq!(text(&quota(windows)), expected, "{windows:?}");
        }
    }

    #[test]
    fn a_menu_says_of_every_number_that_it_is_what_is_left() {
        for (windows, in_brief, in_lines) in [
            (&[][..], None, &[][..]),
            (
                &[(300, 38.0, 3_600), (10_080, 82.0, 5 * 86_400)],
                Some("5h 62 % · week 18 % left"),
                &["5h 62 % left, resets 15:13", "week 18 % left, resets Thu 14:13"],
            ),
            (
                &[(300, 100.0, 3_600), (10_080, 60.0, 86_400)],
                Some("used up until 15:13"),
                &["5h used up until 15:13", "week 40 % left, resets Sun 14:13"],
            ),
            (
                &[(300, 100.0, 3_600), (10_080, 100.0, 86_400)],
                Some("used up until Sun 14:13"),
                &["5h used up until 15:13", "week used up until Sun 14:13"],
            ),
            (&[(300, 38.0, -60), (10_080, 10.0, 0)], Some("reset, unverified"), &["5h reset, unverified", "week reset, unverified"]),
            (
                &[(300, 38.0, 60), (10_080, 10.0, 0)],
                Some("5h 62 % left · week reset, unverified"),
                &["5h 62 % left, resets 14:14", "week reset, unverified"],
            ),
        ] {
            assert_eq!(brief(&quota(windows), &now()).as_deref(), in_brief, "{windows:?}");
            assert_eq!(lines(&quota(windows), &now()), in_lines, "{windows:?}");
        }
        let mut old = quota(&[(300, 38.0, 3_600), (10_080, 100.0, 86_400)]);
        for window in &mut old.families[0].windows {
            (window.confidence, window.resets_at) = (Confidence::Low, None);
        }
        assert_eq!(lines(&old, &now()), ["5h ~62 % left", "week used up"]);
        old.families[0].windows.pop();
        assert_eq!(brief(&old, &now()).unwrap(), "5h ~62 % left");
    }

    #[test]
    fn a_menu_has_no_more_lines_than_it_has_room_for() {
        let mut view = quota(&[(300, 99.0, 60)]);
        view.families = vec![view.families[0].clone(); 50];
        assert_eq!(lines(&view, &now()).len(), 1, "of one family");
        for family in &mut view.families[1..] {
            family.main = false;
        }
        assert_eq!(lines(&view, &now()).len(), MOST_LINES);
    }

    #[test]
    fn another_family_is_named_where_little_is_left_of_it() {
        let mut view = quota(&[(10_080, 10.0, 86_400)]);
        let mut other = quota(&[(300, 99.0, 60), (10_080, 1.0, 86_400)]).families.remove(0);
        (other.main, other.name) = (false, crate::model::quota::ShortText::parse("Spark\u{202e}"));
        view.families.push(other);
        assert_eq!(text(&view), "week 90 %, resets Sun 14:13 · Spark 5h 1 %, resets 14:14");
        assert_eq!(lines(&view, &now()), ["week 90 % left, resets Sun 14:13", "Spark 5h 1 % left, resets 14:14"]);
        let known: Vec<_> = known(&view, &now()).into_iter().map(|known| known.window).collect();
        assert_eq!(known, ["weekly", "Spark 5-hour", "Spark weekly"]);
    }

    #[test]
    fn all_that_is_known_is_told_with_its_age_and_source() {
        let mut view = quota(&[(300, 38.0, 3_600), (10_080, 38.0, -60)]);
        let told = |view: &QuotaView, index: usize| {
            let known = known(view, &now()).swap_remove(index);
            (known.left.text, known.seen)
        };
        assert_eq!(told(&view, 0), ("62 % left, resets 15:13 (in 1 h)".into(), "seen 2 min ago in an answer".into()));
        assert_eq!(told(&view, 1), ("reset 14:12, unverified".into(), "seen 2 min ago in an answer".into()));
        let window = &mut view.families[0].windows[0];
        (window.resets_at, window.observed_at, window.source) = (None, None, QuotaSource::SessionLog);
        assert_eq!(told(&view, 0), ("62 % left, no reset is known".into(), "seen in a log of Codex, nobody can tell when".into()));
    }

    #[test]
    fn credits_and_limits_have_a_sentence_each() {
        let text = |text: &str| crate::model::quota::ShortText::parse(text);
        let credits =
            |has_credits, unlimited, balance, overage| Credits { has_credits, unlimited, balance, overage_limit_reached: overage };
        let view = |credits, limit_reached| QuotaView { credits, limit_reached, ..QuotaView::default() };
        for (view, expected) in [
            (view(None, None), vec![]),
            (view(Some(credits(true, false, text("12.50"), None)), None), vec!["credits left: 12.50"]),
            (view(Some(credits(true, false, None, Some(true))), None), vec!["has credits; the limit on their use is reached"]),
            (view(Some(credits(false, true, None, None)), None), vec!["credits without limit"]),
            (
                view(Some(credits(false, false, text("0"), None)), Some(LimitReached::MemberCreditsDepleted)),
                vec!["its workspace has no credits left", "no credits"],
            ),
        ] {
            assert_eq!(account(&view, &now()), expected);
        }
        let limit = SpendLimit { reached: false, limit: text("20"), used_percent: Some(Percent::whole(40)), resets_at: None };
        let view = QuotaView { spend_limit: Some(limit), reset_credits: Some(1), ..QuotaView::default() };
        assert_eq!(account(&view, &now()), ["its spend limit of 20 is used to 40 %", "its windows can be reset once on request"]);
    }
}
