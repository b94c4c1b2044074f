//! A session bus of its own, without service folders: nothing is started by accident.

use std::fs;
use std::path::Path;

use super::DesktopError;
use super::program::{Program, command};

/// A running session bus.
#[derive(Debug)]
pub struct Bus {
    address: String,
    connection: zbus::Connection,
    _program: Program,
}

impl Bus {
    /// Starts one whose files lie in `folder`.
    pub async fn start(folder: &Path) -> Result<Self, DesktopError> {
        let configuration = folder.join("bus.conf");
        fs::write(&configuration, configuration_for(&folder.join("bus")))?;
        let mut daemon = command("dbus-daemon", &[("PATH", "/usr/bin:/bin".to_owned())]);
        daemon.arg("--config-file").arg(&configuration).args(["--nofork", "--nopidfile", "--print-address=1"]);
        // Only complaints about limits it may not raise.
        daemon.stderr(std::process::Stdio::null());
        let (program, address) = Program::start_and_read(daemon).await?;
        let connection = connect(&address).await?;
        Ok(Self { address, connection, _program: program })
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Our own connection.
    pub(super) fn connection(&self) -> &zbus::Connection {
        &self.connection
    }

    /// Whether a name has an owner.
    pub(super) async fn has(&self, name: &'static str) -> bool {
        let Ok(bus) = zbus::fdo::DBusProxy::new(&self.connection).await else { return false };
        let Ok(name) = zbus::names::BusName::from_static_str(name) else { return false };
        bus.name_has_owner(name).await.unwrap_or(false)
    }
}

/// A connection of its own to a bus.
pub(super) async fn connect(address: &str) -> Result<zbus::Connection, DesktopError> {
    Ok(zbus::connection::Builder::address(address)?.build().await?)
}

fn configuration_for(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}
