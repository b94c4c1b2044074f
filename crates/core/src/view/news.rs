//! News in words: what a notification says of it, and what it offers to do. English.

use jiff::{Timestamp, Zoned};

use super::command::Command;
use super::names::{called, sentence};
use super::notice::Notice;
use super::{times, why, words};
use crate::model::block::BlockKind;
use crate::model::news::{Bulletin, News};
use crate::model::profile::ProfileId;
use crate::model::quota::Minutes;
use crate::model::snapshot::Snapshot;
use crate::notices::standing::substitute;

/// Lines of a summary; what else there is, is counted.
const LINES: usize = 5;

/// The notification for what is told at once.
pub fn bulletin(bulletin: &Bulletin, snapshot: &Snapshot, now: &Zoned) -> Notice {
    match bulletin {
        Bulletin::One(news) => one(news, snapshot, now),
        Bulletin::Many { news, waited } => {
            let count = news.len();
            let title = if *waited { format!("While it was quiet: {count} things") } else { format!("{count} things about your profiles") };
            let mut lines: Vec<String> = news.iter().take(LINES).map(|news| one(news, snapshot, now).title).collect();
            if count > LINES {
                lines.push(format!("and {} more", count - LINES));
            }
            let notice = Notice::plain(title, lines.join("\n")).button(Command::OpenWindow, words::OPEN);
            Notice { urgent: bulletin.is_urgent(), ..notice }
        }
    }
}

/// The notification for one piece of news.
pub(super) fn one(news: &News, snapshot: &Snapshot, now: &Zoned) -> Notice {
    let called = |id: &ProfileId| called(id, snapshot);
    let notice = match news {
        News::Low { profile, minutes, left, critical, resets_at } => {
            let (name, window) = (called(profile), window(*minutes));
            let how = if *critical { "nearly out of quota" } else { "low on quota" };
            let body = format!("{} % of its {window} limit is left{}.", left.rounded_up(), ending("; it starts anew", *resets_at, now));
            with_ways_out(Notice::plain(format!("{name} is {how}"), body), profile, snapshot)
        }
        News::Exhausted { profile, minutes, resets_at } => {
            let body = format!("Its {} limit is used up{}.", window(*minutes), ending(" and starts anew", *resets_at, now));
            with_ways_out(Notice::plain(format!("{} is out of quota", called(profile)), body), profile, snapshot)
        }
        News::AllExhausted { first, until } => all_exhausted(first.as_ref(), *until, snapshot, now),
        News::FellBack { from, to, why, until } => fell_back(from, to, *why, *until, snapshot, now),
        News::Reset { profile, minutes, .. } => {
            let notice =
                Notice::plain(format!("{} has quota again", called(profile)), format!("Its {} limit has started anew.", window(*minutes)));
            if is_live(profile, snapshot) { notice } else { switch(notice, profile, snapshot) }
        }
        News::Primed { profile, minutes, resets_at } => {
            let body = format!("Codex Lab started it with one small request{}.", ending("; it runs until", *resets_at, now));
            Notice::plain(format!("{}: the {} window runs", called(profile), window(*minutes)), body)
        }
        News::SignInNeeded { profile } => Notice {
            urgent: true,
            ..Notice::plain(
                format!("{} needs sign-in", called(profile)),
                "Its login is no longer accepted. Codex Lab keeps the profile until you sign in again.",
            )
            .button(Command::SignInAgain(profile.clone()), words::ACTION_SIGN_IN)
        },
    };
    Notice { title: sentence(&notice.title, snapshot), body: sentence(&notice.body, snapshot), ..notice }
}

fn all_exhausted(first: Option<&ProfileId>, until: Option<Timestamp>, snapshot: &Snapshot, now: &Zoned) -> Notice {
    let body = match (first, until) {
        (Some(first), Some(until)) => format!("The first to come back is {}, {}.", called(first, snapshot), when(until, now)),
        (None, Some(until)) => format!("The first one comes back {}.", when(until, now)),
        (_, None) => "Nothing says when the first one comes back.".to_owned(),
    };
    Notice { urgent: true, ..Notice::plain("All profiles are out of quota", body).button(Command::Snooze(None), words::ACTION_SNOOZE) }
}

fn fell_back(
    from: &ProfileId,
    to: &ProfileId,
    why: Option<BlockKind>,
    until: Option<Timestamp>,
    snapshot: &Snapshot,
    now: &Zoned,
) -> Notice {
    let (one, other) = (called(from, snapshot), called(to, snapshot));
    // A limit has an end; of anything else it is only known when it is worth another try.
    let then = if matches!(why, Some(BlockKind::Exhausted | BlockKind::RateLimited)) { ", until" } else { "; it is tried again" };
    let cause = why.map_or_else(|| " now".to_owned(), |kind| format!(": {}{}", why::block(kind), ending(then, until, now)));
    let body = format!("{one} cannot serve{cause}. Running sessions go on by themselves.");
    let mut notice = Notice { opens: Command::OpenRouting, ..Notice::plain(format!("{other} goes on for {one}"), body) };
    if matches!(why, Some(BlockKind::SignedOut | BlockKind::LoginRefused)) {
        notice = notice.button(Command::SignInAgain(from.clone()), words::ACTION_SIGN_IN);
    } else if is_live(from, snapshot) {
        notice = switch(notice, to, snapshot);
    }
    if why == Some(BlockKind::Exhausted) {
        notice = notice.button(Command::Snooze(Some(from.clone())), words::ACTION_SNOOZE);
    }
    notice.button(Command::OpenRouting, words::ACTION_WHY)
}

/// To another profile, if Codex is on this one; and not to hear of it again before the reset.
fn with_ways_out(notice: Notice, profile: &ProfileId, snapshot: &Snapshot) -> Notice {
    let other = substitute(snapshot, profile).filter(|_| is_live(profile, snapshot));
    let notice = other.map(|row| row.id.clone()).map_or(notice.clone(), |other| switch(notice, &other, snapshot));
    notice.button(Command::Snooze(Some(profile.clone())), words::ACTION_SNOOZE)
}

fn switch(notice: Notice, to: &ProfileId, snapshot: &Snapshot) -> Notice {
    notice.button(Command::SwitchTo(to.clone()), format!("Switch to {}", called(to, snapshot)))
}

fn is_live(profile: &ProfileId, snapshot: &Snapshot) -> bool {
    snapshot.profiles.iter().any(|row| row.live && row.id == *profile)
}

fn window(minutes: Minutes) -> String {
    times::window(minutes.get())
}

/// "at 14:05", "Thu 14:00", "3 Dec".
fn when(at: Timestamp, now: &Zoned) -> String {
    let moment = times::moment(at, now);
    if moment.starts_with(|c: char| c.is_ascii_digit()) && moment.contains(':') { format!("at {moment}") } else { moment }
}

/// The words and the time, if there is one that is still to come.
fn ending(words: &str, at: Option<Timestamp>, now: &Zoned) -> String {
    at.filter(|at| *at > now.timestamp()).map_or_else(String::new, |at| {
        let time = if words.ends_with("until") { times::moment(at, now) } else { when(at, now) };
        format!("{words} {time}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::Percent;
    use crate::view::samples::{NOW, id, now, quota, snapshot};

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(NOW + second).ok()
    }

    fn told(news: &News, snapshot: &Snapshot) -> String {
        let Notice { title, body, actions, urgent, .. } = one(news, snapshot, &now());
        let buttons: Vec<_> = actions.iter().map(|(_, label)| format!("[{label}]")).collect();
        format!("{}{title} | {body} {}", if urgent { "! " } else { "" }, buttons.join("")).trim().to_owned()
    }

    fn samples() -> [News; 11] {
        let (main, backup, work) = (id(1), id(2), id(3));
        let low = |profile: &ProfileId, critical| News::Low {
            profile: profile.clone(),
            minutes: Minutes::WEEK,
            left: Percent::of(3.2).unwrap(),
            critical,
            resets_at: at(400_000),
        };
        let fell_back = |why, until| News::FellBack { from: main.clone(), to: backup.clone(), why, until };
        [
            News::Exhausted { profile: main.clone(), minutes: Minutes::FIVE_HOURS, resets_at: at(3_600) },
            News::Exhausted { profile: work.clone(), minutes: Minutes::FIVE_HOURS, resets_at: None },
            low(&main, true),
            low(&work, false),
            News::AllExhausted { first: Some(backup.clone()), until: at(1_000_000) },
            News::AllExhausted { first: None, until: None },
            fell_back(Some(BlockKind::Exhausted), at(60)),
            fell_back(Some(BlockKind::WorkspaceGone), at(60)),
            fell_back(None, None),
            News::Reset { profile: work, minutes: Minutes::FIVE_HOURS, reset: None },
            News::Primed { profile: main, minutes: Minutes::WEEK, resets_at: at(604_800) },
        ]
    }

    #[test]
    fn each_kind_says_what_and_when_and_offers_what_helps() {
        let texts: Vec<String> = samples().iter().map(|news| told(news, &snapshot())).collect();
        assert_eq!(
            texts,
            [
                "main is out of quota | Its 5-hour limit is used up and starts anew at 15:13. [Switch to backup][Snooze until reset]",
                "work is out of quota | Its 5-hour limit is used up. [Snooze until reset]",
                "main is nearly out of quota | 4 % of its weekly limit is left; it starts anew Thu 05:20. [Switch to backup][Snooze until reset]",
                "work is low on quota | 4 % of its weekly limit is left; it starts anew Thu 05:20. [Snooze until reset]",
                "! All profiles are out of quota | The first to come back is backup, 3 Dec. [Snooze until reset]",
                "! All profiles are out of quota | Nothing says when the first one comes back. [Snooze until reset]",
                "backup goes on for main | main cannot serve: its limit is used up, until 14:14. Running sessions go on by themselves. \
                 [Switch to backup][Snooze until reset][Show why]",
                "backup goes on for main | main cannot serve: its workspace has been deactivated; it is tried again at 14:14. Running \
                 sessions go on by themselves. [Switch to backup][Show why]",
                "backup goes on for main | main cannot serve now. Running sessions go on by themselves. [Switch to backup][Show why]",
                "work has quota again | Its 5-hour limit has started anew. [Switch to work]",
                "main: the weekly window runs | Codex Lab started it with one small request; it runs until 28 Nov.",
            ]
        );
    }

    #[test]
    fn nobody_is_named_where_that_is_not_wanted() {
        let mut shown = snapshot();
        shown.settings.private_notifications = true;
        for news in &samples() {
            let told = told(news, &shown).replace("its workspace", "");
            assert!(!["main", "backup", "work", "@"].iter().any(|name| told.contains(name)), "{told}");
            assert!(told.trim_start_matches("! ").starts_with(|c: char| c.is_uppercase()), "{told}");
        }
        let all = Bulletin::Many { news: samples().to_vec(), waited: true };
        let all = bulletin(&all, &shown, &now());
        assert_eq!(all.body.lines().next(), Some("Profile 1 is out of quota"));
        assert!(!all.body.contains("main"));
    }

    #[test]
    fn a_summary_has_a_line_for_each_of_the_first() {
        let many = |count: usize, waited| bulletin(&Bulletin::Many { news: samples()[..count].to_vec(), waited }, &snapshot(), &now());
        let three = many(3, false);
        assert_eq!(three.title, "3 things about your profiles");
        assert_eq!(three.body, "main is out of quota\nwork is out of quota\nmain is nearly out of quota");
        let all = many(11, true);
        assert_eq!((all.title.as_str(), all.urgent), ("While it was quiet: 11 things", true));
        assert_eq!((all.body.lines().count(), all.body.lines().last()), (6, Some("and 6 more")));
    }

    #[test]
    fn what_can_be_done_fits_who_is_live_and_who_can_serve() {
        let mut shown = snapshot();
        shown.profiles[1].quota = quota(&[(300, 100.0, 60)]);
        shown.profiles[2].quota = quota(&[(300, 97.0, 60)]);
        let exhausted = &samples()[0];
        assert!(told(exhausted, &shown).ends_with("15:13. [Snooze until reset]"), "nobody to switch to");
        let gone = News::FellBack { from: id(1), to: id(2), why: Some(BlockKind::SignedOut), until: None };
        assert!(told(&gone, &shown).ends_with("[Sign in again][Show why]"));
        assert_eq!(one(&gone, &shown, &now()).opens, Command::OpenRouting);
        assert_eq!(
            told(&News::Reset { profile: id(1), minutes: Minutes::WEEK, reset: None }, &shown),
            "main has quota again | Its weekly limit has started anew."
        );
        assert!(told(&News::SignInNeeded { profile: id(9) }, &shown).starts_with("! Another profile needs sign-in | "));
    }
}
