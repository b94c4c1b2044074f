//! Tables of the quota book: which reading counts, and what is left.

use jiff::Timestamp;

use super::*;

/// Low and critical, in percent.
const USUAL: (u8, u8) = (20, 5);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn percent(percent: f64) -> Percent {
    Percent::of(percent).unwrap()
}

fn reading(minutes: i64, used: f64, resets_at: i64) -> WindowReading {
    WindowReading { minutes: Minutes::of(minutes).unwrap(), used_percent: percent(used), resets_at: Some(at(resets_at)) }
}

fn seen(second: i64, source: QuotaSource, windows: &[WindowReading]) -> Observation {
    let mut seen = Observation::new(at(second), source);
    seen.add(Family::main(), FamilyReading { windows: windows.to_vec(), ..FamilyReading::default() });
    seen
}

fn complete(second: i64, windows: &[WindowReading]) -> Observation {
    let mut seen = Observation::new(at(second), QuotaSource::Usage);
    seen.add(Family::main(), FamilyReading { windows: windows.to_vec(), complete: true, ..FamilyReading::default() });
    seen
}

/// Length and share used of each window of the main family.
fn used(book: &Quota) -> Vec<(u32, f64)> {
    book.windows(&Family::main()).map(|window| (window.minutes.get(), window.used_percent.get())).collect()
}

#[test]
fn newer_wins_and_order_of_arrival_does_not_matter() {
    use QuotaSource::{Header, SessionLog, Stream, Usage};
    let readings = [
        seen(100, SessionLog, &[reading(300, 10.0, 9000)]),
        seen(200, Header, &[reading(300, 20.0, 9000), reading(10_080, 5.0, 90_000)]),
        seen(300, Usage, &[reading(300, 30.0, 9000)]),
        seen(250, Stream, &[reading(10_080, 6.0, 90_000)]),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let mut book = Quota::default();
        for number in order {
            book.take(&readings[number]);
        }
        assert_eq!(used(&book), [(300, 30.0), (10_080, 6.0)], "{order:?}");
        assert_eq!(book.window(&Family::main(), Minutes::FIVE_HOURS).unwrap().source, Usage);
    }
}

#[test]
fn what_changed_is_told() {
    let mut book = Quota::default();
    let first = book.take(&seen(100, QuotaSource::Header, &[reading(300, 10.0, 9000)]));
    assert_eq!(first.windows.len(), 1);
    assert_eq!((first.windows[0].before, first.windows[0].after.unwrap().used_percent), (None, percent(10.0)));
    let older = book.take(&seen(99, QuotaSource::Header, &[reading(300, 1.0, 9000)]));
    assert!(older.is_nothing());
    let newer = book.take(&seen(101, QuotaSource::Header, &[reading(300, 11.0, 9000)]));
    assert_eq!(newer.windows[0].before.unwrap().used_percent, percent(10.0));
    assert!(book.take(&Observation::new(at(500), QuotaSource::Header)).is_nothing());
    let mut plan = Observation::new(at(500), QuotaSource::Header);
    plan.plan = Told::Is(ShortText::parse("plus").unwrap());
    assert_eq!(book.take(&plan), Changed { windows: Vec::new(), account: true });
    assert!(book.take(&plan).is_nothing());
}

#[test]
fn only_a_complete_reading_says_what_a_plan_does_not_have() {
    let both = || seen(100, QuotaSource::Header, &[reading(300, 10.0, 9000), reading(10_080, 5.0, 90_000)]);
    let week = [reading(10_080, 7.0, 90_000)];
    let cases: [(Observation, &[(u32, f64)]); 6] = [
        (seen(200, QuotaSource::Header, &week), &[(300, 10.0), (10_080, 7.0)]),
        (seen(200, QuotaSource::Usage, &week), &[(300, 10.0), (10_080, 7.0)]),
        (complete(200, &week), &[(10_080, 7.0)]),
        (complete(100, &week), &[(10_080, 7.0)]),
        (complete(200, &[]), &[]),
        // Told earlier than the window was seen.
        (complete(99, &week), &[(300, 10.0), (10_080, 5.0)]),
    ];
    for (number, (reading, left)) in cases.into_iter().enumerate() {
        let mut book = Quota::default();
        book.take(&both());
        let changed = book.take(&reading);
        assert_eq!(used(&book), left, "case {number}");
        let gone = changed.windows.iter().filter(|change| change.after.is_none()).count();
        assert_eq!(gone, 2 - left.len(), "case {number}");
    }
}

#[test]
fn an_older_reading_does_not_bring_back_a_window_the_plan_does_not_have() {
    let mut book = Quota::default();
    book.take(&complete(200, &[reading(10_080, 7.0, 90_000)]));
    assert!(book.take(&seen(150, QuotaSource::SessionLog, &[reading(300, 99.0, 9000)])).is_nothing());
    book.take(&seen(201, QuotaSource::Header, &[reading(300, 1.0, 9000)]));
    assert_eq!(used(&book), [(300, 1.0), (10_080, 7.0)], "a new plan has it");
}

#[test]
fn families_do_not_mix() {
    let images = Family::parse("imagegen_premium").unwrap();
    let mut book = Quota::default();
    book.take(&seen(100, QuotaSource::Header, &[reading(300, 10.0, 9000)]));
    let mut image = Observation::new(at(200), QuotaSource::Header);
    image.add(images.clone(), FamilyReading { windows: vec![reading(1440, 100.0, 9000)], ..FamilyReading::default() });
    book.take(&image);
    book.take(&complete(300, &[reading(300, 12.0, 9000)]));
    assert_eq!(used(&book), [(300, 12.0)]);
    assert_eq!(book.lowest(&Family::main(), at(300)).unwrap().left_percent, percent(88.0));
    assert_eq!(book.back_at(&images, at(300)), Some(at(9000)));
    assert_eq!(book.remaining(&images, at(300)).len(), 1);
}

#[test]
fn two_windows_of_one_length_are_the_fuller_one() {
    let mut book = Quota::default();
    book.take(&seen(100, QuotaSource::Header, &[reading(300, 10.0, 9000), reading(300, 80.0, 9500), reading(300, 30.0, 9000)]));
    assert_eq!(used(&book), [(300, 80.0)]);
}

#[test]
fn endless_families_and_windows_are_cut_off_and_the_main_family_stays() {
    let mut book = Quota::default();
    book.take(&seen(1, QuotaSource::Header, &[reading(300, 10.0, 9000)]));
    for number in 0..200 {
        let mut seen = Observation::new(at(100 + number), QuotaSource::Header);
        seen.add(
            Family::parse(&format!("f{number}")).unwrap(),
            FamilyReading { windows: vec![reading(60, 1.0, 9000)], ..Default::default() },
        );
        book.take(&seen);
    }
    assert_eq!(book.families().count(), FAMILIES_LIMIT);
    assert!(book.window(&Family::parse("f199").unwrap(), Minutes::of(60).unwrap()).is_some());
    let many: Vec<_> = (1..500).map(|minutes| reading(minutes, 1.0, 9000)).collect();
    book.take(&seen(1000, QuotaSource::Header, &many));
    assert_eq!(book.windows(&Family::main()).count(), WINDOWS_LIMIT);
    assert!(book.window(&Family::main(), Minutes::FIVE_HOURS).is_some(), "known ones stay");
}

#[test]
fn lowest_and_back_at() {
    // Windows as (minutes, used, reset); now is 1000.
    type Case<'a> = (&'a [(i64, f64, i64)], Option<(u32, f64)>, Option<i64>);
    let cases: [Case<'_>; 6] = [
        (&[], None, None),
        (&[(300, 40.0, 2000), (10_080, 60.0, 5000)], Some((10_080, 40.0)), None),
        (&[(300, 100.0, 2000), (10_080, 60.0, 5000)], Some((300, 0.0)), Some(2000)),
        (&[(300, 100.0, 2000), (10_080, 100.0, 5000)], Some((10_080, 0.0)), Some(5000)),
        // Past its reset it is full again, as far as anyone knows.
        (&[(300, 100.0, 900), (10_080, 60.0, 5000)], Some((10_080, 40.0)), None),
        (&[(300, 100.0, 900)], Some((300, 100.0)), None),
    ];
    for (windows, lowest, back) in cases {
        let mut book = Quota::default();
        let readings: Vec<_> = windows.iter().map(|(minutes, used, resets_at)| reading(*minutes, *used, *resets_at)).collect();
        book.take(&seen(800, QuotaSource::Header, &readings));
        let (main, now) = (Family::main(), at(1000));
        assert_eq!(book.lowest(&main, now).map(|left| (left.minutes.get(), left.left_percent.get())), lowest, "{windows:?}");
        assert_eq!(book.back_at(&main, now), back.map(at), "{windows:?}");
    }
    let mut book = Quota::default();
    let forever = WindowReading { resets_at: None, ..reading(300, 100.0, 1) };
    book.take(&seen(800, QuotaSource::Header, &[forever]));
    assert_eq!(book.back_at(&Family::main(), at(1000)), None);
}

#[test]
fn after_a_clock_was_set_back_the_next_reading_counts() {
    let mut book = Quota::default();
    let mut future = complete(200_000_000, &[reading(300, 50.0, 300_000_000)]);
    future.plan = Told::Is(ShortText::parse("plus").unwrap());
    book.take(&future);
    book.notice_clock(at(199_999_990));
    assert_eq!(book.window(&Family::main(), Minutes::FIVE_HOURS).unwrap().observed_at, at(200_000_000), "clocks tick apart");
    book.notice_clock(at(100_000_000));
    let left = book.remaining(&Family::main(), at(100_000_000))[0];
    assert_eq!((left.left_percent, left.confidence), (percent(50.0), Confidence::Low));
    assert_eq!(book.view(USUAL, at(100_000_000)).families[0].windows[0].observed_at, None);
    let mut next = seen(100_000_001, QuotaSource::Header, &[reading(300, 60.0, 300_000_000), reading(10_080, 1.0, 300_000_000)]);
    next.plan = Told::Is(ShortText::parse("pro").unwrap());
    book.take(&next);
    assert_eq!(used(&book), [(300, 60.0), (10_080, 1.0)]);
    assert_eq!(book.account().plan.is.as_ref().unwrap().as_str(), "pro");
    for now in [Timestamp::MIN, Timestamp::MAX] {
        book.notice_clock(now);
        book.view(USUAL, now);
        book.lowest(&Family::main(), now);
    }
}

#[test]
fn what_another_process_saw_later_is_taken() {
    let (mut ours, mut theirs) = (Quota::default(), Quota::default());
    ours.take(&seen(100, QuotaSource::Header, &[reading(300, 10.0, 9000), reading(10_080, 5.0, 90_000)]));
    theirs.take(&seen(50, QuotaSource::Header, &[reading(300, 1.0, 9000)]));
    ours.take_later(&theirs);
    assert_eq!(used(&ours), [(300, 10.0), (10_080, 5.0)]);
    let mut later = complete(200, &[reading(300, 20.0, 9000)]);
    later.plan = Told::Is(ShortText::parse("plus").unwrap());
    theirs.take(&later);
    ours.take_later(&theirs);
    assert_eq!(used(&ours), [(300, 20.0)]);
    assert_eq!(ours.account().plan.is.as_ref().unwrap().as_str(), "plus");
}

#[test]
fn the_view_has_the_main_family_first_and_tells_what_is_uncertain() {
    let mut book = Quota::default();
    let mut spark = seen(1000, QuotaSource::Usage, &[reading(300, 100.0, 900), reading(10_080, 100.0, 9000), reading(60, 0.5, 9000)]);
    let (name, windows) = (ShortText::parse("Spark"), vec![reading(300, 1.0, 9000)]);
    spark.add(Family::parse("a_first").unwrap(), FamilyReading { name, windows, ..FamilyReading::default() });
    spark.reset_credits = Told::Is(2);
    book.take(&spark);
    let view = book.view(USUAL, at(1060));
    assert_eq!(view.families.iter().map(|family| family.family.as_str()).collect::<Vec<_>>(), ["codex", "a_first"]);
    let shown: Vec<_> =
        view.families[0].windows.iter().map(|window| (window.minutes.get(), window.left_percent.get(), window.note)).collect();
    assert_eq!(shown, [(60, 99.5, WindowNote::Fine), (300, 100.0, WindowNote::ResetUnverified), (10_080, 0.0, WindowNote::Empty)]);
    assert_eq!(view.families[0].windows[1].confidence, Confidence::Unverified);
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["families"][0]["windows"][0]["left_percent"], 99.5);
    assert_eq!(json["families"][1]["name"], "Spark");
    assert_eq!((&json["reset_credits"], &json["plan"]), (&2.into(), &serde_json::Value::Null));
    assert_eq!(Quota::default().view(USUAL, at(0)), QuotaView::default());
}

#[test]
fn what_is_below_a_threshold_is_noted_as_routing_counts_it() {
    for (used, now, note) in [
        (80.0, 100, WindowNote::Fine),
        (80.5, 100, WindowNote::Fine),
        (81.0, 100, WindowNote::Low),
        (95.0, 100, WindowNote::Low),
        (96.0, 100, WindowNote::Critical),
        (99.9, 100, WindowNote::Critical),
        (100.0, 100, WindowNote::Empty),
        (100.0, 9000, WindowNote::ResetUnverified),
    ] {
        let mut book = Quota::default();
        book.take(&seen(100, QuotaSource::Header, &[reading(300, used, 9000)]));
        assert_eq!(book.view(USUAL, at(now)).main_windows()[0].note, note, "{used} at {now}");
    }
}

#[test]
fn the_lowest_window_is_the_one_that_takes_longest_to_come_back() {
    let mut book = Quota::default();
    book.take(&seen(100, QuotaSource::Header, &[reading(300, 50.0, 9000), reading(10_080, 50.0, 90_000), reading(43_200, 1.0, 900_000)]));
    assert_eq!(book.view(USUAL, at(100)).lowest().map(|window| window.minutes), Some(Minutes::WEEK));
    assert_eq!(QuotaView::default().lowest(), None);
}

#[test]
fn the_window_gets_a_type_for_all_that_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    <QuotaView as ts_rs::TS>::export_all(&ts_rs::Config::new().with_out_dir(folder.path())).unwrap();
    let names = crate::base::files::names(folder.path()).unwrap();
    let types = ["Confidence", "Credits", "FamilyView", "QuotaSource", "QuotaView", "SpendLimit", "WindowNote", "WindowView"];
    for name in types {
        assert!(names.contains(&format!("{name}.ts")), "{name} in {names:?}");
    }
}
