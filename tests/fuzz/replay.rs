//! What `make fuzz` does millions of times, in short and always the same: every target gets its seeds, thousands of
//! mutations of them, and input that is large or deep.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use codex_lab_fuzz::{TARGETS, Target};

/// Mutations for each seed.
const MUTATIONS: usize = 400;

#[test]
fn every_target_stands_its_seeds_and_their_mutations() {
    let mut chance = Chance(0x2026_1121);
    for target in TARGETS {
        let seeds = seeds(target);
        for seed in &seeds {
            target.feed(seed);
            for _ in 0..MUTATIONS {
                target.feed(&mutated(seed, &seeds, &mut chance));
            }
        }
    }
}

#[test]
fn every_target_stands_input_that_is_large_or_deep() {
    let large = 256 << 10;
    let bombs: Vec<Vec<u8>> = vec![
        Vec::new(),
        vec![0; large],
        b"[".repeat(large),
        br#"{"tokens":"#.repeat(large / 10),
        [br#"{"tokens":"#.as_slice(), &b"[".repeat(100), &b"]".repeat(100), b"}"].concat(),
        [b"\0{\"a\":[0".as_slice(), &b",0".repeat(large / 2), b"]}"].concat(),
        [b"{\"schema\":1,\"profiles\":[{}".as_slice(), &b",{}".repeat(large / 3), b"]}"].concat(),
        [b"{\"exp\":1".as_slice(), &b"0".repeat(large), b"}"].concat(),
        [b"\0\"".as_slice(), &b"\\u0041".repeat(large / 6), b"\""].concat(),
        b"a&".repeat(large / 2),
        b"%41".repeat(large / 3),
        b"a.".repeat(large / 2),
        b"GET / HTTP/1.1\r\n".iter().copied().chain(b"a: b\r\n".repeat(large / 6)).collect(),
        b"http://".iter().copied().chain(b"a.".repeat(large / 2)).collect(),
    ];
    for target in TARGETS {
        for bomb in &bombs {
            target.feed(bomb);
        }
    }
}

#[test]
fn every_target_has_seeds_and_all_seeds_a_target() {
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<_> = folders.collect();
    let mut targets: Vec<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    folders.sort();
    targets.sort();
    assert_eq!(folders, targets);
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds"))
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder().join(target.name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A seed with a few changes.
fn mutated(seed: &[u8], seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let place = chance.below(bytes.len() + 1);
        let end = (place + chance.below(32)).min(bytes.len());
        match chance.below(6) {
            0 => bytes.truncate(place),
            1 => bytes.insert(place, b"\"{}[],:\\0e-.%&=\n\0\xff\x80"[chance.below(19)]),
            2 => drop(bytes.drain(place..end)),
            3 => bytes.splice(place..place, seed[place.min(seed.len())..end.min(seed.len())].to_vec()).for_each(drop),
            4 => {
                let other = &seeds[chance.below(seeds.len())];
                bytes.truncate(place);
                bytes.extend_from_slice(&other[chance.below(other.len() + 1)..]);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(place) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
    }
    bytes
}

/// Numbers that look random and are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap_or_default()
    }
}
