//! Tables for sessions. The command lines are those of codex-cli 0.169.0.

use super::*;

const DAEMON: &str = "/h/.codex/packages/app-server-daemon/releases/0.169.0/bin/codex app-server --listen unix:// \
                      --analytics-default-enabled --managed-daemon";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn process(pid: u32, second: i64, line: &str) -> Process {
    Process {
        pid,
        parent: None,
        program: None,
        arguments: line.split_whitespace().map(str::to_owned).collect(),
        codex_home: None,
        home: Some("/h".into()),
        folder: Some("/work".into()),
        started_at: at(second),
    }
}

fn switch(second: i64, from: &str, to: &str) -> SwitchRecord {
    SwitchRecord { id: second.to_string(), at: at(second), from: ProfileId::parse(from), to: ProfileId::parse(to) }
}

const MAIN: &str = "00000000000000aa";
const WORK: &str = "00000000000000bb";

#[test]
fn kinds_are_told_by_the_command_line() {
    let daemon = process(1, 1, DAEMON);
    for (line, expected) in [
        ("codex", Some(SessionKind::Interactive)),
        ("/usr/lib/x/codex say hi", Some(SessionKind::Interactive)),
        ("codex -m gpt-5 -c model=exec resume --last", Some(SessionKind::Interactive)),
        ("codex-x86_64-unknown-linux-musl", Some(SessionKind::Interactive)),
        ("codex.exe", Some(SessionKind::Interactive)),
        ("codex --no-daemon", Some(SessionKind::Standalone)),
        ("codex --profile login exec --json hello", Some(SessionKind::Exec)),
        ("codex e hello", Some(SessionKind::Exec)),
        ("codex review --base main", Some(SessionKind::Exec)),
        ("codex app-server", Some(SessionKind::AppServer)),
        ("codex app-server --listen stdio://", Some(SessionKind::AppServer)),
        ("codex -c a=b app-server --analytics-default-enabled", Some(SessionKind::AppServer)),
        ("codex mcp-server", Some(SessionKind::AppServer)),
        (DAEMON, Some(SessionKind::Daemon)),
        ("codex app-server --listen=unix:///x", Some(SessionKind::Daemon)),
        ("codex app-server daemon pid-update-loop", None),
        ("codex app-server daemon restart", None),
        ("codex login --device-auth", None),
        ("codex --version", None),
        ("codex --remote ws://far", None),
        ("node /usr/bin/codex", None),
        ("/usr/bin/node /usr/lib/node_modules/@openai/codex/bin/codex.js", None),
        ("codex-lab status", None),
        ("/opt/codex-lab-desktop", None),
        ("codex-linux-sandbox -- ls", None),
        ("codex --codex-run-as-apply-patch x", None),
        ("vim codex", None),
    ] {
        let found = classify(&[daemon.clone(), process(2, 2, line)], &[]);
        let kind = found.iter().find(|session| session.pid == 2).map(|session| session.kind);
        assert_eq!(kind, expected, "{line}");
    }
}

#[test]
fn an_interactive_session_follows_its_daemon() {
    let history = [switch(100, MAIN, WORK)];
    let stale_daemon = [process(1, 50, DAEMON), process(2, 150, "codex")];
    for session in classify(&stale_daemon, &history) {
        assert!(session.stale, "started after the switch, but on the old daemon: {session:?}");
        assert_eq!(session.profile, ProfileId::parse(MAIN));
        assert!(session.choices.contains(&SessionChoice::Restart));
    }
    let restarted = [process(1, 120, DAEMON), process(2, 20, "codex")];
    for session in classify(&restarted, &history) {
        assert!(!session.stale && session.choices.is_empty(), "{session:?}");
        assert_eq!(session.profile, ProfileId::parse(WORK));
    }
}

#[test]
fn without_a_daemon_a_session_stands_alone() {
    let found = classify(&[process(2, 20, "codex")], &[switch(100, MAIN, WORK)]);
    assert_eq!((found[0].kind, found[0].stale), (SessionKind::Standalone, true));
    assert_eq!(found[0].choices, [SessionChoice::Leave, SessionChoice::WhenIdle]);
}

#[test]
fn the_history_names_the_profile_each_session_began_on() {
    let history = [switch(300, WORK, ""), switch(200, MAIN, WORK)];
    let processes = [100, 250, 350].map(|second| process(u32::try_from(second).unwrap(), second, "codex exec x"));
    let found: Vec<_> = classify(&processes, &history).into_iter().map(|it| (it.pid, it.profile, it.stale)).collect();
    assert_eq!(found, [(350, None, false), (250, ProfileId::parse(WORK), true), (100, ProfileId::parse(MAIN), true)], "newest first");
    assert!(!classify(&processes, &[]).iter().any(|session| session.stale), "nothing was ever switched");
}

#[derive(Debug)]
struct Fixed(Vec<Process>);

#[async_trait::async_trait]
impl Processes for Fixed {
    fn list(&self) -> Vec<Process> {
        self.0.clone()
    }

    async fn run(&self, command: crate::base::ports::Command) -> Result<crate::base::ports::Finished, crate::base::ports::RunError> {
        Err(crate::base::ports::RunError::Timeout { program: command.program })
    }

    async fn run_apart(
        &self,
        command: crate::base::ports::Command,
        _folder: std::path::PathBuf,
        _input: Vec<u8>,
    ) -> Result<crate::base::ports::Finished, crate::base::ports::RunError> {
        self.run(command).await
    }
}

#[test]
fn processes_of_another_home_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join(".codex")).unwrap();
    std::fs::create_dir_all(root.join("other")).unwrap();
    let in_home = |pid, codex_home: Option<&str>, user: Option<&Path>| Process {
        codex_home: codex_home.map(|path| root.join(path)),
        home: user.map(Path::to_path_buf),
        ..process(pid, 1, "codex exec")
    };
    let list = vec![
        in_home(1, None, Some(&root)),
        in_home(2, Some("other"), Some(&root)),
        in_home(3, Some(".codex/"), None),
        in_home(4, Some("other/../.codex"), Some(Path::new("/h"))),
        in_home(5, None, Some(Path::new("/h"))),
        in_home(6, None, None),
    ];
    let seen = observe(&Fixed(list), &CodexHome::at(root.join(".codex")));
    assert_eq!(seen.iter().map(|process| process.pid).collect::<Vec<_>>(), [1, 3, 4, 6]);
}
