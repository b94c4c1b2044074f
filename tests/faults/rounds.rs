//! How often things are tried: some times in every test run, all of them in `make faults`.

use std::env;

/// Set to `all` by `make faults`.
const VARIABLE: &str = "CODEX_LAB_FAULTS";

/// Whether this run tries everything.
#[expect(clippy::disallowed_methods, reason = "the one word a person says to these tests")]
pub(crate) fn all() -> bool {
    env::var_os(VARIABLE).is_some_and(|value| value == "all")
}

/// `all_of_them` in `make faults`, else `some`.
pub(crate) fn rounds(some: u32, all_of_them: u32) -> u32 {
    if all() { all_of_them } else { some }
}
