//! Quota in SQLite: kept across restarts and between processes, with a history that does not slow the present down.

use super::*;
use crate::base::environment::Environment;
use crate::model::quota::{FamilyReading, Observation, ShortText, Told, WindowReading};
use crate::store::history::HISTORY;
use crate::store::home::Home;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

struct Disk {
    _folder: tempfile::TempDir,
    home: Home,
    state: State,
}

fn open() -> Disk {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(&Environment::of(folder.path(), [])).unwrap();
    let state = State::open(&home).unwrap();
    Disk { _folder: folder, home, state }
}

fn id(number: u64) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

fn reading(minutes: i64, used: f64, resets_at: Option<i64>) -> WindowReading {
    WindowReading { minutes: Minutes::of(minutes).unwrap(), used_percent: Percent::of(used).unwrap(), resets_at: resets_at.map(at) }
}

fn seen(second: i64, windows: &[WindowReading], complete: bool) -> Observation {
    let mut seen = Observation::new(at(second), if complete { QuotaSource::Usage } else { QuotaSource::Header });
    seen.add(Family::main(), FamilyReading { windows: windows.to_vec(), complete, ..FamilyReading::default() });
    seen
}

/// Takes a reading into a book and saves it, as one process does.
fn take(state: &State, book: &mut Quota, seen: &Observation) {
    take_late(state, book, seen, seen.at);
}

/// The same, of a reading that is saved later than it was made.
fn take_late(state: &State, book: &mut Quota, seen: &Observation, now: Timestamp) {
    let changed = book.take(seen);
    state.save_quota(&id(1), book, &changed, now).unwrap();
}

fn stored(state: &State) -> Quota {
    state.quota().unwrap().remove(&id(1)).unwrap_or_default()
}

fn history(state: &State) -> Vec<(i64, f64)> {
    let points = state.quota_history(&id(1), &Family::main(), Minutes::FIVE_HOURS, Timestamp::MIN, 1000).unwrap();
    points.into_iter().map(|point| (point.at.as_second(), point.used_percent.get())).collect()
}

#[test]
fn what_is_known_survives_a_restart() {
    let disk = open();
    assert!(disk.state.quota().unwrap().is_empty());
    let mut book = Quota::default();
    let mut all = seen(1000, &[reading(300, 12.34, Some(9000)), reading(10_080, 100.0, None)], true);
    let (name, windows) = (ShortText::parse("Spark"), vec![reading(300, 1.0, None)]);
    all.add(Family::parse("codex_bengalfox").unwrap(), FamilyReading { name, windows, ..FamilyReading::default() });
    all.plan = ShortText::parse("plus").into();
    all.reset_credits = Told::Is(2);
    all.credits = Told::Nothing;
    take(&disk.state, &mut book, &all);
    let other = book.clone();
    disk.state.save_quota(&id(2), &other, &Changed::default(), at(1000)).unwrap();
    let again = State::open(&disk.home).unwrap();
    assert_eq!(stored(&again), book);
    assert_eq!(again.quota().unwrap()[&id(2)].account(), book.account());
    take(&again, &mut book, &seen(2000, &[reading(300, 50.0, Some(9000))], true));
    assert_eq!(stored(&disk.state), book, "the week is gone");
    assert_eq!(book.windows(&Family::main()).count(), 1);
}

#[test]
fn of_two_processes_the_later_reading_stays() {
    let disk = open();
    let other = State::open(&disk.home).unwrap();
    let (mut ours, mut theirs) = (Quota::default(), Quota::default());
    take(&disk.state, &mut ours, &seen(2000, &[reading(300, 20.0, None)], false));
    take_late(&other, &mut theirs, &seen(1000, &[reading(300, 10.0, None), reading(10_080, 5.0, None)], false), at(2001));
    let used = |book: &Quota| book.windows(&Family::main()).map(|window| window.used_percent.get()).collect::<Vec<_>>();
    assert_eq!(used(&stored(&disk.state)), [20.0, 5.0]);
    ours.take_later(&stored(&disk.state));
    assert_eq!(used(&ours), [20.0, 5.0]);
    // Noted before the clock was set back: the next reading takes its place.
    take(&other, &mut theirs, &seen(900_000, &[reading(300, 30.0, None)], false));
    ours.notice_clock(at(3000));
    take(&disk.state, &mut ours, &seen(3000, &[reading(300, 40.0, None)], false));
    assert_eq!(used(&stored(&disk.state)), [40.0, 5.0]);
}

#[test]
fn of_two_processes_the_later_word_stays() {
    let disk = open();
    let other = State::open(&disk.home).unwrap();
    let (mut ours, mut theirs) = (Quota::default(), Quota::default());
    let told = |second, plan: Option<&str>, resets: Option<u32>| {
        let mut told = Observation::new(at(second), QuotaSource::Usage);
        (told.plan, told.reset_credits) = (plan.and_then(ShortText::parse).into(), resets.into());
        told
    };
    take(&disk.state, &mut ours, &told(1000, Some("plus"), Some(1)));
    take(&other, &mut theirs, &told(1010, Some("pro"), None));
    take(&disk.state, &mut ours, &told(1020, None, Some(2)));
    let account = stored(&disk.state).account().clone();
    assert_eq!((account.plan.is.unwrap().as_str(), account.reset_credits.is), ("pro", Some(2)));
}

#[test]
fn a_window_that_another_process_has_seen_since_is_not_dropped() {
    let disk = open();
    let (mut ours, mut theirs) = (Quota::default(), Quota::default());
    take(&disk.state, &mut ours, &seen(1000, &[reading(300, 20.0, None)], false));
    take(&disk.state, &mut theirs, &seen(3000, &[reading(300, 30.0, None)], false));
    take_late(&disk.state, &mut ours, &seen(2000, &[], true), at(3001));
    assert_eq!(stored(&disk.state).windows(&Family::main()).count(), 1);
}

#[test]
fn the_history_has_a_point_for_each_thing_that_happened() {
    let disk = open();
    let mut book = Quota::default();
    let reset = 100_000;
    for (second, used, resets_at, points) in [
        (1000, 10.0, Some(reset), 1),
        (1010, 10.0, Some(reset), 1),
        (1020, 10.4, Some(reset + 59), 1),
        (1030, 10.5, Some(reset), 2),
        (1040, 10.5, Some(reset + 60), 3),
        (1050, 10.5, None, 4),
        (1060, 10.5, Some(reset), 5),
        (1059, 99.0, Some(reset), 5),
        (1060 + 899, 10.5, Some(reset), 5),
        (1060 + 900, 10.5, Some(reset), 6),
        (2000, 0.0, Some(reset + 18_000), 7),
    ] {
        take(&disk.state, &mut book, &seen(second, &[reading(300, used, resets_at)], false));
        assert_eq!(history(&disk.state).len(), points, "{second}");
    }
    assert_eq!(history(&disk.state)[1], (1030, 10.5));
    let newest = disk.state.quota_history(&id(1), &Family::main(), Minutes::FIVE_HOURS, at(1040), 2).unwrap();
    assert_eq!(newest.iter().map(|point| point.at.as_second()).collect::<Vec<_>>(), [1960, 2000]);
    assert!(disk.state.quota_history(&id(2), &Family::main(), Minutes::FIVE_HOURS, at(0), 9).unwrap().is_empty());
    let before = |second| disk.state.quota_before(&id(1), &Family::main(), Minutes::FIVE_HOURS, at(second)).unwrap();
    assert_eq!((before(1000), before(1035).map(|point| point.at)), (None, Some(at(1030))));
    assert_eq!(stored(&disk.state), book);
}

#[test]
fn a_long_history_does_not_touch_the_present() {
    let disk = open();
    let mut book = Quota::default();
    take(&disk.state, &mut book, &seen(1000, &[reading(300, 10.0, None)], false));
    let grown = disk.state.in_one(|connection| {
        let mut insert = connection.prepare("insert into quota_history values (?1, 'codex', 300, ?2, 17, null, 'header')")?;
        for number in 0..100_000_i64 {
            insert.execute(params![id(u64::try_from(number % 7).unwrap()).as_str(), 2_000_000 + number])?;
        }
        connection.query_row("select count(*) from quota_history", [], |row| row.get::<_, i64>(0))
    });
    assert_eq!(grown.unwrap(), 100_001);
    assert_eq!(stored(&disk.state), book);
    let plan = |sql: &str, key: &[&dyn rusqlite::ToSql]| {
        let steps = disk.state.with(|connection| {
            let mut query = connection.prepare(&format!("explain query plan {sql}"))?;
            let rows = query.query_map(key, |row| row.get::<_, String>(3))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        });
        steps.unwrap()
    };
    assert_eq!(plan(CURRENT, &[]), ["SCAN quota_windows"], "the present alone");
    for (sql, range) in [(LAST_POINT, " AND at<?"), (HISTORY, " AND at>?")] {
        let key: Vec<&dyn rusqlite::ToSql> = if sql == LAST_POINT { vec![&"", &"", &1, &0] } else { vec![&"", &"", &1, &0, &9] };
        let by_key = format!("SEARCH quota_history USING PRIMARY KEY (profile=? AND family=? AND minutes=?{range})");
        assert_eq!(plan(sql, &key), [by_key], "found by its key, in order: {sql}");
    }
}

#[test]
fn rows_that_make_no_sense_are_passed_over() {
    let disk = open();
    let mut book = Quota::default();
    take(&disk.state, &mut book, &seen(1000, &[reading(300, 10.0, None)], false));
    let planted = disk.state.with(|connection| {
        connection.execute_batch(
            "insert into quota_windows values ('no profile', 'codex', 300, 1, null, 1, 'header');
             insert into quota_windows values ('0000000000000001', 'no family', 300, 1, null, 1, 'header');
             insert into quota_windows values ('0000000000000001', 'codex', -3, 1, null, 1, 'header');
             insert into quota_windows values ('0000000000000001', 'codex', 301, 10001, null, 1, 'header');
             insert into quota_windows values ('0000000000000001', 'codex', 302, 1, null, 1, 'rumour');
             insert into quota_windows values ('0000000000000001', 'codex', 303, 1, 9223372036854775807, -9223372036854775808, 'usage');
             insert into quota_accounts values ('0000000000000003', '{', 'x');
             insert into quota_history values ('0000000000000001', 'codex', 300, 5, -7, null, 'header');",
        )
    });
    planted.unwrap();
    let lengths: Vec<_> = stored(&disk.state).windows(&Family::main()).map(|window| window.minutes.get()).collect();
    assert_eq!(lengths, [300, 303]);
    assert_eq!(history(&disk.state), [(1000, 10.0)]);
    assert!(disk.state.quota().unwrap()[&id(3)].is_empty());
}

#[test]
fn a_question_is_claimed_once_whoever_asks() {
    let disk = open();
    let other = State::open(&disk.home).unwrap();
    let floor = Duration::from_secs(300);
    let claim = |state: &State, second| state.claim_quota_ask(&id(1), floor, at(second)).unwrap();
    assert!(claim(&disk.state, 1000));
    assert!(!claim(&other, 1000) && !claim(&other, 1299));
    assert!(claim(&other, 1300));
    assert!(!claim(&disk.state, 1301));
    assert!(!claim(&disk.state, 1290), "clocks tick apart");
    assert!(claim(&disk.state, 500), "the clock was set back");
    assert!(disk.state.claim_quota_ask(&id(2), floor, at(500)).unwrap());
    disk.state.note_quota_answer(&id(1), false, Some(at(700))).unwrap();
    disk.state.note_quota_answer(&id(1), false, Some(at(900))).unwrap();
    assert!(claim(&other, 800));
    assert_eq!(other.quota_asks().unwrap()[&id(1)], Asked { at: at(800), failures: 2, pause_until: Some(at(900)) });
    other.note_quota_answer(&id(1), true, None).unwrap();
    assert_eq!(disk.state.quota_asks().unwrap()[&id(1)], Asked { at: at(800), failures: 0, pause_until: None });
}

#[test]
fn the_history_is_thinned_with_age() {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    let disk = open();
    let now = 2000 * DAY;
    // Each window by itself.
    let windows = [(id(1), "codex", 300), (id(1), "codex", 10_080), (id(1), "codex_other", 300), (id(2), "codex", 300)];
    let insert = |second: i64, used: i64| {
        let sql = "insert into quota_history values (?1, ?2, ?3, ?4, ?5, null, 'header')";
        for (profile, family, minutes) in &windows {
            let point = params![profile.as_str(), family, minutes, second * 1000, used];
            disk.state.with(|connection| connection.execute(sql, point)).unwrap();
        }
    };
    // In the last hour everything stays.
    (0..10).for_each(|count| insert(now - count, 100));
    // Of a minute, an hour and a day the point with the most stays, and of equals the last.
    for (begins, step) in [(now - DAY, 6), (now - 10 * DAY, 360), (now - 100 * DAY, 8640)] {
        (0..10).for_each(|count| insert(begins + count * step, if count == 3 || count == 5 { 700 } else { 100 }));
    }
    insert(now - 800 * DAY, 100);
    let hours = |hour: i64| move |point: &(i64, f64)| point.0 >= now - hour * HOUR;
    assert_eq!(disk.state.thin_quota_history(at(now)).unwrap(), 4 * 28);
    let count = "select count(*) from quota_history group by profile, family, minutes";
    let counts =
        |connection: &Connection| connection.prepare(count)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>();
    assert_eq!(disk.state.with(counts).unwrap(), [13; 4]);
    let left = history(&disk.state);
    assert_eq!(left.iter().filter(|point| hours(1)(point)).count(), 10);
    let old: Vec<(i64, f64)> = left.into_iter().filter(|point| !hours(1)(point)).collect();
    assert_eq!(old, [(now - 100 * DAY + 5 * 8640, 7.0), (now - 10 * DAY + 5 * 360, 7.0), (now - DAY + 30, 7.0)]);
    assert_eq!(disk.state.thin_quota_history(at(now)).unwrap(), 0, "once is enough");
}
