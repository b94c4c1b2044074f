//! Windows: the access list of a folder, set with the system's own program. Written after its documentation; nobody has run it there
//! yet, so that as much of it as can is plain, and tested on every system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use super::environment::Environment;
use super::processes;

/// Who else gets in, as in a user's own folder: the system, and administrators. By number, since their names are translated.
const USUAL: [&str; 2] = ["S-1-5-18", "S-1-5-32-544"];

/// Why a folder is as open as it was.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Whom to let in is not known.
    #[error("the system does not say which user this process is of")]
    NoUser,
    /// The program is not there, or does not start.
    #[error("{} could not be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It was asked and did not do it: the disk may know no access lists.
    #[error("the access list was not changed ({0})")]
    Refused(ExitStatus),
}

/// Lets the user, the system and administrators into a folder, and nobody else of those that the folder above lets in. What is made
/// in it from now on inherits this.
pub(crate) fn restrict(environment: &Environment, folder: &Path) -> Result<(), AccessError> {
    let user = processes::own_user().ok_or(AccessError::NoUser)?;
    let program = program(environment);
    let mut command = std::process::Command::new(&program);
    command.args(arguments(folder, &user)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    processes::without_console(&mut command);
    let ended = command.status().map_err(|source| AccessError::Start { program, source })?;
    if ended.success() { Ok(()) } else { Err(AccessError::Refused(ended)) }
}

/// In full, so that no other program of that name is found first. Some shells write the variable in capitals.
fn program(environment: &Environment) -> PathBuf {
    let system = environment.path("SystemRoot").or_else(|| environment.path("SYSTEMROOT"));
    system.unwrap_or_else(|| PathBuf::from(r"C:\Windows")).join("System32").join("icacls.exe")
}

/// `/inheritance:r` takes off what the folder above gives, `/grant:r` replaces what each of these had: everything (`F`), for what lies
/// in the folder too (`OI`, `CI`). A star says that a number follows and no name; a name may mean the machine.
fn arguments(folder: &Path, user: &str) -> Vec<OsString> {
    let grants = [user].into_iter().chain(USUAL).map(|who| OsString::from(format!("*{who}:(OI)(CI)F")));
    [plain(folder), "/inheritance:r".into(), "/grant:r".into()].into_iter().chain(grants).chain(["/q".into()]).collect()
}

/// A resolved path is marked as one to be taken as it is (`\\?\`), and the program may see a wildcard in that.
fn plain(folder: &Path) -> OsString {
    let Some(text) = folder.to_str() else { return folder.into() };
    match (text.strip_prefix(r"\\?\UNC\"), text.strip_prefix(r"\\?\")) {
        (Some(share), _) => format!(r"\\{share}").into(),
        (None, Some(drive)) => drive.into(),
        (None, None) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_the_system_and_administrators_get_in_and_nobody_else() {
        let expected = [
            r"C:\Users\Ada Lovelace\.codex-lab",
            "/inheritance:r",
            "/grant:r",
            "*S-1-5-21-1-2-3-1001:(OI)(CI)F",
            "*S-1-5-18:(OI)(CI)F",
            "*S-1-5-32-544:(OI)(CI)F",
            "/q",
        ];
        assert_eq!(arguments(Path::new(r"\\?\C:\Users\Ada Lovelace\.codex-lab"), "S-1-5-21-1-2-3-1001"), expected);
    }

    #[test]
    fn a_path_is_as_a_user_would_write_it() {
        for (resolved, written) in [(r"\\?\D:\lab", r"D:\lab"), (r"\\?\UNC\nas\me\lab", r"\\nas\me\lab"), (r"D:\lab", r"D:\lab")] {
            assert_eq!(plain(Path::new(resolved)), OsString::from(written));
        }
    }

    #[test]
    fn the_program_is_the_systems_own() {
        let inside = |system: &str| PathBuf::from(system).join("System32").join("icacls.exe");
        assert_eq!(program(&Environment::of("/home/me", [("SystemRoot", r"D:\Win".into())])), inside(r"D:\Win"));
        assert_eq!(program(&Environment::of("/home/me", [("SYSTEMROOT", r"D:\Win".into())])), inside(r"D:\Win"));
        assert_eq!(program(&Environment::of("/home/me", [])), inside(r"C:\Windows"));
    }

    /// A system whose program is this script.
    #[cfg(unix)]
    fn system(script: &str) -> (tempfile::TempDir, Environment) {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("System32/icacls.exe");
        std::fs::create_dir(root.path().join("System32")).unwrap();
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let environment = Environment::of("/home/me", [("SystemRoot", root.path().into())]);
        (root, environment)
    }

    #[cfg(unix)]
    #[test]
    fn it_is_asked_without_a_shell_for_the_user_we_are() {
        let (root, environment) = system(r#"printf '%s\n' "$@" > "$0.asked""#);
        restrict(&environment, Path::new("/tmp/a b; $HOME")).unwrap();
        let asked = std::fs::read_to_string(root.path().join("System32/icacls.exe.asked")).unwrap();
        let expected = arguments(Path::new("/tmp/a b; $HOME"), &rustix::process::getuid().as_raw().to_string());
        assert_eq!(asked.lines().map(OsString::from).collect::<Vec<_>>(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn what_did_not_happen_is_told_apart() {
        let (_root, refusing) = system("exit 5");
        assert!(matches!(restrict(&refusing, Path::new("/x")), Err(AccessError::Refused(ended)) if ended.code() == Some(5)));
        let nowhere = Environment::of("/home/me", [("SystemRoot", "/nowhere".into())]);
        assert!(matches!(restrict(&nowhere, Path::new("/x")), Err(AccessError::Start { program, .. }) if program.ends_with("icacls.exe")));
    }
}
