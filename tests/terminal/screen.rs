//! The interactive screen in a real terminal (tmux): opened, worked with by keys, and left as it was found.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use codex_lab_tests::login_ports::LoginPorts;
use regex::Regex;
use serde_json::Value;
use tokio::process::Command;

use crate::pane::Pane;
use crate::world::World;

impl Pane<'_> {
    /// Opens the screen between two looks at the terminal's settings; the files that have these.
    async fn open_screen(&self, name: &str) -> (PathBuf, PathBuf) {
        self.line(&format!(
            "clear; stty -a > {name}.before; sh -c 'echo $$ > pid; exec codex-lab'; echo {name}: $?; stty -a > {name}.after; echo {name} looked"
        ))
        .await;
        let file = |when: &str| self.world.home().join(format!("{name}.{when}"));
        (file("before"), file("after"))
    }

    /// Waits for the screen's end with this exit status, and looks whether the terminal is as it was.
    async fn left(&self, name: &str, status: u8, (before, after): (PathBuf, PathBuf)) {
        let screen = self.wait_for_all(&[&format!("{name}: {status}"), &format!("\n{name} looked")]).await;
        assert!(!screen.contains("Codex Lab  "), "the screen is gone: {screen}");
        assert_eq!(read(&before), read(&after), "{name}");
        assert_eq!(self.run(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]).await.trim_end(), "0 1");
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The account that Codex uses now.
fn live(world: &World) -> Value {
    let login: Value = serde_json::from_str(&read(&world.codex_home().join("auth.json"))).unwrap();
    login["tokens"]["account_id"].clone()
}

#[tokio::test]
async fn accounts_are_added_switched_paused_and_removed_by_keys() {
    let world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    let Some(pane) = Pane::open(&world).await else { return };
    let files = pane.open_screen("keys").await;
    pane.wait_for_all(&["Codex has no login", "No profiles yet.", "a add"]).await;

    world.browser.pick("main").unwrap();
    pane.press(&["a"]).await;
    pane.wait_for("Signed in as main@sandbox.example: new profile main-plus.").await;
    pane.press(&["Enter"]).await;
    pane.wait_for_all(&["main-plus is live.", "Codex uses main-plus", "> * main-plus"]).await;
    let main = live(&world);

    world.browser.pick("work").unwrap();
    pane.press(&["a"]).await;
    pane.wait_for_all(&["new profile work-business.", ">   work-business"]).await;
    pane.press(&["Enter"]).await;
    pane.wait_for_all(&["work-business is live.", "> * work-business"]).await;
    assert_ne!(live(&world), main);
    pane.press(&["u"]).await;
    pane.wait_for_all(&["The login before is live again.", "Codex uses main-plus"]).await;
    assert_eq!(live(&world), main);

    pane.press(&["p"]).await;
    pane.wait_for_all(&["work-business is paused.", "work-business  paused"]).await;
    pane.press(&["p"]).await;
    pane.wait_for_all(&["work-business is in use again.", "work-business  business"]).await;
    pane.press(&["e", "C-u"]).await;
    pane.press(&["-l", "office"]).await;
    pane.press(&["Enter"]).await;
    pane.wait_for_all(&["work-business is now office.", ">   office"]).await;
    pane.press(&["x"]).await;
    pane.wait_for("Remove office?").await;
    pane.press(&["y"]).await;
    pane.wait_for_all(&["office is removed here", "> * main-plus", "1/1"]).await;
    pane.press(&["u"]).await;
    pane.wait_for_all(&["The profile is back.", "    office", "1/2"]).await;

    pane.run(&["resize-window", "-x", "40", "-y", "12"]).await;
    pane.wait_for("? help  q quit\n").await;
    pane.run(&["resize-window", "-x", "80", "-y", "24"]).await;
    pane.press(&["?"]).await;
    pane.wait_for("make the selected profile the live login of Codex").await;
    pane.press(&["Escape"]).await;
    pane.wait_for("> * main-plus").await;
    pane.press(&["q"]).await;
    pane.left("keys", 0, files).await;
}

#[tokio::test]
async fn a_sign_in_goes_another_way_and_is_called_off_with_the_screen() {
    let mut world = World::new().await;
    let _ports = LoginPorts::claim().await.unwrap();
    // Nothing opens here: the browser is on another machine.
    world.set("BROWSER", "/bin/true");
    let Some(pane) = Pane::open(&world).await else { return };
    let files = pane.open_screen("off").await;
    pane.wait_for("No profiles yet.").await;
    pane.press(&["a"]).await;
    pane.wait_for_all(&["https://auth.openai.com/oauth/authorize", "d device code"]).await;
    pane.press(&["d"]).await;
    let screen = pane.wait_for("type in the code below").await;
    let code = screen.lines().find_map(|line| line.strip_prefix("     ")).unwrap().trim();
    world.sandbox.approve_device(code, "backup").unwrap();
    pane.wait_for("new profile backup-plus.").await;
    pane.press(&["s"]).await;
    pane.wait_for_all(&["Sign in again: backup-plus", "Waiting for the browser."]).await;
    pane.press(&["p"]).await;
    pane.press(&["-l", "http://127.0.0.1:1455/auth/callback?code=x&state=forged"]).await;
    pane.press(&["Enter"]).await;
    pane.wait_for_all(&["Waiting for the browser.", "p paste the address", "address"]).await;
    pane.press(&["C-c"]).await;
    pane.left("off", 0, files).await;
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).is_ok(), "the port is free again");
}

#[tokio::test]
async fn a_terminal_that_is_no_use_is_told_so_and_one_that_is_ended_is_given_back() {
    let world = World::with_trio().await;
    let Some(pane) = Pane::open(&world).await else { return };
    let files = pane.open_screen("term").await;
    pane.wait_for("1/3").await;
    let pid = read(&world.home().join("pid"));
    assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().await.unwrap().success());
    pane.left("term", 0, files).await;
    pane.line("clear; TERM=dumb codex-lab; echo dumb: $?").await;
    let refused = pane.wait_for("dumb: 6").await;
    assert!(refused.contains("This terminal can only print lines") && refused.contains("hint: `codex-lab list`"), "{refused}");
    pane.line("clear; NO_COLOR=1 codex-lab").await;
    pane.wait_for("1/3").await;
    let drawn = pane.run(&["capture-pane", "-p", "-e"]).await;
    let coloured = Regex::new(r"\x1b\[(?:[0-9;]*;)?(?:[349][0-8]|10[0-7])[;m]").unwrap();
    assert!(drawn.contains("\u{1b}[1m") && !coloured.is_match(&drawn), "no colours: {drawn:?}");
    pane.press(&["q"]).await;
    pane.wait_for("ready>").await;
    pane.line("clear; codex-lab --json; echo words: $?").await;
    assert!(pane.wait_for("words: 2").await.contains("needs a command"));
}

#[tokio::test]
async fn without_a_terminal_the_commands_are_listed() {
    let world = World::new().await;
    let ended = world.run(&[]).await;
    assert_eq!((ended.status, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("Usage: codex-lab [OPTIONS] <COMMAND>"), "{ended:?}");
    assert!(!world.lab_home().exists());
}
