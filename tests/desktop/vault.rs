//! How logins are kept, changed, locked and opened in the real window.

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::desktop::{Desktop, Window, until};
use fantoccini::Locator;

use crate::seat::Seat;

/// Found by the search for leaked secrets wherever it may turn up.
const PASSPHRASE: &str = "PLANTED horse battery staple";

#[tokio::test]
async fn logins_are_sealed_locked_and_opened_in_the_window() {
    let desktop = Desktop::start().await.unwrap();
    let seat = Seat::with(&["main", "backup"]).await;
    let artefacts = Artefacts::of_this_test().unwrap();
    let app = desktop.app(seat.home(), seat.env()).start().await.unwrap();
    let tray = app.tray().await.unwrap();
    let window = app.window().await.unwrap();
    window.wait_for_text("backup").await.unwrap();

    window.press("Settings").await.unwrap();
    window.press("Change…").await.unwrap();
    click(&window, "vault-mode-passphrase").await;
    write(&window, "vault-new-passphrase", PASSPHRASE).await;
    write(&window, "vault-passphrase-again", PASSPHRASE).await;
    window.screenshot(&artefacts.folder().join("move.png")).await.unwrap();
    window.press("Change").await.unwrap();
    window.press("Lock now").await.unwrap();
    let stored = seat.lab_home().join("auth-profiles/backup");
    assert!(stored.join("auth.json.sealed").is_file() && !stored.join("auth.json").exists());

    tray.wait_for("the vault", |menu| menu.line("The logins are locked…").is_some()).await.unwrap();
    window.press("Accounts").await.unwrap();
    let told = window.wait_for_text("Nobody is signed out").await.unwrap();
    assert!(told.contains("Locked") && !told.contains("Needs sign-in"), "{told}");
    window.screenshot(&artefacts.folder().join("locked.png")).await.unwrap();
    write(&window, "vault-passphrase", "PLANTED donkey").await;
    window.press("Unlock").await.unwrap();
    window.wait_for_text("This is not the vault's passphrase.").await.unwrap();
    write(&window, "vault-passphrase", PASSPHRASE).await;
    window.press("Unlock").await.unwrap();
    until("the open vault", async || window.text().await.ok().filter(|text| !text.contains("Locked"))).await.unwrap();
    tray.wait_for("the open vault", |menu| menu.line("The logins are locked…").is_none()).await.unwrap();
}

async fn find(window: &Window, mark: &str) -> fantoccini::elements::Element {
    let selector = format!("[data-test='{mark}']");
    until(mark, async || window.find(Locator::Css(&selector)).await.ok()).await.unwrap()
}

async fn click(window: &Window, mark: &str) {
    find(window, mark).await.click().await.unwrap();
}

async fn write(window: &Window, mark: &str, text: &str) {
    find(window, mark).await.send_keys(text).await.unwrap();
}
