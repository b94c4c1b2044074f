//! What a test leaves for people to look at, and for the search for secrets at the end of `make test`:
//! `target/test-artefacts/<test>/`, with logs, outputs, databases, screenshots and their text.
//!
//! A test that lets Codex Lab write does so in a [`KeptHome`]; the rest follows.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs, io, thread};

use tempfile::TempDir;

/// Names of files and folders that are there to hold logins. They are not kept: a secret in them is no leak.
const LOGIN_KEEPERS: [&str; 3] = ["auth.json", "backups", "removed"];

/// A user's home in a temporary place. When it goes, what Codex Lab has written in it is kept: its database, index,
/// settings and logs, and not the logins. What the user or the stock Codex has there is not ours to answer for.
#[derive(Debug)]
pub struct KeptHome {
    folder: TempDir,
    artefacts: Artefacts,
}

impl KeptHome {
    /// An empty home of the test that runs in this thread.
    pub fn new() -> io::Result<Self> {
        Ok(Self { folder: tempfile::Builder::new().prefix("codex-lab-test-").tempdir()?, artefacts: Artefacts::of_this_test()? })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What else is kept of this test.
    pub fn artefacts(&self) -> &Artefacts {
        &self.artefacts
    }
}

impl Drop for KeptHome {
    fn drop(&mut self) {
        let ours = self.path().join(".codex-lab");
        // What cannot be read cannot be kept: some tests make it so on purpose.
        let _ = self.artefacts.keep_home("codex-lab", &ours);
    }
}

/// One test's folder.
#[derive(Debug, Clone)]
pub struct Artefacts {
    folder: PathBuf,
}

impl Artefacts {
    /// The folder of the test that runs in this thread.
    pub fn of_this_test() -> io::Result<Self> {
        let name = thread::current().name().map_or_else(|| "unnamed".to_owned(), |name| name.replace("::", "-"));
        Self::named(&name)
    }

    /// A folder of this name below `test-artefacts`, for what spans several threads.
    pub fn named(name: &str) -> io::Result<Self> {
        let program = env::current_exe()?;
        let kind = program.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        // `journey-0123456789abcdef` is the program of the test named journey.
        let kind = kind.rsplit_once('-').map_or(kind.as_str(), |(kind, _)| kind).to_owned();
        Self::at(build_folder(&program)?.join("test-artefacts").join(format!("{kind}-{name}")))
    }

    /// A folder of the caller's choice.
    pub fn at(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps this content under this name.
    pub fn keep(&self, name: &str, content: impl AsRef<[u8]>) -> io::Result<()> {
        fs::write(self.folder.join(name), content)
    }

    /// Keeps a copy of everything below `home`, but for the files that are there to hold logins, under the folder `name`.
    pub fn keep_home(&self, name: &str, home: &Path) -> io::Result<()> {
        copy(home, &self.folder.join(name))
    }
}

/// A place in the folder that cargo builds into, for what spans several programs.
pub(crate) fn beside_programs(name: &str) -> io::Result<PathBuf> {
    Ok(build_folder(&env::current_exe()?)?.join(name))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let entries = fs::read_dir(from)?;
    fs::create_dir_all(to)?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if LOGIN_KEEPERS.iter().any(|keeper| OsStr::new(keeper) == name) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &to.join(&name))?;
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}

/// The folder cargo builds into: the one that is tagged as a cache.
fn build_folder(program: &Path) -> io::Result<PathBuf> {
    let tagged = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    tagged.map(Path::to_path_buf).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not started from cargo's target folder"))
}
