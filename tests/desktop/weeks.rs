//! Weeks that are started by hand: the window and the tray offer it, say what comes of it, and a real server shows that the week runs.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, until};
use codex_lab_tests::sandbox::{Endpoint, Quota, Sandbox, SandboxAccount, SandboxOptions};
use jiff::SignedDuration;

use crate::seat::{Seat, WEEK};

/// How long ago the first reading was made: long enough for a second one to tell.
const AGO: i64 = 90;

/// It is at the end of the dialog.
const SHOW_HISTORY: &str = "document.querySelector('[data-test=prime-record]').scrollIntoView({block: 'end'});";

/// An account whose week has not started, and one reading that says so.
async fn idle_week() -> (Sandbox, Seat) {
    let accounts = vec![SandboxAccount::new("main").with_quota(Quota::plus(0, 0))];
    let sandbox = Sandbox::start(SandboxOptions { accounts, ..SandboxOptions::default() }).await.unwrap();
    let seat = Seat::in_sandbox(&sandbox, &["main"]).await;
    seat.week_seen("main", AGO, seat.now() - SignedDuration::from_secs(AGO) + WEEK).await;
    (sandbox, seat)
}

/// Requests that may have started a week.
fn questions(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.endpoint == Endpoint::Responses).count()
}

#[tokio::test]
async fn a_week_is_started_in_the_window_which_says_what_came_of_it() {
    let (sandbox, seat) = idle_week().await;
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).start().await.unwrap();
    let window = app.window().await.unwrap();
    let artefacts = Artefacts::of_this_test().unwrap();
    window.press("More for main").await.unwrap();
    window.press("Edit details…").await.unwrap();
    window.wait_for_text("“Prime now” first looks twice, a minute apart, whether the week runs.").await.unwrap();
    window.click_mark("prime-request").await.unwrap();
    window.wait_for_text("Reply with OK.").await.unwrap();
    assert_eq!(questions(&sandbox), 0);
    window.press("Prime now").await.unwrap();
    // One more look is enough: the first one was made before the app was started.
    window.wait_for_text("Sent to gpt-6-luna (12 + ").await.unwrap();
    assert_eq!(questions(&sandbox), 1);
    window.wait_for_text("By hand nothing is sent either: the week was started already.").await.unwrap();
    window.click_mark("prime-request").await.unwrap();
    window.click_mark("prime-history").await.unwrap();
    window.wait_for_text("Sent; whether the week runs is still to be seen").await.unwrap();
    window.execute(SHOW_HISTORY, vec![]).await.unwrap();
    desktop.screenshot(&artefacts.folder().join("sent.png")).await.unwrap();

    seat.week_is_seen_to_run("main").await;
    seat.set(|settings| settings.private_notifications = true).await;
    window.wait_for_text("The week runs until ").await.unwrap();
    desktop.screenshot(&artefacts.folder().join("runs.png")).await.unwrap();
    assert_eq!(questions(&sandbox), 1);
}

#[tokio::test]
async fn a_week_is_started_in_the_tray_and_a_real_server_shows_that_it_runs() {
    let (sandbox, seat) = idle_week().await;
    let mut desktop = Desktop::bare().await.unwrap();
    desktop.add_tray_host().await.unwrap();
    let dunst = desktop.dunst().await.unwrap();
    let app = desktop.app(seat.home(), sandbox.env().into_iter().chain(seat.env())).hidden().start().await.unwrap();
    let tray = app.tray().await.unwrap();
    assert!(tray.menu().await.unwrap().line("Prime now (start a week)").is_none(), "one reading does not tell");

    seat.week_seen("main", 0, seat.now() + WEEK).await;
    // The app looks at what others have seen every half minute, which is as long as is waited for anything.
    let offered = async || tray.wait_for("the idle week", |menu| menu.line("Prime now (start a week)").is_some()).await;
    if offered().await.is_err() {
        offered().await.unwrap();
    }
    tray.click_in("Prime now (start a week)", "main").await.unwrap();
    until("the request", async || (questions(&sandbox) == 1).then_some(())).await.unwrap();
    tray.wait_for("the end of the offer", |menu| menu.line("Prime now (start a week)").is_none()).await.unwrap();

    seat.week_is_seen_to_run("main").await;
    // A change of a file is looked at at once, and what others have to tell with it.
    seat.set(|settings| settings.keep_alive = false).await;
    until("the notification", async || dunst.displayed().await.is_ok_and(|count| count == 1).then_some(())).await.unwrap();
    desktop.screenshot(&Artefacts::of_this_test().unwrap().folder().join("primed.png")).await.unwrap();
    assert_eq!(questions(&sandbox), 1);
}
