//! Exports go through, and every other file is refused with its own word.

use super::*;
use crate::base::entropy::OsEntropy;
use crate::base::samples::ports;
use crate::model::details::ProfileDetails;
use crate::model::samples::login;
use crate::store::home::Home;
use crate::store::profiles::Profiles;

fn passphrase() -> Secret {
    Secret::new("planted horse battery")
}

fn now() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

/// Two profiles, one of them with remarks.
fn two() -> Vec<Exported> {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path());
    let profiles = Profiles::open(Home::open(&ports.environment).unwrap(), &ports);
    ["ada", "bob"]
        .map(|user| {
            let login = login(user, "w", 3);
            let mut profile = profiles.keep(&login).unwrap().profile;
            profile.details = ProfileDetails { label: Some(user.to_owned()), ..ProfileDetails::default() };
            Exported { profile, login }
        })
        .into()
}

/// The file with its sum made right again, as someone who means harm would.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - SUM_LENGTH);
    let sum = Sha256::digest(&bytes);
    bytes.extend(sum);
    bytes
}

fn with_header(bytes: &[u8], header: &str) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    summed([header.as_bytes(), &bytes[end..]].concat())
}

#[test]
fn what_is_exported_comes_back_whole_and_shows_nothing() {
    let profiles = two();
    let bytes = seal(&profiles, &passphrase(), now(), &OsEntropy).unwrap();
    let back: Vec<_> = open(&bytes, &passphrase()).unwrap().into_iter().map(Result::unwrap).collect();
    for (back, exported) in back.iter().zip(&profiles) {
        assert_eq!((&back.profile, back.login.text()), (&exported.profile, exported.login.text()));
    }
    let shown = String::from_utf8_lossy(&bytes);
    for hidden in ["rt_ada", "at_bob", "ada@", "bob-plus", "planted"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
    assert!(matches!(open(&bytes, &Secret::new("planted horse batterY")), Err(ExportError::WrongPassphrase)));
    assert!(matches!(open(&bytes, &Secret::new("")), Err(ExportError::WrongPassphrase)));
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed_before_any_work() {
    let bytes = seal(&two(), &passphrase(), now(), &OsEntropy).unwrap();
    for bit in (0..bytes.len() * 8).step_by(3) {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = parts(&changed).unwrap_err();
        assert!(matches!(error, ExportError::Damaged | ExportError::NotAnExport), "bit {bit}: {error}");
    }
    for length in 0..bytes.len() {
        let error = parts(&bytes[..length]).unwrap_err();
        assert!(matches!(error, ExportError::Damaged | ExportError::NotAnExport), "{length} bytes: {error}");
    }
}

#[test]
fn other_files_newer_ones_and_greedy_ones_are_told_apart() {
    for other in [&b""[..], b"{}", b"{\"auth_mode\":\"chatgpt\"}", b"CODEX-LAB", &[0; 4096]] {
        assert!(matches!(open(other, &passphrase()), Err(ExportError::NotAnExport)));
    }
    let bytes = seal(&[], &passphrase(), now(), &OsEntropy).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let header = text.lines().next().unwrap();
    let refused = |header: &str| open(&with_header(&bytes, header), &passphrase()).unwrap_err();
    assert!(matches!(refused(&header.replacen(" 1 ", " 2 ", 1)), ExportError::Newer));
    assert!(matches!(refused(&header.replacen(" 1 ", " 0 ", 1)), ExportError::Damaged));
    assert!(matches!(refused("CODEX-LAB-EXPORT 1 "), ExportError::Damaged));
    assert!(matches!(refused(&format!("{header}{}", " ".repeat(HEADER_LIMIT))), ExportError::Damaged));
    for greedy in ["\"memory\":4294967295", "\"memory\":67108864"] {
        let header = header.replace("\"memory\":65536", greedy);
        assert!(matches!(refused(&header), ExportError::Parameters(_)), "{header}");
    }
    // Another header is another key, whatever else it may be.
    assert!(matches!(refused(&header.replace("\"passes\":3", "\"passes\":2")), ExportError::WrongPassphrase));
}

#[test]
fn one_profile_that_cannot_be_used_does_not_keep_the_others_out() {
    let mut profiles = two();
    profiles[0].profile.unknown.insert("future".into(), 1.into());
    let parameters = PassphraseParameters::recommended(&OsEntropy);
    let key = SealKey::from_passphrase(&passphrase(), &parameters).unwrap();
    let header = format!("{MAGIC}{VERSION} {}\n", serde_json::to_string(&parameters).unwrap());
    let good = serde_json::to_value(Entry { profile: &profiles[0].profile, login: profiles[0].login.text().expose() }).unwrap();
    let mut named = good.clone();
    named["profile"]["name"] = "../../etc".into();
    let mut broken = good.clone();
    broken["login"] = "{}".into();
    let content = serde_json::json!({ "made_at": now(), "profiles": [named, good, broken], "future": [] });
    let sealed = seal::seal(&key, &header, content.to_string().as_bytes(), &OsEntropy);
    let bytes = summed([header.as_bytes(), &sealed, &[0; SUM_LENGTH]].concat());
    let found = open(&bytes, &passphrase()).unwrap();
    assert!(matches!(found.as_slice(), [Err(ExportError::Content(_)), Ok(_), Err(ExportError::Login(_))]), "{found:?}");

    let bombs = ["[".repeat(100_000), "{\"profiles\":".repeat(50_000), "null".into(), "{\"profiles\":[{}]}".into()];
    for bomb in bombs {
        let sealed = seal::seal(&key, &header, bomb.as_bytes(), &OsEntropy);
        let bytes = summed([header.as_bytes(), &sealed, &[0; SUM_LENGTH]].concat());
        assert!(matches!(open(&bytes, &passphrase()), Err(ExportError::Content(_))));
    }
}
