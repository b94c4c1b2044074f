//! Linux: the app's name on the session bus, and what desktops call an application by it (Desktop Entry Specification, D-Bus
//! Activation).

use std::collections::HashMap;
use std::time::Duration;

use codex_lab_core::view::link::Link;
use zbus::fdo::{RequestNameFlags, RequestNameReply};
use zbus::zvariant::{OwnedValue, Value};

use crate::desktop::Desktop;
use crate::start::Opening;
use crate::window::Page;

/// The app's identifier, which its desktop file is named after.
pub(crate) const NAME: &str = "dev.codexlab.tray";
const PATH: &str = "/dev/codexlab/tray";
const INTERFACE: &str = "org.freedesktop.Application";
/// The first one answers within this time, or hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether this is the only one.
pub(crate) enum Claim {
    /// It is, for as long as this is held; without a session bus nobody knows.
    First(Option<zbus::Connection>),
    /// Another one runs, and shows its window now if that was wanted.
    Second,
}

/// Claims to be the only one.
pub(crate) async fn claim(desktop: &Desktop, opening: &Opening) -> zbus::Result<Claim> {
    let connection = match served(desktop.clone()).await {
        Ok(connection) => connection,
        Err(error) => {
            tracing::info!(%error, "there is no session bus");
            return Ok(Claim::First(None));
        }
    };
    match connection.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()).await {
        Ok(RequestNameReply::Exists | RequestNameReply::InQueue) | Err(zbus::Error::NameTaken) => {}
        Ok(_) => return Ok(Claim::First(Some(connection))),
        Err(error) => return Err(error),
    }
    let platform = HashMap::<&str, Value<'_>>::new();
    let told = async {
        match opening {
            Opening::Hidden => Ok(()),
            Opening::Window => connection.call_method(Some(NAME), PATH, Some(INTERFACE), "Activate", &platform).await.map(drop),
            Opening::Link(link) => {
                let links = (vec![link.as_str()], &platform);
                connection.call_method(Some(NAME), PATH, Some(INTERFACE), "Open", &links).await.map(drop)
            }
        }
    };
    tokio::time::timeout(PATIENCE, told).await.map_err(|_| zbus::Error::Failure("no answer in time".to_owned()))??;
    Ok(Claim::Second)
}

async fn served(desktop: Desktop) -> zbus::Result<zbus::Connection> {
    zbus::connection::Builder::session()?.serve_at(PATH, Application { desktop })?.build().await
}

struct Application {
    desktop: Desktop,
}

#[zbus::interface(name = "org.freedesktop.Application")]
impl Application {
    /// It was started again.
    fn activate(&self, platform_data: HashMap<String, OwnedValue>) {
        drop(platform_data);
        self.desktop.show(Page::Accounts);
    }

    /// A link was opened with it. Of several, the first one: there is one question at a time.
    #[expect(clippy::needless_pass_by_value, reason = "the interface")]
    fn open(&self, links: Vec<String>, platform_data: HashMap<String, OwnedValue>) {
        drop(platform_data);
        if let Some(link) = links.first() {
            self.desktop.show(Page::of_link(Link::parse(link)));
        }
    }
}
