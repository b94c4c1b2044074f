//! A night of the month: the script of docs/scripting.md, which cron starts every hour, works through a list of tasks on accounts that
//! run out and come back, while the app looks after their weeks. Everything is real but the provider and the time.

use std::collections::BTreeMap;

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::model::news::News;
use codex_lab_core::model::prime::PrimeState;
use codex_lab_core::model::snapshot::ProfileState;
use codex_lab_tests::misbehaviour::ENDPOINTS;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Quota, SandboxAccount, Script, Window};
use jiff::{SignedDuration, Timestamp};

use crate::month_app::App;
use crate::month_cron::{Cron, Ended, Run, is_task};
use crate::month_world::MonthWorld;

/// What a task costs, in percent of each window. To start a week costs next to nothing.
const TASK_COST: u32 = 10;
/// A week of these is started by the app; `work` has its own, which nobody has opted in.
const OPTED_IN: [&str; 2] = ["main", "backup"];
const ACCOUNTS: [&str; 3] = ["main", "backup", "work"];
/// What `codex-lab run` ends with when nobody has anything left.
const OUT_OF_QUOTA: i32 = 63;
const DAY: i64 = 24 * 60;
const TEN_AT_NIGHT: i64 = 22 * 60;

struct Night {
    world: MonthWorld,
    cron: Cron,
    /// While it is open.
    app: Option<App>,
    /// Ten o'clock.
    begin: Timestamp,
    /// What the provider's books said when the script was started: the percentages used of the windows of each account.
    books: Books,
    /// Tasks done before.
    before: usize,
}

type Books = BTreeMap<&'static str, [u32; 2]>;

impl Night {
    /// After some days, in which a week ended and the next one was started.
    async fn falls() -> Self {
        let account = |(name, hours): (&str, i64)| SandboxAccount::new(name).with_access_lifetime(hours * 60 * 60);
        let world = MonthWorld::new([("main", 240), ("backup", 6), ("work", 2)].map(account).into()).await;
        let begin = evening_after(world.now + SignedDuration::from_hours(36));
        let cron = Cron::new(&world).await;
        let mut night = Self { world, cron, app: None, begin, books: Books::new(), before: 0 };
        // Minutes from ten o'clock.
        for (name, ends) in [("main", -DAY), ("backup", 5 * 60 + 5), ("work", 6 * 60 + 30)] {
            let (five_hours, week) = (Window::fresh(300), night.window(10_080, 30, ends));
            let quota = Quota { primary: Some(five_hours), secondary: Some(week), turn_cost: 0 };
            night.world.sandbox.edit_account(name, |account| account.quota = quota).unwrap();
        }
        for name in OPTED_IN {
            night.world.opt_in(name).await;
        }
        // A turn over HTTP is a request of its own, so that turns can be counted.
        night.world.set(|settings| settings.http_only = true).await;
        night.world.has_a_desktop();
        night.opens().await;
        // Their user has worked in the evening.
        night.until(night.begin - SignedDuration::from_mins(90)).await;
        for (name, five_hours, reset, week) in [("main", 70, 160, 40), ("backup", 80, 230, 65), ("work", 90, 270, 50)] {
            let primary = night.window(300, five_hours, reset);
            night.world.sandbox.edit_account(name, |account| account.quota.primary = Some(primary)).unwrap();
            night.world.uses(name, week);
        }
        night
    }

    /// A window that ends so many minutes after ten o'clock.
    fn window(&self, minutes: i64, used_percent: u32, ends: i64) -> Window {
        Window { minutes, used_percent, resets_at: Some((self.begin + SignedDuration::from_mins(ends)).as_second()) }
    }

    /// This time of the night.
    fn at(&self, time: &str) -> Timestamp {
        let (hours, minutes) = time.split_once(':').unwrap();
        let of_day = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
        self.begin + SignedDuration::from_mins((of_day - TEN_AT_NIGHT).rem_euclid(DAY))
    }

    /// Time passes. The app does its chores, if it is open.
    async fn until(&mut self, at: Timestamp) {
        while self.world.now < at {
            let left = at.duration_since(self.world.now).min(SignedDuration::from_mins(60));
            match self.app {
                Some(_) => self.world.round(left).await,
                None => self.world.pass(left),
            }
        }
    }

    async fn opens(&mut self) {
        let app = App::opens(&self.world);
        app.serves(&self.world).await;
        self.app = Some(app);
    }

    async fn closes(&mut self) {
        self.app.take().unwrap().closes().await;
        self.world.desktop.as_ref().unwrap().dies();
    }

    /// At this time cron starts the script.
    async fn starts(&mut self, time: &str) -> Run {
        self.until(self.at(time)).await;
        self.tasks_cost(TASK_COST);
        (self.books, self.before) = (self.read(), self.done());
        self.cron.start(&self.world)
    }

    /// It comes to its end, with this status and for a reason that the provider's books bear out.
    async fn ends(&mut self, run: Run, time: &str, status: i32) -> Ended {
        let ended = run.ended(&self.world.sandbox).await;
        self.tasks_cost(0);
        assert_eq!(ended.status, status, "{time}: {ended:?}");
        let (by, after) = (self.done_by(), self.read());
        for (name, used) in &self.books {
            let login = self.world.login(name);
            assert!(self.world.sandbox.is_live(login["tokens"]["refresh_token"].as_str().unwrap()), "{time}: the login of {name} is lost");
            // Before the last of the tasks that it did, something was left of both windows, and it has paid for each once.
            let cost = TASK_COST * u32::try_from(by.iter().filter(|other| *other == name).count()).unwrap();
            let left = used.iter().all(|used| cost == 0 || used + cost - TASK_COST < 100);
            assert!(left && after[name] == used.map(|used| (used + cost).min(100)), "{time}: {name}: {by:?}, {used:?}, {:?}", after[name]);
        }
        match status {
            OUT_OF_QUOTA => {
                let may = after.iter().filter(|(name, _)| self.world.row(name).state == ProfileState::Ready);
                assert!(may.clone().all(|(_, used)| used.contains(&100)), "{time}: something is left: {after:?}");
            }
            0 if self.done() == self.cron.count() => assert!(!ended.stdout.contains("stopped before: "), "{time}: {ended:?}"),
            0 => {
                assert!(ended.stdout.ends_with(&format!("stopped before: {}\n", self.cron.task(self.done()))), "{time}: {ended:?}");
                assert!(after.values().all(|[_, week]| 100 - week < 20), "{time}: a fifth is left: {after:?}");
            }
            _ => assert_eq!(by, Vec::<String>::new(), "{time}"),
        }
        ended
    }

    async fn cron_at(&mut self, time: &str, status: i32) -> Ended {
        let run = self.starts(time).await;
        self.ends(run, time, status).await
    }

    /// The provider's books.
    fn read(&self) -> Books {
        let now = self.world.now.as_second();
        let used = |window: Option<Window>| {
            window.filter(|window| window.resets_at.is_none_or(|at| at > now)).map_or(0, |window| window.used_percent)
        };
        let of =
            |name| self.world.sandbox.account(name).map(|account| [used(account.quota.primary), used(account.quota.secondary)]).unwrap();
        ACCOUNTS.map(|name| (name, of(name))).into()
    }

    fn tasks_cost(&self, percent: u32) {
        for name in ACCOUNTS {
            self.world.sandbox.edit_account(name, |account| account.quota.turn_cost = percent).unwrap();
        }
    }

    /// How many tasks are done.
    fn done(&self) -> usize {
        self.cron.done_by(&self.world.sandbox).len()
    }

    /// Who has done the tasks of the last run.
    fn done_by(&self) -> Vec<String> {
        self.cron.done_by(&self.world.sandbox).split_off(self.before)
    }

    /// How often the provider was asked to do a task.
    fn asked(&self) -> usize {
        self.world.sandbox.requests().iter().filter(|request| is_task(request)).count()
    }

    /// When an account's weeks were started by the app.
    fn starts_of_weeks(&self, name: &str) -> Vec<Timestamp> {
        let requests = self.world.sandbox.requests();
        let turns = requests.iter().filter(|request| request.is(Endpoint::Responses, name) && !is_task(request));
        turns.map(|request| Timestamp::from_millisecond(request.at_ms).unwrap()).collect()
    }

    fn week_ends(&self, name: &str) -> Timestamp {
        Timestamp::from_second(self.world.sandbox.account(name).unwrap().quota.secondary.unwrap().resets_at.unwrap()).unwrap()
    }
}

/// The first ten o'clock in the evening from then on.
fn evening_after(earliest: Timestamp) -> Timestamp {
    let since_midnight = earliest.as_second().rem_euclid(DAY * 60);
    earliest + SignedDuration::from_secs((TEN_AT_NIGHT * 60 - since_midnight).rem_euclid(DAY * 60))
}

/// What `codex-lab run` says when nobody has anything left.
fn again_at(reset: Timestamp) -> String {
    format!("Every profile is out of quota. The first has some again at {}.", reset.strftime("%Y-%m-%d %H:%M UTC"))
}

#[tokio::test]
async fn the_script_survives_a_night_of_the_month() {
    let mut night = Night::falls().await;

    // In the first hour it does what the evening has left, and then says when it can go on. Until then nobody is asked in vain.
    night.cron.more(8);
    let ended = night.cron_at("22:00", OUT_OF_QUOTA).await;
    let reset = night.at("00:40");
    assert!(ended.stderr.contains(&again_at(reset)), "{ended:?}");
    assert_eq!(night.done_by().len(), 6);
    let asked = night.asked();
    let ended = night.cron_at("23:00", OUT_OF_QUOTA).await;
    assert!(ended.stderr.contains(&again_at(reset)), "{ended:?}");

    // The user closes the app and goes to bed. The script does without it, and goes on after the reset.
    night.closes().await;
    let ended = night.cron_at("00:00", OUT_OF_QUOTA).await;
    assert!(ended.stderr.contains(&again_at(reset)), "{ended:?}");
    assert_eq!(night.asked(), asked, "nobody is asked while everybody is known to be out");
    night.cron_at("01:00", 0).await;
    assert_eq!(night.done_by(), ["main"; 2]);
    night.until(night.at("01:30")).await;
    night.world.restart().await;
    night.opens().await;

    // The provider cannot be reached: the script ends with Codex's own status, and nothing is done.
    for endpoint in ENDPOINTS {
        night.world.sandbox.script(Script::always(endpoint, Behaviour::Close));
    }
    night.cron.more(6);
    night.cron_at("02:00", 1).await;
    night.until(night.at("02:40")).await;
    night.world.sandbox.clear_scripts();

    // An hour later it can. The script goes on until less than a fifth of the week is left to anybody.
    let ended = night.cron_at("03:00", 0).await;
    assert!(ended.stdout.contains("stopped before: ") && night.done_by().len() >= 3, "{ended:?}");

    // A week of backup's ends, and the app starts the next one. In the middle of what that allows, the app is restarted.
    let week_ended = night.week_ends("backup");
    assert!(week_ended > night.world.now && night.starts_of_weeks("backup").is_empty());
    night.cron.more(3);
    let mut run = night.starts("04:00").await;
    assert!(night.starts_of_weeks("backup")[0] >= week_ended);
    run.begins(2).await;
    night.closes().await;
    night.world.restart().await;
    let app = App::opens(&night.world);
    night.ends(run, "04:00", 0).await;
    app.serves(&night.world).await;
    night.app = Some(app);
    assert!(night.done() == night.cron.count() && night.done_by().contains(&"backup".to_owned()), "{:?}", night.done_by());

    // Backup's login is lost in the middle of a task. Work ends it, whose next week begins with that.
    night.world.sandbox.script(Script::always(Endpoint::Responses, Behaviour::status(401)).by("backup"));
    night.world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::oauth_error(400, "invalid_grant")).by("backup"));
    night.cron.more(2);
    night.cron_at("05:00", 0).await;
    assert_eq!(night.done_by(), ["work"; 2]);
    let states = ACCOUNTS.map(|name| night.world.row(name).state);
    assert_eq!(states, [ProfileState::Ready, ProfileState::NeedsSignIn, ProfileState::Ready]);
    night.cron.more(6);
    let ended = night.cron_at("06:00", OUT_OF_QUOTA).await;
    assert!(ended.stderr.contains(&again_at(night.at("08:00"))), "{ended:?}");

    // In the morning its user signs in again.
    night.until(night.at("06:50")).await;
    night.world.sandbox.clear_scripts();
    night.world.sign_in("backup").await;
    night.cron_at("07:00", 0).await;
    assert_eq!(night.done_by(), vec!["backup"; night.cron.count() - night.before]);

    // The month goes on.
    night.until(night.begin + SignedDuration::from_mins(7 * DAY)).await;
    assert_eq!(night.done(), night.cron.count());
    assert_eq!(night.world.sandbox.counters().replays, 0);
    assert_eq!(ACCOUNTS.map(|name| night.world.row(name).state), [ProfileState::Ready; 3]);
    for (name, count) in [("main", 2), ("backup", 1), ("work", 0)] {
        let starts = night.starts_of_weeks(name);
        assert_eq!(starts.len(), count, "{name}: {starts:?}");
        let is_apart = |two: &[Timestamp]| two[1].duration_since(two[0]) >= SignedDuration::from_mins(7 * DAY);
        assert!(starts.windows(2).all(is_apart), "{name}: {starts:?}");
    }
    let Reply::Primes { records, .. } = night.world.engine.handle(Request::Primes).await.unwrap() else { panic!() };
    assert!(records.len() == 3 && records.iter().all(|record| record.state == PrimeState::Verified), "{records:?}");
    let desktop = night.world.desktop.as_ref().unwrap();
    desktop.assert_nothing_twice(|_| false);
    let lost = desktop.of_kind(|news| matches!(news, News::SignInNeeded { .. }));
    assert!(lost.len() == 1 && lost[0].profile() == Some(&night.world.id("backup")), "{lost:?}");
}
