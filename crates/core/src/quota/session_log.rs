//! Quota in Codex's session logs: one line of a rollout file, as codex-cli 0.169.0 and earlier ones write it. Lines of other
//! sorts are passed over.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::wire::{credits, percent, text, whole, window_in_minutes};
use crate::model::quota::{Family, FamilyReading, LimitReached, Observation, QuotaSource, SpendLimit, Told, reset_at};

/// What every line with quota has in it: a cheap look before a line is parsed.
pub const MARK: &str = "\"token_count\"";
/// Real lines with quota have 700 bytes.
const LINE_LIMIT: usize = 16 << 10;

/// What the first line of a log says of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStart {
    /// The root session's id; the same as in the header `session-id`.
    pub session: String,
    /// When it was started.
    pub at: Timestamp,
    /// Who started it. codex-cli 0.169.0 says so; earlier ones do not.
    pub creator: Told<Creator>,
    /// Codex's name for the provider it uses.
    pub provider: Option<String>,
}

/// Who started a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creator {
    /// `chatgpt_user_id`.
    pub user: String,
    /// `chatgpt_account_id`: the workspace.
    pub workspace: String,
}

#[derive(Deserialize)]
struct Line {
    timestamp: Timestamp,
    r#type: String,
    payload: Value,
}

/// What a line says; `None` if it says nothing of quota. Codex writes down what it knows, new or not: a window whose reset had
/// passed when the line was written is an old number, and is left out. So is a line from the future.
pub fn read(line: &str, now: Timestamp) -> Option<Observation> {
    if line.len() > LINE_LIMIT || !line.contains(MARK) {
        return None;
    }
    let line: Line = serde_json::from_str(line).ok()?;
    if line.r#type != "event_msg" || line.payload["type"] != "token_count" || line.timestamp > now {
        return None;
    }
    let limits = &line.payload["rate_limits"];
    let mut seen = Observation::new(line.timestamp, QuotaSource::SessionLog);
    let windows = ["primary", "secondary"].into_iter().filter_map(|slot| window_in_minutes(&limits[slot], seen.at));
    let current = windows.filter(|window| window.resets_at.is_none_or(|at| at > seen.at)).collect();
    let reading = FamilyReading { windows: current, name: text(&limits["limit_name"]), ..FamilyReading::default() };
    if let Some(family) = family(limits).filter(|_| !reading.windows.is_empty()) {
        seen.add(family, reading);
    }
    seen.plan = text(&limits["plan_type"]).into();
    seen.credits = credits(&limits["credits"]).into();
    seen.spend_limit = spend_limit(limits, seen.at);
    seen.limit_reached = text(&limits["rate_limit_reached_type"]).map(LimitReached::from).into();
    (!seen.is_empty()).then_some(seen)
}

/// What the first line of a log says; `None` if it is no session's.
pub fn start(first_line: &str) -> Option<SessionStart> {
    let line: Line = serde_json::from_str(first_line).ok()?;
    let meta = (line.r#type == "session_meta").then_some(line.payload)?;
    let word = |key: &str| meta[key].as_str().filter(|word| !word.is_empty() && word.len() <= 128).map(str::to_owned);
    let named = word("timestamp").and_then(|at| at.parse().ok());
    Some(SessionStart {
        session: word("session_id").or_else(|| word("id"))?,
        at: named.unwrap_or(line.timestamp),
        creator: match (word("creator_user_id"), word("creator_account_id")) {
            (Some(user), Some(workspace)) => Told::Is(Creator { user, workspace }),
            _ if meta.get("account_scoped").or_else(|| meta.get("creator_account_id")).is_some() => Told::Nothing,
            _ => Told::Unsaid,
        },
        provider: word("model_provider"),
    })
}

/// The family a line is of: named, or the main one. `None` if there is a name, and it is none.
fn family(limits: &Value) -> Option<Family> {
    match &limits["limit_id"] {
        Value::Null => Some(Family::main()),
        named => Family::parse(named.as_str()?),
    }
}

fn spend_limit(limits: &Value, at: Timestamp) -> Told<SpendLimit> {
    let Some(reached) = limits["spend_control_reached"].as_bool() else { return Told::Unsaid };
    let limit = &limits["individual_limit"];
    Told::Is(SpendLimit {
        reached,
        limit: text(&limit["limit"]),
        used_percent: percent(&limit["used_percent"]).or_else(|| Some(percent(&limit["remaining_percent"])?.rest())),
        resets_at: ["resets_at", "reset_at"].into_iter().find_map(|key| reset_at(whole(&limit[key])?, at)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As codex-cli 0.169.0 writes it, shortened in `info`.
    const LINE: &str = r#"{"timestamp":"2026-11-21T05:15:53.944Z","ordinal":14,"type":"event_msg","payload":{"type":"token_count","info":{"model_context_window":258400},"rate_limits":{"limit_id":"codex","limit_name":null,"primary":{"used_percent":38.0,"window_minutes":300,"resets_at":1795256133},"secondary":{"used_percent":61.0,"window_minutes":10080,"resets_at":1795842933},"credits":null,"individual_limit":null,"spend_control_reached":null,"plan_type":"plus","rate_limit_reached_type":null}}}"#;
    const META: &str = r#"{"timestamp":"2026-11-21T05:15:53.840Z","ordinal":0,"type":"session_meta","payload":{"account_scoped":true,"creator_user_id":"user-1","creator_account_id":"ws-1","session_id":"s-1","id":"s-1","timestamp":"2026-11-21T05:15:34.766Z","cwd":"/tmp"}}"#;

    fn now() -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    fn windows(line: &str) -> Vec<(String, u32, f64)> {
        let families = read(line, now()).into_iter().flat_map(|seen| seen.families);
        let told = |(family, reading): (Family, FamilyReading)| {
            reading.windows.into_iter().map(move |window| (family.to_string(), window.minutes.get(), window.used_percent.get()))
        };
        families.flat_map(told).collect()
    }

    #[test]
    fn a_line_of_the_real_codex_is_read() {
        let seen = read(LINE, now()).unwrap();
        assert_eq!((seen.at.to_string().as_str(), seen.source), ("2026-11-21T05:15:53.944Z", QuotaSource::SessionLog));
        assert_eq!(windows(LINE), [("codex".to_owned(), 300, 38.0), ("codex".to_owned(), 10_080, 61.0)]);
        assert_eq!(seen.families[&Family::main()].windows[0].resets_at.unwrap().as_second(), 1_795_256_133);
        assert!(!seen.families[&Family::main()].complete);
        assert_eq!((seen.plan.said().unwrap().as_str(), seen.credits, seen.spend_limit), ("plus", Told::Unsaid, Told::Unsaid));
    }

    #[test]
    fn other_shapes_are_read_as_far_as_they_make_sense() {
        let five = |used| vec![("codex".to_owned(), 300, used)];
        let line = |limits: &str| {
            format!(
                r#"{{"timestamp":"2026-11-21T05:15:53Z","type":"event_msg","payload":{{"type":"token_count","rate_limits":{limits}}}}}"#
            )
        };
        let huge = line(&format!(r#"{{"primary":{{"used_percent":1,"window_minutes":300}},"x":"{}"}}"#, "x".repeat(LINE_LIMIT)));
        for (line, expected) in [
            (line("null"), vec![]),
            (line("[]"), vec![]),
            (line(r#"{"primary":null,"secondary":null}"#), vec![]),
            // Autumn 2025: no limit id, the reset as seconds from then.
            (line(r#"{"primary":{"used_percent":7.5,"window_minutes":300,"resets_in_seconds":60}}"#), five(7.5)),
            (
                line(r#"{"limit_id":"codex_bengalfox","primary":{"used_percent":7,"window_minutes":300}}"#),
                vec![("codex_bengalfox".into(), 300, 7.0)],
            ),
            (line(r#"{"limit_id":7,"primary":{"used_percent":7,"window_minutes":300}}"#), vec![]),
            (
                line(r#"{"primary":{"used_percent":"x","window_minutes":300},"secondary":{"used_percent":1,"window_minutes":300}}"#),
                five(1.0),
            ),
            // What Codex knew before the reset.
            (line(r#"{"primary":{"used_percent":99,"window_minutes":300,"resets_at":1795238000}}"#), vec![]),
            (LINE.replace("event_msg", "response_item"), vec![]),
            (LINE.replace("2026-11-21T05", "2026-11-21T07"), vec![]),
            (LINE.replace("2026-11-21T05:15:53.944Z", "yesterday"), vec![]),
            (LINE[..200].to_owned(), vec![]),
            (r#""token_count""#.to_owned(), vec![]),
            (String::new(), vec![]),
            (huge, vec![]),
        ] {
            assert_eq!(windows(&line), expected, "{line:.200}");
        }
        let spent = LINE.replace(
            r#""individual_limit":null,"spend_control_reached":null"#,
            r#""individual_limit":{"limit":"50","remaining_percent":20},"spend_control_reached":true"#,
        );
        let seen = read(&spent, now()).unwrap();
        let limit = seen.spend_limit.said().unwrap();
        assert_eq!((limit.reached, limit.used_percent.unwrap().get()), (true, 80.0));
    }

    #[test]
    fn the_first_line_says_who_started_the_session() {
        let started = start(META).unwrap();
        assert_eq!((started.session.as_str(), started.at.to_string().as_str()), ("s-1", "2026-11-21T05:15:34.766Z"));
        assert_eq!(started.creator, Told::Is(Creator { user: "user-1".into(), workspace: "ws-1".into() }));
        assert_eq!(started.provider, None);
        let key = META.replace("\"user-1\"", "null").replace("\"ws-1\"", "null");
        assert_eq!(start(&key).unwrap().creator, Told::Nothing, "an API key");
        let older =
            META.replace("creator_", "x_").replace("session_id", "y").replace("account_scoped", "model_provider").replace("true", "\"gw\"");
        let older = start(&older).unwrap();
        assert_eq!((older.creator, older.provider.as_deref()), (Told::Unsaid, Some("gw")));
        for none in [LINE, "", "{}", &META.replace("\"s-1\"", "7"), &META[..80]] {
            assert_eq!(start(none), None, "{none:.60}");
        }
    }
}
