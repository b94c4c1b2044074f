//! Hearing nothing of quota for a while, said in the terminal.

use crate::expected::check;
use crate::world::World;

#[tokio::test]
async fn a_profile_keeps_still_for_a_while_and_tells_again() {
    let world = World::with_trio().await;
    world.reading("work", &[(300, 10.0, 80), (10_080, 97.0, 1440)], |_| {}).await;
    let mut said = Vec::new();
    for words in
        [&["work"][..], &["main"], &["work", "--for", "3"], &["work", "--off"], &["--all"], &["--all", "--for", "168"], &["--all", "--off"]]
    {
        let ended = world.good(&[&["snooze"], words].concat()).await;
        said.push(format!("snooze {}\n{}{}", words.join(" "), ended.stdout, ended.stderr));
    }
    check(&world, "snooze", &said.concat());
    check(&world, "snooze-json", &world.good(&["snooze", "work", "--json"]).await.stdout);
    world.good(&["settings", "notifications", "off"]).await;
    assert!(world.good(&["snooze", "work"]).await.stderr.contains("codex-lab settings notifications on"));
}

#[tokio::test]
async fn a_snooze_that_makes_no_sense_is_refused() {
    let world = World::with_trio().await;
    for words in
        [&["snooze"][..], &["snooze", "work", "--all"], &["snooze", "work", "--off", "--for", "3"], &["snooze", "work", "--for", "few"]]
    {
        assert_eq!(world.run(words).await.status, 2, "{words:?}");
    }
    for hours in ["0", "169"] {
        world.refused(&["snooze", "work", "--for", hours], "invalid_input", 3).await;
    }
    world.refused(&["snooze", "nobody"], "not_found", 4).await;
}
