//! Weeks in the terminal: the preview, the switch, the history, and what the background has cost. None of it asks anybody.

use crate::expected::check;
use crate::world::World;

#[tokio::test]
async fn weeks_are_previewed_switched_and_remembered() {
    let world = World::with_trio().await;
    world.good(&["pause", "backup"]).await;
    let before = world.sandbox.requests().len();
    let preview = world.good(&["prime"]).await;
    check(&world, "prime", &format!("{}--- standard error\n{}", preview.stdout, preview.stderr));
    let on = world.good(&["prime", "work", "--on"]).await;
    check(&world, "prime-on", &format!("{}--- standard error\n{}", on.stdout, on.stderr));
    world.reading("work", &[(300, 10.0, 80), (10_080, 12.0, 5 * 1440)], |_| {}).await;
    let one = world.good(&["prime", "work", "--dry-run"]).await.stdout;
    assert!(one.contains("work     on       the week runs until ") && !one.contains("main"), "{one}");
    assert!(one.contains("would send to https://chatgpt.com/backend-api/codex/responses\n{\n") && one.contains("Reply with OK."), "{one}");
    check(&world, "prime-json", &world.good(&["prime", "--json"]).await.stdout);
    assert!(world.good(&["show", "work"]).await.stdout.contains("prime    on"));
    assert_eq!(world.good(&["prime", "work", "--off"]).await.stdout, "work's weeks are left alone\n");
    assert_eq!(world.good(&["prime", "--history"]).await.stdout, "no week was started yet\n");
    check(&world, "background", &world.good(&["background"]).await.stdout);
    assert_eq!(world.sandbox.requests().len(), before, "nobody was asked");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::with_trio().await;
    for words in
        [&["prime", "--on"][..], &["prime", "--now"], &["prime", "work", "--on", "--off"], &["prime", "work", "--now", "--history"]]
    {
        assert_eq!(world.run(words).await.status, 2, "{words:?}");
    }
    world.refused(&["prime", "nobody", "--on"], "not_found", 4).await;
    world.good(&["pause", "work"]).await;
    let refused = world.refused(&["prime", "work", "--now"], "not_possible_now", 6).await;
    assert!(refused.contains("Nothing was sent: the profile is paused."), "{refused}");
    for (key, value) in [("background_budget", "5"), ("background_budget", "1001"), ("prime_apart_hours", "25")] {
        world.refused(&["settings", key, value], "invalid_input", 3).await;
    }
    world.good(&["settings", "background_budget", "40"]).await;
    assert!(world.good(&["background"]).await.stdout.contains("0 of 40"));
}
