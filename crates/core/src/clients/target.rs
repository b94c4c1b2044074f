//! Which file of a client is changed and what is set in it, and whether the client would then do as it is told.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::config_file::ConfigFile;
use super::connection::{ConnectionError, Setting, Standing, Touched, standing};
use super::error::{ClientError, profiles_go_past};
use super::syntax::Syntax;
use super::{codex, opencode};
use crate::base::environment::Environment;
use crate::base::files::{self, Entry};
use crate::failure::Failure;
use crate::model::client::Client;

/// The ending of a profile's own configuration of Codex.
const PROFILE_ENDING: &str = ".config.toml";
/// Nobody has more of them.
const PROFILES_READ: usize = 64;

/// A client's configuration, and what connecting it sets there.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whose it is.
    pub client: Client,
    /// The file; it may be a link, or missing.
    pub path: PathBuf,
    /// How it is written.
    pub syntax: Syntax,
    /// What is set.
    pub settings: Vec<Setting>,
    folder: PathBuf,
    port: u16,
}

impl Target {
    /// Codex, in its home.
    pub fn codex(home: &Path, port: u16) -> Self {
        let (path, folder) = (home.join("config.toml"), home.to_path_buf());
        Self { client: Client::Codex, path, syntax: Syntax::Toml, settings: codex::settings(port), folder, port }
    }

    /// opencode, by its global configuration.
    pub fn opencode(environment: &Environment, key_file: &Path, port: u16) -> Result<Self, ClientError> {
        let client = Client::Opencode;
        let folder = opencode::folder(environment).ok_or(ClientError::NotFound { client, folder: None })?;
        let reference = opencode::key_reference(key_file).ok_or_else(|| ClientError::KeyPath { path: key_file.to_path_buf() })?;
        // Where there are several, opencode itself writes to the one that overrides the others.
        let last = opencode::FILES.iter().rev().map(|name| folder.join(name)).find(|path| is_something(path));
        let path = last.unwrap_or_else(|| folder.join(opencode::NEW_FILE));
        let settings = opencode::settings(port, &reference, false);
        Ok(Self { client, path, syntax: Syntax::Jsonc, settings, folder, port })
    }

    /// A configuration that was connected and belongs to another home: what was done there can be undone.
    pub fn at(client: Client, path: &Path, port: u16) -> Self {
        let syntax = match client {
            Client::Codex => Syntax::Toml,
            Client::Opencode => Syntax::Jsonc,
        };
        let folder = path.parent().unwrap_or(path).to_path_buf();
        Self { client, path: path.to_path_buf(), syntax, settings: Vec::new(), folder, port }
    }

    /// Why nothing can be changed where [`Self::is_found`] is false.
    pub fn not_found(&self) -> ClientError {
        ClientError::NotFound { client: self.client, folder: Some(self.folder.clone()) }
    }

    /// Whether the client has ever been used here.
    pub fn is_found(&self) -> bool {
        // A linked folder is as good.
        files::canonical(&self.folder).is_ok_and(|folder| files::entry(&folder).is_ok_and(|entry| entry == Entry::Folder))
    }

    /// Every file of the client whose change may change how it stands.
    pub fn watched(&self) -> Vec<PathBuf> {
        match self.client {
            Client::Codex => vec![self.path.clone()],
            Client::Opencode => opencode::FILES.iter().map(|name| self.folder.join(name)).collect(),
        }
    }

    /// How the file stands.
    pub fn standing(&self, text: Option<&str>, noted: &[Touched]) -> Standing {
        standing(self.syntax, text, &self.settings, noted)
    }

    /// Whether the file names the gateway's present address.
    pub fn is_up_to_date(&self, text: Option<&str>) -> bool {
        let Some(setting) = self.settings.first() else { return false };
        let found = self.syntax.find(text.unwrap_or_default(), &setting.key).ok().flatten();
        let address = |value: &Value| value.pointer("/options/baseURL").unwrap_or(value).clone();
        found.is_some_and(|place| address(&place.value) == address(&setting.value))
    }

    /// Refuses what would have no effect, or would override another file of the client unasked.
    pub fn check(&mut self, text: Option<&str>, replace: bool) -> Result<(), ClientError> {
        let refused = |path: &Path| {
            let path = path.to_path_buf();
            move |source: super::syntax::EditError| ClientError::Connection { path, source: ConnectionError::Edit(source) }
        };
        match self.client {
            Client::Codex => {
                let obstacle = codex::obstacle(text.unwrap_or_default(), self.port).map_err(refused(&self.path))?;
                obstacle.map_or(Ok(()), |obstacle| Err(ClientError::Obstacle { path: self.path.clone(), obstacle }))
            }
            Client::Opencode => {
                let mut small_model_is_chosen = false;
                for path in self.watched().into_iter().filter(|path| is_something(path)) {
                    let is_it = path == self.path;
                    let other = if is_it { None } else { Some(ConfigFile::read(&path)?) };
                    let text = other.as_ref().map_or(text, ConfigFile::text).unwrap_or_default();
                    let layer = opencode::layer(text).map_err(refused(&path))?;
                    if let Some(obstacle) = layer.obstacle {
                        return Err(ClientError::Obstacle { path, obstacle });
                    }
                    if !is_it && layer.has_provider && !replace {
                        return Err(ClientError::TakenElsewhere { path });
                    }
                    small_model_is_chosen |= !is_it && layer.has_small_model;
                }
                if small_model_is_chosen {
                    self.settings.truncate(1);
                }
                Ok(())
            }
        }
    }

    /// What works and should be known all the same.
    pub fn remarks(&self, environment: &Environment) -> Vec<Failure> {
        let past = match self.client {
            Client::Codex => self.profiles_past(),
            Client::Opencode => Vec::new(),
        };
        let proxy = super::proxies::exposed(self.client, environment).map(|exposed| exposed.failure(self.client));
        proxy.into_iter().chain((!past.is_empty()).then(|| profiles_go_past(&past))).collect()
    }

    /// Profiles of Codex that have a configuration of their own which goes past the gateway.
    fn profiles_past(&self) -> Vec<String> {
        let names = files::names(&self.folder).unwrap_or_default().into_iter();
        let profiles = names.filter_map(|name| name.strip_suffix(PROFILE_ENDING).map(str::to_owned)).take(PROFILES_READ);
        let reads = |name: &String| ConfigFile::read(&self.folder.join(format!("{name}{PROFILE_ENDING}"))).ok();
        let goes_past = |file: ConfigFile| file.text().is_some_and(|layer| codex::goes_past(layer, self.port));
        profiles.filter(|name| reads(name).is_some_and(goes_past)).collect()
    }
}

fn is_something(path: &Path) -> bool {
    files::entry(path).is_ok_and(|entry| entry != Entry::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::error::Obstacle;

    fn world() -> (tempfile::TempDir, Environment) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".config/opencode")).unwrap();
        let environment = Environment::of(folder.path(), []);
        (folder, environment)
    }

    fn opencode(environment: &Environment) -> Target {
        Target::opencode(environment, Path::new("/k"), 4517).unwrap()
    }

    #[test]
    fn opencodes_file_is_the_one_it_writes_itself() {
        let (folder, environment) = world();
        let path = |name: &str| folder.path().join(".config/opencode").join(name);
        assert_eq!(opencode(&environment).path, path("opencode.jsonc"));
        for name in opencode::FILES {
            std::fs::write(path(name), "{}").unwrap();
            assert_eq!(opencode(&environment).path, path(name));
        }
        assert!(opencode(&environment).is_found());
        assert!(!opencode(&Environment::of("/nowhere", [])).is_found());
    }

    #[test]
    fn other_files_of_opencode_are_heard() {
        let (folder, environment) = world();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(".config/opencode").join(name), text).unwrap();
        write("opencode.jsonc", "{}");
        write("opencode.json", "{ \"small_model\": \"a/b\" }");
        let mut target = opencode(&environment);
        target.check(Some("{}"), false).unwrap();
        assert_eq!(target.settings.len(), 1, "the small model is chosen already");
        write("opencode.json", "{ \"provider\": { \"codex-lab\": {} } }");
        assert!(matches!(target.check(Some("{}"), false), Err(ClientError::TakenElsewhere { .. })));
        target.check(Some("{}"), true).unwrap();
        write("config.json", "{ \"disabled_providers\": [\"codex-lab\"] }");
        assert!(matches!(target.check(Some("{}"), true), Err(ClientError::Obstacle { .. })));
        write("config.json", "{");
        assert!(matches!(target.check(Some("{}"), true), Err(ClientError::Connection { .. })));
    }

    #[test]
    fn profiles_of_codex_that_go_past_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("fast.config.toml", "model = 'x'"),
            ("eu.config.toml", "openai_base_url = 'https://eu.example'"),
            ("gw.config.toml", "model_provider = 'gw'"),
            ("config.toml", "model_provider = 'gw'"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut target = Target::codex(folder.path(), 4517);
        let environment = Environment::of("/nowhere", [("HTTP_PROXY", "http://user:planted@p".into())]);
        let remarks = target.remarks(&environment);
        assert!(remarks[1].message.contains("eu, gw."), "{remarks:?}");
        assert!(remarks[0].message.contains("HTTP_PROXY") && !format!("{remarks:?}").contains("planted"));
        let refused = target.check(Some("model_provider = 'gw'"), true);
        assert!(matches!(refused, Err(ClientError::Obstacle { obstacle: Obstacle::OtherProvider { .. }, .. })));
    }
}
