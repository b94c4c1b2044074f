//! A day in which everything goes wrong that can: a provider that answers with whatever it is known to, processes that die and start
//! again, a machine that sleeps, a clock that jumps. No login is lost, no week is started while it runs, nothing is told twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use codex_lab_core::engine::priming::PLACES;
use codex_lab_core::model::news::News;
use codex_lab_core::model::snapshot::ProfileState;
use codex_lab_tests::chance::Chance;
use codex_lab_tests::effort::{all, rounds, tally};
use codex_lab_tests::misbehaviour::Misbehaviour;
use codex_lab_tests::sandbox::{Endpoint, Quota, RequestRecord, SandboxAccount, Window};
use jiff::SignedDuration;

use crate::month_world::MonthWorld;

const ACCOUNTS: [&str; 4] = ["east", "north", "south", "west"];
/// A normal test run has time for some hours of it.
const SOME_HOURS: i64 = 4;
const HOUR: i64 = 60 * 60;
/// Rounds are no further apart.
const LONGEST: SignedDuration = SignedDuration::from_mins(20);
/// So many more descriptors than in the morning are connections that may still serve.
const MORE_OPEN: usize = 24;

/// A day, and what was seen of it.
struct Day {
    world: MonthWorld,
    chance: Chance,
    /// Requests that were looked at.
    seen: u64,
    /// Until when the provider lets each week run, in Unix seconds.
    runs: BTreeMap<&'static str, Option<i64>>,
    /// Whose login may be lost, since an answer was.
    excused: BTreeSet<String>,
    sign_ins: usize,
    restarts: usize,
    misbehaved: usize,
}

impl Day {
    async fn new(chance: &mut Chance) -> Self {
        let account = |name: &&str| SandboxAccount::new(*name).with_access_lifetime(HOUR).with_quota(Quota::plus(0, 0));
        let mut world = MonthWorld::new(ACCOUNTS.iter().map(account).collect()).await;
        for name in ACCOUNTS {
            // Two weeks end in the course of the day.
            let ends = (world.now + SignedDuration::from_hours(chance.between(1, 16))).as_second();
            let week = Window { minutes: 10_080, used_percent: 40, resets_at: Some(ends) };
            let week = if matches!(name, "east" | "north") { week } else { Window::fresh(10_080) };
            world.sandbox.edit_account(name, |account| account.quota.secondary = Some(week)).unwrap();
            world.opt_in(name).await;
        }
        world.has_a_desktop();
        let chance = Chance::of(u64::try_from(chance.between(0, i64::MAX)).unwrap());
        let seen = world.sandbox.requests().last().map_or(0, |request| request.seq);
        let runs = BTreeMap::new();
        let mut day = Self { world, chance, seen, runs, excused: BTreeSet::new(), sign_ins: 0, restarts: 0, misbehaved: 0 };
        day.note_weeks();
        day
    }

    /// Something goes wrong, as often as not.
    async fn disturb(&mut self) {
        self.world.sandbox.clear_scripts();
        if self.chance.one_in(2) {
            let bad = Misbehaviour::draw(&mut self.chance, self.world.now.as_second());
            // Nobody is there to let go of what is held.
            if !bad.holds() {
                self.world.sandbox.script(bad.script(if self.chance.one_in(4) { 4 } else { 1 }));
                self.misbehaved += 1;
            }
        }
        match self.chance.below(24) {
            0 | 1 => {
                self.world.restart().await;
                self.restarts += 1;
            }
            2 => self.world.dies_at(&[*self.chance.pick(&PLACES)]),
            3 => self.world.sleep(SignedDuration::from_mins(self.chance.between(1, 150))),
            4 => self.world.set_back(SignedDuration::from_mins(self.chance.between(-300, 300))),
            5 => self.world.set_right(),
            _ => {}
        }
    }

    /// Requests since the last look: none started a week that runs.
    fn check_requests(&mut self) {
        let requests = self.world.sandbox.requests_after(self.seen);
        self.seen = requests.last().map_or(self.seen, |request| request.seq);
        for request in &requests {
            let name = request.account.clone().unwrap_or_default();
            if request.endpoint == Endpoint::Refresh && request.status.is_none() {
                self.excused.insert(name);
            } else if request.endpoint == Endpoint::Responses {
                let until = self.runs[name.as_str()];
                let at = request.at_ms / 1000;
                assert!(until.is_none_or(|until| until <= at), "{name}: its week runs until {until:?}, and was started at {at}");
                let again = requests.iter().filter(|other| other.is(Endpoint::Responses, &name)).count();
                assert_eq!(again, 1, "{name}: asked {again} times at once");
            }
        }
        self.note_weeks();
    }

    fn note_weeks(&mut self) {
        for name in ACCOUNTS {
            let week = self.world.sandbox.account(name).unwrap().quota.secondary.unwrap();
            self.runs.insert(name, week.resets_at);
        }
    }

    /// Whoever was signed out has been told why, and signs in again.
    async fn check_logins(&mut self) {
        for name in ACCOUNTS {
            let needs_sign_in = self.world.row(name).state == ProfileState::NeedsSignIn;
            let token = self.world.login(name)["tokens"]["refresh_token"].as_str().unwrap().to_owned();
            let is_live = self.world.sandbox.is_live(&token);
            assert!(is_live || self.excused.contains(name), "the login of {name} is lost");
            if needs_sign_in {
                let refused = |request: &RequestRecord| matches!(request.status, Some(400..=403));
                let requests = self.world.sandbox.requests();
                assert!(requests.iter().filter(|request| request.account.as_deref() == Some(name)).any(refused), "{name}");
                self.world.sandbox.clear_scripts();
                self.world.sign_in(name).await;
                assert_eq!(self.world.row(name).state, ProfileState::Ready, "{name} was signed in again");
                self.excused.remove(name);
                self.sign_ins += 1;
            }
        }
    }
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_day_in_which_everything_goes_wrong_loses_nothing() {
    let mut chance = Chance::from_environment().unwrap();
    let (days, seed) = (rounds(1, 20), chance.seed());
    let length = SignedDuration::from_hours(if all() { 24 } else { SOME_HOURS });
    let (mut played, mut misbehaved, mut started) = (0, 0, 0);
    for number in 1..=days {
        let mut day = Day::new(&mut chance).await;
        let (begin, mut morning, mut rounds) = (day.world.now, None, 0);
        while day.world.now < begin + length {
            day.disturb().await;
            day.world.round(LONGEST).await;
            day.check_requests();
            day.check_logins().await;
            rounds += 1;
            if rounds == 10 {
                morning = Some(open_files());
            }
        }
        let context = format!("seed {seed}, day {number}");
        // All is well again, and it still goes on.
        day.world.sandbox.clear_scripts();
        day.world.dies_at(&[]);
        day.world.set_right();
        day.world.restart().await;
        day.check_logins().await;
        let replays = day.world.sandbox.counters().replays;
        let lost =
            day.world.sandbox.requests().iter().filter(|request| request.endpoint == Endpoint::Refresh && request.status.is_none()).count();
        assert!(replays <= lost as u64, "{context}: {replays} tokens were sent again, and {lost} answers were lost");
        day.world.desktop.as_ref().unwrap().assert_nothing_twice(|news| matches!(news, News::SignInNeeded { .. }));
        let now = open_files();
        assert!(morning.is_none_or(|morning| now <= morning + MORE_OPEN), "{context}: {now} files are open, {morning:?} in the morning");
        played += rounds;
        misbehaved += day.misbehaved;
        started += day.world.sandbox.counters().turns;
        println!(
            "{context}: {rounds} rounds, {} misbehaviours, {} restarts, {} deaths, {} sign-ins, {:?}",
            day.misbehaved,
            day.restarts,
            day.world.crashes,
            day.sign_ins,
            day.world.sandbox.counters()
        );
    }
    assert!(misbehaved > 0 && started > 0, "{misbehaved} misbehaviours and {started} weeks in {played} rounds are too few");
    tally("24 h of simulated time", days, 0).unwrap();
}
