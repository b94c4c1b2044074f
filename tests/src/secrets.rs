//! What a secret looks like in a test run, and the search for one where none may be.
//!
//! Every secret the sandbox mints begins and ends its random part with [`MARK`], so that a piece of either end is found
//! too. Anything shaped like a token is found besides, whoever made it.

use std::ops::Range;

use regex::bytes::Regex;

/// Stands at both ends of every secret the sandbox mints. In capitals, which no name in a test has.
pub const MARK: &str = "PLANTED";

/// Looks for secrets.
#[derive(Debug)]
pub struct Search {
    shapes: Vec<(&'static str, Regex)>,
}

/// A secret where none may be. Says where, and never what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What it looks like.
    pub shape: &'static str,
    /// Which bytes.
    pub place: Range<usize>,
}

impl Search {
    /// A search for all known shapes.
    pub fn new() -> Result<Self, regex::Error> {
        let shapes = [
            ("a planted secret", MARK.to_owned()),
            // A JWT starts with the base64 of `{"`; a header and a part of the claims are enough to know it by.
            ("a JWT", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}".to_owned()),
            ("a token or key", r"\b(?:rt|ac|at)[_-][A-Za-z0-9_-]{40,}|\bsk-[A-Za-z0-9_-]{20,}".to_owned()),
            ("a bearer header", r"(?i)bearer +[A-Za-z0-9._~+/-]{20,}".to_owned()),
        ];
        let shapes = shapes.into_iter().map(|(name, pattern)| Ok((name, Regex::new(&pattern)?))).collect::<Result<_, regex::Error>>()?;
        Ok(Self { shapes })
    }

    /// Every secret in these bytes, shape by shape.
    pub fn leaks(&self, bytes: &[u8]) -> Vec<Leak> {
        let found = |(shape, pattern): &(&'static str, Regex)| {
            let shape = *shape;
            pattern.find_iter(bytes).map(move |found| Leak { shape, place: found.range() }).collect::<Vec<_>>()
        };
        self.shapes.iter().flat_map(found).collect()
    }
}
