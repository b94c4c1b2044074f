//! Comparing what is printed with files people have read. `UPDATE_EXPECTED=1` writes them anew.

use std::path::Path;

use regex::Regex;

use crate::world::World;

/// Compares `printed` with `expected/NAME.txt`, with everything that differs from run to run made alike.
#[expect(clippy::disallowed_methods, reason = "a switch for whoever changes what is printed")]
pub(crate) fn check(world: &World, name: &str, printed: &str) {
    let mut printed = printed.replace(&world.home().canonicalize().unwrap().display().to_string(), "HOME");
    printed = printed.replace(&world.home().display().to_string(), "HOME");
    printed = printed.replace(&format!("127.0.0.1:{}/", world.sandbox.gateway_port()), "127.0.0.1:4517/");
    for (pattern, alike) in [
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DAY AND TIME"),
        (r#""[0-9a-f]{16}""#, "\"ID\""),
        (r#""[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}""#, "\"WORKSPACE\""),
        (r"resets ((?:[A-Z][a-z]{2} )?\d\d:\d\d|\d+ [A-Z][a-z]{2})", "resets WHEN"),
        (r"\(in [0-9a-z ]+\)", "(in SPAN)"),
        (r"until ((?:[A-Z][a-z]{2} )?\d\d:\d\d|\d+ [A-Z][a-z]{2}) \([0-9a-z ]+ left\)", "until WHEN (SPAN left)"),
        (r"back in (?:\d+ (?:d|h|min|s)\b ?)+", "back in SPAN"),
        (r"(?m)^(?:\d+ [A-Z][a-z]{2} )?\d\d:\d\d:\d\d  ", "WHEN  "),
        (r"(?m)^(?:\d+ [A-Z][a-z]{2} )?\d\d:\d\d  ", "WHEN  "),
        (r"seen \d+ (?:s|min) ago", "seen SPAN ago"),
        (r#""revision": \d+"#, "\"revision\": N"),
    ] {
        printed = Regex::new(pattern).unwrap().replace_all(&printed, alike).into_owned();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("terminal/expected").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}: run with UPDATE_EXPECTED=1", path.display()));
    assert_eq!(printed, expected, "{name} prints something else than {}", path.display());
}
