//! Quota in a live stream (codex-runtime.md 4.2): the event `codex.rate_limits` read, and made from a reading of any source. The
//! CLI takes the event on a WebSocket alone, and headers on HTTP alone, so a gateway between the two converts.

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::wire::{credits, slots, text, window_in_minutes};
use crate::model::quota::{Family, FamilyReading, Observation, QuotaSource};

/// The event's type.
pub const EVENT: &str = "codex.rate_limits";

/// What an event says; `None` if it is another event, or says nothing.
pub fn read(event: &Value, now: Timestamp) -> Option<Observation> {
    if event["type"] != EVENT {
        return None;
    }
    let mut seen = Observation::new(now, QuotaSource::Stream);
    let limits = &event["rate_limits"];
    let windows: Vec<_> = ["primary", "secondary"].into_iter().filter_map(|slot| window_in_minutes(&limits[slot], now)).collect();
    let reading = FamilyReading {
        name: text(&event["limit_name"]),
        windows,
        allowed: limits["allowed"].as_bool(),
        limit_reached: limits["limit_reached"].as_bool(),
        complete: false,
    };
    if let Some(family) = family(event).filter(|_| reading != FamilyReading::default()) {
        seen.add(family, reading);
    }
    seen.plan = text(&event["plan_type"]).into();
    seen.credits = credits(&event["credits"]).into();
    (!seen.is_empty()).then_some(seen)
}

/// The event that tells of one family; `None` if the reading has no windows of it.
pub fn event(seen: &Observation, family: &Family) -> Option<Value> {
    let reading = seen.families.get(family).filter(|reading| !reading.windows.is_empty())?;
    let mut limits = json!({"primary": null, "secondary": null});
    let mut full = false;
    for (slot, window) in slots(&reading.windows) {
        let used = window.used_percent.get();
        full |= used >= 100.0;
        let reset = window.resets_at.map(Timestamp::as_second);
        limits[slot.as_str()] = json!({"used_percent": used, "window_minutes": window.minutes.get(), "reset_at": reset});
    }
    let reached = reading.limit_reached.unwrap_or(full);
    limits["allowed"] = reading.allowed.unwrap_or(!reached).into();
    limits["limit_reached"] = reached.into();
    let mut event = json!({
        "type": EVENT,
        "plan_type": seen.plan.said(),
        "rate_limits": limits,
        "credits": seen.credits.said().map(|credits| json!({
            "has_credits": credits.has_credits,
            "unlimited": credits.unlimited,
            "balance": credits.balance,
        })),
    });
    if !family.is_main() {
        event["metered_limit_name"] = family.as_str().into();
        event["limit_name"] = json!(reading.name);
    }
    Some(event)
}

/// An event for each family that a reading tells windows of. The main family's is the last: the CLI shows what came last.
pub fn events(seen: &Observation) -> Vec<Value> {
    let (main, others): (Vec<&Family>, Vec<&Family>) = seen.families.keys().partition(|family| family.is_main());
    others.into_iter().chain(main).filter_map(|family| event(seen, family)).collect()
}

/// The headers that say the same as an event, for a client that has no WebSocket.
pub fn headers(seen: &Observation, now: Timestamp) -> HeaderMap {
    super::headers::write(seen, now)
}

/// The family an event is of: named, or the main one. `None` if there is a name, and it is none.
fn family(event: &Value) -> Option<Family> {
    let named = ["metered_limit_name", "limit_id", "limit_name"].into_iter().map(|key| &event[key]).find(|name| !name.is_null());
    named.map_or_else(|| Some(Family::main()), |name| Family::parse(name.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::quota::{Minutes, Percent, Told, WindowReading};

    const NOW: i64 = 1_795_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn window(used: f64, minutes: i64) -> Value {
        json!({"used_percent": used, "window_minutes": minutes, "reset_at": NOW + 60})
    }

    fn windows(event: &Value) -> Vec<(String, u32, f64)> {
        let families = read(event, now()).into_iter().flat_map(|seen| seen.families);
        let told = |(family, reading): (Family, FamilyReading)| {
            reading.windows.into_iter().map(move |window| (family.to_string(), window.minutes.get(), window.used_percent.get()))
        };
        families.flat_map(told).collect()
    }

    #[test]
    fn events_are_read_as_far_as_they_make_sense() {
        let main = |minutes, used| ("codex".to_owned(), minutes, used);
        let event = |limits: Value| json!({"type": EVENT, "rate_limits": limits});
        for (event, expected) in [
            (event(json!({"primary": window(38.0, 300), "secondary": window(61.0, 10_080)})), vec![main(300, 38.0), main(10_080, 61.0)]),
            (event(json!({"primary": window(4.0, 10_080), "secondary": null})), vec![main(10_080, 4.0)]),
            (event(json!({"primary": {"used_percent": 4}, "secondary": window(1.0, 60)})), vec![main(60, 1.0)]),
            (event(json!({"primary": {"used_percent": "7", "window_minutes": 300.0}})), vec![main(300, 7.0)]),
            (event(json!({"primary": {"used_percent": -1, "window_minutes": 300}})), vec![]),
            (event(json!([])), vec![]),
            (event(json!("x")), vec![]),
            (json!({"type": "response.completed", "rate_limits": {"primary": window(38.0, 300)}}), vec![]),
            (json!(17), vec![]),
            (json!(null), vec![]),
        ] {
            assert_eq!(windows(&event), expected, "{event}");
        }
        assert_eq!(read(&json!({"type": EVENT}), now()), None);
    }

    #[test]
    fn an_event_of_another_limit_is_not_the_main_familys() {
        for (names, family) in [
            (json!({}), Some("codex")),
            (json!({"metered_limit_name": null, "limit_name": null}), Some("codex")),
            (json!({"metered_limit_name": "codex"}), Some("codex")),
            (json!({"metered_limit_name": "Codex-Bengalfox", "limit_name": "Spark"}), Some("codex_bengalfox")),
            (json!({"limit_name": "codex_other"}), Some("codex_other")),
            (json!({"metered_limit_name": "no such name"}), None),
            (json!({"metered_limit_name": 5}), None),
        ] {
            let mut event = json!({"type": EVENT, "rate_limits": {"primary": window(38.0, 300)}});
            event.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
            let found: Vec<_> = windows(&event).into_iter().map(|(family, ..)| family).collect();
            assert_eq!(found, family.into_iter().collect::<Vec<_>>(), "{event}");
        }
    }

    #[test]
    fn headers_become_the_event_and_back() {
        let event = json!({
            "type": EVENT, "plan_type": "plus",
            "rate_limits": {"primary": window(100.0, 300), "secondary": window(61.5, 10_080), "allowed": false, "limit_reached": true},
            "credits": {"has_credits": true, "unlimited": false, "balance": "3"},
        });
        let seen = read(&event, now()).unwrap();
        let headers = headers(&seen, now());
        assert!(headers["x-codex-secondary-used-percent"] == "61.5" && headers["x-codex-plan-type"] == "plus");
        let again = crate::quota::headers::read(&headers, now()).unwrap();
        assert_eq!(super::event(&again, &Family::main()).unwrap(), event);
        assert_eq!(super::event(&seen, &Family::main()).unwrap(), event);
        assert_eq!(super::event(&seen, &Family::parse("other").unwrap()), None);
    }

    #[test]
    fn there_is_one_event_for_each_family_and_the_main_one_is_last() {
        let mut seen = Observation::new(now(), QuotaSource::Usage);
        for name in ["codex", "codex_bengalfox", "zebra"] {
            let reading = |minutes, used| WindowReading {
                minutes: Minutes::of(minutes).unwrap(),
                used_percent: Percent::of(used).unwrap(),
                resets_at: None,
            };
            let windows = vec![reading(43_200, 1.0), reading(300, 2.0), reading(10_080, 50.0)];
            seen.add(Family::parse(name).unwrap(), FamilyReading { windows, ..FamilyReading::default() });
        }
        seen.plan = Told::Nothing;
        let events = events(&seen);
        let names: Vec<_> = events.iter().map(|event| event["metered_limit_name"].as_str()).collect();
        assert_eq!(names, [Some("codex_bengalfox"), Some("zebra"), None]);
        let limits = &events[2]["rate_limits"];
        assert_eq!((&limits["primary"]["window_minutes"], &limits["secondary"]["window_minutes"]), (&json!(300), &json!(10_080)));
        assert_eq!((&limits["primary"]["reset_at"], &limits["allowed"]), (&json!(null), &json!(true)));
        for event in &events {
            assert_eq!(read(event, now()).unwrap().families.len(), 1);
        }
    }
}
