//! What follows from what the doctor has seen. Pure.

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use super::seen::{CodexSeen, DesktopSeen, GatewaySeen, LiveSeen, OthersSeen, ProfileSeen, Seen};
use crate::codex::config::StoreMode;
use crate::failure::{Code, Failure};
use crate::model::snapshot::VaultMode;

/// A clock that is behind what was noted last by less may have been set right since.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(2);
/// How many paths are named.
const NAMED: usize = 3;
const FIX: &str = "Have it mended: codex-lab doctor --fix";

/// A finding for each thing, in the order in which they depend on each other.
pub(super) fn judge(seen: &Seen) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("home", &seen.home)];
    findings.extend(seen.told.iter().map(|failure| Finding::warning("home", failure.clone())));
    findings.push(permissions(&seen.open));
    findings.push(half_written(seen.half_written));
    findings.push(locks(&seen.locks));
    findings.push(Finding::of("settings", &seen.settings, Clone::clone));
    findings.push(network(&seen.network));
    findings.push(Finding::of("vault", &seen.vault, |mode| vault(*mode).to_owned()));
    findings.push(keyring(seen));
    findings.push(Finding::of("profiles", &seen.profiles, |profiles| format!("{} in the index", profiles.len())));
    findings.extend(seen.profiles.iter().flatten().map(profile));
    findings.push(Finding::of("state", &seen.last_switch, |last| {
        last.map_or_else(|| "no switch yet".to_owned(), |at| format!("last switch at {}", minute(at)))
    }));
    findings.push(clock(seen.now, seen.newest));
    findings.push(codex_store(seen));
    findings.push(live(&seen.live));
    findings.extend(others(&seen.others));
    findings.extend(clients(seen));
    findings.push(callback_ports(seen.callback_ports));
    findings.push(gateway_port(seen.gateway));
    findings.extend(desktop(seen.desktop));
    findings.push(entries(&seen.entries));
    findings.push(codex(&seen.codex));
    findings
}

fn permissions(open: &[String]) -> Finding {
    if open.is_empty() {
        return Finding::ok("permissions", "only you can read what lies in the home");
    }
    let more = open.len().saturating_sub(NAMED);
    let named = open.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let failure = Failure::new(Code::StorageDenied, format!("Other users can read or change {named}{more}."));
    Finding::warning("permissions", failure.hint(FIX))
}

fn half_written(count: usize) -> Finding {
    match count {
        0 => Finding::ok("temporary files", "none was left behind"),
        1 => Finding::remark("temporary files", "A program that was ended has left one half-written file.", FIX),
        count => Finding::remark("temporary files", format!("Programs that were ended have left {count} half-written files."), FIX),
    }
}

fn locks(held: &[(&'static str, Option<u32>)]) -> Finding {
    let Some((name, pid)) = held.first() else { return Finding::ok("locks", "free") };
    let whose = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    let failure = Failure::new(Code::Locked, format!("The lock `{name}` is held by {whose}: changes wait for it."));
    let hint =
        pid.map_or_else(|| "Look again in a moment.".to_owned(), |pid| format!("Look again in a moment; if it hangs, end it: kill {pid}"));
    Finding::warning("locks", failure.hint(hint))
}

/// A proxy's address may hold a password, so it is not told.
fn network(set: &[&'static str]) -> Finding {
    let said = if set.is_empty() { "nothing special is set".to_owned() } else { format!("set and usable: {}", set.join(", ")) };
    Finding::ok("network", said)
}

fn vault(mode: VaultMode) -> &'static str {
    match mode {
        VaultMode::File => "logins are kept in files that only you can read",
        VaultMode::Keyring => "logins are kept sealed; the keyring gives the key",
        VaultMode::Passphrase => "logins are kept sealed; your passphrase has opened them",
    }
}

fn keyring(seen: &Seen) -> Finding {
    match (seen.vault_mode, &seen.vault) {
        (Some(VaultMode::Keyring), Ok(_)) => Finding::ok("keyring", "it answers, and has the key"),
        (Some(VaultMode::Keyring), Err(failure)) => {
            let message = "The keyring does not give the vault's key; the line above says why.";
            Finding::warning("keyring", Failure::new(failure.code, message).hint("Ask it again: codex-lab vault unlock"))
        }
        _ => Finding::not_applicable("keyring", "logins do not need it"),
    }
}

fn profile(profile: &ProfileSeen) -> Finding {
    let topic = format!("profile {}", profile.name);
    match (&profile.problem, &profile.warning) {
        (Some(problem), _) => Finding::problem(&topic, problem.clone()),
        (None, Some(warning)) => Finding::warning(&topic, warning.clone()),
        (None, None) => Finding::ok(&topic, if profile.is_paused { "paused" } else { "ready" }),
    }
}

fn clock(now: Timestamp, newest: Option<Timestamp>) -> Finding {
    let Some(newest) = newest.filter(|newest| newest.duration_since(now) > CLOCK_TOLERANCE) else {
        return Finding::ok("clock", "not behind anything that was noted");
    };
    let message = format!("This machine's clock says {}, and something was noted at {}.", minute(now), minute(newest));
    Finding::remark("clock", message, "Set the clock, for example with: timedatectl set-ntp true")
}

fn codex_store(seen: &Seen) -> Finding {
    let topic = "codex store";
    match (&seen.store, &seen.store_refused) {
        (Err(failure), _) | (Ok(_), Some(failure)) => Finding::problem(topic, failure.clone()),
        (Ok(StoreMode::File), None) => Finding::ok(topic, "the login is kept in a file"),
        (Ok(mode), None) => Finding::ok(topic, format!("the login is kept as `{}` says", mode.as_str())),
    }
}

fn live(live: &LiveSeen) -> Finding {
    let topic = "live login";
    match live {
        LiveSeen::None { unused_home: None } => Finding::ok(topic, "none"),
        LiveSeen::None { unused_home: Some(home) } => Finding::ok(topic, format!("none; Codex has not been used in {home}")),
        LiveSeen::Bad(failure) => Finding::problem(topic, failure.clone()),
        LiveSeen::Open(path) => {
            let failure = Failure::new(Code::StorageDenied, "The live login can be read by other users.");
            Finding::warning(topic, failure.hint(FIX).hint(format!("Or make it yours alone by hand: chmod 600 '{path}'")))
        }
        LiveSeen::Good(path) => Finding::ok(topic, path),
    }
}

fn others(others: &Result<OthersSeen, Failure>) -> Vec<Finding> {
    let topic = "other tools";
    let OthersSeen { tools, shared, leftovers } = match others {
        Ok(others) => others,
        // What is in the vault is not known; that is said above.
        Err(failure) if failure.code.is_of_the_vault() => {
            return vec![Finding::not_applicable(topic, "not looked at while the vault is closed")];
        }
        Err(failure) => return vec![Finding::warning(topic, failure.clone())],
    };
    let mut findings: Vec<_> = shared
        .iter()
        .map(|(name, holders)| {
            let message =
                format!("The login of {name} is also in use by {}: whoever renews it first takes it from the other.", holders.join(", "));
            Finding::remark(topic, message, format!("Give {name} a login of its own: codex-lab login --again '{name}'"))
        })
        .collect();
    if findings.is_empty() {
        let names: Vec<_> = tools.iter().map(ToString::to_string).collect();
        let said = if names.is_empty() { "none".to_owned() } else { format!("{}; none shares a login with us", names.join(", ")) };
        findings.push(Finding::ok(topic, said));
    }
    findings.extend(leftovers.iter().map(|path| {
        let message = format!("{path} holds tokens in plain text, and nothing works with it any more.");
        Finding::remark("left-over files", message, format!("Delete it: codex-lab import --delete-leftover '{path}'"))
    }));
    findings
}

fn clients(seen: &Seen) -> Vec<Finding> {
    match &seen.clients {
        Err(failure) => vec![Finding::problem("clients", failure.clone())],
        Ok(clients) => clients
            .iter()
            .map(|client| {
                let topic = format!("client {}", client.client.word());
                match &client.wrong {
                    Some(wrong) => Finding::warning(&topic, wrong.clone()),
                    None => Finding::ok(&topic, format!("connected by {}", client.path)),
                }
            })
            .collect(),
    }
}

fn callback_ports(taken: [bool; 2]) -> Finding {
    let topic = "callback ports";
    match taken {
        [false, false] => Finding::ok(topic, "1455 and 1457 are free"),
        [true, false] => Finding::ok(topic, "1455 is in use; 1457 is free"),
        [false, true] => Finding::ok(topic, "1457 is in use; 1455 is free"),
        [true, true] => {
            let failure = Failure::new(Code::PortBusy, "Ports 1455 and 1457 are both in use: no browser can come back from a sign-in.");
            Finding::warning(topic, failure.hint("Sign in without them: codex-lab login --device-code"))
        }
    }
}

fn gateway_port(gateway: Option<(u16, GatewaySeen)>) -> Finding {
    let topic = "gateway port";
    // Until then it takes any that is free.
    let Some((port, seen)) = gateway else { return Finding::not_applicable(topic, "no client knows one yet") };
    match seen {
        GatewaySeen::Free => Finding::ok(topic, format!("{port}; nobody serves now")),
        GatewaySeen::Ours => Finding::ok(topic, format!("{port}; it is served")),
        GatewaySeen::Taken => {
            let failure = Failure::new(Code::GatewayPortBusy, format!("Port {port} is used by another program: the gateway cannot start."));
            let hint = "End that program, or choose another port: codex-lab serve --port NUMBER";
            Finding::warning(topic, failure.hint(hint))
        }
    }
}

fn desktop(desktop: DesktopSeen) -> [Finding; 2] {
    let [tray_topic, notifications_topic] = ["tray", "notifications"];
    match desktop {
        DesktopSeen::BuiltIn => [tray_topic, notifications_topic].map(|topic| Finding::ok(topic, "part of this system")),
        DesktopSeen::NoBus => {
            [tray_topic, notifications_topic].map(|topic| Finding::not_applicable(topic, "no desktop can be reached from here"))
        }
        DesktopSeen::Bus { tray, notifications } => {
            let tray = if tray {
                Finding::ok(tray_topic, "something shows icons")
            } else {
                let hint = "Add one to the panel (under GNOME the extension AppIndicator); until then the app shows its window.";
                Finding::remark(tray_topic, "Nothing on this desktop shows tray icons.", hint)
            };
            let shown = if notifications {
                Finding::ok(notifications_topic, "something shows them")
            } else {
                let failure = Failure::new(Code::NoNotifications, "Nothing on this desktop shows notifications.");
                Finding::warning(notifications_topic, failure.hint("Install a notification server, for example dunst or mako."))
            };
            [tray, shown]
        }
    }
}

fn entries(entries: &[(String, bool)]) -> Finding {
    let topic = "autostart";
    if entries.is_empty() {
        return Finding::not_applicable(topic, "the desktop was told nothing");
    }
    match entries.iter().find(|(_, stale)| *stale) {
        Some((place, _)) => Finding::remark(topic, format!("{place} names a program that is not there any more."), FIX),
        None => Finding::ok(topic, entries.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>().join(", ")),
    }
}

fn codex(codex: &CodexSeen) -> Finding {
    match codex {
        CodexSeen::Runs { version, program } => Finding::ok("codex", format!("{version} in {program}")),
        CodexSeen::Missing(failure) => Finding::warning("codex", failure.clone()),
        CodexSeen::Broken(program) => {
            let failure = Failure::new(Code::CodexMissing, format!("{program} does not run."));
            Finding::warning("codex", failure.hint("Install Codex again, for example with: npm install -g @openai/codex"))
        }
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
