//! Following logs that grow, shrink, appear, and are replaced.

use std::fs;
use std::io::Write as _;

use super::*;

struct Logs {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Logs {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("sessions");
        Self { _folder: folder, root }
    }

    fn path(&self, day: &str, name: &str) -> PathBuf {
        self.root.join(day).join(format!("rollout-{name}.jsonl"))
    }

    fn append(&self, day: &str, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(day, name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }
}

fn line(word: &str) -> String {
    format!("{{{MARK}:\"{word}\"}}\n")
}

/// The words of the lines of one look, log by log.
fn words(tail: &mut Tail) -> Vec<String> {
    let appended = tail.look().unwrap();
    let words = appended.into_iter().flat_map(|appended| appended.lines);
    words.map(|line| line.trim_end_matches("\"}").rsplit('"').next().unwrap().to_owned()).collect()
}

#[test]
fn only_what_is_appended_is_read_and_once() {
    let logs = Logs::new();
    let mut tail = Tail::new(logs.root.clone());
    assert!(words(&mut tail).is_empty(), "no folder yet");
    logs.append("2026/11/20", "a", line("first"));
    assert_eq!(words(&mut tail), ["first"], "a log that is new");
    assert!(words(&mut tail).is_empty());
    logs.append("2026/11/20", "a", format!("{}noise\n{}", line("second"), line("third")));
    logs.append("2026/11/21", "b", line("other"));
    assert_eq!(words(&mut tail), ["other", "second", "third"]);
    assert!(words(&mut tail).is_empty());
}

#[test]
fn logs_that_were_there_before_are_followed_from_their_ends() {
    let logs = Logs::new();
    for day in 10..30 {
        logs.append(&format!("2026/10/{day}"), "old", line("before"));
    }
    logs.append("2026/11/21", "a", line("before"));
    let mut tail = Tail::new(logs.root.clone());
    assert!(words(&mut tail).is_empty());
    logs.append("2026/11/21", "a", line("after"));
    logs.append("2026/11/21", "b", line("new"));
    assert_eq!(words(&mut tail), ["after", "new"]);
    // A conversation of an old day is resumed: its day's turn comes.
    for day in 10..30 {
        logs.append(&format!("2026/10/{day}"), "old", line("resumed"));
    }
    let found: usize = (0..3).map(|_| words(&mut tail).len()).sum();
    assert_eq!(found, 20);
}

#[test]
fn a_line_half_written_is_read_when_it_is_whole() {
    let logs = Logs::new();
    let mut tail = Tail::new(logs.root.clone());
    tail.look().unwrap();
    let whole = line("whole");
    let (start, end) = whole.split_at(9);
    logs.append("2026/11/21", "a", start);
    assert!(words(&mut tail).is_empty());
    logs.append("2026/11/21", "a", end);
    assert_eq!(words(&mut tail), ["whole"]);
    logs.append("2026/11/21", "a", b"\xff\xfe\"token_count\"\n");
    assert!(words(&mut tail).is_empty(), "no text");
}

#[test]
fn a_log_that_is_cut_off_or_replaced_is_read_from_its_beginning() {
    let logs = Logs::new();
    let mut tail = Tail::new(logs.root.clone());
    tail.look().unwrap();
    logs.append("2026/11/21", "a", line("one").repeat(3));
    assert_eq!(words(&mut tail).len(), 3);
    let path = logs.path("2026/11/21", "a");
    fs::write(&path, line("cut")).unwrap();
    assert_eq!(words(&mut tail), ["cut"]);
    let other = logs.root.join("2026/11/21/other");
    fs::write(&other, line("replaced").repeat(5)).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(words(&mut tail).len(), 5);
    fs::remove_file(&path).unwrap();
    assert!(words(&mut tail).is_empty());
    fs::remove_dir_all(&logs.root).unwrap();
    assert!(words(&mut tail).is_empty());
    logs.append("2026/11/21", "a", line("again"));
    assert_eq!(words(&mut tail), ["again"]);
}

#[test]
fn a_look_is_bounded_and_endless_lines_are_skipped() {
    let logs = Logs::new();
    let mut tail = Tail::new(logs.root.clone());
    tail.look().unwrap();
    let long = "x".repeat(usize::try_from(LOG_BYTES).unwrap() * 2 + 77);
    logs.append("2026/11/21", "a", format!("{long}{MARK}\n{}", line("after the long one")));
    let mut looks = 0;
    let found = loop {
        looks += 1;
        let found = words(&mut tail);
        if !found.is_empty() || looks > 9 {
            break found;
        }
    };
    assert_eq!((found.as_slice(), looks), (&["after the long one".to_owned()][..], 3));
    for number in 0..12 {
        logs.append("2026/11/21", &format!("big{number:02}"), line(&"y".repeat(1000)).repeat(1000));
    }
    let first: usize = words(&mut tail).len();
    let rest: usize = (0..3).map(|_| words(&mut tail).len()).sum();
    assert!(first < 12_000 && first > 4000, "{first}");
    assert_eq!(first + rest, 12_000);
}

#[test]
fn what_is_no_log_is_left_alone() {
    let logs = Logs::new();
    let mut tail = Tail::new(logs.root.clone());
    tail.look().unwrap();
    let day = logs.root.join("2026/11/21");
    fs::create_dir_all(&day).unwrap();
    fs::create_dir_all(day.join("rollout-folder.jsonl")).unwrap();
    fs::write(day.join("notes.jsonl"), line("notes")).unwrap();
    fs::write(day.join("rollout-x.jsonl.zst"), line("packed")).unwrap();
    fs::write(logs.root.join("2025"), line("a file in a year's place")).unwrap();
    fs::create_dir_all(logs.root.join("archived/11/21")).unwrap();
    fs::write(logs.root.join("archived/11/21/rollout-x.jsonl"), line("archived")).unwrap();
    #[cfg(unix)]
    {
        fs::write(logs.root.join("elsewhere"), line("linked")).unwrap();
        std::os::unix::fs::symlink(logs.root.join("elsewhere"), day.join("rollout-link.jsonl")).unwrap();
    }
    assert!(words(&mut tail).is_empty());
    logs.append("2026/11/21", "a", line("real"));
    assert_eq!(words(&mut tail), ["real"]);
}
