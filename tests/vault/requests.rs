//! The vault through the engine's door: what is shown, what is asked for, what is refused.

use codex_lab_core::api::table::{Reply, Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::event::Event;
use codex_lab_core::model::snapshot::{ProfileState, SignInMethod, Snapshot, VaultMode, VaultState};
use codex_lab_tests::pocket_keyring::Mood;

use crate::world::{PASSPHRASE, World};

async fn ask(engine: &Engine, request: Request) -> Result<Snapshot, Failure> {
    match engine.handle(request).await? {
        Reply::Done { snapshot } => Ok(*snapshot),
        other => panic!("{other:?}"),
    }
}

fn unlock(passphrase: &str) -> Request {
    Request::UnlockVault { passphrase: Some(SecretText(Secret::new(passphrase))) }
}

fn move_to(to: VaultMode, passphrase: Option<&str>) -> Request {
    Request::MoveVault { to, passphrase: passphrase.map(|text| SecretText(Secret::new(text))) }
}

fn states(snapshot: &Snapshot) -> Vec<ProfileState> {
    snapshot.profiles.iter().map(|profile| profile.state).collect()
}

#[tokio::test]
async fn a_locked_keyring_locks_the_profiles_and_signs_nobody_out() {
    let world = World::full();
    let engine = Engine::open(world.ports()).await.unwrap();
    let moved = ask(&engine, move_to(VaultMode::Keyring, None)).await.unwrap();
    assert_eq!((moved.vault.mode, moved.vault.state), (VaultMode::Keyring, VaultState::Open));
    assert_eq!(states(&moved), [ProfileState::Ready; 2]);

    world.keyring.set_mood(Mood::Locked);
    let engine = Engine::open(world.ports()).await.unwrap();
    let mut events = engine.events();
    let locked = engine.snapshot();
    assert_eq!((locked.vault.mode, locked.vault.state), (VaultMode::Keyring, VaultState::Locked));
    let failure = locked.vault.failure.as_ref().unwrap();
    assert!(failure.code == Code::VaultLocked && !failure.hints.is_empty(), "{failure:?}");
    assert_eq!(states(&locked), [ProfileState::Locked; 2]);

    let id = locked.profiles[0].id.clone();
    let switched = ask(&engine, Request::SwitchTo { profile: Some(id.clone()) }).await.unwrap_err();
    assert_eq!(switched.code, Code::VaultLocked);
    let begun = Request::BeginSignIn { method: SignInMethod::DeviceCode, again: None, replace: false };
    assert_eq!(ask(&engine, begun).await.unwrap_err().code, Code::VaultLocked, "a login that cannot be kept is not asked for");
    assert_eq!(engine.access_token(&id).await.unwrap_err().code, Code::VaultLocked);

    world.keyring.set_mood(Mood::Open);
    let opened = ask(&engine, Request::UnlockVault { passphrase: None }).await.unwrap();
    assert_eq!((opened.vault.state, states(&opened)), (VaultState::Open, vec![ProfileState::Ready; 2]));
    ask(&engine, Request::SwitchTo { profile: Some(id) }).await.unwrap();
    while let Ok(event) = events.try_recv() {
        assert!(!matches!(event, Event::News(_)), "nobody is signed out: {event:?}");
    }
}

#[tokio::test]
async fn a_passphrase_is_asked_once_a_process() {
    let world = World::full();
    let engine = Engine::open(world.ports()).await.unwrap();
    for (weak, code) in [(None, Code::InvalidInput), (Some("short"), Code::InvalidInput), (Some("aaaaaaaaaaaaaaaa"), Code::InvalidInput)] {
        assert_eq!(ask(&engine, move_to(VaultMode::Passphrase, weak)).await.unwrap_err().code, code, "{weak:?}");
    }
    let moved = ask(&engine, move_to(VaultMode::Passphrase, Some(PASSPHRASE))).await.unwrap();
    assert_eq!((moved.vault.state, states(&moved)), (VaultState::Open, vec![ProfileState::Ready; 2]));

    let engine = Engine::open(world.ports()).await.unwrap();
    assert_eq!(states(&engine.snapshot()), [ProfileState::Locked; 2]);
    let opened = ask(&engine, unlock(PASSPHRASE)).await.unwrap();
    assert_eq!((opened.vault.state, states(&opened)), (VaultState::Open, vec![ProfileState::Ready; 2]));
    let locked = ask(&engine, Request::LockVault).await.unwrap();
    assert_eq!((locked.vault.state, states(&locked)), (VaultState::Locked, vec![ProfileState::Locked; 2]));
    ask(&engine, unlock(PASSPHRASE)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn wrong_passphrases_wait_longer_each_time() {
    let world = World::full();
    world.move_to(VaultMode::Passphrase);
    let engine = Engine::open(world.ports()).await.unwrap();
    for seconds in [1, 2, 4] {
        let started = tokio::time::Instant::now();
        assert_eq!(ask(&engine, unlock("planted but wrong")).await.unwrap_err().code, Code::WrongPassphrase);
        assert_eq!(started.elapsed().as_secs(), seconds);
    }
    ask(&engine, unlock(PASSPHRASE)).await.unwrap();
    let started = tokio::time::Instant::now();
    assert_eq!(ask(&engine, unlock("planted but wrong")).await.unwrap_err().code, Code::WrongPassphrase);
    assert_eq!(started.elapsed().as_secs(), 1);
}

#[tokio::test]
async fn an_interrupted_switch_waits_for_a_vault_that_is_not_open() {
    let world = World::full();
    let id = world.profiles.list().unwrap()[0].id.clone();
    world.move_to(VaultMode::Passphrase);
    let auth = world.ports().environment.path("CODEX_HOME").unwrap().join("auth.json");
    std::fs::write(&auth, crate::logins::chatgpt("unknown", 1)).unwrap();
    let killed = world.run_victim(&[id.as_str(), "switch.replaced"]);
    assert!(!killed.status.success());
    let journal = world.home.runtime().join("switch.json");
    assert!(journal.exists());
    // What a power cut may do to it in the middle.
    std::fs::write(&auth, "").unwrap();

    let engine = Engine::open(world.ports()).await.unwrap();
    assert!(journal.exists() && engine.snapshot().problems.iter().any(|problem| problem.code == Code::VaultLocked));
    let opened = ask(&engine, unlock(PASSPHRASE)).await.unwrap();
    assert!(!journal.exists() && !opened.problems.iter().any(|problem| problem.code == Code::VaultLocked), "{:?}", opened.problems);
    assert!(std::fs::read_to_string(&auth).unwrap().contains("planted-rt-main"));
}
