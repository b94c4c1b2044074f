//! Linux: the portal of the desktop (XDG Desktop Portal, `GlobalShortcuts`), asked for as long as the setting wants it, and anew when
//! another portal takes its place.

use codex_lab_core::engine::Engine;
use codex_lab_core::model::shortcut::{ShortcutView, Unbound};
use codex_lab_core::view::command::Command;
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};
use zbus::names::{BusName, OwnedUniqueName, WellKnownName};

use super::portal::{ANSWERS_WITHIN, Portal};

/// The portal's name on the session bus.
const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// Has a key for as long as one is wanted.
pub(super) async fn keep(mut wanted: watch::Receiver<bool>, engine: Engine, clicks: mpsc::UnboundedSender<Command>) {
    while is_to_be(&mut wanted, true).await {
        if let Err(error) = while_wanted(&mut wanted, &engine, &clicks).await {
            tracing::info!(%error, "there is no session bus for a shortcut");
            engine.note_shortcut(ShortcutView::unbound(Unbound::Nowhere)).await;
            is_to_be(&mut wanted, false).await;
        }
        engine.note_shortcut(ShortcutView::default()).await;
    }
}

/// Waits for it; `false` when the app ends.
async fn is_to_be(wanted: &mut watch::Receiver<bool>, there: bool) -> bool {
    wanted.wait_for(|wanted| *wanted == there).await.is_ok()
}

async fn while_wanted(wanted: &mut watch::Receiver<bool>, engine: &Engine, clicks: &mpsc::UnboundedSender<Command>) -> zbus::Result<()> {
    let connection = zbus::Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, PORTAL)]).await?;
    let (mut owner, mut missing) = (started(&bus).await, Unbound::Nowhere);
    loop {
        let portal = match owner.clone() {
            Some(owner) => Some(Portal::of(owner).await?),
            None => None,
        };
        let talking = async {
            let why = match &portal {
                Some(portal) => portal.talk(engine, clicks).await,
                None => missing,
            };
            tracing::info!(%why, "there is no shortcut");
            engine.note_shortcut(ShortcutView::unbound(why)).await;
            if let Some(portal) = &portal {
                portal.close().await;
            }
            // Nothing more comes of it until the setting or the portal changes.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = is_to_be(wanted, false) => {
                if let Some(portal) = &portal {
                    portal.close().await;
                }
                return Ok(());
            }
            next = other_owner(&mut owners, owner.as_ref()) => (owner, missing) = (next?, Unbound::TakenBack),
            () = talking => {}
        }
    }
}

/// Who is the portal; started where it can be.
async fn started(bus: &DBusProxy<'_>) -> Option<OwnedUniqueName> {
    let name = WellKnownName::from_static_str(PORTAL).ok()?;
    let starting = async {
        // One that cannot be started may be there all the same.
        if let Err(error) = bus.start_service_by_name(name.clone(), 0).await {
            tracing::debug!(%error, "no portal was started");
        }
        bus.get_name_owner(BusName::WellKnown(name)).await.ok()
    };
    timeout(ANSWERS_WITHIN, starting).await.ok().flatten()
}

/// Who is the portal from now on, when that is not the same any more.
async fn other_owner(owners: &mut NameOwnerChangedStream, owner: Option<&OwnedUniqueName>) -> zbus::Result<Option<OwnedUniqueName>> {
    loop {
        let Some(change) = owners.next().await else { return Err(zbus::Error::Failure("the session bus is gone".to_owned())) };
        let next = change.args()?.new_owner().as_ref().map(|name| OwnedUniqueName::from(name.to_owned()));
        if next.as_ref() != owner {
            return Ok(next);
        }
    }
}
