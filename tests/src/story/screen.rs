//! A virtual display and a session bus of its own, on which nothing starts by itself.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long display and bus may take to say where they are.
const PATIENCE: Duration = Duration::from_secs(20);

/// A session bus without folders of services to start.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// The display and the bus. Both end with it.
#[derive(Debug)]
pub struct Screen {
    display: String,
    bus: String,
    _programs: [Child; 2],
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// A program is missing, or its files could not be written.
    #[error("{program} could not be started; `make setup` installs it")]
    Start {
        /// Which.
        program: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It started and did not say where it is.
    #[error("{0} did not come up")]
    Silent(&'static str),
}

impl Screen {
    /// Starts both; `folder` takes the bus's configuration.
    pub async fn start(folder: &Path) -> Result<Self, ScreenError> {
        let config = folder.join("bus.conf");
        fs::write(&config, BUS).map_err(|source| ScreenError::Start { program: "dbus-daemon", source })?;
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--nofork", "--print-address=1"]).arg(format!("--config-file={}", config.display()));
        let (xvfb, display) = start("Xvfb", xvfb).await?;
        let (bus_daemon, bus) = start("dbus-daemon", bus).await?;
        Ok(Self { display: format!(":{display}"), bus, _programs: [xvfb, bus_daemon] })
    }

    /// What a program needs to be on this screen. Accessibility and hardware drawing stay out of it.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DISPLAY", self.display.clone()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.clone()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
        ]
    }

    /// The address of the bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }
}

/// Starts a program that says in its first line where it is.
async fn start(program: &'static str, mut command: Command) -> Result<(Child, String), ScreenError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|source| ScreenError::Start { program, source })?;
    let output = child.stdout.take().ok_or(ScreenError::Silent(program))?;
    let first = timeout(PATIENCE, BufReader::new(output).lines().next_line()).await;
    match first {
        Ok(Ok(Some(line))) if !line.trim().is_empty() => Ok((child, line.trim().to_owned())),
        _ => Err(ScreenError::Silent(program)),
    }
}
