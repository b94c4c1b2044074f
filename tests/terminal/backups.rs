//! Damage and its healing, copies and putting them back, as a person at the terminal meets them.

use std::fs;

use crate::expected::check;
use crate::world::World;

/// The trio, `main` renewed once, with what is there for it.
async fn renewed() -> World {
    let world = World::with_trio().await;
    let file = world.file("main.json", &later(&world.sandbox.auth_json("main").unwrap()));
    let again = world.json(&["login", "--import", file.to_str().unwrap()]).await;
    assert_eq!(again["result"]["items"][0]["outcome"], "updated", "{again}");
    world
}

/// The same login as a renewal leaves it, as far as the store can see.
fn later(login: &str) -> String {
    let mut login: serde_json::Value = serde_json::from_str(login).unwrap();
    login["tokens"]["refresh_token"] = format!("{}x", login["tokens"]["refresh_token"].as_str().unwrap()).into();
    login["last_refresh"] = "2099-01-01T00:00:00Z".into();
    login.to_string()
}

async fn copies(world: &World, of: &str) -> Vec<serde_json::Value> {
    let listed = world.json(&["backup", "list"]).await;
    listed["result"]["items"].as_array().unwrap().iter().filter(|item| item["of"] == of).cloned().collect()
}

fn stored(world: &World, name: &str) -> String {
    fs::read_to_string(world.lab_home().join("auth-profiles").join(name).join("auth.json")).unwrap()
}

/// Ids of profiles and switches differ from run to run.
fn alike(text: &str) -> String {
    let ids = regex::Regex::new(r"login-[0-9a-f]{16}-").unwrap().replace_all(text, "login-ID-").into_owned();
    let live = regex::Regex::new(r"live-\d{13}-[0-9a-f]{8}").unwrap().replace_all(&ids, "live-TIME-ID").into_owned();
    regex::Regex::new(r"\d{13}-[0-9a-f]{16}").unwrap().replace_all(&live, "TIME-ID").into_owned()
}

#[tokio::test]
async fn copies_are_listed_with_how_they_stand_to_what_is_there() {
    let world = renewed().await;
    world.good(&["use", "main"]).await;
    world.good(&["use", "work"]).await;
    let listed = world.good(&["backup", "list"]).await;
    // How many indexes were written on the way is of no interest.
    let lines: Vec<_> = listed.stdout.lines().filter(|line| !line.starts_with("index-")).collect();
    check(&world, "backup-list", &alike(&format!("{}\n--- standard error\n{}", lines.join("\n"), listed.stderr)));
    assert!(copies(&world, "index").await.len() > 3);
    assert_eq!(copies(&world, "live").await.len(), 1);
    assert!(World::new().await.good(&["backup", "list"]).await.stdout.starts_with("no copies yet"));
}

#[tokio::test]
async fn an_older_login_goes_back_only_by_force_and_what_was_there_stays() {
    let world = renewed().await;
    let newer = stored(&world, "main");
    let of_main: Vec<_> = copies(&world, "login").await.into_iter().filter(|item| item["name"] == "main").collect();
    let old = of_main.iter().find(|item| item["older"] == true).unwrap()["id"].as_str().unwrap().to_owned();

    let refused = world.refused(&["backup", "restore", &old, "--yes"], "not_possible_now", 6).await;
    check(&world, "backup-restore-older", &refused);
    let dry = world.good(&["backup", "restore", &old, "--force", "--dry-run"]).await;
    check(&world, "backup-restore-dry", &format!("{}--- standard error\n{}", dry.stdout, dry.stderr));
    // Nobody can be asked here, so it has to be said.
    world.refused(&["backup", "restore", &old, "--force"], "invalid_input", 3).await;
    assert!(stored(&world, "main") == newer, "nothing was changed");

    let done = world.good(&["backup", "restore", &old, "--force", "--yes"]).await;
    check(&world, "backup-restore", &alike(&done.stdout));
    assert!(stored(&world, "main") != newer, "it is the older one");
    // What was there before is now the newest of those that were replaced.
    let back = copies(&world, "login").await.into_iter().find(|item| item["name"] == "main" && item["current"] == false).unwrap();
    world.good(&["backup", "restore", back["id"].as_str().unwrap(), "--force", "--yes"]).await;
    assert!(stored(&world, "main") == newer, "and back");
    world.refused(&["backup", "restore", "login-0123456789abcdef-7"], "not_found", 4).await;
}

#[tokio::test]
async fn an_earlier_list_gives_names_back_and_takes_no_login_away() {
    let world = World::with_trio().await;
    let before = copies(&world, "index").await[0]["id"].as_str().unwrap().to_owned();
    world.good(&["rename", "work", "job"]).await;
    world.good(&["move", "backup", "1"]).await;
    world.good(&["set", "job", "--label", "daily"]).await;
    let restored = world.good(&["backup", "restore", &before, "--yes"]).await;
    assert!(restored.stdout.contains("is put back"), "{restored:?}");
    let list = world.json(&["list"]).await;
    let names: Vec<_> = list["result"]["profiles"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["main", "work", "backup"]);
    assert!(list["result"]["profiles"].as_array().unwrap().iter().all(|row| row["state"] == "ready"));
}

#[tokio::test]
async fn a_damaged_login_heals_at_the_next_command_with_a_word() {
    let world = renewed().await;
    let good = stored(&world, "main");
    let file = world.lab_home().join("auth-profiles/main/auth.json");
    let spoilt: [(&str, Vec<u8>); 4] = [
        ("empty", Vec::new()),
        ("half", good.as_bytes()[..good.len() / 2].to_vec()),
        ("zeroed", vec![0; good.len()]),
        ("no text", vec![0xff; good.len()]),
    ];
    for (how, bytes) in spoilt {
        fs::write(&file, &bytes).unwrap();
        let said = world.good(&["list"]).await;
        assert!(said.stderr.contains("The login of main was damaged"), "{how}: {said:?}");
        assert!(said.stdout.contains("main") && !said.stdout.contains("login damaged"), "{how}: {said:?}");
        assert!(stored(&world, "main") == good, "{how}");
        let place = said.stderr.split("is kept as ").nth(1).unwrap().lines().next().unwrap().trim_end_matches('.');
        assert_eq!(fs::read(place).unwrap(), bytes, "{how}");
        assert_eq!(world.good(&["list"]).await.stderr, "", "{how}: it is said once");
    }
    fs::remove_file(&file).unwrap();
    assert!(world.good(&["use", "main"]).await.stderr.contains("was gone and has been restored"));
    assert!(fs::read_to_string(world.codex_home().join("auth.json")).unwrap() == good);
}

#[tokio::test]
async fn without_any_good_copy_nothing_is_made_up() {
    let world = World::with_trio().await;
    fs::remove_dir_all(world.lab_home().join("backups/logins")).unwrap();
    fs::write(world.lab_home().join("auth-profiles/main/auth.json"), "{").unwrap();
    assert!(world.good(&["list"]).await.stdout.contains("login damaged"));
    let refused = world.refused(&["use", "main"], "bad_login_file", 30).await;
    assert!(refused.contains("login --again 'main'") && refused.contains("backup list"), "{refused}");
}

#[tokio::test]
async fn a_damaged_state_costs_no_login_and_stops_no_command() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    let logins = ["main", "work", "backup"].map(|name| stored(&world, name));
    let live = fs::read_to_string(world.codex_home().join("auth.json")).unwrap();
    fs::write(world.lab_home().join("state.sqlite"), "no database at all").unwrap();

    // Whoever comes first sets it aside, and all of them go on.
    let started: Vec<_> = (0..8).map(|_| world.start(&["list"])).collect();
    let mut told = 0;
    for child in started {
        let ended = world.ended(child).await;
        assert_eq!(ended.status, 0, "{ended:?}");
        assert!(["main", "work", "backup"].iter().all(|name| ended.stdout.contains(name)), "{ended:?}");
        told += usize::from(format!("{}{}", ended.stdout, ended.stderr).contains("state.sqlite was damaged"));
    }
    assert_eq!(told, 1, "the one that has set it aside says so");
    let aside = world.lab_home().join("backups/set-aside/state-1.sqlite");
    assert_eq!(fs::read_to_string(aside).unwrap(), "no database at all");
    assert_eq!(["main", "work", "backup"].map(|name| stored(&world, name)), logins);
    assert_eq!(fs::read_to_string(world.codex_home().join("auth.json")).unwrap(), live);

    world.good(&["use", "work"]).await;
    world.good(&["undo"]).await;
    assert_eq!(fs::read_to_string(world.codex_home().join("auth.json")).unwrap(), live);
    world.good(&["activity"]).await;
    assert_ne!(world.run(&["doctor"]).await.status, 35);
    assert_eq!(fs::read_dir(world.lab_home().join("backups/set-aside")).unwrap().count(), 1, "once is enough");
}
