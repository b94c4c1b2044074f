//! Settings of routing: strategy, thresholds, force, folders and walls. Kept in `config.toml` under `[routing]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::details::Thresholds;
use super::profile::ProfileId;
use super::spending::Prices;

/// Folder bindings and walls, each at most.
const LISTS_LIMIT: usize = 1000;
/// No million tokens cost more, in US cents.
pub const MOST_CENTS: u32 = 1_000_000;
/// Characters of a wall's name.
const WALL_NAME_LIMIT: usize = 40;

/// How requests are given to profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct RoutingSettings {
    /// Which profile a new session gets.
    pub strategy: Strategy,
    /// The order of profiles that goes before the list's own. Profiles that are not in it come after.
    pub order: Vec<ProfileId>,
    /// Percent left in a window below which a profile gets no new sessions while others have more.
    pub low: u8,
    /// Percent left below which it is a last resort.
    pub critical: u8,
    /// One profile for everything.
    pub force: Option<Force>,
    /// Whether API keys stand in when no subscription is left.
    pub api_key_fallback: bool,
    /// What all API keys together may cost in a calendar month (UTC), in US cents; nothing: as much as they do.
    pub api_key_spend_cap_cents: Option<u32>,
    /// What a million tokens that an API key reads are taken to cost, in US cents.
    pub api_key_input_price_cents: u32,
    /// The same for those that it writes.
    pub api_key_output_price_cents: u32,
    /// Where every profile is used up: whether requests wait for the first reset instead of being refused.
    pub wait_for_reset: bool,
    /// Folders that are served by certain profiles alone.
    pub folders: Vec<FolderBinding>,
    /// Groups of profiles, by name, that do not stand in for profiles outside, nor those for them.
    pub walls: BTreeMap<String, Vec<ProfileId>>,
}

/// Which profile a new session gets, among those with nothing against them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The one with most left in its scarcest window.
    #[default]
    StickyBest,
    /// The one whose longest window starts anew first: what is not used by then is lost.
    SoonestReset,
    /// One after the other.
    RoundRobin,
    /// The one with the fewest requests on their way, then the one idle for longest.
    LeastUsed,
    /// Any.
    Random,
    /// Any, by weight.
    Weighted,
    /// The first in order.
    Priority,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::StickyBest, Self::SoonestReset, Self::RoundRobin, Self::LeastUsed, Self::Random, Self::Weighted, Self::Priority];
}

/// One profile for everything, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Force {
    /// Which.
    pub profile: ProfileId,
    /// Until when; nothing: until it is taken back.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
    /// Whether nothing else serves when it cannot.
    #[serde(default)]
    pub strict: bool,
}

impl Force {
    /// Whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A folder and the profiles that serve it; no other does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct FolderBinding {
    /// An absolute path; all below it belongs to it, unless a binding further down says otherwise.
    pub folder: PathBuf,
    /// One or more.
    pub profiles: Vec<ProfileId>,
}

/// Why settings are not accepted. Each message is for the user.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoutingSettingsError {
    /// More than a hundred percent.
    #[error("routing.low ({0} %) is above 100 percent")]
    LowTooLarge(u8),
    /// Critical is not below low.
    #[error("routing.critical ({critical} %) is not below routing.low ({low} %)")]
    CriticalNotBelowLow {
        /// `routing.low`.
        low: u8,
        /// `routing.critical`.
        critical: u8,
    },
    /// One of a profile's own thresholds contradicts the other one, which is set for all.
    #[error(
        "the profile's critical threshold ({critical} %) is not below its low threshold ({low} %), one of which is routing.low or routing.critical"
    )]
    ProfileContradicts {
        /// In force for the profile.
        low: u8,
        /// In force for the profile.
        critical: u8,
    },
    /// A folder that depends on where one is.
    #[error("the folder {} in routing.folders is not an absolute path", .0.display())]
    FolderNotAbsolute(PathBuf),
    /// A folder with two bindings.
    #[error("the folder {} is in routing.folders twice", .0.display())]
    FolderTwice(PathBuf),
    /// A folder that nobody would serve.
    #[error("the folder {} in routing.folders has no profiles", .0.display())]
    FolderWithoutProfiles(PathBuf),
    /// A profile cannot stand on two sides.
    #[error("the profile {profile} is in two of routing.walls: {first} and {second}")]
    TwoWalls {
        /// Which.
        profile: ProfileId,
        /// In this one.
        first: String,
        /// And in this one.
        second: String,
    },
    /// A wall's name is empty, too long or not plain.
    #[error("a name in routing.walls has 1 to {WALL_NAME_LIMIT} characters and no control characters")]
    WallName,
    /// For nothing, or beyond reason.
    #[error("routing.api_key_input_price_cents and routing.api_key_output_price_cents are 1 to {MOST_CENTS}")]
    Price,
    /// More than anyone needs.
    #[error("routing.folders and routing.walls hold at most {LISTS_LIMIT} entries each")]
    TooMany,
}

impl Default for RoutingSettings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            order: Vec::new(),
            low: 20,
            critical: 5,
            force: None,
            api_key_fallback: false,
            api_key_spend_cap_cents: None,
            // Rather too high than too low: a cap is then reached early.
            api_key_input_price_cents: 500,
            api_key_output_price_cents: 3_000,
            wait_for_reset: false,
            folders: Vec::new(),
            walls: BTreeMap::new(),
        }
    }
}

impl RoutingSettings {
    /// The same, if all of it can be accepted.
    pub fn checked(self) -> Result<Self, RoutingSettingsError> {
        let Self { low, critical, folders, walls, .. } = &self;
        if *low > 100 {
            return Err(RoutingSettingsError::LowTooLarge(*low));
        }
        if critical >= low {
            return Err(RoutingSettingsError::CriticalNotBelowLow { low: *low, critical: *critical });
        }
        if [self.api_key_input_price_cents, self.api_key_output_price_cents].iter().any(|price| !(1..=MOST_CENTS).contains(price)) {
            return Err(RoutingSettingsError::Price);
        }
        if folders.len() > LISTS_LIMIT || walls.len() > LISTS_LIMIT {
            return Err(RoutingSettingsError::TooMany);
        }
        for (place, FolderBinding { folder, profiles }) in folders.iter().enumerate() {
            if !folder.is_absolute() {
                return Err(RoutingSettingsError::FolderNotAbsolute(folder.clone()));
            }
            if profiles.is_empty() {
                return Err(RoutingSettingsError::FolderWithoutProfiles(folder.clone()));
            }
            if folders[..place].iter().any(|other| other.folder == *folder) {
                return Err(RoutingSettingsError::FolderTwice(folder.clone()));
            }
        }
        let mut sides: BTreeMap<&ProfileId, &str> = BTreeMap::new();
        for (name, profiles) in walls {
            if name.trim().is_empty() || name.chars().count() > WALL_NAME_LIMIT || name.chars().any(char::is_control) {
                return Err(RoutingSettingsError::WallName);
            }
            for profile in profiles {
                if let Some(first) = sides.insert(profile, name).filter(|first| first != name) {
                    return Err(RoutingSettingsError::TwoWalls { profile: profile.clone(), first: first.to_owned(), second: name.clone() });
                }
            }
        }
        Ok(self)
    }

    /// What is in force for a profile, its own thresholds first: low, then critical. Where the two contradict each other, as they
    /// can after a change for all, critical gives way.
    pub fn thresholds(&self, own: Thresholds) -> (u8, u8) {
        let low = own.low.unwrap_or(self.low).min(100);
        (low, own.critical.unwrap_or(self.critical).min(low.saturating_sub(1)))
    }

    /// Whether a profile's own thresholds go together with those for all.
    pub fn check_thresholds(&self, own: Thresholds) -> Result<(), RoutingSettingsError> {
        let (low, critical) = (own.low.unwrap_or(self.low), own.critical.unwrap_or(self.critical));
        if own != Thresholds::default() && critical >= low {
            return Err(RoutingSettingsError::ProfileContradicts { low, critical });
        }
        Ok(())
    }

    /// What tokens of API keys are taken to cost.
    pub fn prices(&self) -> Prices {
        Prices { input_cents: self.api_key_input_price_cents, output_cents: self.api_key_output_price_cents }
    }

    /// The force that holds now.
    pub fn forced(&self, now: Timestamp) -> Option<&Force> {
        self.force.as_ref().filter(|force| force.holds(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    fn folder() -> PathBuf {
        if cfg!(windows) { PathBuf::from("C:\\repos") } else { PathBuf::from("/repos") }
    }

    fn settings(change: impl FnOnce(&mut RoutingSettings)) -> Result<RoutingSettings, RoutingSettingsError> {
        let mut settings = RoutingSettings::default();
        change(&mut settings);
        settings.checked()
    }

    #[test]
    fn bad_settings_are_refused_each_for_its_reason() {
        let bound = |path: PathBuf| FolderBinding { folder: path, profiles: vec![id(1)] };
        for (given, expected) in [
            (settings(|it| it.low = 101), RoutingSettingsError::LowTooLarge(101)),
            (settings(|it| it.critical = 20), RoutingSettingsError::CriticalNotBelowLow { low: 20, critical: 20 }),
            (settings(|it| it.low = 0), RoutingSettingsError::CriticalNotBelowLow { low: 0, critical: 5 }),
            (settings(|it| it.folders = vec![bound("repos".into())]), RoutingSettingsError::FolderNotAbsolute("repos".into())),
            (settings(|it| it.folders = vec![bound(folder()), bound(folder())]), RoutingSettingsError::FolderTwice(folder())),
            (
                settings(|it| it.folders = vec![FolderBinding { folder: folder(), profiles: vec![] }]),
                RoutingSettingsError::FolderWithoutProfiles(folder()),
            ),
            (
                settings(|it| it.walls = [("home".to_owned(), vec![id(1)]), ("work".to_owned(), vec![id(2), id(1)])].into()),
                RoutingSettingsError::TwoWalls { profile: id(1), first: "home".into(), second: "work".into() },
            ),
            (settings(|it| it.walls = [(" ".to_owned(), vec![])].into()), RoutingSettingsError::WallName),
            (settings(|it| it.api_key_input_price_cents = 0), RoutingSettingsError::Price),
            (settings(|it| it.api_key_output_price_cents = 1_000_001), RoutingSettingsError::Price),
            (settings(|it| it.folders = vec![bound(folder()); 1001]), RoutingSettingsError::TooMany),
        ] {
            assert_eq!(given.unwrap_err(), expected);
        }
    }

    #[test]
    fn a_threshold_that_contradicts_names_both_fields() {
        let text = settings(|it| it.critical = 30).unwrap_err().to_string();
        assert!(text.contains("routing.critical (30 %)") && text.contains("routing.low (20 %)"), "{text}");
        let own = Thresholds { low: Some(4), critical: None };
        let text = RoutingSettings::default().check_thresholds(own).unwrap_err().to_string();
        assert!(text.contains("critical threshold (5 %)") && text.contains("low threshold (4 %)"), "{text}");
        assert!(RoutingSettings::default().check_thresholds(Thresholds { low: Some(6), critical: None }).is_ok());
    }

    #[test]
    fn a_profiles_own_thresholds_go_first_and_never_cross() {
        let all = RoutingSettings::default();
        for (own, expected) in [
            ((None, None), (20, 5)),
            ((Some(50), None), (50, 5)),
            ((None, Some(10)), (20, 10)),
            ((Some(3), None), (3, 2)),
            ((None, Some(90)), (20, 19)),
            ((Some(0), Some(0)), (0, 0)),
            ((Some(255), Some(255)), (100, 99)),
        ] {
            assert_eq!(all.thresholds(Thresholds { low: own.0, critical: own.1 }), expected, "{own:?}");
        }
    }

    #[test]
    fn settings_survive_the_file() {
        let settings = RoutingSettings {
            strategy: Strategy::SoonestReset,
            order: vec![id(2), id(1)],
            force: Some(Force { profile: id(1), until: Timestamp::from_second(9).ok(), strict: true }),
            api_key_spend_cap_cents: Some(500),
            folders: vec![FolderBinding { folder: folder(), profiles: vec![id(1)] }],
            walls: [("work".to_owned(), vec![id(1)])].into(),
            ..RoutingSettings::default()
        };
        let text = toml_edit::ser::to_string_pretty(&settings).unwrap();
        assert_eq!(toml_edit::de::from_str::<RoutingSettings>(&text).unwrap(), settings, "{text}");
        assert_eq!(toml_edit::de::from_str::<RoutingSettings>("").unwrap(), RoutingSettings::default());
        assert!(toml_edit::de::from_str::<RoutingSettings>("strategy = 'best'").is_err());
        for strategy in Strategy::ALL {
            let text = serde_json::to_string(&strategy).unwrap();
            assert_eq!(serde_json::from_str::<Strategy>(&text).unwrap(), strategy);
        }
    }

    #[test]
    fn force_ends_by_itself() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let settings = settings(|it| it.force = Some(Force { profile: id(1), until: Some(at(10)), strict: false })).unwrap();
        assert!(settings.forced(at(9)).is_some());
        assert!(settings.forced(at(10)).is_none());
    }
}
