//! The main job, step by step: sign in to three accounts, switch from the tray, the real Codex CLI follows.

use std::fs;
use std::path::Path;

use fantoccini::Locator;
use fantoccini::key::Key;

use super::stage::{PATIENCE, Stage, StoryError};
use crate::desktop::{App, DesktopError, Tray, TrayMenu, Window, until};
use crate::sandbox::{Endpoint, RequestRecord};

/// The accounts, in the order they sign in.
const ACCOUNTS: [&str; 3] = ["main", "work", "backup"];
/// Menu lines, as the user reads them.
const ADD: &str = "Add account…";
const OPEN: &str = "Open Codex Lab";

/// Hears each step as it happens.
pub type Listener<'a> = &'a mut (dyn FnMut(&str) + Send);

/// Who tells it to whom, with what at hand.
struct Teller<'a> {
    stage: &'a Stage,
    app: App<'a>,
    tray: Tray,
    window: Window,
    pictures: &'a Path,
    listener: Listener<'a>,
}

/// Tells it all, from the start of the app to its end. Pictures go into `pictures`, what they show as text beside them.
pub async fn tell<'a>(stage: &'a Stage, pictures: &'a Path, listener: Listener<'a>) -> Result<(), StoryError> {
    let app = stage.start_app().await?;
    let (tray, window) = (app.tray().await?, app.window().await?);
    let mut teller = Teller { stage, app, tray, window, pictures, listener };
    teller.say("The app runs; its icon is in the tray.");
    teller.read_the_first_page().await?;
    for account in ACCOUNTS {
        teller.sign_in(account).await?;
    }
    teller.switch_to("main").await?;
    teller.exec_answers_as("main").await?;
    teller.show_the_menu().await?;
    teller.show_the_window().await?;
    teller.switch_with_an_open_conversation().await?;
    teller.undo().await?;
    teller.quit().await
}

impl Teller<'_> {
    fn say(&mut self, line: &str) {
        (self.listener)(line);
    }

    async fn read_the_first_page(&mut self) -> Result<(), StoryError> {
        self.window.wait_for_text("Welcome to Codex Lab").await?;
        self.picture("first-page").await?;
        self.window.press("I understand, continue").await?;
        self.window.wait_for_text("Accounts").await?;
        self.say("The first page says what this is, and what the provider's stance is. The user has read it.");
        Ok(())
    }

    async fn sign_in(&mut self, account: &str) -> Result<(), StoryError> {
        let before = self.stage.browser.visits()?.len();
        self.stage.browser.pick(account)?;
        self.say("A click on `Add account…` in the tray menu.");
        self.tray.click(ADD).await?;
        // The page that the browser ends on is noted after the app has answered.
        let visit = until("the end of the browser's visit", async || self.stage.browser.visits().ok()?.get(before).cloned()).await?;
        self.say(&format!("  the browser opened by itself; `{account}` was picked there; it ended at: {visit}"));
        self.window.wait_for_text(&format!("Signed in as {account}@sandbox.example")).await?;
        self.picture(&format!("signed-in-{account}")).await?;
        self.rename_to(account).await?;
        if self.stage.browser.visits()?.len() != before + 1 {
            return Err(StoryError::Wrong("the browser was opened more than once".to_owned()));
        }
        Ok(())
    }

    /// A new profile is named by its e-mail and plan; the user gives it a shorter name on the spot.
    async fn rename_to(&mut self, account: &str) -> Result<(), StoryError> {
        self.window.press("Rename").await?;
        let field = self.window.wait().at_most(PATIENCE).for_element(Locator::Css("form input")).await.map_err(DesktopError::from)?;
        field.clear().await.map_err(DesktopError::from)?;
        field.send_keys(&format!("{account}{}", char::from(Key::Enter))).await.map_err(DesktopError::from)?;
        let named = |menu: &TrayMenu| menu.line(account).is_some() && menu.line(ADD).is_some();
        self.tray.wait_for(account, named).await?;
        self.window.press("Done").await?;
        self.say(&format!("  the new profile is called `{account}` now."));
        Ok(())
    }

    async fn show_the_menu(&mut self) -> Result<(), StoryError> {
        let menu = self.tray.menu().await?;
        self.say("The tray menu, read over D-Bus:");
        for line in menu.to_string().lines() {
            self.say(&format!("  {line}"));
        }
        fs::write(self.pictures.join("tray-menu.txt"), menu.to_string())?;
        if let Some(missing) = ACCOUNTS.into_iter().find(|account| menu.line(account).is_none()) {
            return Err(StoryError::Wrong(format!("the tray menu does not list {missing}")));
        }
        self.stage.open_tray_menu().await?;
        let shown = self.pictures.join("tray-menu.png");
        self.stage.picture(&shown).await?;
        self.stage.close_tray_menu().await
    }

    async fn show_the_window(&mut self) -> Result<(), StoryError> {
        self.tray.click(OPEN).await?;
        for theme in ["light", "dark"] {
            fs::write(self.stage.lab_home().join("config.toml"), format!("theme = \"{theme}\"\n"))?;
            let shown = format!("html[data-theme={theme}]");
            self.window.wait().at_most(PATIENCE).for_element(Locator::Css(&shown)).await.map_err(DesktopError::from)?;
            self.picture(&format!("window-{theme}")).await?;
        }
        Ok(())
    }

    async fn switch_with_an_open_conversation(&mut self) -> Result<(), StoryError> {
        self.say("A conversation is opened in the Codex CLI; its daemon starts.");
        let conversation = self.stage.converse().await?;
        conversation.say("who is there", PATIENCE).await?;
        conversation.wait_for("hello from main", PATIENCE).await?;
        self.say("  it is answered on the account of `main`.");

        self.switch_to("backup").await?;
        self.exec_answers_as("backup").await?;

        self.say("The open conversation is still on `main`: the window lists it. A click on `Restart now`.");
        self.picture("window-sessions").await?;
        self.window.press("Restart now").await?;
        let followed = |menu: &TrayMenu| !menu.to_string().contains("old login");
        self.tray.wait_for("no session on the old login", followed).await?;
        conversation.say("and now", PATIENCE).await?;
        let screen = conversation.wait_for("hello from backup", PATIENCE).await?;
        fs::write(self.pictures.join("conversation.txt"), &screen)?;
        if !screen.contains("who is there") {
            return Err(StoryError::Wrong("the conversation was lost when its daemon was restarted".to_owned()));
        }
        self.say("  the same conversation goes on, on the account of `backup`.");
        Ok(())
    }

    async fn undo(&mut self) -> Result<(), StoryError> {
        self.say("A click on `Undo last switch` in the tray menu.");
        self.tray.click("Undo last switch (back to main)").await?;
        self.tray.wait_for_checked("main").await?;
        self.exec_answers_as("main").await?;
        let counters = self.stage.sandbox.counters();
        if counters.replays + counters.families_revoked + counters.revokes > 0 {
            return Err(StoryError::Wrong(format!("a login was spent twice or revoked: {counters:?}")));
        }
        self.say("No refresh token was spent twice, and none was revoked.");
        Ok(())
    }

    async fn quit(self) -> Result<(), StoryError> {
        (self.listener)("A click on `Quit`.");
        self.tray.click("Quit").await?;
        let status = self.app.end().await?;
        if status.success() { Ok(()) } else { Err(StoryError::Wrong(format!("the app ended with {status}"))) }
    }

    async fn switch_to(&mut self, account: &str) -> Result<(), StoryError> {
        self.say(&format!("A click on `{account}` in the tray menu."));
        self.tray.click(account).await?;
        self.tray.wait_for_checked(account).await?;
        Ok(())
    }

    /// Runs `codex exec`, and looks at the provider's end whose token came.
    async fn exec_answers_as(&mut self, account: &str) -> Result<(), StoryError> {
        let stage = self.stage;
        let before = stage.sandbox.requests().last().map_or(0, |record| record.seq);
        let prompt = format!("greet me, request {before}");
        let run = stage.codex.exec(&stage.home, &prompt, PATIENCE).await?;
        // The daemon of an open conversation talks to the provider too.
        let ours = |record: &RequestRecord| record.endpoint == Endpoint::Responses && record.body.contains(&prompt);
        let turns = stage.sandbox.requests_after(before).into_iter().filter(ours);
        let callers: Vec<String> = turns.filter_map(|record| record.account).collect();
        if callers.is_empty() || callers.iter().any(|caller| caller != account) {
            return Err(StoryError::Wrong(format!("`codex exec` should have used {account}'s token; the provider saw {callers:?}")));
        }
        self.say(&format!("  `codex exec` prints {:?}; the token that reached the provider is that of `{account}`.", run.stdout.trim()));
        Ok(())
    }

    /// The whole screen without notifications, and what the page says.
    async fn picture(&self, name: &str) -> Result<(), StoryError> {
        self.stage.close_notifications().await?;
        fs::write(self.pictures.join(format!("{name}.txt")), self.window.text().await?)?;
        self.stage.picture(&self.pictures.join(format!("{name}.png"))).await
    }
}
