//! What is refused before anything is touched, and what is set aside.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use codex_lab_core::codex::live::{self, Live};
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::profile::ProfileId;
use serde_json::json;

use crate::logins::{api_key, chatgpt, chatgpt_value, jwt};
use crate::world::World;

/// A world with `main` live and `work` as a profile.
fn world() -> (World, ProfileId) {
    let world = World::new();
    let target = world.profile(&chatgpt("work", 1)).id;
    world.set_live(&chatgpt("main", 1));
    (world, target)
}

fn refused(world: &World, target: &ProfileId, name: &str) -> Failure {
    let error = world.switch().to(Some(target)).map(|_| ()).expect_err(name);
    let failure = Failure::from(error);
    assert!(!failure.hints.is_empty() && failure.message.ends_with('.'), "{name}: {failure:?}");
    assert!(!format!("{failure:?}").contains("planted"), "{name}");
    assert!(!world.journal().exists() && world.state.last_switch().unwrap().is_none(), "{name}");
    failure
}

#[test]
fn a_configuration_that_stands_against_it() {
    for (config, code) in [
        ("cli_auth_credentials_store = 'keyring'", Code::CodexStoreMode),
        ("cli_auth_credentials_store = 'auto'", Code::CodexStoreMode),
        ("cli_auth_credentials_store = 'ephemeral'", Code::CodexStoreMode),
        ("cli_auth_credentials_store = 'attic'", Code::CodexConfig),
        ("this is no toml =", Code::CodexConfig),
        ("forced_chatgpt_workspace_id = 'ws-main'", Code::CodexForced),
        ("forced_chatgpt_workspace_id = ['ws-main', 'ws-x']", Code::CodexForced),
        ("forced_login_method = 'api'", Code::CodexForced),
    ] {
        let (world, target) = world();
        fs::write(world.codex.config(), config).unwrap();
        assert_eq!(refused(&world, &target, config).code, code, "{config}");
        assert_eq!(world.live(), Some(chatgpt("main", 1)), "{config}");
        world.assert_at_rest(config);
    }
}

#[test]
fn a_forced_key_that_fits_is_no_obstacle() {
    let (world, target) = world();
    fs::write(world.codex.config(), "forced_chatgpt_workspace_id = ['ws-work']\nforced_login_method = 'chatgpt'").unwrap();
    world.switch().to(Some(&target)).unwrap();
    let key = world.profile(&api_key("mine")).id;
    assert_eq!(refused_after_switch(&world, &key), Code::CodexForced);
}

fn refused_after_switch(world: &World, target: &ProfileId) -> Code {
    Failure::from(world.switch().to(Some(target)).unwrap_err()).code
}

#[test]
fn a_live_file_that_cannot_be_replaced_safely() {
    type Spoil = fn(&World);
    let cases: [(&str, Spoil); 9] = [
        ("hard link", |world| fs::hard_link(world.codex.auth_json(), world.path().join("second")).unwrap()),
        ("read-only", |world| fs::set_permissions(world.codex.auth_json(), Permissions::from_mode(0o400)).unwrap()),
        ("folder", |world| {
            fs::remove_file(world.codex.auth_json()).unwrap();
            fs::create_dir(world.codex.auth_json()).unwrap();
        }),
        ("fifo", |world| {
            fs::remove_file(world.codex.auth_json()).unwrap();
            assert!(Command::new("mkfifo").arg(world.codex.auth_json()).status().unwrap().success());
        }),
        ("50 MB", |world| fs::File::options().write(true).open(world.codex.auth_json()).unwrap().set_len(50 << 20).unwrap()),
        ("link out", |world| {
            fs::rename(world.codex.auth_json(), world.path().join("elsewhere.json")).unwrap();
            symlink("../elsewhere.json", world.codex.auth_json()).unwrap();
        }),
        ("link out to nothing", |world| {
            fs::remove_file(world.codex.auth_json()).unwrap();
            symlink("../nothing.json", world.codex.auth_json()).unwrap();
        }),
        ("link into nowhere", |world| {
            fs::remove_file(world.codex.auth_json()).unwrap();
            symlink("no/such/folder.json", world.codex.auth_json()).unwrap();
        }),
        ("link to itself", |world| {
            fs::remove_file(world.codex.auth_json()).unwrap();
            symlink("auth.json", world.codex.auth_json()).unwrap();
        }),
    ];
    for (name, spoil) in cases {
        let (world, target) = world();
        spoil(&world);
        let before = fs::symlink_metadata(world.codex.auth_json()).unwrap();
        assert_eq!(refused(&world, &target, name).code, Code::LiveLoginUnsafe, "{name}");
        let after = fs::symlink_metadata(world.codex.auth_json()).unwrap();
        assert_eq!((before.file_type(), before.len()), (after.file_type(), after.len()), "{name}");
        let Err(error) = live::place(&world.codex) else { panic!("{name}") };
        assert_eq!(Failure::from(error).code, Code::LiveLoginUnsafe, "{name}");
    }
}

#[test]
fn a_target_whose_login_is_not_usable() {
    let (world, target) = world();
    let file = world.home.login_file(&world.profiles.get(&target).unwrap().name);
    // With its copy it would be healed.
    fs::remove_dir_all(world.home.backups().join("logins")).unwrap();
    for (name, content, code) in
        [("damaged", "{\"tokens\":".to_owned(), Code::BadLoginFile), ("another's", chatgpt("main", 9), Code::BadLoginFile)]
    {
        fs::write(&file, content).unwrap();
        assert_eq!(refused(&world, &target, name).code, code, "{name}");
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(refused(&world, &target, "gone").code, Code::NeedsSignIn);
    let unknown = ProfileId::parse("0123456789abcdef").unwrap();
    assert_eq!(refused(&world, &unknown, "unknown").code, Code::NotFound);
    assert_eq!(world.live(), Some(chatgpt("main", 1)));
}

#[test]
fn what_is_no_login_of_a_known_kind_is_set_aside_whole() {
    let spoilt = |spoil: fn(&mut serde_json::Value)| {
        let mut login = chatgpt_value("main", 1);
        spoil(&mut login);
        login.to_string().into_bytes()
    };
    for (name, bytes) in [
        ("half-written", chatgpt("main", 1).into_bytes()[..200].to_vec()),
        ("unknown mode", spoilt(|login| login["auth_mode"] = json!("magic"))),
        ("personal access token", br#"{"OPENAI_API_KEY":null,"personal_access_token":"at-planted"}"#.to_vec()),
        (
            "no account anywhere",
            spoilt(|login| {
                login["tokens"]["account_id"] = json!(null);
                login["tokens"]["id_token"] = json!(jwt(&json!({ "email": "x@example.com" })));
            }),
        ),
        ("id token is no JWT", spoilt(|login| login["tokens"]["id_token"] = json!("planted"))),
        ("no text", vec![0xff, 0xfe, 0]),
        ("a list", b"[]".to_vec()),
    ] {
        let (world, target) = world();
        fs::write(world.codex.auth_json(), &bytes).unwrap();
        let Live::Unreadable(error) = live::read(&world.codex) else { panic!("{name}") };
        let shown = Failure::from(&error);
        assert_eq!((shown.code, shown.hints.is_empty()), (Code::BadLoginFile, false), "{name}");
        assert!(!format!("{shown:?}{error:?}").contains("planted"), "{name}");

        let switched = world.switch().to(Some(&target)).unwrap();
        assert_eq!(world.live(), Some(chatgpt("work", 1)), "{name}");
        assert!(switched.changed && switched.from.is_none() && switched.adopted.is_none(), "{name}");
        assert_eq!(fs::read(switched.set_aside.unwrap()).unwrap(), bytes, "{name}");
        world.assert_at_rest(name);
    }
}

#[test]
fn an_empty_file_is_no_login_and_nothing_to_keep() {
    let (world, target) = world();
    world.set_live("");
    assert!(matches!(live::read(&world.codex), Live::Unreadable(_)));
    let switched = world.switch().to(Some(&target)).unwrap();
    assert!(switched.set_aside.is_none() && switched.from.is_none());
    assert_eq!(world.live(), Some(chatgpt("work", 1)));
}
