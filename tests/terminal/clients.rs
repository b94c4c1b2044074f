//! `codex-lab connect` and `disconnect`: a client's configuration afterwards is what it was before, to the byte.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use codex_lab_tests::secrets::MARK;
use serde_json::Value;

use crate::expected::check;
use crate::world::{Ended, World};

const CODEX: &str = ".codex/config.toml";
const OPENCODE: &str = ".config/opencode/opencode.jsonc";
/// Somebody's own, with everything an editor could do to it.
const TOML: &str = "# mine\r\nmodel = \"gpt-5.5\" # the best\r\n\r\n[mcp_servers.x]\r\n\tcommand = 'y'";
const JSONC: &str = "{\n\t// mine\n\t\"theme\": \"dark\", // better\n\t\"provider\": { \"local\": { \"npm\": \"x\" } },\n}\n";

fn text(world: &World, name: &str) -> String {
    fs::read_to_string(world.home().join(name)).unwrap()
}

fn compare(world: &World, name: &str, ended: &Ended) {
    check(world, name, &format!("{}--- standard error\n{}", ended.stdout, ended.stderr));
}

/// How a client stands, by the doctor.
async fn finding(world: &World, client: &str) -> Option<Value> {
    let said: Value = serde_json::from_str(&world.run(&["doctor", "--json"]).await.stdout).unwrap();
    let findings = said["result"]["findings"].as_array().unwrap().clone();
    findings.into_iter().find(|finding| finding["topic"] == format!("client {client}"))
}

#[tokio::test]
async fn a_clients_configuration_comes_back_to_the_byte() {
    let world = World::new().await;
    for (client, name, original) in [("codex", CODEX, TOML), ("opencode", OPENCODE, JSONC)] {
        let path = world.file(name, original);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        compare(&world, &format!("connect-{client}-dry"), &world.good(&["connect", client, "--dry-run"]).await);
        assert_eq!(text(&world, name), original);
        compare(&world, &format!("connect-{client}"), &world.good(&["connect", client]).await);
        compare(&world, &format!("connect-{client}-again"), &world.good(&["connect", client]).await);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        check(&world, &format!("connected-{client}"), &text(&world, name));
        assert_eq!(finding(&world, client).await.unwrap()["severity"], "ok");
        compare(&world, &format!("disconnect-{client}-dry"), &world.good(&["disconnect", client, "--dry-run"]).await);
        compare(&world, &format!("disconnect-{client}"), &world.good(&["disconnect", client]).await);
        assert_eq!(text(&world, name), original);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        compare(&world, &format!("disconnect-{client}-again"), &world.good(&["disconnect", client]).await);
        assert_eq!(finding(&world, client).await, None);
    }
}

#[tokio::test]
async fn a_file_that_was_made_is_gone_again() {
    let world = World::new().await;
    world.refused(&["connect", "codex"], "not_found", 4).await;
    world.refused(&["connect", "opencode"], "not_found", 4).await;
    fs::create_dir_all(world.codex_home()).unwrap();
    fs::create_dir_all(world.home().join(".config/opencode")).unwrap();
    for client in ["codex", "opencode"] {
        let connected = world.json(&["connect", client]).await;
        assert_eq!(connected["result"]["changes"][0]["whole_file"], true);
    }
    assert_eq!(fs::metadata(world.home().join(OPENCODE)).unwrap().permissions().mode() & 0o777, 0o600);
    compare(&world, "disconnect-all-dry", &world.good(&["disconnect", "--all", "--dry-run"]).await);
    let all = world.json(&["disconnect", "--all"]).await;
    assert_eq!(all["result"]["changes"].as_array().unwrap().len(), 2);
    assert!(!world.home().join(CODEX).exists() && !world.home().join(OPENCODE).exists());
    compare(&world, "disconnect-all-again", &world.good(&["disconnect", "--all"]).await);
}

#[tokio::test]
async fn another_value_is_replaced_on_request_and_comes_back() {
    let world = World::new().await;
    let original = "openai_base_url = 'https://eu.example/v1' # from work\n";
    world.file(CODEX, original);
    let refused = world.refused(&["connect", "codex"], "already_exists", 5).await;
    assert!(refused.contains("--replace"), "{refused}");
    compare(&world, "connect-replace-dry", &world.good(&["connect", "codex", "--replace", "--dry-run"]).await);
    world.good(&["connect", "codex", "--replace"]).await;
    compare(&world, "disconnect-replaced", &world.good(&["disconnect", "codex"]).await);
    assert_eq!(text(&world, CODEX), original);
    // What may be a secret is neither noted nor printed.
    let secret = format!("openai_base_url = 'https://user:{MARK}word{MARK}@eu.example/v1'\n");
    world.file(CODEX, &secret);
    world.refused(&["connect", "codex", "--replace"], "client_config", 46).await;
    assert_eq!(text(&world, CODEX), secret);
}

#[tokio::test]
async fn what_others_change_meanwhile_stays() {
    let world = World::new().await;
    world.file(CODEX, "model = 'x'\n");
    world.good(&["connect", "codex"]).await;
    let changed = format!("{}[projects.\"/p\"]\ntrust_level = \"trusted\"\n", text(&world, CODEX));
    world.file(CODEX, &changed);
    world.good(&["disconnect", "codex"]).await;
    assert_eq!(text(&world, CODEX), "model = 'x'\n[projects.\"/p\"]\ntrust_level = \"trusted\"\n");
    // Our own value, too, where somebody has put another in its place.
    world.good(&["connect", "codex"]).await;
    let changed = text(&world, CODEX).replace(&format!("http://127.0.0.1:{}", world.sandbox.gateway_port()), "https://eu.example");
    world.file(CODEX, &changed);
    assert_eq!(finding(&world, "codex").await.unwrap()["severity"], "warning");
    world.refused(&["connect", "codex"], "already_exists", 5).await;
    compare(&world, "disconnect-changed", &world.good(&["disconnect", "codex"]).await);
    assert_eq!(text(&world, CODEX), changed);
    assert_eq!(finding(&world, "codex").await, None, "it is nobody's business any more");
}

#[tokio::test]
async fn what_would_have_no_effect_is_refused_and_the_file_left() {
    let world = World::new().await;
    for (client, name, original, said) in [
        ("codex", CODEX, "model_provider = 'gw'\n", "model_provider"),
        ("codex", CODEX, "a = 1\nb = [\n", "Correct that line"),
        ("codex", CODEX, "openai_base_url = {}\n", "password"),
        ("codex", CODEX, "[openai_base_url]\n", "openai_base_url"),
        ("opencode", OPENCODE, "{ \"disabled_providers\": [\"codex-lab\"] }", "disabled_providers"),
        ("opencode", OPENCODE, "{\n  \"a\": 1,,\n}", "Correct that line"),
        ("opencode", OPENCODE, "[]", "remove it"),
    ] {
        world.file(name, original);
        let refused = world.refused(&["connect", client, "--replace"], "client_config", 46).await;
        assert!(refused.contains(said), "{original}: {refused}");
        assert_eq!(text(&world, name), original);
    }
    // A connected one that was led elsewhere is the doctor's.
    world.file(CODEX, "");
    world.good(&["connect", "codex"]).await;
    world.file(CODEX, &format!("model_provider = 'gw'\n{}", text(&world, CODEX)));
    let finding = finding(&world, "codex").await.unwrap();
    assert_eq!((finding["severity"].as_str(), finding["code"].as_str()), (Some("warning"), Some("client_config")));
}

#[tokio::test]
async fn a_link_into_a_folder_of_dotfiles_stays_one() {
    let world = World::new().await;
    let real = world.file("dotfiles/codex.toml", TOML);
    fs::create_dir_all(world.codex_home()).unwrap();
    symlink(&real, world.home().join(CODEX)).unwrap();
    world.good(&["connect", "codex"]).await;
    assert!(text(&world, "dotfiles/codex.toml").contains("openai_base_url"));
    world.good(&["disconnect", "codex"]).await;
    assert_eq!(text(&world, "dotfiles/codex.toml"), TOML);
    assert!(world.home().join(CODEX).is_symlink());
    fs::remove_file(real).unwrap();
    world.refused(&["connect", "codex"], "client_config", 46).await;
}

#[tokio::test]
async fn another_home_of_codex_is_disconnected_with_all() {
    let mut world = World::new().await;
    let other = world.file("other/config.toml", "model = 'x'\n");
    world.set("CODEX_HOME", world.home().join("other"));
    world.good(&["connect", "codex"]).await;
    fs::create_dir_all(world.codex_home()).unwrap();
    world.set("CODEX_HOME", world.codex_home());
    assert_eq!(world.json(&["disconnect", "codex"]).await["result"]["changes"][0]["state"], "not_connected");
    world.good(&["disconnect", "--all"]).await;
    assert_eq!(fs::read_to_string(other).unwrap(), "model = 'x'\n");
}

#[tokio::test]
async fn a_proxy_in_between_is_told_with_what_to_set() {
    let mut world = World::new().await;
    world.file(CODEX, "");
    world.file(".codex/eu.config.toml", "openai_base_url = 'https://eu.example'\n");
    world.set("HTTP_PROXY", format!("http://user:{MARK}word{MARK}@127.0.0.1:9"));
    world.set("NO_PROXY", "corp.example");
    compare(&world, "connect-proxy", &world.good(&["connect", "codex"]).await);
    assert_eq!(finding(&world, "codex").await.unwrap()["code"], "network");
    assert_eq!(world.run(&["doctor"]).await.status, 0, "it works, and should be known");
}

#[tokio::test]
async fn lost_notes_are_made_up_for() {
    let world = World::new().await;
    for (client, name) in [("codex", CODEX), ("opencode", OPENCODE)] {
        world.file(name, if client == "codex" { "model = 'x'\n" } else { "{ \"theme\": \"dark\" }" });
        let original = text(&world, name);
        world.good(&["connect", client]).await;
        let connected = text(&world, name);
        fs::remove_dir_all(world.lab_home()).unwrap();
        assert_eq!(finding(&world, client).await.unwrap()["severity"], "ok");
        world.good(&["connect", client]).await;
        assert_eq!(text(&world, name), connected);
        fs::remove_dir_all(world.lab_home()).unwrap();
        world.good(&["disconnect", client]).await;
        assert_eq!(text(&world, name).replace(' ', ""), original.replace(' ', ""));
    }
}
