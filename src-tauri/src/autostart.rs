//! What the desktop knows of this program: that it is to start with it, as the setting says, and what it is called, where something
//! needs that.

use std::path::PathBuf;

use codex_lab_core::base::autostart::{self, AutostartError, Listing};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::base::files;

/// What the desktop is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// That this program starts with it.
    pub(crate) starts: bool,
    /// What it is called and which links it opens; by that name a portal knows it, too.
    pub(crate) is_named: bool,
}

/// Keeps the desktop's lists of programs in step with the settings.
#[derive(Debug)]
pub(crate) struct Autostart {
    environment: Environment,
    applied: Option<Known>,
    /// What was said of the last failure.
    told: Option<String>,
}

impl Autostart {
    /// Nothing is changed yet.
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, applied: None, told: None }
    }

    /// Puts this program on the lists or takes it off. A failure is logged once; the next change tries again.
    pub(crate) async fn set(&mut self, wanted: Known) {
        if self.applied == Some(wanted) {
            return;
        }
        let environment = self.environment.clone();
        let applied = tokio::task::spawn_blocking(move || apply(&environment, wanted)).await;
        self.applied = matches!(applied, Ok(Ok(()))).then_some(wanted);
        let failed = match applied {
            Ok(applied) => applied.err().map(|error| format!("{error} ({wanted:?})")),
            Err(_) => Some("it ended by itself".to_owned()),
        };
        self.tell(failed);
    }

    /// Whatever stands in the way is likely to be there the next time, too.
    fn tell(&mut self, failed: Option<String>) {
        if let Some(error) = failed.as_ref().filter(|_| failed != self.told) {
            tracing::warn!(error, "starting with the desktop could not be set");
        }
        self.told = failed;
    }
}

/// Why the lists were not changed.
#[derive(Debug, thiserror::Error)]
enum ApplyError {
    /// The path of this program is not known.
    #[error("the path of this program is not known")]
    NoProgram(#[from] std::io::Error),
    /// A list could not be written.
    #[error(transparent)]
    List(#[from] AutostartError),
}

fn apply(environment: &Environment, wanted: Known) -> Result<(), ApplyError> {
    for (listing, is_wanted) in [(Listing::Start, wanted.starts), (Listing::Name, wanted.is_named)] {
        if is_wanted {
            autostart::put(environment, listing, &program(environment, std::env::current_exe()?))?;
        } else {
            autostart::take_off(environment, listing)?;
        }
    }
    Ok(())
}

/// The file to start: the `AppImage` itself, not where it is mounted. A terminal in somebody else's hands its variables on to us, too.
fn program(environment: &Environment, running: PathBuf) -> PathBuf {
    let mounted = environment.path("APPDIR").and_then(|folder| files::canonical(&folder).ok());
    let image = environment.path("APPIMAGE").filter(|_| mounted.is_some_and(|mounted| running.starts_with(mounted)));
    image.unwrap_or_else(|| in_its_place(running))
}

/// Linux says this of a running program whose file was replaced, as an upgrade does; the new one has the name without it.
fn in_its_place(program: PathBuf) -> PathBuf {
    let named = program.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    named.filter(|_| !files::is_program(&program)).unwrap_or(program)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;

    #[test]
    fn only_what_runs_in_an_image_is_started_by_it() {
        let folder = tempfile::tempdir().unwrap();
        let mounted = folder.path().canonicalize().unwrap().join("mount");
        std::fs::create_dir(&mounted).unwrap();
        let variables = [("APPIMAGE", "/opt/editor.AppImage".into()), ("APPDIR", mounted.clone().into_os_string())];
        let environment = Environment::of(folder.path(), variables.clone());
        assert_eq!(program(&environment, mounted.join("usr/bin/app")), Path::new("/opt/editor.AppImage"));
        assert_eq!(program(&environment, "/usr/bin/app".into()), Path::new("/usr/bin/app"), "started from a terminal of the editor's");
        let [image, _] = variables;
        assert_eq!(program(&Environment::of(folder.path(), [image]), "/usr/bin/app".into()), Path::new("/usr/bin/app"));
    }

    #[test]
    fn a_program_that_was_replaced_is_known_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let replaced = folder.path().join("app (deleted)");
        assert_eq!(in_its_place(replaced.clone()), folder.path().join("app"));
        std::fs::write(&replaced, "").unwrap();
        std::fs::set_permissions(&replaced, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(in_its_place(replaced.clone()), replaced, "it really has that name");
        assert_eq!(in_its_place(folder.path().join("app")), folder.path().join("app"));
    }
}
