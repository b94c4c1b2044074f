//! The real panel of Xfce, as a tray host to look at.

use std::fs;
use std::process::Stdio;

use super::program::{Program, command};
use super::{Desktop, DesktopError, tray_host, until};

/// Where Debian keeps the settings service of Xfce.
const SETTINGS: &str = "/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd";

/// One panel at the top with nothing but a tray in it.
const CONFIGURATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"/></property>
</channel>
"#;

/// A running panel. Ends when dropped.
#[derive(Debug)]
pub struct Panel {
    _programs: [Program; 2],
}

impl Panel {
    pub(super) async fn start(desktop: &Desktop) -> Result<Self, DesktopError> {
        let home = desktop.folder().join("panel");
        let settings = home.join(".config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&settings)?;
        fs::write(settings.join("xfce4-panel.xml"), CONFIGURATION)?;
        let mut env = desktop.env();
        env.push(("HOME", home.display().to_string()));
        let quiet = |program: &str| {
            let mut command = command(program, &env);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let settings = Program::start(quiet(SETTINGS))?;
        until("the settings of Xfce", async || desktop.bus().has("org.xfce.Xfconf").await.then_some(())).await?;
        let mut panel = quiet("xfce4-panel");
        panel.arg("--disable-wm-check");
        let panel = Program::start(panel)?;
        until("the tray of the panel", async || desktop.bus().has(tray_host::WATCHER).await.then_some(())).await?;
        Ok(Self { _programs: [panel, settings] })
    }
}
