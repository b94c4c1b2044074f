//! The real panel of Xfce with its tray, on a desktop without another tray host. Nothing of the user's own is read or written.

use std::path::Path;
use std::process::Stdio;
use std::{fs, io};

use tokio::process::{Child, Command};

use crate::desktop::{Desktop, DesktopError, until};

/// Where on the panel the first icon is, from the lower right corner of the screen.
pub const FIRST_ICON: (i32, i32) = (-18, -16);

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

/// The panel and what gives it its settings. Both end with it.
#[derive(Debug)]
pub struct Panel {
    _programs: [Child; 2],
}

impl Panel {
    /// Starts it, and waits until it takes icons.
    pub async fn start(desktop: &Desktop) -> Result<Self, DesktopError> {
        let home = desktop.folder().join("panel");
        let settings = home.join(".config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&settings)?;
        fs::write(settings.join("xfce4-panel.xml"), PANEL)?;
        let settings = spawn(&settings_program(), &[], desktop, &home)?;
        until("the settings of Xfce", async || desktop.has_on_bus("org.xfce.Xfconf").await.then_some(())).await?;
        let panel = spawn("xfce4-panel", &["--disable-wm-check"], desktop, &home)?;
        until("the tray of the panel", async || desktop.has_on_bus("org.kde.StatusNotifierWatcher").await.then_some(())).await?;
        Ok(Self { _programs: [panel, settings] })
    }
}

fn spawn(program: &str, arguments: &[&str], desktop: &Desktop, home: &Path) -> Result<Child, DesktopError> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(desktop.env()).env("HOME", home).env("XDG_CURRENT_DESKTOP", "XFCE");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().map_err(|error: io::Error| DesktopError::Program(program.into(), error))
}

/// The program with the panel's settings. The private bus starts nothing by itself, so we do; its place differs between machines.
fn settings_program() -> String {
    let description = fs::read_to_string("/usr/share/dbus-1/services/org.xfce.Xfconf.service").unwrap_or_default();
    let program = description.lines().find_map(|line| line.strip_prefix("Exec="));
    program.unwrap_or("xfconfd").trim().to_owned()
}
