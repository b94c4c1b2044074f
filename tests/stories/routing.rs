//! What the user sees and sets of routing: who would serve and why, who has served, and the rules for it.

use codex_lab_core::api::table::{Reply, Request};
use codex_lab_core::base::clock::Clock as _;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::decision::{Chosen, Decision};
use codex_lab_core::model::details::{ProfileDetails, Thresholds};
use codex_lab_core::model::profile::ProfileId;
use codex_lab_core::model::quota::{Family, FamilyReading, Minutes, Observation, Percent, QuotaSource, WindowReading};
use codex_lab_core::model::routing::{FolderBinding, Force, RoutingSettings, Strategy};
use codex_lab_core::model::verdict::{Choice, Rank, Reason, Verdict};
use codex_lab_core::store::home::Home;
use codex_lab_core::store::state::State;
use jiff::SignedDuration;

use crate::many_accounts::trio;
use crate::world::World;

impl World {
    /// Changes the settings of routing.
    async fn route(&self, change: impl FnOnce(&mut RoutingSettings)) -> Result<(), Failure> {
        let mut settings = self.engine.snapshot().routing.clone();
        change(&mut settings);
        let after = self.ask(Request::SetRouting { settings }).await?;
        assert_eq!(after.routing, self.engine.snapshot().routing);
        Ok(())
    }

    async fn explained(&self, folder: Option<String>) -> Decision {
        match self.engine.handle(Request::Explain { folder, model: None }).await.unwrap() {
            Reply::Explained { decision, names } => {
                assert_eq!(names.len(), decision.verdicts.len());
                *decision
            }
            other => panic!("{other:?}"),
        }
    }

    /// Who would serve, and why.
    async fn next(&self, folder: Option<String>) -> Option<(ProfileId, Choice)> {
        self.explained(folder).await.chosen.map(|chosen| (chosen.profile, chosen.choice))
    }

    /// Notes that so much of a profile's week is used.
    fn week(&self, profile: &ProfileId, used: u8) {
        let mut seen = Observation::new(self.clock.now(), QuotaSource::Header);
        let resets_at = Some(self.clock.now() + SignedDuration::from_hours(48));
        let window = WindowReading { minutes: Minutes::WEEK, used_percent: Percent::whole(used), resets_at };
        seen.add(Family::main(), FamilyReading { windows: vec![window], ..FamilyReading::default() });
        self.engine.observe(profile, &seen);
    }
}

fn verdict<'a>(decision: &'a Decision, profile: &ProfileId) -> &'a Verdict {
    &decision.verdicts.iter().find(|judged| judged.profile == *profile).unwrap().verdict
}

#[tokio::test]
async fn the_best_would_serve_and_the_others_have_their_reasons() {
    let (world, [main, work, backup]) = trio().await;
    world.week(&main, 100);
    world.week(&work, 85);
    world.week(&backup, 30);
    world.ask(Request::SetPaused { profile: work.clone(), paused: true }).await.unwrap();
    let decision = world.explained(None).await;
    assert_eq!(decision.chosen, Some(Chosen { profile: backup.clone(), choice: Choice::Strategy }));
    assert!(
        matches!(verdict(&decision, &main), Verdict::Refused(reasons) if matches!(reasons[..], [Reason::Exhausted { minutes: 10_080, .. }]))
    );
    assert_eq!(verdict(&decision, &work), &Verdict::Refused(vec![Reason::Paused]));
    assert_eq!(verdict(&decision, &backup), &Verdict::Eligible { rank: Rank::Preferred });
    world.ask(Request::SetPaused { profile: work.clone(), paused: false }).await.unwrap();
    assert_eq!(verdict(&world.explained(None).await, &work), &Verdict::Eligible { rank: Rank::Spared }, "below the low threshold");
    world.route(|it| it.low = 10).await.unwrap();
    assert_eq!(verdict(&world.explained(None).await, &work), &Verdict::Eligible { rank: Rank::Preferred });
    world.route(|it| (it.strategy, it.order) = (Strategy::Priority, vec![work.clone(), backup.clone()])).await.unwrap();
    assert_eq!(world.next(None).await, Some((work.clone(), Choice::Strategy)));
    for profile in [&work, &backup] {
        world.ask(Request::SetPaused { profile: profile.clone(), paused: true }).await.unwrap();
    }
    assert_eq!(world.next(None).await, None);
}

#[tokio::test]
async fn force_holds_until_its_time_and_the_strategy_comes_back() {
    let (world, [main, work, _]) = trio().await;
    let until = Some(world.clock.now() + SignedDuration::from_hours(1));
    world.week(&main, 10);
    world.route(|it| it.force = Some(Force { profile: work.clone(), until, strict: true })).await.unwrap();
    assert_eq!(world.next(None).await, Some((work.clone(), Choice::Forced)));
    world.clock.advance(2 * 60 * 60);
    assert_eq!(world.ask(Request::Snapshot).await.unwrap().routing.force, None);
    assert_eq!(world.next(None).await, Some((main.clone(), Choice::Strategy)));
    let nobody = ProfileId::parse("0123456789abcdef").unwrap();
    let failure = world.route(|it| it.force = Some(Force { profile: nobody, until: None, strict: false })).await.unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_is_bound_wherever_its_link_leads() {
    let (world, [main, work, _]) = trio().await;
    world.week(&main, 1);
    let repos = world.own_file("real/paid/file", "").parent().unwrap().to_path_buf();
    let link = repos.ancestors().nth(2).unwrap().join("link");
    std::os::unix::fs::symlink(repos.parent().unwrap(), &link).unwrap();
    let binding = FolderBinding { folder: link.join("paid"), profiles: vec![work.clone()] };
    world.route(|it| it.folders = vec![binding.clone()]).await.unwrap();
    assert_eq!(world.engine.snapshot().routing.folders[0].folder, repos.canonicalize().unwrap());
    for (folder, expected) in [
        (repos.clone(), (work.clone(), Choice::Folder)),
        (link.join("paid"), (work.clone(), Choice::Folder)),
        (repos.parent().unwrap().to_path_buf(), (main.clone(), Choice::Strategy)),
    ] {
        assert_eq!(world.next(Some(folder.display().to_string())).await, Some(expected), "{}", folder.display());
    }
    let twice = FolderBinding { folder: repos.clone(), profiles: vec![main.clone()] };
    let failure = world.route(|it| it.folders.push(twice)).await.unwrap_err();
    assert!(failure.code == Code::InvalidInput && failure.message.contains("twice"), "{failure:?}");
    let relative = world.engine.handle(Request::Explain { folder: Some("repos".into()), model: None }).await.unwrap_err();
    assert_eq!(relative.code, Code::InvalidInput);
}

#[tokio::test]
async fn thresholds_are_checked_across_fields_and_both_are_named() {
    let (world, [main, ..]) = trio().await;
    let failure = world.route(|it| it.critical = 20).await.unwrap_err();
    assert!(failure.message.contains("routing.critical (20 %)") && failure.message.contains("routing.low (20 %)"), "{failure:?}");
    assert_eq!(world.engine.snapshot().routing, RoutingSettings::default(), "nothing was changed");
    let own = |low, critical| Request::SetDetails {
        profile: main.clone(),
        details: ProfileDetails { thresholds: Thresholds { low, critical }, ..ProfileDetails::default() },
    };
    let failure = world.ask(own(None, Some(20))).await.unwrap_err();
    assert!(failure.message.contains("(20 %)") && failure.message.contains("routing.low"), "{failure:?}");
    world.ask(own(Some(40), Some(20))).await.unwrap();
    world.week(&main, 70);
    assert_eq!(verdict(&world.explained(None).await, &main), &Verdict::Eligible { rank: Rank::Spared });
}

#[tokio::test]
async fn the_last_decisions_are_told_newest_first_by_session_too() {
    let (world, [main, work, _]) = trio().await;
    let home = Home::open(&codex_lab_core::base::environment::Environment::of(world.lab_home().parent().unwrap(), [])).unwrap();
    let decision = |session: &str, profile: &ProfileId, second: i64| Decision {
        at: jiff::Timestamp::from_second(second).unwrap(),
        session: Some(session.into()),
        family: Family::main(),
        model: None,
        chosen: Some(Chosen { profile: profile.clone(), choice: Choice::Sticky }),
        tried: Vec::new(),
        instead_of: None,
        verdicts: Vec::new(),
        others: 0,
        times: 1,
    };
    let made = [decision("0192-aa", &main, 1), decision("0192-bb", &work, 2), decision("0192-aa", &work, 3)];
    State::open(&home).unwrap().save_decisions(&made).unwrap();
    world.ask(Request::Remove { profile: work.clone(), sign_out: false }).await.unwrap();
    for (session, expected) in [(None, vec![3, 2, 1]), (Some("0192-aa"), vec![3, 1]), (Some("0192"), vec![3, 2, 1]), (Some("aa"), vec![])] {
        let reply = world.engine.handle(Request::Why { session: session.map(str::to_owned) }).await.unwrap();
        let Reply::Decisions { decisions, names } = reply else { panic!() };
        assert_eq!(decisions.iter().map(|decision| decision.at.as_second()).collect::<Vec<_>>(), expected, "{session:?}");
        if session.is_none() {
            let told: Vec<_> = [&main, &work].map(|id| names[id].as_str()).into();
            assert_eq!(told, ["main", "work"], "a removed one has its name still");
        }
    }
}

#[tokio::test]
async fn weights_are_set_together_and_a_bad_one_sets_none() {
    let (world, [main, work, backup]) = trio().await;
    let weights = |world: &World| world.engine.snapshot().profiles.iter().map(|row| row.details.weight).collect::<Vec<_>>();
    world.ask(Request::SetWeights { weights: [(work.clone(), 60), (backup, 0)].into() }).await.unwrap();
    assert_eq!(weights(&world), [10, 60, 0]);
    let refused = world.ask(Request::SetWeights { weights: [(main, 1), (work, 101)].into() }).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
    assert_eq!(weights(&world), [10, 60, 0]);
}

#[tokio::test]
async fn where_the_live_account_alone_serves_a_switch_takes_that_along() {
    let (world, [main, work, backup]) = trio().await;
    let switch = async |to: &ProfileId| world.ask(Request::SwitchTo { profile: Some(to.clone()) }).await.unwrap().routing.force;
    switch(&main).await;
    world.route(|it| it.force = Some(Force { profile: main.clone(), until: None, strict: true })).await.unwrap();
    assert_eq!(switch(&work).await, Some(Force { profile: work.clone(), until: None, strict: true }));
    // What the user has sent elsewhere stays there.
    let aside = Some(Force { profile: main.clone(), until: None, strict: true });
    world.route(|it| it.force.clone_from(&aside)).await.unwrap();
    assert_eq!(switch(&backup).await, aside);
}
