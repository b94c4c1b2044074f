//! Portkey's gateway, from npm, as its makers say it is run without their service: one process of Node, for production, without the
//! page that shows a log.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::measure::{Outcome, now};

/// It starts within this.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running one. It ends when this is dropped.
pub(super) struct Portkey {
    pub(super) port: u16,
    child: Child,
}

impl Portkey {
    pub(super) fn start() -> Outcome<Self> {
        let program = folder().join("build/start-server.js");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("node");
        command.arg(program).arg("--headless").arg(format!("--port={port}")).env("NODE_ENV", "production");
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            command.env_remove(proxy);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut portkey = Self { port, child };
        let started = now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > PATIENCE || portkey.child.try_wait()?.is_some() {
                return Err("it did not start".into());
            }
            std::thread::yield_now();
        }
        Ok(portkey)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Portkey {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which version is installed; `None` if none is.
pub(super) fn version() -> Option<String> {
    let text = fs::read(folder().join("package.json")).ok()?;
    let told: Value = serde_json::from_slice(&text).ok()?;
    Some(told.get("version")?.as_str()?.to_owned())
}

/// Where `scripts/setup bench` puts it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("portkey/node_modules/@portkey-ai/gateway")
}
