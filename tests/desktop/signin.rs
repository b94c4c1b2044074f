//! Signing in at the real window, each way and each trouble from the click to what comes of it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{App, Desktop, Window, until};
use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{self, Behaviour, Choice, Endpoint, Sandbox, SandboxOptions, Script};

use crate::hand::{click, find, gone, heard, said, value, write};
use crate::seat::{Seat, program};
use crate::terminal;

/// A provider, a user, and a browser that opens nothing: the test is who sits before it.
struct Door {
    sandbox: Sandbox,
    seat: Seat,
    desktop: Desktop,
    artefacts: Artefacts,
    _ports: LoginPorts,
}

impl Door {
    /// A user with profiles of these accounts.
    async fn with(accounts: &[&str]) -> Self {
        let ports = LoginPorts::claim().await.unwrap();
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let seat = Seat::in_sandbox(&sandbox, accounts).await;
        let desktop = Desktop::start().await.unwrap();
        let door = Self { sandbox, seat, desktop, artefacts: Artefacts::of_this_test().unwrap(), _ports: ports };
        program(&door.browser(), &format!("#!/bin/sh\necho \"$1\" >> '{}'\n", door.log().display()));
        door
    }

    async fn app(&self, further: &[(&'static str, &str)]) -> App<'_> {
        let browser = ("BROWSER", self.browser().display().to_string());
        let further = further.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let env = self.sandbox.env().into_iter().chain(self.seat.env()).chain([browser]).chain(further);
        self.desktop.app(self.seat.home(), env).start().await.unwrap()
    }

    fn browser(&self) -> PathBuf {
        self.desktop.folder().join("browser")
    }

    fn log(&self) -> PathBuf {
        self.desktop.folder().join("opened")
    }

    /// The pages that were opened so far.
    fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The page that was opened last, once there are so many.
    async fn page(&self, count: usize) -> String {
        until("the browser", async || self.opened().pop().filter(|_| self.opened().len() == count)).await.unwrap()
    }

    /// The user chooses on the page, and follows it to where it leads.
    async fn choose(&self, page: &str, choice: Choice) -> u16 {
        self.sandbox.browser().unwrap().sign_in(page, &choice).await.unwrap().status
    }

    /// The names of the profiles that are stored.
    fn profiles(&self) -> Vec<String> {
        let folders = std::fs::read_dir(self.seat.lab_home().join("auth-profiles")).unwrap();
        let mut names: Vec<_> = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Of the screen: the driver's own picture of a page waits until something moves on it.
    async fn picture(&self, name: &str) {
        self.desktop.screenshot(&self.artefacts.folder().join(format!("{name}.png"))).await.unwrap();
    }
}

fn account(name: &str) -> Choice {
    Choice::Account(name.to_owned())
}

/// Seconds that the countdown shows.
async fn left(window: &Window) -> u32 {
    let shown = said(window, "sign-in-countdown").await;
    let (minutes, seconds) = shown.split_once(':').unwrap();
    minutes.parse::<u32>().unwrap() * 60 + seconds.parse::<u32>().unwrap()
}

#[tokio::test]
async fn the_browser_opens_at_once_and_the_new_profile_can_be_named() {
    let door = Door::with(&[]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    let page = door.page(1).await;
    window.wait_for_text("Waiting for you to sign in").await.unwrap();
    assert_eq!(value(&window, "sign-in-link").await, page);
    let text = window.text().await.unwrap();
    assert!(!text.contains("private window"), "a first account needs none: {text}");
    let left = left(&window).await;
    assert!((540..=600).contains(&left), "{left}");
    door.picture("waiting").await;
    assert_eq!(window.found_by_axe().await.unwrap(), Vec::<String>::new());

    click(&window, "sign-in-copy").await;
    heard(&window, "Copied.").await;
    click(&window, "sign-in-open").await;
    assert_eq!(door.page(2).await, page, "the same page once more");

    assert_eq!(door.choose(&page, account("main")).await, 200);
    window.wait_for_text("Signed in as main@sandbox.example").await.unwrap();
    assert_eq!(said(&window, "sign-in-done-name").await, "main-plus");
    click(&window, "sign-in-done-rename").await;
    write(&window, "name-field", "mine").await;
    click(&window, "name-save").await;
    until("the name", async || (said(&window, "profile-name").await == "mine").then_some(())).await.unwrap();
    door.picture("done").await;
    click(&window, "sign-in-done-close").await;
    gone(&window, "sign-in-done").await;
    assert!(door.seat.lab_home().join("auth-profiles/mine/auth.json").is_file());
    assert_eq!(door.seat.live(), None, "a sign-in alone never touches the live login");
}

#[tokio::test]
async fn a_second_account_is_told_of_private_windows_and_cancel_frees_the_port() {
    let door = Door::with(&["main"]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    let first = door.page(1).await;
    window.wait_for_text("copy the link into a private window").await.unwrap();

    // The list shows it; another one replaces it only when that is wished for.
    click(&window, "sign-in-back").await;
    window.wait_for_text("A sign-in is waiting for you.").await.unwrap();
    click(&window, "add-account").await;
    window.wait_for_text("Another sign-in is still open, shown below.").await.unwrap();
    door.picture("another").await;
    click(&window, "sign-in-replace").await;
    let second = door.page(2).await;
    assert_ne!(first, second);
    gone(&window, "sign-in-replace").await;

    click(&window, "sign-in-cancel").await;
    find(&window, "add-account").await;
    gone(&window, "sign-in").await;
    gone(&window, "sign-in-running").await;
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).is_ok(), "the port is free again");
    assert!(door.sandbox.browser().unwrap().sign_in(&second, &account("work")).await.is_err(), "nobody waits any more");
    assert_eq!(door.profiles(), ["main"]);
}

#[tokio::test]
async fn a_device_code_is_shown_with_a_picture_and_signs_in() {
    let door = Door::with(&["main"]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    door.page(1).await;
    // From the browser to the code.
    click(&window, "sign-in-device").await;
    let code = said(&window, "sign-in-code").await;
    let page = said(&window, "sign-in-link").await;
    assert_eq!(page, "https://auth.openai.com/codex/device");
    let picture = find(&window, "sign-in-picture").await;
    assert_eq!(picture.attr("role").await.unwrap().as_deref(), Some("img"));
    let instead = picture.attr("aria-label").await.unwrap().unwrap();
    assert!(instead.contains(&page), "{instead}");
    let (_, _, wide, high) = picture.rectangle().await.unwrap();
    assert!(wide >= 140.0 && (wide - high).abs() < 1.0, "{wide} by {high}: a camera needs squares that it can tell apart");
    let left = left(&window).await;
    assert!((840..=900).contains(&left), "{left}");
    door.picture("code").await;
    assert_eq!(window.found_by_axe().await.unwrap(), Vec::<String>::new());
    assert_eq!(door.opened().len(), 1, "its page opens only when asked to");
    click(&window, "sign-in-open").await;
    assert_eq!(door.page(2).await, page);

    door.sandbox.browser().unwrap().approve_device(&page, &code, &account("work")).await.unwrap();
    window.wait_for_text("Signed in as work@sandbox.example").await.unwrap();
    assert_eq!(said(&window, "sign-in-done-name").await, "work-business");
}

#[tokio::test]
async fn the_address_that_a_browser_elsewhere_ended_at_is_pasted() {
    let door = Door::with(&[]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    let page = door.page(1).await;
    // On the other machine nobody listens: the browser ends at an address that does not open.
    let elsewhere = sandbox::Browser::without_redirects(&door.sandbox.reach().proxy, door.sandbox.ca()).unwrap();
    let answer = elsewhere.get(format!("{page}&sandbox_account=backup")).send().await.unwrap();
    let address = answer.headers()["location"].to_str().unwrap();

    click(&window, "sign-in-elsewhere").await;
    write(&window, "sign-in-paste-field", "http://127.0.0.1:1455/auth/callback?code=x&state=forged").await;
    click(&window, "sign-in-paste").await;
    let refused = find(&window, "sign-in-paste-error").await;
    assert_eq!(refused.attr("data-code").await.unwrap().as_deref(), Some("state_mismatch"));
    door.picture("refused").await;
    write(&window, "sign-in-paste-field", &format!("  {address} ")).await;
    click(&window, "sign-in-paste").await;
    window.wait_for_text("Signed in as backup@sandbox.example").await.unwrap();
}

#[tokio::test]
async fn another_account_than_expected_is_asked_about() {
    let door = Door::with(&["main"]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    for (attempt, answer) in [(1, "sign-in-discard"), (2, "sign-in-add")] {
        window.press("More for main").await.unwrap();
        click(&window, "profile-menu-sign-in").await;
        window.wait_for_text("Sign in as main@sandbox.example.").await.unwrap();
        let page = door.page(attempt).await;
        door.choose(&page, account("work")).await;
        window.wait_for_text("You signed in as work@sandbox.example, which is not the account of main.").await.unwrap();
        door.picture(answer).await;
        assert_eq!(door.profiles(), ["main"], "nothing is stored before the answer");
        click(&window, answer).await;
        if answer == "sign-in-discard" {
            window.wait_for_text("That was another account; nothing was changed.").await.unwrap();
            click(&window, "sign-in-dismiss").await;
            gone(&window, "sign-in").await;
        }
    }
    window.wait_for_text("Signed in as work@sandbox.example").await.unwrap();
    assert_eq!(said(&window, "sign-in-done-name").await, "work-business");
    window.wait_for_text("2 accounts").await.unwrap();
}

#[tokio::test]
async fn a_lost_login_is_signed_in_again_from_its_row() {
    let door = Door::with(&["main", "backup"]).await;
    door.seat.lose_login("backup");
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    window.press("Sign in to backup again").await.unwrap();
    window.wait_for_text("Sign in as backup@sandbox.example.").await.unwrap();
    let page = door.page(1).await;
    door.choose(&page, account("backup")).await;
    window.wait_for_text("Signed in as backup@sandbox.example").await.unwrap();
    click(&window, "sign-in-done-close").await;
    // The list moves up then.
    gone(&window, "sign-in-done").await;
    window.press("Use backup").await.unwrap();
    let live = async || terminal::profile(&door.seat, "backup").await.filter(|row| row["live"] == true);
    assert_eq!(until("the new login in use", live).await.unwrap()["state"], "ready");
    assert_eq!(door.profiles(), ["backup", "main"]);
}

#[tokio::test]
async fn a_refusal_on_the_page_is_told_and_another_try_works() {
    let door = Door::with(&[]).await;
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    let page = door.page(1).await;
    door.choose(&page, Choice::Cancel).await;
    window.wait_for_text("The sign-in was cancelled or refused on OpenAI's page.").await.unwrap();
    let failure = find(&window, "sign-in-failure").await;
    assert_eq!(failure.attr("data-code").await.unwrap().as_deref(), Some("sign_in_refused"));
    door.picture("refused").await;
    click(&window, "sign-in-retry").await;
    let page = door.page(2).await;
    door.choose(&page, account("main")).await;
    window.wait_for_text("Signed in as main@sandbox.example").await.unwrap();
}

#[tokio::test]
async fn a_sign_in_that_nobody_finishes_ends_by_itself() {
    let door = Door::with(&[]).await;
    let app = door.app(&[("CODEX_LAB_SIGN_IN_SECONDS", "2")]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    door.page(1).await;
    window.wait_for_text("Nobody came back from the browser in time. Nothing was changed.").await.unwrap();
    door.picture("late").await;
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).is_ok(), "the port is free again");

    door.sandbox.script(Script::once(Endpoint::DeviceToken, Behaviour::oauth_error(400, "expired_token")));
    click(&window, "sign-in-device").await;
    window.wait_for_text("The device code was not used in time, so it no longer works.").await.unwrap();
    // And so does one that OpenAI refuses a code for.
    door.sandbox.script(Script::once(Endpoint::DeviceCode, Behaviour::status(404)));
    click(&window, "sign-in-retry").await;
    window.wait_for_text("OpenAI does not offer device codes for this sign-in at the moment.").await.unwrap();
    click(&window, "sign-in-dismiss").await;
    gone(&window, "sign-in").await;
}

#[tokio::test]
async fn busy_ports_are_told_with_the_device_code_as_the_first_way_out() {
    let door = Door::with(&[]).await;
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 1455)).unwrap();
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 1457)).unwrap();
    let app = door.app(&[]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    window.wait_for_text("ports 1455 and 1457 are both in use").await.unwrap();
    assert!(door.opened().is_empty(), "no page is opened that could not come back");
    let device = find(&window, "sign-in-device").await;
    assert!(device.attr("class").await.unwrap().unwrap().contains("primary"));
    door.picture("busy").await;
    click(&window, "sign-in-device").await;
    assert!(!said(&window, "sign-in-code").await.is_empty());

    // With one of them free the browser does as well.
    drop(second);
    click(&window, "sign-in-browser").await;
    let page = door.page(1).await;
    assert!(page.contains("1457"), "{page}");
    drop(first);
    door.choose(&page, account("backup")).await;
    window.wait_for_text("Signed in as backup@sandbox.example").await.unwrap();
}

#[tokio::test]
async fn without_a_browser_the_link_is_there_to_be_copied() {
    let door = Door::with(&[]).await;
    let nowhere = door.desktop.folder().join("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    let app = door.app(&[("BROWSER", nowhere), ("PATH", nowhere)]).await;
    let window = app.window().await.unwrap();
    click(&window, "add-account").await;
    window.wait_for_text("No browser could be started.").await.unwrap();
    let page = value(&window, "sign-in-link").await;
    door.choose(&page, account("main")).await;
    window.wait_for_text("Signed in as main@sandbox.example").await.unwrap();
}
