//! What a command of the manual needs, where it does not run as it stands; and what its placeholders stand for.

use regex::Regex;

/// How a command is run, and how it ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// It ends with this status.
    Ends(i32),
    /// It ends with this status, and says this.
    Says(i32, &'static str),
    /// It asks a person; without one it is told by this option and on standard input.
    With(&'static str, &'static str),
    /// It goes on until it is ended: what it says first begins so.
    Stays(&'static str),
    /// The program's own help knows these words and options: a verb without what it takes, or a program that is not ours.
    Known,
    /// It runs if its program is on this machine.
    IfThere,
    /// It is run by the test in this file, because it needs more than a shell.
    In(&'static str),
    /// It cannot be run by a test.
    Not,
}

use Way::{Ends, IfThere, In, Known, Not, Says, Stays, With};

const PASSPHRASE: &str = "correct horse battery staple\n";

/// By page (`""` is each) and command, as the page writes it. What is not here ends with 0, as it stands.
const WAYS: &[(&str, &str, Way)] = &[
    // Without a terminal it lists its commands.
    ("", "codex-lab", Ends(2)),
    ("", "codex-lab-desktop", In("../desktop/main.rs")),
    ("", "codex-lab-desktop codex-lab://page/usage", In("../desktop/links.rs")),
    // Verbs that are named without what they take.
    ("", "codex-lab run", Known),
    ("", "codex-lab guard", Known),
    ("", "codex-lab snooze", Known),
    ("", "codex-lab connect", Known),
    ("", "codex-lab export", Known),
    ("", "codex-lab restore", Known),
    ("", "codex-lab route force", Known),
    // Codex itself is started, and misses its terminal.
    ("", "codex-lab run -- codex", Says(1, "stdin is not a terminal")),
    ("", "codex-lab run --profile work -- codex", Says(1, "stdin is not a terminal")),
    ("", "codex-lab run --profile work --strict -- codex", Says(1, "stdin is not a terminal")),
    // What stays.
    ("docs/clients.md", "codex-lab serve", Says(60, "already_serving")),
    ("", "codex-lab serve", Stays("serving on http://127.0.0.1:")),
    ("", "codex-lab serve --port NUMBER", Stays("serving on http://127.0.0.1:4599/v1")),
    ("", "codex-lab app-server --listen", Stays("listening on ")),
    ("", "codex-lab status --format waybar --watch", Stays("{\"text\":\"main ")),
    ("", "codex-lab status --format polybar --watch", Stays("%{F#e5a50a}main ")),
    // What asks.
    ("", "codex-lab import", With("--yes", "")),
    ("", "codex-lab import --from opencode", With("--yes", "")),
    ("", "codex-lab import --from cc-switch FILE", With("--yes", "")),
    ("", "codex-lab import --delete-leftover ~/.config/opencode-multi-auth/accounts.json.bak", With("--yes", "")),
    ("", "codex-lab support-bundle", With("--yes", "")),
    ("", "codex-lab uninstall", With("--yes", "")),
    ("", "codex-lab uninstall --delete-home", With("--yes", "")),
    ("", "codex-lab export ~/codex-lab.sealed", With("--passphrase-stdin", PASSPHRASE)),
    ("", "codex-lab export FILE", With("--passphrase-stdin", PASSPHRASE)),
    ("", "codex-lab restore ~/codex-lab.sealed", With("--passphrase-stdin", PASSPHRASE)),
    ("", "codex-lab restore ~/codex-lab.sealed --dry-run", With("--passphrase-stdin", PASSPHRASE)),
    ("", "codex-lab vault move passphrase", With("--passphrase-stdin", PASSPHRASE)),
    ("", "codex-lab backup restore ID", With("--yes", "")),
    ("", "codex-lab remove NAME --sign-out", With("--yes", "")),
    ("", "codex-lab remove backup --sign-out", With("--yes", "")),
    // What somebody has to do elsewhere; sign_in.rs does it.
    ("", "codex-lab login --api-key", With("--dry-run", "sk-0123456789abcdefghijklmnop\n")),
    ("", "codex-lab login --device-code", With("--dry-run", "")),
    ("", "codex-lab login --paste-callback", With("--dry-run", "")),
    ("", "codex-lab login --no-browser", With("--dry-run", "")),
    // What the world refuses.
    ("", "codex-lab vault move keyring", Says(52, "vault_missing")),
    ("", "codex-lab prime work --now", Says(6, "the week runs")),
    // Of a Codex that is open; sessions.rs has some.
    ("", "codex-lab sessions choose PID restart", Known),
    ("", "codex-lab sessions choose PID when-idle", Known),
    ("", "codex-lab sessions choose PID leave", Known),
    // Other programs.
    ("", "man -l FOLDER/codex-lab.1", IfThere),
    ("", "ss -ltnp 'sport = :1455'", IfThere),
    ("", "update-desktop-database ~/.local/share/applications", IfThere),
    ("", "xdg-mime default dev.codexlab.tray.desktop x-scheme-handler/codex-lab", IfThere),
    ("", "chmod go-w FILE", IfThere),
    // It asks a server of notifications that shows some.
    ("", "dunstctl context", Not),
    // They need root, or install something for everybody.
    ("", "sudo apt install dunst", Not),
    ("", "sudo chown -R \"$USER\" ~/.codex-lab ~/.codex", Not),
    ("", "apt remove codex-lab", Not),
    ("", "npm install --global @openai/codex", Not),
];

/// What stands for something: page (`""` is each), the word, and what the shell is given in its place.
const PLACEHOLDERS: &[(&str, &str, &str)] = &[
    ("", "NAME", "backup"),
    ("", "NUMBER", "4599"),
    ("", "PID", "1"),
    ("", "FOLDER", "~/project"),
    ("", "FORMAT", "tmux"),
    ("docs/backups.md", "ID", "$(codex-lab backup list | sed -n 's/^\\(index-[^ ]*\\).*/\\1/p' | tail -n 1)"),
    ("", "SESSION", "$(codex-lab why --json | sed -n 's/^ *\"session\": \"\\([^\"]*\\).*/\\1/p' | head -n 1)"),
    ("docs/importing.md", "FILE", "~/.cc-switch/cc-switch.db"),
    ("docs/hooks.md", "FILE", "~/bin/out-of-quota"),
    ("", "FILE", "~/some-file"),
    ("", "PATH", "~/backup.json"),
];

/// How this command of this page is run; `None` for a program that is not ours and has no way.
pub(super) fn way(page: &str, command: &str) -> Option<Way> {
    let listed = WAYS.iter().find(|(on, text, _)| *text == command && (on.is_empty() || *on == page));
    match (listed, command.split(' ').next()) {
        (Some((_, _, way)), _) => Some(*way),
        (None, Some("codex-lab" | "mkdir" | "curl" | "export" | "CODEX_HOME=~/.codex-lab/auth-profiles/NAME")) => Some(Ends(0)),
        (None, Some("codex" | "opencode")) => Some(Known),
        (None, _) => None,
    }
}

/// Which of the ways and placeholders no page takes: pages and commands.
pub(super) fn needless(commands: &[(String, String)]) -> Vec<String> {
    let told = |on: &str, is: &dyn Fn(&str) -> bool| commands.iter().any(|(page, text)| (on.is_empty() || on == page) && is(text));
    let ways = WAYS.iter().filter(|(on, text, _)| !told(on, &|command| command == *text)).map(|(on, text, _)| format!("{on} {text}"));
    let words = PLACEHOLDERS.iter().filter(|(on, word, _)| !told(on, &|command| command.contains(word)));
    ways.chain(words.map(|(on, word, _)| format!("{on} {word}"))).collect()
}

/// The command with something in the place of each placeholder.
pub(super) fn filled(page: &str, command: &str) -> String {
    PLACEHOLDERS.iter().filter(|(on, _, _)| on.is_empty() || *on == page).fold(command.to_owned(), |text, (_, word, value)| {
        let whole = Regex::new(&format!(r"(^|[ =/]){word}\b")).unwrap();
        whole.replace_all(&text, |found: &regex::Captures<'_>| format!("{}{value}", &found[1])).into_owned()
    })
}
