//! One target under libFuzzer: `CODEX_LAB_FUZZ_TARGET=claims codex-lab-fuzz <libFuzzer's options> <corpus>`; scripts/fuzz does it.
#![no_main]

use std::sync::OnceLock;

use codex_lab_fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("CODEX_LAB_FUZZ_TARGET").unwrap_or_default();
        let target = Target::named(&name).unwrap_or_else(|| panic!("there is no target {name:?}"));
        TARGET.get_or_init(|| target);
    },
    |bytes: &[u8]| if let Some(target) = TARGET.get() { target.feed(bytes) }
);
