//! The pages a person sees: the account picker of a sign-in, and the approval of a device code.

use std::fmt::Write;

use http::StatusCode;
use url::{Host, Url};

use super::CLIENT_ID;
use super::account::SandboxAccount;
use super::device::Decision;
use super::intake::Incoming;
use super::oauth::device_callback;
use super::reply::{Reply, escape, page, redirect};
use super::world::World;

/// Query field that picks an account on the authorize and the device page.
pub(crate) const PICK: &str = "sandbox_account";
/// Query field that refuses.
pub(crate) const CANCEL: &str = "sandbox_cancel";
/// Query field that picks an account although the client asked for another workspace.
pub(crate) const ANY_WORKSPACE: &str = "sandbox_any_workspace";

/// `GET /oauth/authorize` (codex-auth.md 2.1).
pub(crate) fn authorize(world: &World, incoming: &Incoming) -> Reply {
    let wanted = match Wanted::of(world, incoming) {
        Ok(wanted) => wanted,
        Err(complaint) => {
            return page(StatusCode::BAD_REQUEST, "This sign-in link is not valid", &escape(complaint));
        }
    };
    if incoming.query.get(CANCEL).is_some() {
        return wanted.refuse("access_denied", "The user cancelled the sign-in.");
    }
    let picked = incoming.query.get(PICK).or(world.rules.auto_approve.as_deref());
    match picked {
        Some(name) => pick(world, incoming, &wanted, name),
        None => picker(world, incoming, &wanted),
    }
}

/// `GET /codex/device`: type the code, pick an account (codex-auth.md 2.2).
pub(crate) fn device_page(world: &World, incoming: &Incoming) -> Reply {
    let typed = incoming.query.text("user_code");
    let decision = match incoming.query.get(PICK) {
        Some(name) if world.books().account(name).is_some() => Decision::Approved(name.to_owned()),
        Some(_) => {
            return page(StatusCode::NOT_FOUND, "No such account", "The sandbox does not know this account.");
        }
        None if incoming.query.get(CANCEL).is_some() => Decision::Denied,
        None => return device_form(world, typed),
    };
    let denied = decision == Decision::Denied;
    match world.books().devices.decide(typed, decision) {
        false => page(StatusCode::NOT_FOUND, "No such code", "Check the code and try again."),
        true if denied => page(StatusCode::OK, "Sign-in refused", "You can close this page."),
        true => page(StatusCode::OK, "Device signed in", "You can close this page and return to your device."),
    }
}

/// A valid request to sign in.
struct Wanted<'a> {
    redirect_uri: &'a str,
    state: &'a str,
    challenge: &'a str,
    /// Workspaces the client accepts; empty = any.
    workspaces: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(world: &World, incoming: &'a Incoming) -> Result<Self, &'static str> {
        let query = &incoming.query;
        if query.text("client_id") != CLIENT_ID {
            return Err("unknown client_id");
        }
        if query.text("response_type") != "code" {
            return Err("response_type must be code");
        }
        let redirect_uri = query.text("redirect_uri");
        if !redirect_allowed(redirect_uri, world.rules.redirect_ports.as_deref()) {
            return Err("redirect_uri is not registered for this client");
        }
        if query.text("code_challenge_method") != "S256" || query.text("code_challenge").len() != 43 {
            return Err("PKCE with S256 is required");
        }
        if query.text("state").is_empty() {
            return Err("state is missing");
        }
        let workspaces = query.text("allowed_workspace_id").split(',').map(str::trim);
        Ok(Self {
            redirect_uri,
            state: query.text("state"),
            challenge: query.text("code_challenge"),
            workspaces: workspaces.filter(|id| !id.is_empty()).collect(),
        })
    }

    fn allows(&self, account: &SandboxAccount) -> bool {
        self.workspaces.is_empty() || self.workspaces.contains(&account.account_id.as_str())
    }

    fn refuse(&self, code: &str, description: &str) -> Reply {
        self.back(&[("error", code), ("error_description", description)])
    }

    fn back(&self, fields: &[(&str, &str)]) -> Reply {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("state", self.state).finish();
        redirect(&format!("{}?{query}", self.redirect_uri))
    }
}

fn pick(world: &World, incoming: &Incoming, wanted: &Wanted<'_>, name: &str) -> Reply {
    let mut books = world.books();
    let Some(account) = books.account(name) else {
        return page(StatusCode::NOT_FOUND, "No such account", "The sandbox does not know this account.");
    };
    if !wanted.allows(account) && incoming.query.get(ANY_WORKSPACE).is_none() {
        return wanted.refuse("access_denied", "This account is not a member of the workspace that was asked for.");
    }
    let books = &mut *books;
    let code = books.grants.open_code(&mut books.mint, name, wanted.challenge, wanted.redirect_uri, world.clock.unix());
    wanted.back(&[("code", &code)])
}

fn picker(world: &World, incoming: &Incoming, wanted: &Wanted<'_>) -> Reply {
    let link = |field: &str, value: &str| {
        let choice = url::form_urlencoded::Serializer::new(String::new()).append_pair(field, value).finish();
        escape(&format!("/oauth/authorize?{}&{choice}", incoming.raw_query))
    };
    let mut body = "<p>Codex wants to sign in. Choose an account.</p>\n".to_owned();
    body += &picks(world, |account| wanted.allows(account).then(|| link(PICK, &account.name)));
    let _ = writeln!(body, "<p><a id=\"cancel\" href=\"{}\">Cancel</a></p>", link(CANCEL, "1"));
    page(StatusCode::OK, "Sign in to the sandbox", &body)
}

fn device_form(world: &World, typed: &str) -> Reply {
    if typed.is_empty() {
        let form =
            "<form action=\"/codex/device\"><label>Code <input name=\"user_code\" autofocus></label> <button>Continue</button></form>";
        return page(StatusCode::OK, "Sign in a device", form);
    }
    let link = |field: &str, value: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("user_code", typed).append_pair(field, value).finish();
        escape(&format!("/codex/device?{query}"))
    };
    let mut body = format!("<p>Sign in the device that shows <b>{}</b>. Choose an account.</p>\n", escape(typed));
    body += &picks(world, |account| Some(link(PICK, &account.name)));
    let _ = writeln!(body, "<p><a id=\"cancel\" href=\"{}\">Cancel</a></p>", link(CANCEL, "1"));
    page(StatusCode::OK, "Sign in a device", &body)
}

/// One link per account for which `link` has one.
fn picks(world: &World, link: impl Fn(&SandboxAccount) -> Option<String>) -> String {
    let mut body = String::new();
    for account in world.books().accounts() {
        if let Some(href) = link(account) {
            let name = escape(&account.name);
            let workspace = account.workspace.as_deref().unwrap_or("Personal");
            let _ = writeln!(
                body,
                "<a class=\"pick\" data-account=\"{name}\" href=\"{href}\">{name} <small>{} · {} · {}</small></a>",
                escape(&account.email),
                escape(workspace),
                escape(&account.plan),
            );
        }
    }
    body
}

fn redirect_allowed(redirect_uri: &str, ports: Option<&[u16]>) -> bool {
    if redirect_uri == device_callback() {
        return true;
    }
    let Ok(url) = Url::parse(redirect_uri) else {
        return false;
    };
    let loopback = matches!(url.host(), Some(Host::Ipv4(ip)) if ip.octets() == [127, 0, 0, 1])
        || matches!(url.host(), Some(Host::Domain("localhost")));
    let port_known = url.port().is_some_and(|port| ports.is_none_or(|ports| ports.contains(&port)));
    url.scheme() == "http" && loopback && port_known && url.path() == "/auth/callback" && url.query().is_none()
}
