//! Hostile input for every parser of the core. A target takes any bytes and checks what must hold whatever they are.
//! `make fuzz` drives the targets with a coverage-guided fuzzer; the test beside this replays their seeds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a target says what it has found")]

mod answers;
mod callbacks;
mod clients;
mod gateway;
mod imports;
mod links;
mod logins;
mod outside;
mod quota;
mod sealed;
mod settings;

use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// However small the input is, this much memory may be in use for it.
const MEMORY_FLOOR: usize = 512 << 10;
/// For each byte of input this much more: a JSON value in memory is that much larger than its text.
const MEMORY_PER_BYTE: usize = 256;

/// Bytes go in; a panic is a finding.
pub type Run = fn(&[u8]);

/// A parser under fire.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Also the folder of its seeds.
    pub name: &'static str,
    run: Run,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "auth-json", run: logins::auth_json },
    Target { name: "auth-json-tokens", run: logins::tokens },
    Target { name: "auth-json-renewal", run: logins::renewal },
    Target { name: "claims", run: logins::token_claims },
    Target { name: "index", run: logins::index },
    Target { name: "callback-query", run: callbacks::query },
    Target { name: "callback-request", run: callbacks::request },
    Target { name: "callback-paste", run: callbacks::paste },
    Target { name: "device-code", run: answers::device_code },
    Target { name: "device-poll", run: answers::device_poll },
    Target { name: "token-answer", run: answers::exchange },
    Target { name: "refresh-answer", run: answers::refresh },
    Target { name: "sealed-file", run: sealed::file },
    Target { name: "passphrase", run: sealed::parameters },
    Target { name: "import-text", run: imports::text },
    Target { name: "import-stores", run: imports::stores },
    Target { name: "link", run: links::link },
    Target { name: "quota-headers", run: quota::in_headers },
    Target { name: "quota-event", run: quota::in_event },
    Target { name: "quota-usage", run: quota::in_usage },
    Target { name: "quota-log", run: quota::in_log },
    Target { name: "client-toml", run: clients::toml },
    Target { name: "client-jsonc", run: clients::jsonc },
    Target { name: "gateway-frame", run: gateway::frame },
    Target { name: "gateway-stream", run: gateway::stream },
    Target { name: "gateway-refusal", run: gateway::refusal },
    Target { name: "setting", run: settings::text },
];

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().copied().find(|target| target.name == name)
    }

    /// Gives it one input.
    ///
    /// # Panics
    /// If something does not hold, or if it took more memory than the input excuses.
    pub fn feed(&self, bytes: &[u8]) {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        (self.run)(bytes);
        let taken = MEMORY.peak_usage().saturating_sub(before);
        let allowed = MEMORY_FLOOR + MEMORY_PER_BYTE * bytes.len();
        assert!(taken <= allowed, "{} bytes of input took {taken} bytes of memory; {allowed} are allowed", bytes.len());
    }
}
