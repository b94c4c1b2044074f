//! Linux: a file in the autostart folder (Desktop Application Autostart Specification), and, where no package has brought one, one among
//! the user's applications, by which the desktop finds who opens links such as `codex-lab://add`, and knows who asks for a key.

use std::path::{Path, PathBuf};

use super::{AutostartError, Listed, Listing};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry};

/// Named after the app's identifier.
const FILE: &str = "dev.codexlab.tray.desktop";

/// An entry of ours has some hundred bytes.
const LIMIT: u64 = 64 << 10;

pub(super) fn put(environment: &Environment, listing: Listing, program: &Path) -> Result<(), AutostartError> {
    if listing == Listing::Name && is_brought(environment) {
        // One of ours would hide it, and says less.
        return take_off(environment, listing);
    }
    let program = program.to_str().ok_or(AutostartError::NotUnicode)?;
    let (path, content) = match listing {
        Listing::Start => (path(environment)?, entry(program)),
        Listing::Name => (application(environment)?, link_entry(program)),
    };
    if let Some(folder) = path.parent()
        && files::entry(folder)? == Entry::Missing
    {
        files::create_private_folder(folder)?;
    }
    Ok(files::write_private(&path, content.as_bytes())?)
}

pub(super) fn take_off(environment: &Environment, listing: Listing) -> Result<(), AutostartError> {
    Ok(files::remove(&place(environment, listing)?)?)
}

pub(super) fn listed(environment: &Environment) -> Result<Vec<Listed>, AutostartError> {
    let mut listed = Vec::new();
    for listing in [Listing::Start, Listing::Name] {
        let place = place(environment, listing)?;
        if files::entry(&place)? != Entry::Missing {
            let text = files::read_text(&place, LIMIT).ok().flatten();
            listed.push(Listed { listing, place, program: text.as_deref().and_then(program_of) });
        }
    }
    Ok(listed)
}

fn place(environment: &Environment, listing: Listing) -> Result<PathBuf, AutostartError> {
    match listing {
        Listing::Start => path(environment),
        Listing::Name => application(environment),
    }
}

fn path(environment: &Environment) -> Result<PathBuf, AutostartError> {
    Ok(folder(environment, "XDG_CONFIG_HOME", ".config")?.join("autostart").join(FILE))
}

fn application(environment: &Environment) -> Result<PathBuf, AutostartError> {
    Ok(folder(environment, "XDG_DATA_HOME", ".local/share")?.join("applications").join(FILE))
}

/// Whether a package has brought an entry among everybody's applications (XDG Base Directory Specification). What an `AppImage` shows its
/// own programs there is seen by nobody else.
fn is_brought(environment: &Environment) -> bool {
    let folders = environment.get("XDG_DATA_DIRS").cloned().unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    let mounted = environment.path("APPDIR");
    std::env::split_paths(&folders)
        .filter(|folder| folder.is_absolute() && !mounted.as_ref().is_some_and(|mounted| folder.starts_with(mounted)))
        .any(|folder| files::entry(&folder.join("applications").join(FILE)).is_ok_and(|entry| entry != Entry::Missing))
}

/// The folder that this variable names, or else this one below the user's home.
fn folder(environment: &Environment, variable: &'static str, usual: &str) -> Result<PathBuf, AutostartError> {
    // A relative path there is to be ignored (XDG Base Directory Specification).
    let configured = environment.path(variable).filter(|path| path.is_absolute());
    configured.or_else(|| Some(environment.user_home()?.join(usual))).ok_or(AutostartError::NoHome)
}

fn entry(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Codex Lab\nComment=Several Codex accounts, one tray icon\n\
         Exec={} --hidden\nIcon=codex-lab-desktop\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
        quoted(program)
    )
}

fn link_entry(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Codex Lab\nComment=Several Codex accounts, one tray icon\nExec={} %u\n\
         Icon=codex-lab-desktop\nTerminal=false\nMimeType=x-scheme-handler/codex-lab;\n",
        quoted(program)
    )
}

/// A word of an `Exec` line (Desktop Entry Specification): quoted, then escaped once more as a string value; a percent
/// sign would begin a field code.
fn quoted(word: &str) -> String {
    let mut quoted = String::from('"');
    for c in word.chars() {
        match c {
            '"' | '`' | '$' => quoted.extend(['\\', '\\', c]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The program of an entry as we write it: the quoted word behind `Exec=`.
fn program_of(entry: &str) -> Option<PathBuf> {
    let mut rest = entry.lines().find_map(|line| line.strip_prefix("Exec=\""))?.chars();
    let mut program = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(program.into()),
            '%' => program.push(rest.next().filter(|c| *c == '%')?),
            '\\' => match rest.next()? {
                'n' => program.push('\n'),
                '\\' => match rest.next()? {
                    '\\' => program.push(rest.next().filter(|c| *c == '\\')?),
                    quoted => program.push(quoted),
                },
                _ => return None,
            },
            c => program.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn a_path_survives_the_exec_line() {
        for (path, expected) in [
            ("/usr/bin/codex-lab-desktop", r#""/usr/bin/codex-lab-desktop""#),
            ("/home/a b/app", r#""/home/a b/app""#),
            ("/100%/app", r#""/100%%/app""#),
            ("/$HOME/`id`/\"app\"", r#""/\\$HOME/\\`id\\`/\\"app\\"""#),
            (r"/a\b", r#""/a\\\\b""#),
            ("/a\nExec=b", r#""/a\nExec=b""#),
        ] {
            assert_eq!(quoted(path), expected);
            assert_eq!(program_of(&entry(path)).as_deref(), Some(Path::new(path)));
            assert_eq!(program_of(&link_entry(path)).as_deref(), Some(Path::new(path)));
        }
    }

    #[test]
    fn the_file_comes_and_goes_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let data = folder.path().join("data");
        let no_packages = ("XDG_DATA_DIRS", folder.path().join("shared").into_os_string());
        let variables = [("XDG_CONFIG_HOME", OsString::from(&config)), ("XDG_DATA_HOME", OsString::from(&data)), no_packages];
        let environment = Environment::of(folder.path(), variables);
        take_off(&environment, Listing::Start).unwrap();
        assert!(listed(&environment).unwrap().is_empty());
        put(&environment, Listing::Start, Path::new("/opt/codex lab/app")).unwrap();
        put(&environment, Listing::Name, Path::new("/opt/codex lab/app")).unwrap();
        assert!(listed(&environment).unwrap().iter().all(Listed::is_stale), "there is no such program");
        let file = config.join("autostart").join(FILE);
        let content = std::fs::read_to_string(&file).unwrap();
        assert!(content.contains("\nExec=\"/opt/codex lab/app\" --hidden\n"), "{content}");
        std::fs::write(config.join("autostart/other.desktop"), "x").unwrap();
        let links = data.join("applications").join(FILE);
        let content = std::fs::read_to_string(&links).unwrap();
        assert!(content.contains("\nExec=\"/opt/codex lab/app\" %u\n") && content.contains("x-scheme-handler/codex-lab;"), "{content}");
        take_off(&environment, Listing::Start).unwrap();
        assert!(links.exists());
        take_off(&environment, Listing::Name).unwrap();
        assert!(!links.exists() && !file.exists() && config.join("autostart/other.desktop").exists());
    }

    #[test]
    fn where_a_package_has_brought_an_entry_none_of_ours_hides_it() {
        let folder = tempfile::tempdir().unwrap();
        let [data, shared, mounted] = ["data", "shared", "mounted/usr/share"].map(|name| folder.path().join(name));
        let environment = |folders: &[&Path]| {
            let folders = std::env::join_paths(folders).unwrap();
            let mount = folder.path().join("mounted").into_os_string();
            let variables = [("XDG_DATA_HOME", data.clone().into_os_string()), ("XDG_DATA_DIRS", folders), ("APPDIR", mount)];
            Environment::of(folder.path(), variables)
        };
        for folder in [&shared, &mounted] {
            std::fs::create_dir_all(folder.join("applications")).unwrap();
        }
        let (app, ours) = (Path::new("/opt/app"), data.join("applications").join(FILE));
        std::fs::write(mounted.join("applications").join(FILE), "").unwrap();
        put(&environment(&[&mounted, &shared]), Listing::Name, app).unwrap();
        assert!(ours.exists(), "nobody else sees what is mounted, and the other folder has none");
        std::fs::write(shared.join("applications").join(FILE), "").unwrap();
        put(&environment(&[&mounted, &shared]), Listing::Name, app).unwrap();
        assert!(!ours.exists(), "of an older version, or from before the package was there");
        put(&environment(&[Path::new("relative"), &shared]), Listing::Name, app).unwrap();
        assert!(!ours.exists());
    }

    #[test]
    fn what_we_would_not_write_names_no_program() {
        for text in ["", "Exec=app --hidden", "Exec=\"/app", "Exec=\"/a%u\"", "Exec=\"/a\\q\"", "Exec=\"/a\\\\\\q\""] {
            assert_eq!(program_of(text), None, "{text}");
        }
    }

    #[test]
    fn without_a_configured_folder_it_is_the_usual_one() {
        for variables in [vec![], vec![("XDG_CONFIG_HOME", OsString::from("relative"))]] {
            let environment = Environment::of("/home/ada", variables);
            assert_eq!(path(&environment).unwrap(), Path::new("/home/ada/.config/autostart").join(FILE));
        }
        assert!(matches!(path(&Environment::default()), Err(AutostartError::NoHome)));
    }
}
