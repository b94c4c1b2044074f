//! Signing in, when all goes well.

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::model::profile::ProfileKind;
use codex_lab_core::model::snapshot::{LiveState, SignInMethod, SignInPhase};
use codex_lab_tests::sandbox::{self, SandboxAccount};

use crate::world::World;

#[tokio::test]
async fn three_accounts_sign_in_and_get_names_of_their_own() {
    let world = World::new().await;
    for account in ["main", "work", "backup"] {
        let row = world.signed_in(account).await;
        let expected = world.sandbox.account(account).unwrap();
        assert_eq!(row.email.as_deref(), Some(expected.email.as_str()));
        assert_eq!(row.plan.as_deref(), Some(expected.plan.as_str()));
        assert!(!row.live, "a sign-in alone never touches the live login");
    }
    assert_eq!(world.names().len(), 3);
    assert_eq!(world.person.opened().len(), 3, "each opened the browser by itself");
    assert_eq!(world.live_text(), None);
}

#[tokio::test]
async fn the_authorize_page_is_asked_as_the_codex_cli_asks() {
    let world = World::new().await;
    world.signed_in("main").await;
    let page = url::Url::parse(&world.person.opened()[0]).unwrap();
    let names: Vec<_> = page.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for name in ["response_type", "client_id", "redirect_uri", "code_challenge", "state", "scope", "originator"] {
        assert!(names.contains(&name.to_owned()), "{name} is missing");
    }
    assert!(page.query_pairs().any(|(name, value)| name == "redirect_uri" && value == "http://127.0.0.1:1455/auth/callback"));
    assert!(page.query_pairs().any(|(name, value)| name == "code_challenge_method" && value == "S256"));
}

#[tokio::test]
async fn an_account_that_is_known_is_updated_and_said_so() {
    let world = World::new().await;
    let first = world.signed_in("main").await;
    let before = world.stored_text(&first.name);
    let second = world.signed_in("main").await;
    assert_eq!(first.id, second.id);
    assert!(!world.engine.snapshot().sign_in.clone().unwrap().created);
    assert_ne!(before, world.stored_text(&first.name), "the new login replaced the old one");
    assert_eq!(world.names().len(), 1);
}

#[tokio::test]
async fn two_workspaces_of_one_person_are_two_profiles() {
    let world = World::new().await;
    let main = world.sandbox.account("main").unwrap();
    world.sandbox.put_account(SandboxAccount::new("team").same_person_as(&main).in_workspace("Team"));
    let (one, two) = (world.signed_in("main").await, world.signed_in("team").await);
    assert_ne!(one.id, two.id);
    assert_eq!(one.email, two.email);
}

#[tokio::test]
async fn a_device_code_signs_in_without_a_browser_here() {
    let world = World::without_browser().await;
    world.begin(SignInMethod::DeviceCode, None).await.unwrap();
    let waiting = world.sign_in_at(|sign_in| sign_in.user_code.is_some()).await;
    assert!(waiting.url.unwrap().starts_with("https://auth.openai.com/codex/device"));
    world.sandbox.approve_device(&waiting.user_code.unwrap(), "work").unwrap();
    let done = world.ended_sign_in().await;
    assert_eq!(done.phase, SignInPhase::Done, "{done:?}");
    assert_eq!(world.profile(&done.profile.unwrap()).email, Some(world.sandbox.account("work").unwrap().email));
}

#[tokio::test]
async fn a_callback_address_from_another_machines_browser_is_pasted() {
    let world = World::new().await;
    world.begin(SignInMethod::Browser, None).await.unwrap();
    let url = world.sign_in_at(|sign_in| sign_in.url.is_some()).await.url.unwrap();
    // On the other machine nobody listens: the browser ends at an address that does not open.
    let elsewhere = sandbox::Browser::without_redirects(&world.sandbox.reach().proxy, world.sandbox.ca()).unwrap();
    let page = elsewhere.get(format!("{url}&sandbox_account=backup")).send().await.unwrap();
    let address = page.headers()["location"].to_str().unwrap().to_owned();
    world.ask(Request::PasteCallback { url: SecretText(Secret::new(address)) }).await.unwrap();
    assert_eq!(world.ended_sign_in().await.phase, SignInPhase::Done);
}

#[tokio::test]
async fn signing_in_again_renews_the_profile_in_place() {
    let world = World::new().await;
    let main = world.signed_in("main").await;
    world.ask(Request::Rename { profile: main.id.clone(), name: "mine".into() }).await.unwrap();
    world.person.will_pick("main");
    world.begin(SignInMethod::Browser, Some(main.id.clone())).await.unwrap();
    let done = world.ended_sign_in().await;
    assert_eq!((done.phase, done.profile), (SignInPhase::Done, Some(main.id)));
    assert_eq!(world.names(), ["mine"]);
}

#[tokio::test]
async fn signing_in_again_renews_the_live_login_too() {
    let world = World::new().await;
    let main = world.signed_in("main").await;
    world.ask(Request::SwitchTo { profile: Some(main.id.clone()) }).await.unwrap();
    let before = world.live_text().unwrap();
    world.signed_in("main").await;
    assert_ne!(world.live_text().unwrap(), before);
    assert_eq!(world.live_text().unwrap(), world.stored_text(&main.name));
    assert_eq!(world.engine.snapshot().live.state, LiveState::Profile);
}

#[tokio::test]
async fn another_account_than_expected_is_asked_about() {
    let world = World::new().await;
    let main = world.signed_in("main").await;
    for (add, profiles) in [(false, 1), (true, 2)] {
        world.person.will_pick("work");
        world.begin(SignInMethod::Browser, Some(main.id.clone())).await.unwrap();
        let asked = world.ended_sign_in().await;
        assert_eq!(asked.phase, SignInPhase::OtherAccount);
        assert_eq!(asked.email, Some(world.sandbox.account("work").unwrap().email));
        assert_eq!(world.names().len(), 1, "nothing is stored before the answer");
        let after = world.ask(Request::DecideSignIn { add }).await.unwrap();
        assert_eq!(after.profiles.len(), profiles);
    }
}

#[tokio::test]
async fn an_api_key_is_checked_once_and_added() {
    let world = World::without_browser().await;
    let key = world.sandbox.account("main").unwrap().api_key;
    world.ask(Request::AddApiKey { key: SecretText(Secret::new(format!("  {key}\n"))) }).await.unwrap();
    let snapshot = world.engine.snapshot();
    assert_eq!(snapshot.profiles[0].kind, ProfileKind::ApiKey);
    let checks = world.sandbox.requests().into_iter().filter(|request| request.host == "api.openai.com").count();
    assert_eq!(checks, 1);
}

#[tokio::test]
async fn the_page_can_be_opened_once_more() {
    let world = World::new().await;
    world.begin(SignInMethod::Browser, None).await.unwrap();
    world.sign_in_at(|sign_in| sign_in.phase == SignInPhase::Waiting && sign_in.url.is_some()).await;
    world.person.will_pick("main");
    world.ask(Request::OpenSignInPage).await.unwrap();
    assert_eq!(world.ended_sign_in().await.phase, SignInPhase::Done);
    assert_eq!(world.person.opened().len(), 2);
}
