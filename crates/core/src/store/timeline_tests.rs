//! The timeline is read from every table, each within bounds and by its index.

use super::*;
use crate::base::environment::Environment;
use crate::model::background::BackgroundRequest;
use crate::model::block::{Block, BlockEnd};
use crate::model::news::News;
use crate::model::quota::{Minutes, Percent};
use crate::store::activity::Noted;
use crate::store::home::Home;
use crate::store::notices::Teller;
use crate::store::primes::PrimeEnd;
use crate::store::state::SwitchRecord;

fn open() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&Home::open(&Environment::of(folder.path(), [])).unwrap()).unwrap();
    (folder, state)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn id(number: u8) -> ProfileId {
    ProfileId::parse(&format!("{number:016x}")).unwrap()
}

fn all() -> Stretch<'static> {
    Stretch { newest: at(1_000_000), oldest: Timestamp::MIN, profile: None, rows: 100 }
}

/// One of each.
fn fill(state: &State) {
    let switch = |name: &str, second, from, to| SwitchRecord { id: name.into(), at: at(second), from, to };
    state.record_switch(&switch("a", 10, Some(id(1)), Some(id(2)))).unwrap();
    state.record_switch(&switch("b", 20, Some(id(2)), None)).unwrap();
    let noted =
        |second, what, profile, name: &str| Noted { at: at(second), what, profile: Some(id(profile)), name: Some(name.into()), code: None };
    state.note_activity(&[noted(21, Happened::Removed, 2, "work"), noted(30, Happened::Renewed, 1, "main")]).unwrap();
    let failed = Noted { at: at(31), what: Happened::SignInFailed, profile: None, name: None, code: Some(crate::failure::Code::PortBusy) };
    state.note_activity(&[failed]).unwrap();
    let told = Block::new(BlockKind::Exhausted, BlockScope::Profile, BlockEnd::At(at(90)), "x", at(40));
    state.note_blocks(&[(id(1), vec![told])], at(40)).unwrap();
    let claim = state.claim_prime(&id(1), at(600_000), false, at(50)).unwrap().unwrap();
    state.note_prime_sent(&claim, "gpt-6-luna", at(51)).unwrap();
    state.note_prime_end(&claim, &PrimeEnd { trouble: Some(PrimeTrouble::Refused), ..PrimeEnd::default() }, at(52)).unwrap();
    let low = News::Low { profile: id(1), minutes: Minutes::WEEK, left: Percent::whole(9), critical: true, resets_at: Some(at(99)) };
    state.claim_news(Teller::Desktop, &low, false, at(60)).unwrap();
    state.claim_news(Teller::Hooks, &low, false, at(60)).unwrap();
    let fell_back = News::FellBack { from: id(1), to: id(2), why: None, until: Some(at(90)) };
    state.claim_news(Teller::Desktop, &fell_back, false, at(61)).unwrap();
    let request = BackgroundRequest { at: at(70), profile: id(1), host: "chatgpt.com".into(), purpose: Purpose::Quota };
    state.claim_request(&request, 9).unwrap();
}

#[test]
fn every_table_tells_its_part() {
    let (_folder, state) = open();
    fill(&state);
    let mut found = state.timeline(all(), |_| true).unwrap();
    found.entries.sort_by(|one, other| other.order(one));
    let told: Vec<_> = found
        .entries
        .iter()
        .map(|entry| {
            let number = |id: &Option<ProfileId>| id.as_ref().and_then(|id| id.as_str().parse::<i64>().ok());
            (entry.at.as_second(), entry.what, number(&entry.from), number(&entry.to), entry.until.map(Timestamp::as_second))
        })
        .collect();
    assert_eq!(
        told,
        [
            (10, Happened::Switched, Some(1), Some(2), None),
            (20, Happened::Switched, Some(2), None, None),
            (21, Happened::Removed, None, Some(2), None),
            (30, Happened::Renewed, None, Some(1), None),
            (31, Happened::SignInFailed, None, None, None),
            (40, Happened::BlockBegan, None, Some(1), Some(90)),
            (50, Happened::PrimeFailed, None, Some(1), Some(52 + 60)),
            (60, Happened::Told, None, Some(1), Some(99)),
            (61, Happened::Told, Some(1), Some(2), Some(90)),
            (70, Happened::Asked, None, Some(1), None),
            (90, Happened::BlockEnded, None, Some(1), None),
        ]
    );
    let whys: Vec<_> = found.entries.iter().filter(|entry| entry.what == Happened::Switched).map(|entry| entry.why.clone()).collect();
    assert_eq!(whys, [Some(ActivityWhy::ByHand), Some(ActivityWhy::WasRemoved)]);
    assert_eq!(found.entries[4].code, Some(crate::failure::Code::PortBusy));
    assert_eq!(found.entries[6].model.as_deref(), Some("gpt-6-luna"));
    assert_eq!(state.noted_names().unwrap(), [(id(1), "main".to_owned()), (id(2), "work".to_owned())].into());
    assert_eq!(found.whole_from, None);
    let mut keys: Vec<_> = found.entries.iter().map(|entry| &entry.key).collect();
    keys.dedup();
    assert_eq!(keys.len(), 11, "each has a name of its own");
}

#[test]
fn only_what_is_asked_for_is_read() {
    let (_folder, state) = open();
    fill(&state);
    let (second, nobody) = (id(2), id(7));
    let count = |stretch, kinds: &[ActivityKind]| state.timeline(stretch, |kind| kinds.contains(&kind)).unwrap().entries.len();
    for kind in ActivityKind::ALL {
        let only = state.timeline(all(), |wanted| wanted == kind).unwrap().entries;
        assert!(only.iter().all(|entry| entry.kind == kind), "{kind:?}");
    }
    assert_eq!(count(all(), &[]), 0);
    assert_eq!(count(Stretch { profile: Some(&second), ..all() }, &ActivityKind::ALL), 4);
    assert_eq!(count(Stretch { profile: Some(&nobody), ..all() }, &ActivityKind::ALL), 0);
    assert_eq!(count(Stretch { newest: at(60), oldest: at(30), ..all() }, &ActivityKind::ALL), 5);
    assert_eq!(count(Stretch { newest: at(89), ..all() }, &ActivityKind::ALL), 10, "what ends later has not happened");
    let some = state.timeline(Stretch { rows: 2, ..all() }, |_| true).unwrap();
    assert_eq!(some.whole_from, Some(60_000), "of the notices there are more");
}

#[test]
fn rows_that_make_no_sense_are_passed_over() {
    let (_folder, state) = open();
    fill(&state);
    let before = state.timeline(all(), |_| true).unwrap().entries.len();
    let planted = state.with(|connection| {
        connection.execute_batch(
            "insert into activity (at, what, profile, name, why, about) values (1, 'weather', '', '', '', '');
             insert into background_requests (at, profile, host, purpose) values (1, 'x', 'h', 'curiosity');
             insert into primes (profile, anchor, state, attempts, by_user, reserved_at) values ('x', 1, 'sent', 1, 0, 1),
                 ('0000000000000001', 2, 'sent', -1, 0, 1);
             insert into notices_told (teller, topic, profile, other, level, at) values ('desktop', 'quota', '', '', 9999, 1);
             insert into routing_decisions (decision) values ('{'), ('null');",
        )
    });
    planted.unwrap();
    assert_eq!(state.timeline(all(), |_| true).unwrap().entries.len(), before);
    let odd =
        "insert into activity (at, what, profile, name, why, about, code) values (9223372036854775807, 'renewed', 'x', '', 'y', '{', 'z')";
    state.with(|connection| connection.execute(odd, [])).unwrap();
    assert_eq!(state.timeline(Stretch { newest: Timestamp::MAX, ..all() }, |_| true).unwrap().entries.len(), before);
}

#[test]
fn every_table_is_read_by_its_time() {
    let (_folder, state) = open();
    for select in [SWITCHES, NOTED, ENDED, PRIMES, TOLD, ASKED] {
        let plan = state.with(|connection| {
            let mut query = connection.prepare(&format!("explain query plan {select}"))?;
            let rows = query.query_map(rusqlite::params![9, 1, None::<String>, 9], |row| row.get::<_, String>(3))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let plan = plan.unwrap().join("\n");
        assert!(plan.contains("USING INDEX") || plan.contains("USING COVERING INDEX"), "{select}\n{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{select}\n{plan}");
    }
}
