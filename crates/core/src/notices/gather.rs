//! How much is told at once: what comes together is told together.

use crate::base::sorting;
use crate::model::news::{Bulletin, News, Topic};
use crate::model::profile::ProfileId;

/// More pieces of news at a time than this are summed up in one.
const MOST_APART: usize = 2;

/// What is told of news that came at about the same time. What another piece of it says already is left out.
pub fn together(news: &[News]) -> Vec<Bulletin> {
    let news = without_echoes(news);
    if news.len() <= MOST_APART { news.into_iter().map(Bulletin::One).collect() } else { vec![sum(news, false)] }
}

/// What is told when quiet hours are over: one notification, however much there is.
pub fn after_quiet_hours(news: &[News]) -> Option<Bulletin> {
    let mut news = without_echoes(news);
    match news.len() {
        0 => None,
        1 => news.pop().map(Bulletin::One),
        _ => Some(sum(news, true)),
    }
}

fn sum(mut news: Vec<News>, waited: bool) -> Bulletin {
    sorting::by_key(&mut news, |news| news.key().topic);
    Bulletin::Many { news, waited }
}

/// That all are exhausted says it of each; that another one stands in says why; the worst word about a window is enough.
fn without_echoes(news: &[News]) -> Vec<News> {
    let is_all = news.iter().any(|it| matches!(it, News::AllExhausted { .. }));
    let stands_in =
        |from: &ProfileId| news.iter().any(|it| matches!(it, News::FellBack { from: other, why: Some(_), .. } if other == from));
    let echo = |index: usize, one: &News| {
        let key = one.key();
        let later_or_worse = |(at, other): (usize, &News)| {
            let other = other.key();
            other.is_about(&key) && (other.level > key.level || other.level == key.level && at > index)
        };
        match one {
            News::Exhausted { .. } if is_all => true,
            News::Exhausted { profile, .. } if stands_in(profile) => true,
            _ => news.iter().enumerate().any(later_or_worse) && key.topic != Topic::FellBack,
        }
    };
    news.iter().enumerate().filter(|(index, one)| !echo(*index, one)).map(|(_, one)| one.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::block::BlockKind;
    use crate::model::quota::{Minutes, Percent};
    use crate::notices::samples::id;

    fn exhausted(profile: u8) -> News {
        News::Exhausted { profile: id(profile), minutes: Minutes::WEEK, resets_at: None }
    }

    fn low(profile: u8) -> News {
        News::Low { profile: id(profile), minutes: Minutes::WEEK, left: Percent::whole(9), critical: false, resets_at: None }
    }

    fn gone(profile: u8) -> News {
        News::SignInNeeded { profile: id(profile) }
    }

    fn fell_back(why: Option<BlockKind>) -> News {
        News::FellBack { from: id(1), to: id(2), why, until: None }
    }

    #[test]
    fn few_are_told_apart_and_many_together() {
        assert_eq!(together(&[]), []);
        assert_eq!(together(&[low(1), low(2)]), [Bulletin::One(low(1)), Bulletin::One(low(2))]);
        let three = Bulletin::Many { news: vec![gone(3), low(1), low(2)], waited: false };
        assert_eq!(together(&[low(1), gone(3), low(2)]), std::slice::from_ref(&three));
        assert!(three.is_urgent());
    }

    #[test]
    fn what_another_says_already_is_left_out() {
        let nobody = News::AllExhausted { first: None, until: None };
        let one = |news: News| vec![Bulletin::One(news)];
        assert_eq!(together(&[exhausted(1), nobody.clone(), exhausted(2)]), one(nobody));
        assert_eq!(together(&[exhausted(1), fell_back(Some(BlockKind::Exhausted))]), one(fell_back(Some(BlockKind::Exhausted))));
        assert_eq!(together(&[exhausted(1), fell_back(None)]).len(), 2, "it does not say why");
        assert_eq!(together(&[low(1), exhausted(1)]), one(exhausted(1)));
        assert_eq!(together(&[exhausted(1), low(1), exhausted(1)]), one(exhausted(1)));
    }

    #[test]
    fn quiet_hours_end_with_one_notification() {
        assert_eq!(after_quiet_hours(&[]), None);
        assert_eq!(after_quiet_hours(&[low(1)]), Some(Bulletin::One(low(1))));
        assert_eq!(after_quiet_hours(&[low(1), low(2)]), Some(Bulletin::Many { news: vec![low(1), low(2)], waited: true }));
    }
}
