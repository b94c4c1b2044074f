//! The words of priming: what keeps a week from being started, and what became of one that was.

use jiff::{Timestamp, Zoned};

use super::times::moment;
use crate::model::background::Purpose;
use crate::model::prime::{Hindrance, PrimePreview, PrimeRecord, PrimeState, PrimeTrouble};

/// What would be done about a profile now.
pub fn preview(preview: &PrimePreview, now: &Zoned) -> String {
    preview.hindrance.as_ref().map_or_else(|| "would start the week now".to_owned(), |why| hindrance(why, now))
}

/// Why a week is not started now, and until when.
pub fn hindrance(why: &Hindrance, now: &Zoned) -> String {
    let until = |at: &Timestamp| moment(*at, now);
    match why {
        Hindrance::Running { until: at } => format!("the week runs until {}", until(at)),
        Hindrance::OverBudget { until: at } | Hindrance::Unclear { until: Some(at) } => format!("{why}; next look {}", until(at)),
        Hindrance::Resting { until: at } => format!("{why}; next try {}", until(at)),
        Hindrance::Apart { until: at } => format!("{why} until {}", until(at)),
        _ => why.to_string(),
    }
}

/// What became of a week: one line.
pub fn outcome(record: &PrimeRecord, now: &Zoned) -> String {
    let trouble = record.trouble.map_or("it did not start", trouble);
    match (record.state, record.resets_at, record.next_at) {
        (PrimeState::Verified, Some(at), _) => format!("runs until {}", moment(at, now)),
        (PrimeState::Verified, None, _) => "runs".to_owned(),
        (PrimeState::Sent, ..) => "sent; whether the week runs is still to be seen".to_owned(),
        (PrimeState::Reserved, ..) => "about to be sent".to_owned(),
        (PrimeState::Failed, _, Some(at)) => format!("{trouble}; next try {}", moment(at, now)),
        (PrimeState::Failed, _, None) => format!("{trouble}; next try with the next week"),
    }
}

/// What it has cost.
pub fn cost(record: &PrimeRecord) -> String {
    let tokens = [record.input_tokens, record.output_tokens];
    match tokens {
        [Some(input), Some(output)] => format!("{input} + {output} tokens"),
        _ => "not told".to_owned(),
    }
}

/// What went wrong.
pub fn trouble(trouble: PrimeTrouble) -> &'static str {
    match trouble {
        PrimeTrouble::NoToken => "there was no token to send it with",
        PrimeTrouble::NoModel => "the account's list of models was not to be had",
        PrimeTrouble::Refused => "the provider refused the request or its model",
        PrimeTrouble::LimitReached => "a limit of the account is reached",
        PrimeTrouble::NotAllowed => "the account was not let through",
        PrimeTrouble::Unreachable => "the provider could not be reached",
        PrimeTrouble::ServerTrouble => "the provider could not answer",
        PrimeTrouble::BrokeOff => "the answer broke off",
        PrimeTrouble::StillSlides => "it was answered, and the week has not started",
    }
}

/// What a request in the background was for.
pub fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::KeepAlive => "renew the login",
        Purpose::Quota => "ask for quota",
        Purpose::PrimeLook => "see whether the week runs",
        Purpose::Models => "list models, to start the week with the cheapest",
        Purpose::Prime => "start the week",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prime::PrimeByHand;
    use crate::view::samples::id;

    #[test]
    fn a_record_says_what_became_of_its_week() {
        let now = "2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap();
        let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
        let at = |hours: i64| Some(now + jiff::SignedDuration::from_hours(hours));
        let record = |state, resets_at, next_at, trouble| PrimeRecord {
            profile: id(1),
            anchor: now,
            state,
            attempts: 1,
            by_user: false,
            reserved_at: now,
            sent_at: None,
            ended_at: None,
            next_at,
            model: None,
            input_tokens: Some(9),
            output_tokens: None,
            resets_at,
            trouble,
        };
        for (state, resets_at, next_at, said, expected) in [
            (PrimeState::Verified, at(24), None, None, "runs until Sun 12:00"),
            (PrimeState::Sent, None, None, None, "sent; whether the week runs is still to be seen"),
            (PrimeState::Failed, None, at(1), Some(PrimeTrouble::Unreachable), "the provider could not be reached; next try 13:00"),
            (PrimeState::Failed, None, None, None, "it did not start; next try with the next week"),
        ] {
            assert_eq!(outcome(&record(state, resets_at, next_at, said), &zoned), expected);
        }
        assert_eq!(cost(&record(PrimeState::Sent, None, None, None)), "not told");
        let shown = |hindrance| {
            let by_hand = PrimeByHand::Looks;
            preview(&PrimePreview { profile: id(1), name: String::new(), opted_in: true, hindrance, by_hand }, &zoned)
        };
        assert_eq!(shown(None), "would start the week now");
        assert_eq!(shown(Some(Hindrance::Running { until: at(2).unwrap() })), "the week runs until 14:00");
        assert_eq!(shown(Some(Hindrance::Resting { until: at(2).unwrap() })), "the last try failed; next try 14:00");
        assert_eq!(shown(Some(Hindrance::Paused)), "the profile is paused");
    }
}
