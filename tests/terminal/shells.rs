//! Completions and the manual, looked at by those who will use them: the shells, and `man`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use crate::world::World;

/// Each shell, and the argument with which it reads a script without running it.
const SHELLS: [(&str, Option<&str>); 4] = [("bash", Some("-n")), ("zsh", Some("-n")), ("fish", Some("--no-execute")), ("powershell", None)];

/// Runs a program of the system, if it is installed.
fn system(name: &str, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(name);
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("TERM", "dumb");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The verbs that `--help` lists below others, without `help` itself.
pub(crate) async fn verbs(world: &World, above: &[&str]) -> BTreeSet<String> {
    let help = world.good(&[above, &["--help"]].concat()).await.stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap().lines();
    let word =
        |line: &str| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')).map(|line| line.split(' ').next().unwrap().to_owned());
    listed.filter_map(word).filter(|verb| verb != "help").collect()
}

#[tokio::test]
async fn each_shell_reads_its_completions() {
    let world = World::new().await;
    let verbs = verbs(&world, &[]).await;
    assert!(verbs.len() > 30, "{verbs:?}");
    for (shell, check) in SHELLS {
        let script = world.good(&["completions", shell]).await.stdout;
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell} does not know {verb}");
        }
        assert!(!script.contains("for whoever packs"), "{shell} offers what is hidden");
        let file = world.file(&format!("completions.{shell}"), &script);
        let Some(read) = check.and_then(|check| system(shell, &[check, file.to_str().unwrap()])) else { continue };
        assert!(read.status.success() && read.stderr.is_empty(), "{shell}: {}", text(&read.stderr));
    }
}

#[tokio::test]
async fn words_complete_in_bash() {
    let world = World::new().await;
    let script = world.file("completions.bash", &world.good(&["completions", "bash"]).await.stdout);
    for (typed, expected) in [
        (&["stat"][..], "status"),
        (&["back"], "backup background"),
        (&["backup", "rest"], "restore"),
        (&["route", "strategy", "st"], "sticky-best"),
        (&["vault", "move", "k"], "keyring"),
        (&["completions", "p"], "powershell"),
        (&["use", "--no"], "--none --no-color"),
    ] {
        let line = format!(
            "source {}; COMP_WORDS=(codex-lab {}); COMP_CWORD={}; _codex__lab codex-lab {} {}; echo \"${{COMPREPLY[*]}}\"",
            script.display(),
            typed.join(" "),
            typed.len(),
            typed.last().unwrap(),
            typed.iter().rev().nth(1).unwrap_or(&"codex-lab"),
        );
        let ended = system("bash", &["--norc", "-c", &line]).expect("every machine that tests has bash");
        assert_eq!(text(&ended.stdout).trim(), expected, "{typed:?}: {}", text(&ended.stderr));
    }
}

#[tokio::test]
async fn the_manual_has_a_page_for_each_command() {
    let world = World::new().await;
    let folder = world.home().join("man");
    std::fs::create_dir(&folder).unwrap();
    world.good(&["man", folder.to_str().unwrap()]).await;
    let mut missing = verbs(&world, &[]).await;
    for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        missing.remove(name.trim_start_matches("codex-lab-"));
        looks_right(&entry, &name);
    }
    assert!(missing.is_empty(), "no page: {missing:?}");
    assert!(!folder.join("codex-lab-man.1").exists(), "it is for whoever packs the program");
}

#[tokio::test]
async fn a_manual_for_no_folder_is_refused() {
    let world = World::new().await;
    world.refused(&["man", "nowhere/at/all"], "storage", 35).await;
    assert!(!world.lab_home().exists(), "it needs no home");
}

/// A page has its name and is set without a complaint.
fn looks_right(page: &Path, name: &str) {
    let source = std::fs::read_to_string(page).unwrap();
    assert!(source.contains(".SH NAME") && source.contains(".SH SYNOPSIS"), "{name}");
    if let Some(set) = system("groff", &["-man", "-ww", "-Tutf8", "-z", page.to_str().unwrap()]) {
        assert!(set.status.success() && set.stderr.is_empty(), "{name}: {}", text(&set.stderr));
    }
    // What a list of all pages says of it: "codex-lab-use - Make a profile the live login of Codex".
    if let Some(listed) = system("lexgrog", &[page.to_str().unwrap()]) {
        let line = text(&listed.stdout);
        assert!(listed.status.success() && line.contains(&format!("{name} - ")), "{name}: {line}");
    }
}
