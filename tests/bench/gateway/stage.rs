//! Everything that takes part: the provider, nginx before it, and gateways before it, each a process of its own.

use std::path::Path;
use std::time::Duration;

use super::client::{Client, Target, turn};
use super::footprint::Footprint;
use super::nginx::Nginx;
use super::portkey::Portkey;
use super::roles::{BARE, GATEWAY, PROVIDER, Player};
use crate::measure::Outcome;

/// Where the provider takes turns.
pub(super) const PROVIDERS: &str = "/backend-api/codex";
/// Where the gateway does.
pub(super) const GATEWAYS: &str = "/v1";
/// Requests before anything is measured.
const WARM_UP: usize = 200;

/// Whoever is asked, and the process that is in between.
pub(super) struct Contender {
    pub(super) name: String,
    pub(super) target: Target,
    between: Between,
}

enum Between {
    Nobody,
    Nginx(Nginx),
    Gateway(Player),
    Portkey(Portkey),
}

impl Contender {
    /// The provider itself.
    pub(super) fn direct(provider: &Player) -> Self {
        Self { name: "direct".to_owned(), target: target(provider.reached.port, PROVIDERS, "none"), between: Between::Nobody }
    }

    pub(super) fn nginx(provider: &Player) -> Outcome<Self> {
        let nginx = Nginx::start(provider.reached.port)?;
        Ok(Self { name: "nginx".to_owned(), target: target(nginx.port, PROVIDERS, "none"), between: Between::Nginx(nginx) })
    }

    /// The gateway's libraries alone.
    pub(super) fn bare(provider: &Player) -> Outcome<Self> {
        let player = Player::start(BARE, &[&provider.reached.port.to_string()])?;
        let target = target(player.reached.port, GATEWAYS, &player.reached.key);
        Ok(Self { name: "libraries alone".to_owned(), target, between: Between::Gateway(player) })
    }

    pub(super) fn gateway(name: &str, provider: &Player, home: &Path) -> Outcome<Self> {
        let home = home.to_str().ok_or("the temporary folder has a strange name")?;
        let player = Player::start(GATEWAY, &[home, &provider.reached.port.to_string()])?;
        let target = target(player.reached.port, GATEWAYS, &player.reached.key);
        Ok(Self { name: name.to_owned(), target, between: Between::Gateway(player) })
    }

    /// Somebody else's gateway. It is told with each request where to send it.
    pub(super) fn portkey(provider: &Player) -> Outcome<Self> {
        let portkey = Portkey::start()?;
        let told =
            format!("x-portkey-provider: openai\r\nx-portkey-custom-host: http://127.0.0.1:{}{PROVIDERS}\r\n", provider.reached.port);
        let target = Target { told, ..target(portkey.port, GATEWAYS, "none") };
        Ok(Self { name: "Portkey".to_owned(), target, between: Between::Portkey(portkey) })
    }

    /// The same, asked with bodies as they are: not everybody unpacks them.
    pub(super) fn unpacked(mut self) -> Self {
        self.target.packed = false;
        self
    }

    /// What the process in between takes.
    pub(super) fn footprint(&self) -> Outcome<Footprint> {
        match &self.between {
            Between::Nobody => Ok(Footprint::default()),
            Between::Nginx(nginx) => Footprint::of(nginx.pid()),
            Between::Gateway(player) => Footprint::of(player.pid()),
            Between::Portkey(portkey) => Footprint::of(portkey.pid()),
        }
    }

    /// Lets everything be set up that is set up with the first requests.
    pub(super) async fn warm_up(&self) -> Outcome<()> {
        let mut client = Client::connect(&self.target).await?;
        let wanted = turn(&self.target, "warm-up", "")?;
        for _ in 0..WARM_UP {
            let took = client.ask(&wanted).await?;
            if took.status != 200 {
                return Err(format!("{} answers with {}", self.name, took.status).into());
            }
        }
        Ok(())
    }
}

/// Starts the provider.
pub(super) fn provider() -> Outcome<Player> {
    Player::start(PROVIDER, &[])
}

fn target(port: u16, base: &'static str, key: &str) -> Target {
    Target { port, base, key: key.to_owned(), told: String::new(), packed: true }
}

/// Time passes.
pub(super) async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
