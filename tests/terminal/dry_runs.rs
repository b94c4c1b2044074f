//! `--dry-run`: every verb that changes something has it, it refuses what the verb itself would refuse, and nothing is touched by it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use codex_lab_tests::sandbox::SandboxAccount;
use serde_json::{Value, json};

use crate::shells::verbs;
use crate::world::{Ended, World};

/// Verbs that have none.
const WITHOUT: &[(&str, &str)] = &[
    ("activity", "shows"),
    ("app-server", "does what other programs ask for; `change/preview` is theirs"),
    ("background", "shows"),
    ("backup list", "shows"),
    ("completions", "prints"),
    ("guard", "shows"),
    ("list", "shows"),
    ("route explain", "shows"),
    ("run", "starts a program, whose changes are its own"),
    ("serve", "goes on until it is ended; what it does then is shown by `prime`, `route explain` and `settings`"),
    ("show", "shows"),
    ("status", "shows"),
    ("usage", "shows"),
    ("vault status", "shows"),
    ("why", "shows"),
];
const PASSPHRASE: &str = "planted horse battery";

/// The verbs without verbs below them, from the program's own help.
async fn leaves(world: &World) -> BTreeSet<String> {
    let mut leaves = BTreeSet::new();
    for verb in verbs(world, &[]).await {
        let below = verbs(world, &[&verb]).await;
        leaves.extend(below.iter().map(|below| format!("{verb} {below}")));
        // `sessions` and `route` alone show something.
        if below.is_empty() {
            leaves.insert(verb);
        }
    }
    leaves
}

/// Everything under the home of a world: names, and of files what is in them and when they were written. While its database is open,
/// SQLite has files beside it, so a folder's own time says nothing.
fn everything(world: &World) -> BTreeMap<String, String> {
    fn below(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let about = std::fs::symlink_metadata(&path).unwrap();
            if about.is_dir() {
                below(&path, found);
            }
            let of_file = || format!("{:?} {}", about.modified().unwrap(), std::fs::read(&path).unwrap().escape_ascii());
            found.insert(path.display().to_string(), if about.is_file() { of_file() } else { String::new() });
        }
    }
    let mut found = BTreeMap::new();
    below(world.home(), &mut found);
    found
}

/// Runs a command, and looks that it has touched nothing and asked nobody.
async fn dry(world: &World, arguments: &[&str], input: &str) -> Ended {
    let (before, asked) = (everything(world), world.sandbox.requests().len());
    let ended = world.run_with(&[arguments, &["--dry-run"]].concat(), input).await;
    let after = everything(world);
    let touched: Vec<_> = before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(touched.is_empty(), "{arguments:?} has touched {touched:#?}");
    assert_eq!(world.sandbox.requests().len(), asked, "{arguments:?}");
    assert_eq!(world.browser.visits().unwrap(), Vec::<String>::new(), "{arguments:?}");
    ended
}

/// `main` is live, and was made so after `work`; `spare` was removed; there are rules of routing.
async fn world() -> World {
    let world = World::with_trio().await;
    world.sandbox.put_account(SandboxAccount::new("spare"));
    let spare = world.file("spare.json", &world.sandbox.auth_json("spare").unwrap());
    let added = world.json(&["login", "--import", spare.to_str().unwrap()]).await;
    world.good(&["rename", added["result"]["items"][0]["name"].as_str().unwrap(), "spare"]).await;
    world.good(&["remove", "spare"]).await;
    world.sandbox.put_account(SandboxAccount::new("another"));
    world.file("another.json", &world.sandbox.auth_json("another").unwrap());
    for words in [
        &["use", "work"][..],
        &["use", "main"],
        &["set", "work", "--label", "old"],
        &["pause", "backup"],
        &["route", "order", "work", "main"],
        &["route", "force", "main"],
        &["route", "bind", "/tmp", "work"],
        &["route", "wall", "clients", "work"],
        &["settings", "theme", "dark"],
        &["list"],
    ] {
        world.good(words).await;
    }
    world
}

#[tokio::test]
async fn every_verb_that_changes_something_has_a_dry_run() {
    let world = World::new().await;
    let leaves = leaves(&world).await;
    assert!(leaves.len() > 40, "{leaves:?}");
    for verb in &leaves {
        let words: Vec<&str> = verb.split(' ').collect();
        let has = world.good(&[&words[..], &["--help"]].concat()).await.stdout.contains("--dry-run");
        let reason = WITHOUT.iter().find(|(without, _)| without == verb);
        assert!(has || reason.is_some(), "{verb} has no --dry-run, and no reason stands in this file");
        assert!(!has || reason.is_none(), "{verb} has --dry-run; take its reason out of this file");
    }
    let tried: BTreeSet<String> = good()
        .iter()
        .map(|(words, ..)| words)
        .chain(refused().iter().map(|(words, _)| words))
        .map(|words| {
            let below = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
            if leaves.contains(&below) { below } else { words[0].to_owned() }
        })
        .collect();
    // These have a dry run of their own kind, with tests of their own.
    let others = ["backup restore", "connect", "disconnect", "doctor", "import", "restore", "support-bundle", "uninstall"];
    for verb in leaves.iter().filter(|verb| !others.contains(&verb.as_str()) && !WITHOUT.iter().any(|(without, _)| without == verb)) {
        assert!(tried.contains(verb), "no dry run of {verb} is tried");
    }
}

type Good = (Vec<&'static str>, &'static str, &'static [&'static str]);

/// A dry run each, its standard input, and what it says.
fn good() -> Vec<Good> {
    vec![
        (vec!["login"], "", &["sign in with the browser, and keep the account's login as a profile"]),
        (
            vec!["login", "--again", "work", "--device-code"],
            "",
            &["sign in with a code that is typed in on any machine, and renew the login of work"],
        ),
        (vec!["login", "--api-key"], "sk-planted-and-never-sent\n", &["ask OpenAI whether it knows the key", "add api-key"]),
        (vec!["login", "--import", "another.json"], "", &["add another-plus"]),
        (vec!["login", "--import", "main.json"], "", &[]),
        (vec!["use", "work"], "", &["switch from main to work"]),
        (vec!["use", "main"], "", &[]),
        (vec!["use", "--none"], "", &["sign main out locally; nothing is revoked"]),
        (vec!["undo"], "", &["switch from main to work"]),
        (vec!["capture"], "", &[]),
        (vec!["rename", "WORK", "job"], "", &["rename work to job"]),
        (vec!["rename", "work", "work"], "", &[]),
        (vec!["renew", "work"], "", &["renew the login of work"]),
        (
            vec!["set", "work", "--label", "new", "--drain", "on", "--low", "30"],
            "",
            &["set label of work to new (it is old)", "set drain of work to on (it is off)", "set low of work to 30 (it is none)"],
        ),
        (vec!["pause", "work"], "", &["take work out of use"]),
        (vec!["pause", "backup"], "", &[]),
        (vec!["resume", "backup"], "", &["take backup back into use"]),
        (vec!["move", "backup", "1"], "", &["put the profiles in the order backup, main, work"]),
        (vec!["remove", "work"], "", &["remove work here"]),
        (vec!["remove", "main"], "", &["switch from main to work", "remove main here"]),
        (vec!["remove", "work", "--sign-out"], "", &["remove work here", "end the login of work at the provider, which cannot be undone"]),
        (vec!["remove", "--undo"], "", &["bring spare back"]),
        (vec!["export", "all.lab", "--passphrase-stdin"], PASSPHRASE, &["write 3 profiles into all.lab, sealed"]),
        (vec!["vault", "move", "file"], "", &[]),
        (vec!["vault", "move", "passphrase", "--passphrase-stdin"], PASSPHRASE, &["seal all logins under the new passphrase"]),
        (vec!["vault", "unlock"], "", &[]),
        (vec!["route", "strategy", "priority"], "", &["set routing.strategy to priority (it is sticky-best)"]),
        (vec!["route", "order", "--clear"], "", &["go by the list's own order"]),
        (vec!["route", "thresholds", "--low", "40"], "", &["set routing.low to 40 (it is 20)"]),
        (vec!["route", "force", "--off"], "", &["force main no longer"]),
        (vec!["route", "bind", "/usr", "work", "main"], "", &["let /usr be served by work, main alone"]),
        (vec!["route", "unbind", "/tmp"], "", &["let all profiles serve /tmp again"]),
        (vec!["route", "wall", "clients", "--off"], "", &["take the wall clients down"]),
        (vec!["route", "api-keys", "on"], "", &["set routing.api_key_fallback to on (it is off)"]),
        (vec!["route", "wait", "on"], "", &["set routing.wait_for_reset to on (it is off)"]),
        (vec!["prime", "work", "--on"], "", &["set prime of work to on (it is off)"]),
        (vec!["prime", "work", "--now"], "", &["look at the week of work twice, a minute apart, and start it if it has not started"]),
        (vec!["snooze", "work", "--off"], "", &["tell of the quota of work again"]),
        (vec!["settings", "theme", "light"], "", &["set theme to light (it is dark)"]),
        (vec!["settings", "theme", "default"], "", &["set theme to system (it is dark)"]),
        (vec!["settings", "routing.low", "30"], "", &["set routing.low to 30 (it is 20)"]),
    ]
}

#[tokio::test]
async fn a_dry_run_says_what_would_change_and_touches_nothing() {
    let world = world().await;
    for (words, input, would) in good() {
        let ended = dry(&world, &words, input).await;
        let lines: Vec<_> =
            if would.is_empty() { vec!["nothing would change".to_owned()] } else { would.iter().map(|it| format!("would {it}")).collect() };
        assert_eq!((ended.status, ended.stdout.trim_end()), (0, lines.join("\n").as_str()), "{words:?}: {ended:?}");
        let ended = dry(&world, &[&words[..], &["--json"]].concat(), input).await;
        let said: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(said["result"], json!({ "dry_run": true, "would": would }), "{words:?}");
    }
    // What any other command would take in or mend stays, too.
    world.file(".codex/auth.json", &world.sandbox.auth_json("main").unwrap());
    world.file(".codex-lab/auth-profiles/backup/auth.json", "{}");
    dry(&world, &["rename", "work", "job"], "").await;
    std::fs::remove_file(world.lab_home().join("auth-profiles.json")).unwrap();
    dry(&world, &["rename", "work", "job"], "").await;
}

/// What is refused, dry or not, and what is given on standard input.
fn refused() -> Vec<(Vec<&'static str>, &'static str)> {
    vec![
        (vec!["login", "--again", "nobody"], ""),
        (vec!["login", "--api-key"], "no key\n"),
        (vec!["login", "--import", "nowhere.json"], ""),
        (vec!["login", "--import", "-"], "{}"),
        (vec!["import", "-"], "{}"),
        (vec!["import", "--delete-leftover", "main.json", "--yes"], ""),
        (vec!["use", "nobody"], ""),
        (vec!["use", "broken"], ""),
        (vec!["rename", "work", "a/b"], ""),
        (vec!["rename", "work", "MAIN"], ""),
        (vec!["renew", "broken"], ""),
        (vec!["renew", "key"], ""),
        (vec!["set", "work", "--weight", "101"], ""),
        (vec!["set", "work", "--low", "1"], ""),
        (vec!["pause", "nobody"], ""),
        (vec!["resume", "nobody"], ""),
        (vec!["move", "nobody", "1"], ""),
        (vec!["remove", "nobody"], ""),
        (vec!["export", "main.json", "--passphrase-stdin"], PASSPHRASE),
        (vec!["export", "all.lab", "--passphrase-stdin"], "short"),
        (vec!["export", "nowhere/all.lab", "--passphrase-stdin"], PASSPHRASE),
        (vec!["vault", "move", "passphrase", "--passphrase-stdin"], "short"),
        (vec!["vault", "lock"], ""),
        (vec!["sessions", "choose", "4194305", "leave"], ""),
        (vec!["sessions", "pin", "0198-none", "main"], ""),
        (vec!["sessions", "unpin", "0198-none"], ""),
        (vec!["route", "strategy", "best"], ""),
        (vec!["route", "order", "nobody"], ""),
        (vec!["route", "thresholds", "--low", "3"], ""),
        (vec!["route", "force", "nobody"], ""),
        (vec!["route", "bind", "/tmp", "nobody"], ""),
        (vec!["route", "unbind", "/nowhere"], ""),
        (vec!["route", "wall", "second", "work"], ""),
        (vec!["route", "api-keys", "perhaps"], ""),
        (vec!["route", "wait", "perhaps"], ""),
        (vec!["prime", "key", "--now"], ""),
        (vec!["prime", "nobody", "--on"], ""),
        (vec!["snooze", "work", "--for", "0"], ""),
        (vec!["settings", "theme", "pink"], ""),
        (vec!["settings", "nothing", "on"], ""),
    ]
}

#[tokio::test]
async fn what_is_refused_is_refused_dry_or_not() {
    let world = world().await;
    let key = world.sandbox.account("main").unwrap().api_key;
    let added = world.run_with(&["login", "--api-key", "--json"], &key).await;
    let name = serde_json::from_str::<Value>(&added.stdout).unwrap()["result"]["items"][0]["name"].as_str().unwrap().to_owned();
    world.good(&["rename", &name, "key"]).await;
    let another = world.json(&["login", "--import", "another.json"]).await;
    world.good(&["rename", another["result"]["items"][0]["name"].as_str().unwrap(), "broken"]).await;
    // Neither it nor its copy: it would be mended.
    std::fs::remove_dir_all(world.lab_home().join("backups/logins")).unwrap();
    world.file(".codex-lab/auth-profiles/broken/auth.json", "{}");
    world.good(&["list"]).await;
    for (words, input) in refused() {
        same(&world, &words, input).await;
    }

    let empty = World::new().await;
    empty.good(&["list"]).await;
    for words in [&["undo"][..], &["capture"], &["remove", "--undo"]] {
        same(&empty, words, "").await;
    }
    let moved = empty.run_with(&["vault", "move", "passphrase", "--passphrase-stdin"], PASSPHRASE).await;
    assert_eq!(moved.status, 0, "{moved:?}");
    empty.good(&["list"]).await;
    same(&empty, &["vault", "unlock", "--passphrase-stdin"], "planted but wrong").await;
    same(&empty, &["login"], "").await;
    let locked = dry(&empty, &["vault", "lock"], "").await;
    assert_eq!(locked.stdout, "would make every running Codex Lab forget the vault's key\n", "{locked:?}");
    let unlocked = dry(&empty, &["vault", "unlock", "--passphrase-stdin"], PASSPHRASE).await;
    assert_eq!(unlocked.stdout, "would open the vault for this process\n", "{unlocked:?}");
}

/// A dry run and the real one fail with the same code and status.
async fn same(world: &World, words: &[&str], input: &str) {
    let words = [words, &["--json"]].concat();
    let dry = dry(world, &words, input).await;
    let real = world.run_with(&words, input).await;
    assert!(real.status != 0 && dry.status == real.status, "{words:?}: {dry:?} {real:?}");
    // What clap does not understand is no reply.
    let code = |ended: &Ended| serde_json::from_str::<Value>(&ended.stdout).map(|said| said["failure"]["code"].clone()).unwrap_or_default();
    assert_eq!(code(&dry), code(&real), "{words:?}");
    assert!(real.status == 2 || code(&real).is_string(), "{words:?}: {real:?}");
}
