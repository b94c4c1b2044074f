//! The keyring as the doctor sees it, and the vault's key when the home goes.

use codex_lab_core::engine::Engine;
use codex_lab_core::engine::doctor::Severity;
use codex_lab_core::engine::uninstall::Undone;
use codex_lab_core::model::snapshot::VaultMode;
use codex_lab_tests::pocket_keyring::Mood;

use crate::world::World;

#[tokio::test]
async fn the_doctor_says_whether_the_keyring_answers() {
    let world = World::full();
    for (mode, mood, expected) in [
        (VaultMode::File, Mood::Absent, Severity::NotApplicable),
        (VaultMode::Keyring, Mood::Open, Severity::Ok),
        (VaultMode::Keyring, Mood::Absent, Severity::Warning),
        (VaultMode::Keyring, Mood::Locked, Severity::Warning),
    ] {
        world.keyring.set_mood(Mood::Open);
        world.move_to(mode);
        world.keyring.set_mood(mood);
        let asked = world.keyring.times_asked();
        let findings = Engine::open(world.ports()).await.unwrap().doctor().await.unwrap();
        let keyring = findings.iter().find(|finding| finding.topic == "keyring").unwrap();
        assert_eq!(keyring.severity, expected, "{mode:?} {mood:?}: {keyring:?}");
        let vault = findings.iter().find(|finding| finding.topic == "vault").unwrap();
        assert_eq!(vault.severity == Severity::Problem, expected == Severity::Warning, "{vault:?}");
        assert_eq!(world.keyring.times_asked() == asked, mode == VaultMode::File, "nobody is asked without need");
    }
}

#[tokio::test]
async fn the_key_goes_with_the_home_and_not_before() {
    let world = World::full();
    world.move_to(VaultMode::Keyring);
    let engine = Engine::open(world.ports()).await.unwrap();
    let plan = engine.uninstall_plan(true).await.unwrap();
    assert_eq!(plan.iter().map(|step| step.what).collect::<Vec<_>>(), [Undone::Home, Undone::Key]);
    assert!(engine.uninstall().await.unwrap().is_empty());
    assert_eq!(world.keyring.items().unwrap().len(), 1, "the home's logins need it");
    let done = engine.delete_home().await.unwrap();
    assert!(done.iter().all(|step| step.done && step.failure.is_none()), "{done:?}");
    assert!(world.keyring.items().unwrap().is_empty() && !world.home.root().exists());
}
