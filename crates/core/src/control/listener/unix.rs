//! A socket of mode 0600 in a folder of mode 0700. Who connects is asked of the system.

use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use sha2::{Digest as _, Sha256};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

use super::{CONNECTIONS, ListenError};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry};

/// Bytes of a socket's path, its end not counted: what macOS takes, which is less than Linux does.
const PATH_LIMIT: usize = 103;
/// Descriptors that are wanted beside one for each connection.
const OTHERS: u64 = 1024;

/// The socket of this process.
#[derive(Debug)]
pub(crate) struct Listener(UnixListener);

/// Where the socket of a home lies: in it; or, where its path is too long for a socket, in a folder of this user's among the
/// system's short ones.
pub(crate) fn place(runtime: &Path, environment: &Environment) -> PathBuf {
    let usual = runtime.join("control.sock");
    if usual.as_os_str().len() <= PATH_LIMIT {
        return usual;
    }
    let short = environment.path("XDG_RUNTIME_DIR").filter(|path| path.is_absolute() && path.as_os_str().len() <= PATH_LIMIT / 2);
    let folder = short.unwrap_or_else(|| PathBuf::from("/tmp")).join(format!("codex-lab-{}", geteuid().as_raw()));
    let digest = Sha256::digest(usual.as_os_str().as_encoded_bytes());
    let name = digest.iter().take(8).fold(0_u64, |name, byte| name << 8 | u64::from(*byte));
    folder.join(format!("{name:016x}.sock"))
}

impl Listener {
    /// Takes the place. Only whoever holds the lock of the control interface may: what lies there is of a process that was killed.
    pub(crate) fn bind(path: &Path) -> Result<Self, ListenError> {
        let ours = |path: &Path| Ok::<_, ListenError>(files::owner(path)? == geteuid().as_raw());
        let foreign = |path: &Path| ListenError::Foreign { path: path.to_path_buf() };
        let folder = path.parent().ok_or_else(|| foreign(path))?;
        if files::entry(folder)? == Entry::Missing {
            files::create_private_folder(folder)?;
        }
        // Looked at after that: a folder that is there may have been put there by anybody, at any moment.
        if files::entry(folder)? != Entry::Folder || !ours(folder)? {
            return Err(foreign(folder));
        }
        files::create_private_folder(folder)?;
        match files::entry(path)? {
            Entry::Missing => {}
            Entry::Special if ours(path)? => files::remove(path)?,
            _ => return Err(foreign(path)),
        }
        make_room();
        let listener = UnixListener::bind(path)?;
        // Nobody else could come through the folder meanwhile.
        files::make_private(path)?;
        Ok(Self(listener))
    }

    /// The next program of this user's that connects; others are let go without a word.
    pub(crate) async fn accept(&self) -> io::Result<(OwnedReadHalf, OwnedWriteHalf)> {
        loop {
            let (stream, _) = self.0.accept().await?;
            if is_ours(&stream) {
                return Ok(stream.into_split());
            }
            tracing::warn!("a program of another user was turned away from the control interface");
        }
    }
}

fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == geteuid().as_raw())
}

/// Some systems give a process fewer descriptors than there may be connections, unless it asks for more. Where that is refused, fewer
/// can connect.
fn make_room() {
    let wanted = CONNECTIONS as u64 + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let more = limit.maximum.map_or(wanted, |most| most.min(wanted));
        if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum: limit.maximum }) {
            tracing::info!(%error, "there are few descriptors for connections");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_long_path_has_a_short_stand_in() {
        let environment = |variables: &[(&'static str, &str)]| {
            Environment::of("/nowhere", variables.iter().map(|(name, value)| (*name, (*value).into())).collect::<Vec<_>>())
        };
        let none = environment(&[]);
        assert_eq!(place(Path::new("/home/ada/.codex-lab/runtime"), &none), Path::new("/home/ada/.codex-lab/runtime/control.sock"));
        let long = PathBuf::from(format!("/{}/runtime", "x".repeat(100)));
        let uid = geteuid().as_raw();
        let stand_in = place(&long, &none);
        assert!(stand_in.starts_with(format!("/tmp/codex-lab-{uid}")) && stand_in.as_os_str().len() <= PATH_LIMIT, "{stand_in:?}");
        let short = place(&long, &environment(&[("XDG_RUNTIME_DIR", "/run/user/1000")]));
        assert_eq!(short, Path::new(&format!("/run/user/1000/codex-lab-{uid}")).join(stand_in.file_name().unwrap()));
        assert_ne!(place(&long.join("other"), &none), stand_in);
        assert_eq!(place(&long, &environment(&[("XDG_RUNTIME_DIR", "relative")])), stand_in);
    }

    #[tokio::test]
    async fn only_what_is_left_of_ours_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runtime/control.sock");
        drop(Listener::bind(&path).unwrap());
        assert_eq!(files::entry(&path).unwrap(), Entry::Special, "left behind, as by a kill");
        let listener = Listener::bind(&path).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let (client, accepted) = tokio::join!(UnixStream::connect(&path), listener.accept());
        assert!(client.is_ok() && accepted.is_ok());
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(Listener::bind(&path), Err(ListenError::Foreign { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let link = folder.path().join("link");
        symlink(folder.path().join("runtime"), &link).unwrap();
        assert!(matches!(Listener::bind(&link.join("control.sock")), Err(ListenError::Foreign { .. })));
    }

    #[tokio::test]
    async fn a_folder_of_somebody_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        // Only root can give something away; everybody else cannot be given anything, and finds root's own folder instead.
        let theirs = folder.path().join("theirs");
        std::fs::create_dir(&theirs).unwrap();
        let given = std::os::unix::fs::chown(&theirs, Some(65_534), None).is_ok();
        let theirs = if given { theirs } else { PathBuf::from("/usr") };
        let refused = Listener::bind(&theirs.join("control.sock"));
        assert!(matches!(refused, Err(ListenError::Foreign { .. })), "{refused:?}");
    }
}
