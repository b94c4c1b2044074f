//! Quota in the headers of an answer (codex-runtime.md 4.1): read, and written for a client that knows no other form.

use std::collections::BTreeSet;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::wire::{Slot, slots};
use crate::model::quota::{
    Credits, FAMILIES_LIMIT, Family, FamilyReading, LimitReached, Minutes, Observation, Percent, QuotaSource, ShortText, WindowReading,
    reset_after, reset_at,
};

/// The header whose presence says that a family is spoken of: `x-<family>-primary-used-percent`.
const FAMILY_END: &str = "-primary-used-percent";
/// Bytes of what follows a prefix, at most.
const LONGEST_END: usize = "-secondary-reset-after-seconds".len();
/// Which family the unprefixed windows are of. Image calls and models with a limit of their own name theirs.
const ACTIVE_LIMIT: &str = "x-codex-active-limit";
/// Names that the active limit has for the main family.
const MAIN_LIMITS: [&str; 2] = ["codex", "premium"];

/// What the headers of an answer say, whatever its status; `None` if they say nothing. A number that is none is left out, and
/// the rest is read.
pub fn read(headers: &HeaderMap, now: Timestamp) -> Option<Observation> {
    let mut seen = Observation::new(now, QuotaSource::Header);
    for (prefix, family) in families(headers) {
        let reading = family_reading(headers, &prefix, now);
        if !reading.windows.is_empty() {
            seen.add(family, reading);
        }
    }
    seen.plan = short(headers, "x-codex-plan-type").into();
    seen.credits = credits(headers).into();
    seen.reset_credits = number(headers, "x-codex-rate-limit-reset-credits-available").into();
    seen.limit_reached = short(headers, "x-codex-rate-limit-reached-type").map(LimitReached::from).into();
    (!seen.is_empty()).then_some(seen)
}

/// The same as headers, in the form that [`read`] and the Codex CLI take. Each family has its own prefix; the active limit is
/// not named, so that unprefixed windows are the main family's.
pub fn write(seen: &Observation, now: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: String, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    };
    for (family, reading) in &seen.families {
        let prefix = format!("x-{}", family.as_str().replace('_', "-"));
        for (slot, window) in slots(&reading.windows) {
            let name = |end: &str| format!("{prefix}-{}-{end}", slot.as_str());
            put(name("used-percent"), &window.used_percent.get().to_string());
            put(name("window-minutes"), &window.minutes.get().to_string());
            if let Some(at) = window.resets_at {
                put(name("reset-at"), &at.as_second().to_string());
                put(name("reset-after-seconds"), &at.as_second().saturating_sub(now.as_second()).max(0).to_string());
            }
        }
        if let Some(name) = &reading.name {
            put(format!("{prefix}-limit-name"), name.as_str());
        }
    }
    if let Some(plan) = seen.plan.said() {
        put("x-codex-plan-type".into(), plan.as_str());
    }
    if let Some(credits) = seen.credits.said() {
        let word = |yes| if yes { "True" } else { "False" };
        put("x-codex-credits-has-credits".into(), word(credits.has_credits));
        put("x-codex-credits-unlimited".into(), word(credits.unlimited));
        if let Some(balance) = &credits.balance {
            put("x-codex-credits-balance".into(), balance.as_str());
        }
    }
    if let Some(limit) = seen.limit_reached.said() {
        put("x-codex-rate-limit-reached-type".into(), limit.as_str());
    }
    headers
}

/// The header prefixes that windows are told under, and the families they are of.
fn families(headers: &HeaderMap) -> Vec<(String, Family)> {
    let main = Family::main();
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for name in headers.keys() {
        let Some(prefix) = name.as_str().strip_suffix(FAMILY_END) else { continue };
        let Some(family) = prefix.strip_prefix("x-").and_then(Family::parse).filter(|family| *family != main) else { continue };
        if found.len() < FAMILIES_LIMIT && named.insert(family.clone()) {
            found.push((prefix.to_owned(), family));
        }
    }
    if headers.contains_key(format!("x-codex{FAMILY_END}"))
        && let Some(family) = active_family(headers)
        // Told under its own name too, which says the same.
        && !named.contains(&family)
    {
        found.push(("x-codex".to_owned(), family));
    }
    found
}

/// The family of the unprefixed windows; `None` where the active limit is named, and the name is none.
fn active_family(headers: &HeaderMap) -> Option<Family> {
    let Some(active) = headers.get(ACTIVE_LIMIT) else { return Some(Family::main()) };
    let named = Family::parse(active.to_str().ok()?)?;
    Some(if MAIN_LIMITS.contains(&named.as_str()) { Family::main() } else { named })
}

fn family_reading(headers: &HeaderMap, prefix: &str, now: Timestamp) -> FamilyReading {
    // Every answer comes through here: all names are put together in one place.
    let mut name = String::with_capacity(prefix.len() + LONGEST_END);
    let windows = Slot::ALL.into_iter().filter_map(|slot| {
        let mut said = |end: &str| {
            name.clear();
            for part in [prefix, "-", slot.as_str(), "-", end] {
                name.push_str(part);
            }
            text(headers, &name)
        };
        let minutes = Minutes::of(said("window-minutes")?.parse().ok()?)?;
        let used_percent = Percent::of(said("used-percent")?.parse().ok()?)?;
        let at = said("reset-at").and_then(|second| reset_at(second.parse().ok()?, now));
        let resets_at = at.or_else(|| reset_after(said("reset-after-seconds")?.parse().ok()?, now));
        Some(WindowReading { minutes, used_percent, resets_at })
    });
    FamilyReading { windows: windows.collect(), name: short(headers, &format!("{prefix}-limit-name")), ..FamilyReading::default() }
}

fn credits(headers: &HeaderMap) -> Option<Credits> {
    Some(Credits {
        has_credits: truth(headers, "x-codex-credits-has-credits")?,
        unlimited: truth(headers, "x-codex-credits-unlimited").unwrap_or_default(),
        balance: short(headers, "x-codex-credits-balance"),
        overage_limit_reached: None,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

fn short(headers: &HeaderMap, name: &str) -> Option<ShortText> {
    text(headers, name).and_then(ShortText::parse)
}

fn number<N: FromStr>(headers: &HeaderMap, name: &str) -> Option<N> {
    text(headers, name)?.parse().ok()
}

/// The backend is written in Python: `True` and `False`.
fn truth(headers: &HeaderMap, name: &str) -> Option<bool> {
    let value = text(headers, name)?;
    [("true", true), ("false", false), ("1", true), ("0", false)]
        .into_iter()
        .find_map(|(word, truth)| value.eq_ignore_ascii_case(word).then_some(truth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::Told;

    const NOW: i64 = 1_795_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn of(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()))
            .collect()
    }

    fn windows(pairs: &[(&str, &str)]) -> Vec<(String, u32, f64, Option<i64>)> {
        let seen = read(&of(pairs), now());
        let families = seen.into_iter().flat_map(|seen| seen.families);
        families
            .flat_map(|(family, reading)| {
                let told = |window: WindowReading| {
                    let reset = window.resets_at.map(|at| at.as_second() - NOW);
                    (family.to_string(), window.minutes.get(), window.used_percent.get(), reset)
                };
                reading.windows.into_iter().map(told).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn the_whole_set_is_read() {
        let reset = (NOW + 600).to_string();
        let seen = read(
            &of(&[
                ("x-codex-active-limit", "premium"),
                ("x-codex-plan-type", "plus"),
                ("x-codex-primary-used-percent", "38"),
                ("x-codex-primary-window-minutes", "300"),
                ("x-codex-primary-reset-after-seconds", "1"),
                ("x-codex-primary-reset-at", &reset),
                ("x-codex-secondary-used-percent", "61.5"),
                ("x-codex-secondary-window-minutes", "10080"),
                ("x-codex-secondary-reset-after-seconds", "7200"),
                ("x-codex-bengalfox-primary-used-percent", "5"),
                ("x-codex-bengalfox-primary-window-minutes", "10080"),
                ("x-codex-bengalfox-primary-reset-at", &reset),
                ("x-codex-bengalfox-limit-name", "GPT-5.3-Codex-Spark"),
                ("x-codex-credits-has-credits", "True"),
                ("x-codex-credits-unlimited", "False"),
                ("x-codex-credits-balance", "9.99"),
                ("x-codex-rate-limit-reached-type", "workspace_owner_credits_depleted"),
                ("x-codex-rate-limit-reset-credits-available", "2"),
            ]),
            now(),
        )
        .unwrap();
        let main = &seen.families[&Family::main()];
        let reading = |minutes, used, after| WindowReading {
            minutes: Minutes::of(minutes).unwrap(),
            used_percent: Percent::of(used).unwrap(),
            resets_at: Timestamp::from_second(NOW + after).ok(),
        };
        assert_eq!(main.windows, [reading(300, 38.0, 600), reading(10_080, 61.5, 7200)]);
        assert!(!main.complete && main.name.is_none());
        let spark = &seen.families[&Family::parse("codex_bengalfox").unwrap()];
        assert_eq!(
            (spark.windows.as_slice(), spark.name.as_ref().unwrap().as_str()),
            (&[reading(10_080, 5.0, 600)][..], "GPT-5.3-Codex-Spark")
        );
        let credits = seen.credits.said().unwrap();
        assert!(credits.has_credits && !credits.unlimited && credits.balance.as_ref().unwrap().as_str() == "9.99");
        assert_eq!((seen.plan.said().unwrap().as_str(), seen.reset_credits), ("plus", Told::Is(2)));
        assert_eq!(seen.limit_reached, Told::Is(LimitReached::OwnerCreditsDepleted));
        assert_eq!((seen.at, seen.source), (now(), QuotaSource::Header));
    }

    #[test]
    fn each_window_stands_or_falls_by_itself() {
        let (used, minutes) = ("x-codex-primary-used-percent", "x-codex-primary-window-minutes");
        let (used2, minutes2) = ("x-codex-secondary-used-percent", "x-codex-secondary-window-minutes");
        let main = |minutes, used, reset| ("codex".to_owned(), minutes, used, reset);
        type Case<'a> = (&'a [(&'a str, &'a str)], Vec<(String, u32, f64, Option<i64>)>);
        let cases: [Case<'_>; 12] = [
            (&[], vec![]),
            (&[(used, "38")], vec![]),
            (&[(used, "38"), (minutes, "300")], vec![main(300, 38.0, None)]),
            // Weekly-only plans have the week in the first slot, and an empty second one.
            (&[(used, "4"), (minutes, "10080"), (used2, "0"), (minutes2, "0")], vec![main(10_080, 4.0, None)]),
            (&[(used, "4"), (minutes, "10080"), (used2, ""), (minutes2, "")], vec![main(10_080, 4.0, None)]),
            (&[(used, "much"), (minutes, "300"), (used2, "7"), (minutes2, "10080")], vec![main(10_080, 7.0, None)]),
            (&[(used, "NaN"), (minutes, "300")], vec![]),
            (&[(used, "-3"), (minutes, "300")], vec![]),
            (&[(used, "1e400"), (minutes, "300")], vec![]),
            (&[(used, " 104 "), (minutes, "300"), ("x-codex-primary-reset-at", "soon")], vec![main(300, 100.0, None)]),
            (&[(used, "1"), (minutes, "99999999999999999999")], vec![]),
            (
                &[(used, "1"), (minutes, "300"), ("x-codex-primary-reset-at", "1"), ("x-codex-primary-reset-after-seconds", "5")],
                vec![main(300, 1.0, Some(1 - NOW))],
            ),
        ];
        for (pairs, expected) in cases {
            assert_eq!(windows(pairs), expected, "{pairs:?}");
        }
        let broken = of(&[(used, "1"), (minutes, "300"), ("x-codex-plan-type", "\u{ff}"), ("x-codex-credits-has-credits", "perhaps")]);
        let seen = read(&broken, now()).unwrap();
        assert_eq!((seen.plan, seen.credits), (Told::Unsaid, Told::Unsaid));
    }

    #[test]
    fn windows_of_an_active_limit_of_its_own_are_not_the_main_familys() {
        let base = [("x-codex-primary-used-percent", "90"), ("x-codex-primary-window-minutes", "1440")];
        for (active, family) in [
            (None, Some("codex")),
            (Some("premium"), Some("codex")),
            (Some("Codex"), Some("codex")),
            (Some("imagegen_premium"), Some("imagegen_premium")),
            (Some("codex_bengalfox"), Some("codex_bengalfox")),
            (Some(""), None),
            (Some("a b"), None),
        ] {
            let mut pairs = base.to_vec();
            pairs.extend(active.map(|active| (ACTIVE_LIMIT, active)));
            let found: Vec<_> = windows(&pairs).into_iter().map(|(family, ..)| family).collect();
            assert_eq!(found, family.into_iter().collect::<Vec<_>>(), "{active:?}");
        }
        let mut twice = base.to_vec();
        twice.extend([
            (ACTIVE_LIMIT, "codex_bengalfox"),
            ("x-codex-bengalfox-primary-used-percent", "7"),
            ("x-codex-bengalfox-primary-window-minutes", "300"),
        ]);
        assert_eq!(windows(&twice), [("codex_bengalfox".to_owned(), 300, 7.0, None)], "its own headers name it better");
    }

    #[test]
    fn headers_without_end_are_cut_off() {
        let mut headers = HeaderMap::new();
        for number in 0..5000 {
            for (end, value) in [("used-percent", "1"), ("window-minutes", "300")] {
                let name = format!("x-f{number}-primary-{end}");
                headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::from_static(value));
            }
        }
        assert_eq!(read(&headers, now()).unwrap().families.len(), FAMILIES_LIMIT);
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let mut seen = Observation::new(now(), QuotaSource::Header);
        let reading = |minutes, used| WindowReading {
            minutes: Minutes::of(minutes).unwrap(),
            used_percent: Percent::of(used).unwrap(),
            resets_at: Timestamp::from_second(NOW + 60).ok(),
        };
        let main = FamilyReading { windows: vec![reading(300, 12.5), reading(10_080, 99.99)], ..FamilyReading::default() };
        seen.add(Family::main(), main);
        let (name, windows) = (ShortText::parse("Spark"), vec![reading(10_080, 1.0)]);
        seen.add(Family::parse("codex_bengalfox").unwrap(), FamilyReading { name, windows, ..FamilyReading::default() });
        seen.plan = ShortText::parse("plus").into();
        let balance = ShortText::parse("3");
        seen.credits = Told::Is(Credits { has_credits: true, unlimited: false, balance, overage_limit_reached: None });
        seen.limit_reached = Told::Is(LimitReached::RateLimit);
        let headers = write(&seen, now());
        assert_eq!(headers["x-codex-primary-used-percent"], "12.5");
        assert_eq!(headers["x-codex-bengalfox-primary-window-minutes"], "10080");
        assert_eq!(headers["x-codex-credits-unlimited"], "False");
        assert_eq!(headers["x-codex-primary-reset-after-seconds"], "60");
        assert_eq!(read(&headers, now()), Some(seen));
        assert!(write(&Observation::new(now(), QuotaSource::Header), Timestamp::MIN).is_empty());
    }
}
