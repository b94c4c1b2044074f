//! What goes wrong in a round, and for whom: drawn, before anything is started.

use std::time::Duration;

use codex_lab_tests::chance::Chance;
use codex_lab_tests::misbehaviour::Misbehaviour;

use crate::fault::Errno;
use crate::place::PROFILES;

/// The kinds of trouble there are, by the words of the table.
pub(super) const KINDS: [&str; 11] = [
    KILLED_SERVER,
    "SIGKILL",
    "SIGSTOP",
    "full disk",
    "slow disk",
    "clock jump",
    "DNS failure",
    "half-open socket",
    "connection cut",
    "provider misbehaves",
    "many processes",
];
/// The one that ends the life of the process whose growth is watched.
const KILLED_SERVER: &str = "SIGKILL of the server";
/// At most so many calls of a command change something below the home; what is to happen at a later one does not.
const CALLS: i64 = 90;
/// Of the longest commands, in a round of many.
const MANY: usize = 64;

/// Begins the word that stands for the path of a new login of an account, whose name follows.
pub(super) const INCOMING: &str = "login of ";

/// What happens to one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// It is killed at its n-th change.
    Kill(u32),
    /// It is stopped there, for a while.
    Stop(u32, Duration),
    /// The disk is full from there on, until all is well again.
    Full(u32),
    /// One change fails, and no other.
    Once(u32, Errno),
    /// Each takes so many microseconds longer.
    Slow(i64),
    /// It finds no address.
    Nameless,
}

/// A command, and what happens to it.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) arguments: Vec<String>,
    pub(super) blow: Option<Blow>,
}

/// What happens to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storm {
    Silent(usize),
    Cut(usize),
    Closed,
}

/// Everything that is drawn for one round.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// The kinds of trouble in it.
    pub(super) kinds: Vec<&'static str>,
    pub(super) deeds: Vec<Deed>,
    /// Turns that are sent through the gateway meanwhile.
    pub(super) turns: usize,
    /// What happens to the server.
    pub(super) blow: Option<Blow>,
    /// By how many milliseconds the machine's clock is wrong meanwhile, for all of them.
    pub(super) wrong_by: i64,
    /// When the server is killed, if it is.
    pub(super) killed_after: Option<Duration>,
    pub(super) storm: Option<Storm>,
    pub(super) misbehaviours: Vec<(Misbehaviour, u32)>,
    /// How long all of this goes on at most.
    pub(super) window: Duration,
    /// Seconds that have passed since the last round.
    pub(super) passes: i64,
    /// How long new access tokens live, in seconds.
    pub(super) lifetime: i64,
}

impl Round {
    /// `long` allows for what takes longer than a normal test run has, and `spared` is a server that is to live on.
    pub(super) fn draw(chance: &mut Chance, long: bool, spared: bool, now: i64) -> Self {
        let kinds = if spared { &KINDS[1..] } else { &KINDS[..] };
        let mut kinds: Vec<&'static str> = (0..=chance.below(3)).map(|_| *chance.pick(kinds)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let has = |kind: &str| kinds.contains(&kind);
        let many = if long { MANY } else { MANY / 4 };
        let count = if has("many processes") { many } else { 3 + chance.below(5) };
        let longest = if long { 14_000 } else { 1_500 };
        let blow = |kind: &str, chance: &mut Chance| {
            let nth = u32::try_from(chance.between(1, CALLS)).unwrap();
            Some(match kind {
                "SIGKILL" => Blow::Kill(nth),
                "SIGSTOP" => Blow::Stop(nth, Duration::from_millis(chance.between(200, longest).unsigned_abs())),
                "full disk" if chance.one_in(2) => Blow::Full(nth),
                "full disk" => Blow::Once(nth, *chance.pick(&Errno::ALL)),
                "slow disk" => Blow::Slow(chance.between(1_000, 30_000)),
                "DNS failure" => Blow::Nameless,
                _ => return None,
            })
        };
        let mut deeds: Vec<Deed> = (0..count).map(|_| Deed { arguments: arguments(chance), blow: None }).collect();
        let mut server = None;
        for kind in &kinds {
            for deed in &mut deeds {
                if chance.one_in(2) {
                    deed.blow = blow(kind, chance).or(deed.blow.take());
                }
            }
            // Its n-th change is not the server's to be killed at: that has a kind of its own.
            if chance.one_in(2) {
                server = blow(kind, chance).filter(|blow| !matches!(blow, Blow::Kill(_))).or(server);
            }
        }
        let bytes = |chance: &mut Chance| usize::try_from(chance.between(0, 12_000)).unwrap();
        let storm = if has("half-open socket") {
            Some(Storm::Silent(bytes(chance)))
        } else if has("connection cut") {
            Some(if chance.one_in(4) { Storm::Closed } else { Storm::Cut(bytes(chance)) })
        } else {
            None
        };
        let misbehaves = has("provider misbehaves");
        let misbehaviours = (0..if misbehaves { 4 + chance.below(6) } else { 0 })
            .map(|_| (Misbehaviour::draw(chance, now), 1 + u32::try_from(chance.below(3)).unwrap()))
            .collect();
        let wrong_by = if has("clock jump") { jump(chance) } else { 0 };
        let killed_after = has(KILLED_SERVER).then(|| Duration::from_millis(chance.between(0, 1_200).unsigned_abs()));
        Self {
            deeds,
            turns: chance.below(8),
            blow: server,
            wrong_by,
            killed_after,
            storm,
            misbehaviours,
            window: Duration::from_millis(if long && chance.one_in(6) { 40_000 } else { chance.between(500, 3_000).unsigned_abs() }),
            passes: chance.between(0, 25 * 60),
            lifetime: *chance.pick(&[30, 200, 400, 3600, 8 * 3600]),
            kinds,
        }
    }

    /// Whether the answer to a renewal may be lost on its way, so that the login is gone by no fault of ours.
    pub(super) fn may_lose_answers(&self) -> bool {
        let by_provider = self.misbehaviours.iter().any(|(misbehaviour, _)| misbehaviour.may_lose_a_login());
        by_provider || matches!(self.storm, Some(Storm::Silent(_) | Storm::Cut(_)))
    }
}

/// To either side, by little or by a lot: a week is over by a wrong clock too.
fn jump(chance: &mut Chance) -> i64 {
    let seconds = *chance.pick(&[2, 90, 400, 3_700, 20 * 3_600, 8 * 24 * 3_600]);
    // The sandbox's certificate is of yesterday.
    let seconds = if chance.one_in(2) { seconds } else { -seconds.min(20 * 3_600) };
    seconds * 1000
}

/// A command that anybody might give at any time.
fn arguments(chance: &mut Chance) -> Vec<String> {
    let name = *chance.pick(&PROFILES);
    let words: &[&str] = match chance.below(18) {
        0 | 1 => &["list"],
        2 => &["status", "--json"],
        3..=5 => &["use", name],
        6 => &["use", "--none"],
        7 => &["undo"],
        8..=11 => &["renew", name],
        12 => &["prime", name, "--now"],
        13 => &["capture"],
        14 => &["run", "--profile", name, "--", "/bin/true"],
        15 => &["login", "--import", INCOMING],
        16 => &["activity"],
        _ => &["set", name, "--label", name],
    };
    words.iter().map(|word| if *word == INCOMING { format!("{INCOMING}{name}") } else { (*word).to_owned() }).collect()
}
