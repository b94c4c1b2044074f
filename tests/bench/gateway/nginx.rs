//! nginx as a plain reverse proxy, set up as one would for streams: nothing buffered, nothing logged, connections kept.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::measure::{Outcome, now};

/// It starts within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// What it is told; `FOLDER`, `USER`, `PORT` and `PROVIDER` are filled in.
pub(super) const CONFIGURATION: &str = "\
USER
daemon off;
worker_processes auto;
worker_rlimit_nofile 16384;
pid FOLDER/pid;
error_log FOLDER/error.log crit;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 1m;
    upstream provider {
        server 127.0.0.1:PROVIDER;
        keepalive 1024;
        keepalive_requests 1000000000;
    }
    server {
        listen 127.0.0.1:PORT;
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_buffering off;
            proxy_read_timeout 3600s;
        }
    }
}
";

/// A running one. It ends when this is dropped.
pub(super) struct Nginx {
    pub(super) port: u16,
    child: Child,
    _folder: TempDir,
}

impl Nginx {
    pub(super) fn start(provider: u16) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let configuration = CONFIGURATION
            .replace("USER\n", user())
            .replace("FOLDER", &folder.path().display().to_string())
            .replace("PORT", &port.to_string())
            .replace("PROVIDER", &provider.to_string());
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration)?;
        let mut command = Command::new(program());
        command.arg("-c").arg(&file).arg("-p").arg(folder.path()).stdin(Stdio::null());
        let missing = |error| format!("nginx could not be started; `scripts/setup bench` installs it: {error}");
        let nginx = Self { port, child: command.spawn().map_err(missing)?, _folder: folder };
        let started = now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > PATIENCE {
                return Err("nginx did not start".into());
            }
            std::thread::yield_now();
        }
        Ok(nginx)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// Not everybody's path leads where system programs are.
pub(crate) fn program() -> &'static str {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].into_iter().find(|program| Path::new(program).exists()).unwrap_or("nginx")
}

/// Started by root, its workers would be somebody else.
fn user() -> &'static str {
    if rustix::process::geteuid().is_root() { "user root;\n" } else { "" }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it, which they would not if it were killed.
        let told = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(told, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
