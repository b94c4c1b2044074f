//! One row for each thing that can be wrong: its topic, how bad it is, its code, and that it has a next step.

use super::super::finding::Severity;
use super::*;
use crate::engine::clients::ClientSeen;
use crate::model::client::Client;
use crate::model::import_source::ImportSource;

/// A world in which everything is in order.
fn good() -> Seen {
    Seen {
        home: "/home/ada/.codex-lab".to_owned(),
        told: Vec::new(),
        open: Vec::new(),
        half_written: 0,
        locks: Vec::new(),
        settings: Ok("/home/ada/.codex-lab/config.toml".to_owned()),
        network: Vec::new(),
        vault: Ok(VaultMode::File),
        vault_mode: Some(VaultMode::File),
        profiles: Ok(vec![profile_of("work")]),
        last_switch: Ok(None),
        now: at(1_000),
        newest: Some(at(1_060)),
        store: Ok(StoreMode::File),
        store_refused: None,
        live: LiveSeen::Good("/home/ada/.codex/auth.json".to_owned()),
        others: Ok(OthersSeen { tools: vec![ImportSource::CodexAuth], ..OthersSeen::default() }),
        clients: Ok(vec![client(None)]),
        callback_ports: [true, false],
        gateway: Some((4517, GatewaySeen::Ours)),
        desktop: DesktopSeen::Bus { tray: true, notifications: true },
        entries: vec![("/a.desktop".to_owned(), false)],
        codex: CodexSeen::Runs { version: "codex-cli 1".to_owned(), program: "/usr/bin/codex".to_owned() },
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn profile_of(name: &str) -> ProfileSeen {
    ProfileSeen { name: name.to_owned(), is_paused: false, problem: None, warning: None }
}

fn client(wrong: Option<Failure>) -> ClientSeen {
    ClientSeen { client: Client::Codex, path: "/c".to_owned(), wrong }
}

fn failure(code: Code) -> Failure {
    Failure::new(code, "Something.").hint("Do something.")
}

#[test]
fn what_is_in_order_is_said_to_be() {
    let findings = judge(&good());
    let bad: Vec<_> = findings.iter().filter(|finding| !matches!(finding.severity, Severity::Ok | Severity::NotApplicable)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(findings.iter().all(|finding| finding.hints.is_empty() && !finding.message.is_empty()));
}

type Row = (&'static str, Severity, Option<Code>, fn(&mut Seen));

#[test]
fn each_thing_that_is_wrong_has_its_line_and_a_next_step() {
    use Severity::{NotApplicable, Problem, Warning};
    let rows: &[Row] = &[
        ("home", Warning, Some(Code::Storage), |seen| seen.told.push(failure(Code::Storage))),
        ("permissions", Warning, Some(Code::StorageDenied), |seen| seen.open = ["/a", "/b", "/c", "/d"].map(str::to_owned).to_vec()),
        ("temporary files", Warning, None, |seen| seen.half_written = 2),
        ("locks", Warning, Some(Code::Locked), |seen| seen.locks.push(("index", Some(4711)))),
        ("settings", Problem, Some(Code::InvalidInput), |seen| seen.settings = Err(failure(Code::InvalidInput))),
        ("vault", Problem, Some(Code::VaultMissing), |seen| seen.vault = Err(failure(Code::VaultMissing))),
        ("keyring", NotApplicable, None, |seen| seen.vault_mode = Some(VaultMode::Passphrase)),
        ("keyring", Warning, Some(Code::VaultMissing), |seen| {
            (seen.vault_mode, seen.vault) = (Some(VaultMode::Keyring), Err(failure(Code::VaultMissing)));
        }),
        ("profiles", Problem, Some(Code::Storage), |seen| seen.profiles = Err(failure(Code::Storage))),
        ("profile work", Problem, Some(Code::NeedsSignIn), |seen| {
            seen.profiles = Ok(vec![ProfileSeen { problem: Some(failure(Code::NeedsSignIn)), ..profile_of("work") }]);
        }),
        ("profile work", Warning, Some(Code::CodexForced), |seen| {
            seen.profiles = Ok(vec![ProfileSeen { warning: Some(failure(Code::CodexForced)), ..profile_of("work") }]);
        }),
        ("state", Problem, Some(Code::Storage), |seen| seen.last_switch = Err(failure(Code::Storage))),
        ("clock", Warning, None, |seen| seen.newest = Some(at(1_121))),
        ("codex store", Problem, Some(Code::CodexConfig), |seen| seen.store = Err(failure(Code::CodexConfig))),
        ("codex store", Problem, Some(Code::CodexStoreMode), |seen| {
            (seen.store, seen.store_refused) = (Ok(StoreMode::Keyring), Some(failure(Code::CodexStoreMode)));
        }),
        ("live login", Problem, Some(Code::LiveLoginUnsafe), |seen| seen.live = LiveSeen::Bad(failure(Code::LiveLoginUnsafe))),
        ("live login", Warning, Some(Code::StorageDenied), |seen| seen.live = LiveSeen::Open("/auth.json".to_owned())),
        ("other tools", Warning, None, |seen| {
            seen.others = Ok(OthersSeen { shared: vec![("work".to_owned(), vec!["codex-auth (/x)".to_owned()])], ..OthersSeen::default() });
        }),
        ("other tools", NotApplicable, None, |seen| seen.others = Err(failure(Code::VaultLocked))),
        ("left-over files", Warning, None, |seen| {
            seen.others = Ok(OthersSeen { leftovers: vec!["/old.json".to_owned()], ..OthersSeen::default() });
        }),
        ("clients", Problem, Some(Code::Storage), |seen| seen.clients = Err(failure(Code::Storage))),
        ("client codex", Warning, Some(Code::ClientConfig), |seen| seen.clients = Ok(vec![client(Some(failure(Code::ClientConfig)))])),
        ("callback ports", Warning, Some(Code::PortBusy), |seen| seen.callback_ports = [true, true]),
        ("gateway port", Warning, Some(Code::GatewayPortBusy), |seen| seen.gateway = Some((4517, GatewaySeen::Taken))),
        ("gateway port", NotApplicable, None, |seen| seen.gateway = None),
        ("tray", Warning, None, |seen| seen.desktop = DesktopSeen::Bus { tray: false, notifications: true }),
        ("tray", NotApplicable, None, |seen| seen.desktop = DesktopSeen::NoBus),
        ("notifications", Warning, Some(Code::NoNotifications), |seen| {
            seen.desktop = DesktopSeen::Bus { tray: true, notifications: false };
        }),
        ("notifications", NotApplicable, None, |seen| seen.desktop = DesktopSeen::NoBus),
        ("autostart", Warning, None, |seen| seen.entries.push(("/b.desktop".to_owned(), true))),
        ("autostart", NotApplicable, None, |seen| seen.entries.clear()),
        ("codex", Warning, Some(Code::CodexMissing), |seen| seen.codex = CodexSeen::Missing(failure(Code::CodexMissing))),
        ("codex", Warning, Some(Code::CodexMissing), |seen| seen.codex = CodexSeen::Broken("/usr/bin/codex".to_owned())),
    ];
    for (topic, severity, code, spoil) in rows {
        let mut seen = good();
        spoil(&mut seen);
        let findings = judge(&seen);
        let found = findings.iter().find(|finding| finding.topic == *topic && finding.severity == *severity);
        let found = found.unwrap_or_else(|| panic!("{topic} {severity:?}: {findings:#?}"));
        assert_eq!(found.code, *code, "{found:?}");
        assert_eq!(found.hints.is_empty(), *severity == NotApplicable, "{found:?}");
    }
}

#[test]
fn a_long_list_is_cut() {
    let finding = permissions(&["/a", "/b", "/c", "/d", "/e"].map(str::to_owned));
    assert_eq!(finding.message, "Other users can read or change /a, /b, /c and 2 more.");
}

#[test]
fn a_clock_that_is_behind_is_told_with_both_times() {
    let said = clock(at(0), Some(at(3_600))).message;
    assert!(said.contains("1970-01-01 00:00 UTC") && said.contains("1970-01-01 01:00 UTC"), "{said}");
    for newest in [None, Some(Timestamp::MIN), Some(at(0)), Some(at(120))] {
        assert_eq!(clock(at(0), newest).severity, Severity::Ok, "{newest:?}");
    }
    assert_eq!(clock(Timestamp::MIN, Some(Timestamp::MAX)).severity, Severity::Warning);
}
