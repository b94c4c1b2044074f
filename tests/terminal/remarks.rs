//! What a user notes about a profile: shown where it is set, and refused where it makes no sense.

use crate::expected::check;
use crate::world::World;

#[tokio::test]
async fn remarks_are_set_shown_and_taken_away() {
    let world = World::with_trio().await;
    let all = ["set", "work", "--label", "daily", "--colour", "orange", "--note", "asks for a token\nevery month", "--weight", "30"];
    let set = world.good(&[&all[..], &["--drain", "on", "--low", "20", "--critical", "5%"]].concat()).await;
    check(&world, "set", &format!("{}--- standard error\n{}", set.stdout, set.stderr));
    check(&world, "set-json", &world.good(&["set", "work", "--weight", "40", "--json"]).await.stdout);
    check(&world, "list-remarks", &world.good(&["list"]).await.stdout);
    check(&world, "show-remarks", &world.good(&["show", "work"]).await.stdout);
    let none = ["set", "work", "--label", "", "--colour", "none", "--note", "", "--weight", "10", "--drain", "off"];
    let none = world.good(&[&none[..], &["--low", "usual", "--critical", "usual"]].concat()).await;
    assert_eq!(none.stdout, "nothing is noted\n");
    assert!(!world.good(&["list"]).await.stdout.contains("LABEL"));
}

#[tokio::test]
async fn remarks_that_make_no_sense_are_refused_and_change_nothing() {
    let world = World::with_trio().await;
    world.good(&["set", "work", "--low", "20"]).await;
    let before = world.json(&["show", "work"]).await;
    let long = "x".repeat(41);
    let cases: [&[&str]; 6] = [
        &["--label", &long],
        &["--label", "a\u{1b}[2Jb"],
        &["--note", "a\u{7}b"],
        &["--weight", "101"],
        &["--low", "101"],
        &["--critical", "20"],
    ];
    for remarks in cases {
        let refused = world.refused(&[&["set", "work"], remarks].concat(), "invalid_input", 3).await;
        if remarks[0] == "--critical" {
            assert!(refused.contains("critical") && refused.contains("low") && refused.contains("20 %"), "both are named: {refused}");
        }
    }
    assert_eq!(world.run(&["set", "work"]).await.status, 2, "something has to be set");
    assert_eq!(world.run(&["set", "work", "--low", "few"]).await.status, 2);
    world.refused(&["set", "nobody", "--weight", "1"], "not_found", 4).await;
    assert_eq!(world.json(&["show", "work"]).await, before);
}
