//! What must hold after each round, whatever has happened in it.

use std::collections::{BTreeMap, BTreeSet};

use codex_lab_tests::sandbox::{Endpoint, RequestRecord};
use rusqlite::Connection;
use serde_json::Value;

use super::stage::{Came, Stage, problems};
use super::trouble::Blow;
use crate::place::{PROFILES, files};

/// What is over by then was seen, by a program that looks every half a second to fifteen.
const LOOKS: u32 = 60;
/// A kill costs what has come in no longer before than this, in milliseconds; clocks are set right in between.
const INSTANT: i64 = 3_000;
/// What nobody knows the end of may be told again after so many seconds.
const AGAIN_AFTER: i64 = 10 * 60;

/// What happened that may cost a login by no fault of ours.
pub(super) struct Excuses {
    /// An answer to a renewal may have been lost on its way.
    pub(super) lost_answers: bool,
    /// When something was killed, by the provider's clock.
    pub(super) kills: Vec<i64>,
    /// Disks failed, so that what the provider said may not have been noted.
    pub(super) failing_disks: usize,
}

/// Everything that does not hold.
pub(super) fn all(stage: &mut Stage, before: u64, came: &[Came], excuses: &Excuses) -> Vec<String> {
    let mut findings = Vec::new();
    for came in came {
        findings.extend(ended_well(came));
    }
    let listed = stage.place.run(&["list", "--json"], None);
    if listed.status != 0 {
        findings.push(format!("the home does not open: {listed:?}"));
        return findings;
    }
    findings.extend(state(stage));
    let requests = stage.template.sandbox.requests_after(before);
    findings.extend(replays(&requests, excuses, |token| stage.template.sandbox.is_spent(token)));
    for name in PROFILES {
        findings.extend(login(stage, name, &requests, excuses));
    }
    findings.extend(primes(stage));
    findings.extend(told_once(stage));
    findings.extend(left_behind(stage));
    let usual = stage.usual.clone();
    findings
        .extend(problems(&stage.place).into_iter().filter(|problem| !usual.contains(problem)).map(|problem| format!("doctor: {problem}")));
    stage.resident.check(&mut findings);
    findings
}

/// It was killed only if it was to be, and what it said is a result or a failure with a code and a next step.
fn ended_well(came: &Came) -> Option<String> {
    let is_killed = matches!(came.blow, Some(Blow::Kill(_)));
    crate::place::assert_says_nothing_secret(&came.said);
    match came.status {
        None if is_killed => None,
        Some(0) => None,
        Some(_) if came.said.contains("error: ") && came.said.contains("hint: ") && !came.said.contains("[internal]") => None,
        Some(_) if came.arguments.contains(&"--json".to_owned()) && came.said.contains("\"failure\"") => None,
        _ => Some(format!("a command ended badly: {came:?}")),
    }
}

fn state(stage: &Stage) -> Option<String> {
    let state = Connection::open(stage.place.lab_home().join("state.sqlite")).unwrap();
    let said: String = state.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    (said != "ok").then(|| format!("the state is damaged: {said}"))
}

/// A spent token is sent again only where nobody could know that it was spent; and once that is said, never more.
fn replays(requests: &[RequestRecord], excuses: &Excuses, is_spent: impl Fn(&str) -> bool) -> Vec<String> {
    let mut sent: BTreeMap<String, Vec<&RequestRecord>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.endpoint == Endpoint::Refresh) {
        sent.entry(request.json()["refresh_token"].as_str().unwrap_or_default().to_owned()).or_default().push(request);
    }
    let mut findings = Vec::new();
    // A canned answer with 200 holds no tokens: what it was given to may come again.
    for (_, records) in sent.into_iter().filter(|(token, _)| is_spent(token)) {
        let Some(spent) = records.iter().position(|record| matches!(record.status, Some(200) | None)) else { continue };
        let refused = records[spent..].iter().filter(|record| record.status == Some(401)).count();
        let may_again = 1 + excuses.kills.len() + excuses.failing_disks;
        let unknown =
            records[spent].status.is_none() || excuses.lost_answers || is_instant(records[spent], excuses) || excuses.failing_disks > 0;
        let account = records[spent].account.clone().unwrap_or_default();
        let statuses: Vec<_> = records.iter().map(|record| record.status).collect();
        if refused > 0 && !unknown {
            findings.push(format!("{account}: a spent token was sent again: {statuses:?}"));
        } else if refused > may_again {
            findings.push(format!("{account}: a refused token was sent {refused} times: {statuses:?}"));
        }
    }
    findings
}

fn is_instant(record: &RequestRecord, excuses: &Excuses) -> bool {
    excuses.kills.iter().any(|killed| (-INSTANT..INSTANT).contains(&(killed - record.at_ms)))
}

/// The login can be renewed. If it cannot, there is a reason, and the user is told and signs in again.
fn login(stage: &mut Stage, name: &'static str, requests: &[RequestRecord], excuses: &Excuses) -> Vec<String> {
    let sandbox = &stage.template.sandbox;
    let token = |stage: &Stage| stage.place.login(name)["tokens"]["refresh_token"].as_str().unwrap_or_default().to_owned();
    let mut is_live = sandbox.is_live(&token(stage));
    // A process that could not save it does so as soon as it can.
    for _ in 0..LOOKS {
        if is_live {
            break;
        }
        stage.place.run(&["list"], None);
        is_live = sandbox.is_live(&token(stage));
    }
    let row = || -> Value {
        let listed = stage.place.json(&["list"]);
        listed["profiles"].as_array().unwrap().iter().find(|row| row["name"] == name).cloned().unwrap_or_default()
    };
    let mut findings = Vec::new();
    let renewals: Vec<_> = requests.iter().filter(|request| request.is(Endpoint::Refresh, name)).collect();
    let state = row()["state"].clone();
    if is_live && state == "ready" {
        return findings;
    }
    let statuses: Vec<_> = renewals.iter().map(|request| request.status).collect();
    if is_live {
        let was_refused =
            requests.iter().any(|request| request.account.as_deref() == Some(name) && matches!(request.status, Some(400..=403)));
        if state != "needs_sign_in" || !was_refused {
            findings.push(format!("{name} is {state} without a reason: {statuses:?}"));
        }
    } else {
        let is_excused = excuses.lost_answers || renewals.iter().any(|request| is_instant(request, excuses));
        if !is_excused {
            findings.push(format!("the login of {name} is lost: {statuses:?}"));
        }
        // Its user hears of it by the next try at latest.
        let renewed = stage.place.run(&["renew", name], None);
        if renewed.status != 10 || row()["state"] != "needs_sign_in" {
            findings.push(format!("the login of {name} is gone, and nobody says so: {renewed:?}"));
        }
    }
    let login = stage.place.file("again.json", &sandbox.auth_json(name).unwrap());
    stage.place.good(&["login", "--import", login.to_str().unwrap()]);
    if row()["state"] != "ready" {
        findings.push(format!("{name} was signed in again, and is {}", row()["state"]));
    }
    *stage.sign_ins.entry(name).or_default() += 1;
    findings
}

/// Nothing was asked to start a week that the ledger does not have, and no week was started twice.
fn primes(stage: &Stage) -> Vec<String> {
    let state = Connection::open(stage.place.lab_home().join("state.sqlite")).unwrap();
    let mut findings = Vec::new();
    for name in PROFILES {
        let id = stage.place.json(&["show", name])["id"].as_str().unwrap().to_owned();
        let attempts: i64 =
            state.query_row("select coalesce(sum(attempts), 0) from primes where profile = ?1", [&id], |row| row.get(0)).unwrap();
        let mut query = state.prepare("select resets_at from primes where profile = ?1 and state = 'verified' order by resets_at").unwrap();
        let resets: Vec<i64> = query.query_map([&id], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let requests = stage.template.sandbox.requests();
        let asked = requests.iter().filter(|request| request.is(Endpoint::Responses, name) && Stage::is_own(request)).count();
        if i64::try_from(asked).unwrap() > attempts {
            findings.push(format!("{name}: asked {asked} times to start a week, and the ledger has {attempts}"));
        }
        let half = 7 * 24 * 3600 * 1000 / 2;
        if resets.windows(2).any(|pair| pair[1] - pair[0] < half) {
            findings.push(format!("{name}: a week was started twice: {resets:?}"));
        }
    }
    findings
}

/// No hook has heard of the same thing twice.
fn told_once(stage: &Stage) -> Vec<String> {
    let mut findings = Vec::new();
    let heard = stage.heard();
    let second = |value: &Value| value.as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()).map(jiff::Timestamp::as_second);
    let mut keys: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut gone: BTreeMap<String, usize> = BTreeMap::new();
    for line in &heard {
        if line["event"] == "needs_sign_in" {
            *gone.entry(line["profile"]["name"].as_str().unwrap().to_owned()).or_default() += 1;
            continue;
        }
        let about = [&line["event"], &line["profile"]["id"], &line["all"], &line["to"]["id"], &line["window_minutes"], &line["until"]];
        let key = about.map(Value::to_string).join(" ");
        let at = second(&line["at"]).unwrap();
        let times = keys.entry(key.clone()).or_default();
        let is_again = |before: &i64| second(&line["until"]).is_some_and(|until| at < until) || (0..AGAIN_AFTER).contains(&(at - before));
        if times.iter().any(is_again) {
            findings.push(format!("told twice: {line}"));
        }
        times.push(at);
    }
    for (name, times) in gone {
        let again = stage.sign_ins.iter().find(|(other, _)| **other == name).map_or(0, |(_, times)| *times);
        // A login that comes in by a command is a sign-in, too.
        if times > again + 1 + stage.imports(&name) {
            findings.push(format!("{name} was said to be gone {times} times, and was signed in again {again} times"));
        }
    }
    findings
}

/// Nothing half written stays, and no journal.
fn left_behind(stage: &Stage) -> Vec<String> {
    let halves = || -> BTreeSet<_> {
        let all = files(&stage.place.home()).into_iter();
        all.filter(|path| path.extension().is_some_and(|end| end == "tmp") || path.ends_with("runtime/switch.json")).collect()
    };
    let mut left = halves();
    for _ in 0..LOOKS {
        if left.is_empty() {
            break;
        }
        // What is there for longer than a write takes is nobody's.
        stage.place.run(&["list"], None);
        left = left.intersection(&halves()).cloned().collect();
    }
    left.into_iter().map(|path| format!("{} was left", path.display())).collect()
}
