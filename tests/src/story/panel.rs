//! A small real desktop on a virtual display: a window manager, xfce4-panel with its tray, and dunst for notifications.
//! Nothing of the user's own desktop is read or written.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io};

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;

/// Names on the bus that show that the desktop is ready.
const READY: [&str; 2] = ["org.kde.StatusNotifierWatcher", "org.freedesktop.Notifications"];
/// How long it may take to be.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at the bus.
const LOOK: Duration = Duration::from_millis(100);

/// One panel at the lower edge of a screen: windows at the left, the tray at the right.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"#;

/// The desktop's programs; they end with it.
#[derive(Debug)]
pub struct Panel {
    _programs: Vec<Child>,
}

/// Why there is no desktop.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// A program is missing, or a file could not be written.
    #[error("{what} could not be started; `make setup` installs it")]
    Start {
        /// Which.
        what: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The session bus.
    #[error("the session bus does not answer")]
    Bus(#[from] zbus::Error),
    /// A program did not come up.
    #[error("nobody offers {0} on the session bus; see the logs in the desktop's folder")]
    NotReady(&'static str),
}

impl Panel {
    /// Starts the programs on the display and the bus that `env` names, and waits until tray and notifications are there.
    /// `folder` takes their configuration and their logs.
    pub async fn start(env: &[(String, String)], folder: &Path) -> Result<Self, PanelError> {
        let config = folder.join("desktop-config");
        write(&config.join("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"), PANEL)?;
        write(&config.join("dunst/dunstrc"), "[global]\n    origin = top-right\n    offset = 16x16\n    font = Inter 11\n")?;
        let settings = settings_daemon();
        let programs: [(&str, &[&str]); 4] =
            [(&settings, &[]), ("openbox", &["--sm-disable"]), ("xfce4-panel", &["--disable-wm-check"]), ("dunst", &[])];
        let mut running = Vec::new();
        for (program, arguments) in programs {
            running.push(spawn(program, arguments, env, &config, folder)?);
        }
        wait_until_ready(env).await?;
        Ok(Self { _programs: running })
    }
}

fn spawn(program: &str, arguments: &[&str], env: &[(String, String)], config: &Path, folder: &Path) -> Result<Child, PanelError> {
    let failed = |source| PanelError::Start { what: program.to_owned(), source };
    let name = program.rsplit('/').next().unwrap_or(program);
    let log = File::create(folder.join(format!("{name}.log"))).map_err(failed)?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(env.iter().cloned()).env("XDG_CONFIG_HOME", config).env("XDG_CURRENT_DESKTOP", "XFCE");
    command.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log).kill_on_drop(true);
    command.spawn().map_err(failed)
}

/// The program that gives xfce4-panel its settings. The private bus starts nothing by itself, so we do; where it is
/// differs between machines.
fn settings_daemon() -> String {
    let description = fs::read_to_string("/usr/share/dbus-1/services/org.xfce.Xfconf.service").unwrap_or_default();
    let program = description.lines().find_map(|line| line.strip_prefix("Exec="));
    program.unwrap_or("xfconfd").trim().to_owned()
}

async fn wait_until_ready(env: &[(String, String)]) -> Result<(), PanelError> {
    let address = env.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").map(|(_, value)| value.as_str()).unwrap_or_default();
    let bus = Builder::address(address)?.build().await?;
    let names = DBusProxy::new(&bus).await?;
    let deadline = Instant::now() + PATIENCE;
    for name in READY {
        let wanted = zbus::names::BusName::try_from(name).map_err(zbus::Error::from)?;
        while !names.name_has_owner(wanted.clone()).await.map_err(zbus::Error::from)? {
            if Instant::now() > deadline {
                return Err(PanelError::NotReady(name));
            }
            sleep(LOOK).await;
        }
    }
    Ok(())
}

fn write(path: &Path, content: &str) -> Result<(), PanelError> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, content));
    written.map_err(|source| PanelError::Start { what: path.display().to_string(), source })
}
