//! Names that cannot be, and profiles that are not.

use crate::world::World;

#[tokio::test]
async fn a_bad_name_is_refused_and_changes_nothing() {
    let world = World::with_trio().await;
    let long = "n".repeat(300);
    for name in ["a/b", "..", "x\u{1b}[2J", "a\nb", "NUL", "com1.txt", "", "   ", "dot.", long.as_str()] {
        let said = world.refused(&["rename", "main", name], "invalid_input", 3).await;
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    world.refused(&["rename", "main", "WORK"], "already_exists", 5).await;
    let list = world.good(&["list"]).await.stdout;
    assert!(["main", "work", "backup"].iter().all(|name| list.contains(name)), "{list}");
}

#[tokio::test]
async fn an_unknown_profile_is_named_with_the_closest_one() {
    let world = World::with_trio().await;
    for verb in ["show", "use", "pause", "resume", "remove"] {
        let said = world.refused(&[verb, "bakup"], "not_found", 4).await;
        assert!(said.contains("Did you mean backup?"), "{said}");
    }
    let said = world.refused(&["show", "\u{1b}[31mred"], "not_found", 4).await;
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[tokio::test]
async fn there_is_nothing_to_undo_at_first() {
    let world = World::with_trio().await;
    world.refused(&["undo"], "not_possible_now", 6).await;
    world.refused(&["remove", "--undo"], "not_possible_now", 6).await;
    world.refused(&["sessions", "choose", "1", "restart"], "not_found", 4).await;
}
