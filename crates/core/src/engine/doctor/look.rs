//! The doctor's eyes: everything that is judged is read here, and nothing is changed.

use std::time::Duration;

use jiff::Timestamp;

use super::super::{Shared, clients, held, other_tools, problems, serving};
use super::seen::{CodexSeen, DesktopSeen, GatewaySeen, LiveSeen, ProfileSeen, Seen};
use super::traces;
use crate::base::autostart;
use crate::base::files::{self, Entry};
use crate::base::locks::{self, LockError};
use crate::base::loopback::{self, LoopbackError};
use crate::base::ports::{Command, Finished};
use crate::codex::config::CodexConfig;
use crate::codex::live::{self, Live};
use crate::codex::switch::SwitchError;
use crate::failure::{Code, Failure, shown};
use crate::model::profile::Profile;
use crate::provider::chatgpt;
use crate::store::{gateway_key, settings};

/// Codex says its version at once; a wrapper around it may have to wake up.
const CODEX_PATIENCE: Duration = Duration::from_secs(10);
/// Characters of it; a version has far fewer.
const VERSION_SHOWN: usize = 60;
/// Locks that a change waits for, and what they keep apart.
const LOCKS: [&str; 4] = ["index", "switch", "clients", "vault"];
/// Variables that lead to the network by another way.
const NETWORK: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "CODEX_CA_CERTIFICATE"];

/// What can be seen on the disk. Blocks.
pub(super) fn on_disk(shared: &Shared) -> Result<Seen, Failure> {
    let (home, environment) = (&shared.home, &shared.ports.environment);
    let mut seen_locks = Vec::new();
    for name in LOCKS {
        if is_held(&home.lock(name))? {
            seen_locks.push((name, locks::holder(&home.lock(name))));
        }
    }
    // One that cannot be read is told where the live login is looked at.
    let config = CodexConfig::read(&shared.codex);
    let store = config.as_ref().map(|config| config.store).map_err(Failure::from);
    let config = config.unwrap_or_default();
    let profiles = shared.profiles.list().map_err(Failure::from);
    let last_switch = shared.state.last_switch().map(|last| last.map(|last| last.at)).map_err(Failure::from);
    let mut noted: Vec<Timestamp> = last_switch.iter().flatten().copied().collect();
    noted.extend(profiles.iter().flatten().flat_map(|profile| [Some(profile.added_at), profile.last_live_at]).flatten());
    let (vault, port) = (shared.profiles.vault(), serving::kept_port(&shared.state)?);
    let traces = traces::in_home(home)?;
    let entries = autostart::listed(environment).unwrap_or_default();
    Ok(Seen {
        home: shown(home.root()),
        told: held(&shared.told).clone(),
        open: traces.open.iter().map(|path| shown(path)).collect(),
        half_written: traces.half_written.len(),
        locks: seen_locks,
        settings: settings::read(home).map(|_| shown(&home.config())).map_err(Failure::from),
        network: NETWORK.into_iter().filter(|name| environment.get(name).is_some()).collect(),
        vault: vault.look().and_then(|()| vault.mode()).map_err(Failure::from),
        vault_mode: vault.mode().ok(),
        profiles: profiles.map(|all| all.iter().map(|profile| profile_seen(shared, &config, profile)).collect()),
        last_switch,
        now: shared.ports.clock.now(),
        newest: noted.into_iter().max(),
        store,
        store_refused: problems::store_mode(&shared.codex).err(),
        live: live_seen(shared),
        others: other_tools::seen(shared),
        clients: clients::examine(shared),
        callback_ports: [false; 2],
        gateway: port.map(|port| (port, GatewaySeen::Free)),
        desktop: DesktopSeen::NoBus,
        entries: entries.iter().map(|entry| (shown(&entry.place), entry.is_stale())).collect(),
        codex: CodexSeen::Missing(problems::codex_missing()),
    })
}

/// What answers: ports, the desktop, and Codex.
pub(super) async fn around(shared: &Shared, seen: &mut Seen) {
    let [first, second] = chatgpt::CALLBACK_PORTS;
    let gateway = gateway(shared, seen.gateway.map(|(port, _)| port));
    let listened = async |port| loopback::is_listened_on(port).await;
    let (first, second, gateway, desktop, codex) = tokio::join!(listened(first), listened(second), gateway, desktop(shared), codex(shared));
    seen.callback_ports = [first, second];
    seen.gateway = gateway;
    seen.desktop = desktop;
    seen.codex = codex;
}

fn is_held(path: &std::path::Path) -> Result<bool, Failure> {
    match locks::is_held(path) {
        Ok(held) => Ok(held),
        Err(error @ LockError::Busy { .. }) => Err(error.into()),
        // That it cannot be looked at is said of the home.
        Err(LockError::File(error)) => Err(error.into()),
    }
}

fn profile_seen(shared: &Shared, config: &CodexConfig, profile: &Profile) -> ProfileSeen {
    let seen = ProfileSeen { name: profile.name.to_string(), is_paused: profile.paused, problem: None, warning: None };
    let again = |code, message: String| {
        let hint = format!("Sign in again: codex-lab login --again '{}'", profile.name);
        ProfileSeen { problem: Some(Failure::new(code, message).hint(hint)), ..seen.clone() }
    };
    let login = match shared.profiles.login_of(profile) {
        Ok(login) => login,
        Err(error) => return ProfileSeen { problem: Some(error.into()), ..seen },
    };
    if login.subject().as_ref() != Some(&profile.subject) {
        return again(Code::WrongAccount, format!("The stored login of {} is another account's.", profile.name));
    }
    if profile.needs_sign_in {
        return again(Code::NeedsSignIn, format!("The provider no longer accepts the login of {}.", profile.name));
    }
    let file = shared.profiles.vault().place(&profile.name);
    let warning = if files::is_private(&file).is_ok_and(|private| !private) {
        let failure = Failure::new(Code::StorageDenied, format!("The login of {} can be read by other users.", profile.name));
        let by_hand = format!("Or make it yours alone by hand: chmod 600 '{}'", shown(&file));
        Some(failure.hint("Have it mended: codex-lab doctor --fix").hint(by_hand))
    } else {
        config.admits(&login).err().map(|source| SwitchError::Forbidden { name: profile.name.clone(), source }.into())
    };
    ProfileSeen { warning, ..seen }
}

fn live_seen(shared: &Shared) -> LiveSeen {
    let root = shared.codex.root();
    match live::read(&shared.codex) {
        Live::None => {
            let unused = files::entry(root).is_ok_and(|entry| entry == Entry::Missing);
            LiveSeen::None { unused_home: unused.then(|| shown(root)) }
        }
        Live::Unreadable(error) => LiveSeen::Bad(error.into()),
        Live::Login(_) => match live::place(&shared.codex) {
            // It can be read, but a switch would be refused.
            Err(error) => LiveSeen::Bad(error.into()),
            Ok(path) if files::is_private(&path).is_ok_and(|private| !private) => LiveSeen::Open(shown(&path)),
            Ok(path) => LiveSeen::Good(shown(&path)),
        },
    }
}

async fn gateway(shared: &Shared, port: Option<u16>) -> Option<(u16, GatewaySeen)> {
    let port = port?;
    let seen = match gateway_key::read(&shared.home) {
        Ok(Some(key)) => match loopback::get(port, "/launch/none", &key).await {
            Ok(_) => GatewaySeen::Ours,
            Err(LoopbackError::Connect(_)) => GatewaySeen::Free,
            Err(_) => GatewaySeen::Taken,
        },
        _ if loopback::is_listened_on(port).await => GatewaySeen::Taken,
        _ => GatewaySeen::Free,
    };
    Some((port, seen))
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn desktop(shared: &Shared) -> DesktopSeen {
    match crate::base::session_bus::look(&shared.ports.environment).await {
        Some(presence) => DesktopSeen::Bus { tray: presence.tray, notifications: presence.notifications },
        None => DesktopSeen::NoBus,
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn desktop(_shared: &Shared) -> DesktopSeen {
    DesktopSeen::BuiltIn
}

async fn codex(shared: &Shared) -> CodexSeen {
    let Some(program) = shared.codex.codex_program(&shared.ports.environment) else {
        return CodexSeen::Missing(problems::codex_missing());
    };
    let shown_program = shown(&program);
    let ask = Command { program, arguments: vec!["--version".to_owned()], variables: Vec::new(), timeout: CODEX_PATIENCE };
    match shared.ports.processes.run(ask).await {
        Ok(Finished { success: true, output, .. }) => {
            let version = output.lines().next().unwrap_or_default().chars().take(VERSION_SHOWN).collect();
            CodexSeen::Runs { version, program: shown_program }
        }
        _ => CodexSeen::Broken(shown_program),
    }
}
