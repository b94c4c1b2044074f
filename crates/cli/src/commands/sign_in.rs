//! Signing in with ChatGPT: shows the link, follows the sign-in to its end, carries the user's answers to it.

use codex_lab_core::api::table::{Request, SecretText};
use codex_lab_core::base::progress::{Far, Underway, Work};
use codex_lab_core::base::secret::Secret;
use codex_lab_core::engine::Engine;
use codex_lab_core::failure::{Code, Failure};
use codex_lab_core::model::snapshot::{SignIn, SignInMethod, SignInPhase};
use serde_json::json;

use super::{ask, change};
use crate::args::Login;
use crate::names;
use crate::output::{self, Output};
use crate::prompt::{self, Input};

pub(super) async fn run(login: &Login, engine: &Engine, output: &Output) -> Result<(), Failure> {
    let again = login.again.as_deref().map(|name| names::find(&engine.snapshot(), name).map(|row| row.id.clone())).transpose()?;
    let method = if login.way.device_code { SignInMethod::DeviceCode } else { SignInMethod::Browser };
    let mut latest = engine.subscribe();
    if change(engine, Request::BeginSignIn { method, again, replace: false }, output).await?.is_none() {
        return Ok(());
    }
    let mut input = Input::new();
    let mut pasting = login.way.paste_callback;
    // Of the address pasted last, if it was of no use.
    let mut refused = None;
    let mut told = false;
    loop {
        let sign_in = latest.borrow_and_update().sign_in.clone();
        let Some(sign_in) = sign_in else { return Err(prompt::cancelled()) };
        match sign_in.phase {
            SignInPhase::Done => {
                tell_done(engine, &sign_in, output);
                return Ok(());
            }
            SignInPhase::Failed => return Err(sign_in.failure.unwrap_or_else(prompt::cancelled)),
            SignInPhase::OtherAccount => {
                let add = login.add_other || adds_other(&sign_in, &mut input, output).await?;
                ask(engine, Request::DecideSignIn { add }).await?;
                continue;
            }
            SignInPhase::Waiting if !told && sign_in.url.is_some() => {
                told = true;
                tell_link(&sign_in, login, output);
            }
            SignInPhase::Starting | SignInPhase::Waiting | SignInPhase::Finishing => {}
        }
        // What is pasted is typed on the line where this would be.
        let _waiting = (!pasting).then(|| waiting(&sign_in, output));
        tokio::select! {
            changed = latest.changed() => if changed.is_err() { return Err(prompt::cancelled()) },
            line = input.line(), if pasting && told => {
                let Some(address) = line else {
                    ask(engine, Request::CancelSignIn).await?;
                    return Err(refused.unwrap_or_else(nothing_pasted));
                };
                match ask(engine, Request::PasteCallback { url: SecretText(Secret::new(address)) }).await {
                    Ok(_) => pasting = false,
                    Err(failure) => {
                        output::must(&format!("{} Paste the address again:", failure.message));
                        refused = Some(failure);
                    }
                }
            }
            _ = tokio::signal::ctrl_c() => {
                ask(engine, Request::CancelSignIn).await?;
                return Err(prompt::cancelled());
            }
        }
    }
}

fn waiting(sign_in: &SignIn, output: &Output) -> Underway {
    let until = sign_in.deadline.map_or(Far::Unknown, Far::Until);
    match (sign_in.phase, sign_in.method) {
        (SignInPhase::Waiting, SignInMethod::Browser) => output.waiting(Work::Browser, until),
        (SignInPhase::Waiting, SignInMethod::DeviceCode) => output.waiting(Work::DeviceCode, until),
        _ => output.waiting(Work::SignIn, Far::Unknown),
    }
}

/// No browser of this machine was opened, so nothing else can end the sign-in.
fn nothing_pasted() -> Failure {
    Failure::new(Code::InvalidInput, "Standard input ended before an address was pasted; the sign-in was called off.")
        .hint("Keep standard input open, or use a device code: codex-lab login --device-code")
}

fn tell_link(sign_in: &SignIn, login: &Login, output: &Output) {
    let url = sign_in.url.as_deref().unwrap_or_default();
    if let Some(code) = &sign_in.user_code {
        output::must(&format!("Open {url} on any machine and type in this code:\n\n    {code}\n"));
        output.note("Waiting for the code to be typed in; it is good for 15 minutes. Ctrl-C cancels.");
        return;
    }
    let link = format!("\n    {url}\n");
    if login.leaves_browser_alone() {
        output::must("Open this page in a browser to sign in:");
        output::must(&link);
    } else if sign_in.browser_failed {
        output::must("The browser could not be opened; open this page by hand:");
        output::must(&link);
    } else {
        output.note("Your browser opens to sign in. If it does not, or for another account, open this page (a private window asks anew):");
        output.note(&link);
    }
    if login.way.paste_callback {
        output::must("When the browser ends at an address that does not open, paste that whole address here and press Enter:");
    } else {
        output.note("Waiting for the browser. Ctrl-C cancels; nothing is changed then.");
    }
}

async fn adds_other(sign_in: &SignIn, input: &mut Input, output: &Output) -> Result<bool, Failure> {
    let who = sign_in.email.as_deref().unwrap_or("another account");
    output.note(&format!("This sign-in was for {who}, not for the account of that profile."));
    if output::can_ask() {
        return input.agrees("Add it as a new profile?").await;
    }
    output.hint("`--add-other` would add it as a new profile.");
    Ok(false)
}

fn tell_done(engine: &Engine, sign_in: &SignIn, output: &Output) {
    let snapshot = engine.snapshot();
    let row = snapshot.profiles.iter().find(|row| Some(&row.id) == sign_in.profile.as_ref());
    let name = row.map_or("?", |row| &row.name);
    let who = sign_in.email.as_deref().unwrap_or("the account");
    let how = if sign_in.created { "profile" } else { "renewed the login of profile" };
    output.result(&format!("Signed in as {who}: {how} {name}"), &json!({ "profile": row, "created": sign_in.created }));
    if row.is_some_and(|row| !row.live) {
        output.hint(&format!("`codex-lab use '{name}'` makes it the live login."));
    }
}
