//! The words of a dry run: what would change, each as what would be done. English.

use serde_json::Value;

use crate::model::details::ProfileDetails;
use crate::model::profile::{Profile, ProfileId};
use crate::model::routing::{Force, RoutingSettings};
use crate::model::setting::SettingRow;

/// A setting's value as it would be typed.
pub fn value(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The settings that would be others: both lists have the same rows.
pub fn settings(before: &[SettingRow], after: &[SettingRow]) -> Vec<String> {
    let changed = before.iter().zip(after).filter(|(before, after)| before.value != after.value);
    changed.map(|(before, after)| format!("set {} to {} (it is {})", after.key, value(&after.value), value(&before.value))).collect()
}

/// The rules of routing that are more than a value. `name` names profiles.
pub fn routing(before: &RoutingSettings, after: &RoutingSettings, name: impl Fn(&ProfileId) -> String) -> Vec<String> {
    let named = |ids: &[ProfileId]| ids.iter().map(&name).collect::<Vec<_>>().join(", ");
    let mut would = Vec::new();
    if before.order != after.order {
        would.push(match after.order.as_slice() {
            [] => "go by the list's own order".to_owned(),
            order => format!("go by the order {}, then by the list's own", named(order)),
        });
    }
    if before.force != after.force {
        would.extend(before.force.iter().filter(|_| after.force.is_none()).map(|it| format!("force {} no longer", name(&it.profile))));
        would.extend(after.force.iter().map(|force| forced(force, &name(&force.profile))));
    }
    let bound = after.folders.iter().filter(|binding| !before.folders.contains(binding));
    would.extend(bound.map(|binding| format!("let {} be served by {} alone", binding.folder.display(), named(&binding.profiles))));
    let freed = before.folders.iter().filter(|gone| !after.folders.iter().any(|binding| binding.folder == gone.folder));
    would.extend(freed.map(|gone| format!("let all profiles serve {} again", gone.folder.display())));
    let walled = after.walls.iter().filter(|(wall, profiles)| before.walls.get(*wall) != Some(profiles));
    would.extend(walled.map(|(wall, profiles)| format!("put {} behind the wall {wall}", named(profiles))));
    would.extend(before.walls.keys().filter(|wall| !after.walls.contains_key(*wall)).map(|wall| format!("take the wall {wall} down")));
    would
}

fn forced(force: &Force, name: &str) -> String {
    let alone = if force.strict { ", and nothing to any other" } else { "" };
    match force.until {
        Some(until) => format!("send everything to {name}{alone} until {}", until.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("send everything to {name}{alone}"),
    }
}

/// The profiles as they would be.
pub fn profiles(before: &[Profile], after: &[Profile]) -> Vec<String> {
    let find = |these: &[Profile], id: &ProfileId| these.iter().find(|profile| profile.id == *id).cloned();
    let mut would = Vec::new();
    for profile in before {
        let Some(now) = find(after, &profile.id) else {
            would.push(format!("remove {} here", profile.name));
            continue;
        };
        if profile.name != now.name {
            would.push(format!("rename {} to {}", profile.name, now.name));
        }
        if profile.paused != now.paused {
            would.push(format!("take {} {} use", now.name, if now.paused { "out of" } else { "back into" }));
        }
        would.extend(details(now.name.as_str(), &profile.details, &now.details));
    }
    let (stays, comes): (Vec<&Profile>, Vec<&Profile>) = after.iter().partition(|profile| find(before, &profile.id).is_some());
    would.extend(comes.iter().map(|profile| format!("bring {} back", profile.name)));
    let stayed = before.iter().filter(|profile| find(after, &profile.id).is_some());
    if !stayed.map(|profile| &profile.id).eq(stays.iter().map(|profile| &profile.id)) {
        let names: Vec<_> = after.iter().map(|profile| profile.name.as_str()).collect();
        would.push(format!("put the profiles in the order {}", names.join(", ")));
    }
    would
}

/// The remarks on a profile that would be others.
fn details(name: &str, before: &ProfileDetails, after: &ProfileDetails) -> Vec<String> {
    let all = |details: &ProfileDetails| {
        let thresholds = details.thresholds;
        [
            ("label", Value::from(details.label.clone())),
            ("colour", serde_json::to_value(details.colour).unwrap_or_default()),
            ("note", details.note.clone().into()),
            ("weight", details.weight.into()),
            ("drain", details.drain.into()),
            ("mute", details.muted.into()),
            ("low", thresholds.low.into()),
            ("critical", thresholds.critical.into()),
            ("prime", details.prime.into()),
        ]
    };
    let pairs = all(before).into_iter().zip(all(after)).filter(|((_, before), (_, after))| before != after);
    pairs.map(|((word, before), (_, after))| format!("set {word} of {name} to {} (it is {})", value(&after), value(&before))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::details::Thresholds;
    use crate::model::routing::FolderBinding;

    fn id(number: u8) -> ProfileId {
        ProfileId::parse(&format!("{number:016x}")).unwrap()
    }

    #[test]
    fn only_what_would_be_another_is_told() {
        let before = ProfileDetails { label: Some("old".to_owned()), weight: 10, ..ProfileDetails::default() };
        assert!(details("main", &before, &before).is_empty());
        let thresholds = Thresholds { low: Some(30), critical: None };
        let after = ProfileDetails { label: None, drain: true, thresholds, ..before.clone() };
        let would = ["set label of main to none (it is old)", "set drain of main to on (it is off)", "set low of main to 30 (it is none)"];
        assert_eq!(details("main", &before, &after), would);
    }

    #[test]
    fn rules_come_and_go() {
        let name = |id: &ProfileId| format!("p{}", &id.as_str()[15..]);
        let folder =
            |path: &str, profiles: &[u8]| FolderBinding { folder: path.into(), profiles: profiles.iter().map(|it| id(*it)).collect() };
        let none = RoutingSettings::default();
        let some = RoutingSettings {
            order: vec![id(2), id(1)],
            force: Some(Force { profile: id(1), until: None, strict: true }),
            folders: vec![folder("/a", &[1])],
            walls: BTreeMap::from([("w".to_owned(), vec![id(2)])]),
            ..RoutingSettings::default()
        };
        let comes = [
            "go by the order p2, p1, then by the list's own",
            "send everything to p1, and nothing to any other",
            "let /a be served by p1 alone",
            "put p2 behind the wall w",
        ];
        assert_eq!(routing(&none, &some, name), comes);
        let goes = ["go by the list's own order", "force p1 no longer", "let all profiles serve /a again", "take the wall w down"];
        assert_eq!(routing(&some, &none, name), goes);
        let other = RoutingSettings { folders: vec![folder("/a", &[1, 2])], ..some.clone() };
        assert_eq!(routing(&some, &other, name), ["let /a be served by p1, p2 alone"]);
        assert!(routing(&some, &some, name).is_empty());
    }
}
