//! What the terminal shows of quota's past and future.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use jiff::SignedDuration;

use crate::world::World;

/// A profile's week: a percent an hour for a day, and what is left of it lasts longer than the week does, or not.
async fn day(world: &World, profile: &str, used: f64) {
    let now = SystemClock.now();
    for hour in [24, 12, 0] {
        let at = now - SignedDuration::from_hours(hour) - SignedDuration::from_mins(1);
        #[expect(clippy::cast_precision_loss, reason = "a few hours")]
        let used = used - hour as f64;
        world.reading(profile, &[(10_080, used, 3 * 1440)], |seen| seen.at = at).await;
    }
}

#[tokio::test]
async fn the_pace_says_until_when_it_lasts() {
    let world = World::with_trio().await;
    let none = world.good(&["usage"]).await;
    assert_eq!(none.stdout, "no quota is known yet\n");
    day(&world, "main", 60.0).await;
    day(&world, "work", 26.0).await;
    let said = world.good(&["usage"]).await.stdout;
    let lines: Vec<&str> = said.lines().collect();
    let [heading, main, work, together] = lines.as_slice() else { panic!("{said}") };
    assert_eq!(heading.split_whitespace().collect::<Vec<_>>(), ["PROFILE", "WINDOW", "LEFT", "PACE", "FORECAST"]);
    assert!(main.starts_with("main          weekly  40 %  1.0 % an hour  runs out "), "{main}");
    assert!(work.starts_with("work          weekly  74 %  1.0 % an hour  lasts until the reset "), "{work}");
    assert!(together.starts_with("all together  weekly  57 %  1.0 % an hour  runs out "), "{together}");
    let one = world.good(&["usage", "Main"]).await.stdout;
    assert_eq!(one.lines().count(), 2, "{one}");
    world.refused(&["usage", "nobody"], "not_found", 4).await;
}

#[tokio::test]
async fn what_was_used_when_is_listed_for_people_and_for_programs() {
    let world = World::with_trio().await;
    day(&world, "main", 60.0).await;
    let listed = world.good(&["usage", "--history", "--last", "30d"]).await.stdout;
    let used: Vec<&str> = listed.lines().skip(1).map(|line| line.rsplit_once("  ").unwrap().1.trim()).collect();
    assert_eq!(used, ["36 %", "48 %", "60 %"], "{listed}");
    let csv = world.good(&["usage", "--history", "--csv"]).await.stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "profile,window_minutes,at,used_percent"));
    assert!(lines[3].starts_with("\"main\",10080,2") && lines[3].ends_with("Z,60"), "{csv}");
    let told = &world.json(&["usage", "--history", "--last", "18h"]).await["result"];
    let points = told["windows"][0]["points"].as_array().unwrap();
    // What held eighteen hours ago, and what was seen since.
    assert_eq!(points.iter().map(|point| point["used_percent"].as_f64().unwrap()).collect::<Vec<_>>(), [36.0, 48.0, 60.0]);
    assert_eq!(points[0]["at"], told["since"]);
    for wrong in [&["usage", "--csv"][..], &["usage", "--history", "--csv", "--json"], &["usage", "--last", "0h"]] {
        assert_eq!(world.run(wrong).await.status, 2, "{wrong:?}");
    }
}
