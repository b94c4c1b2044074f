//! Hostile input for every parser of the core. A target takes any bytes and checks what must hold whatever they are.
//! `make fuzz` drives the targets with a coverage-guided fuzzer; the test beside this replays their seeds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a target says what it has found")]

mod answers;
mod callbacks;
mod clients;
mod control;
mod files;
mod gateway;
mod imports;
mod links;
mod logins;
mod outside;
mod quota;
mod requests;
mod samples;
mod sealed;
mod settings;

use codex_lab_core::gateway::intake::BODY_LIMIT;
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
    /// Memory that any input may take; see [`MEMORY_FLOOR`].
    floor: usize,
}

const fn target(name: &'static str, run: Run) -> Target {
    Target { name, run, floor: MEMORY_FLOOR }
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("auth-json", logins::auth_json),
    target("auth-json-tokens", logins::tokens),
    target("auth-json-renewal", logins::renewal),
    target("claims", logins::token_claims),
    target("index", logins::index),
    target("callback-query", callbacks::query),
    target("callback-request", callbacks::request),
    target("callback-paste", callbacks::paste),
    target("device-code", answers::device_code),
    target("device-poll", answers::device_poll),
    target("token-answer", answers::exchange),
    target("refresh-answer", answers::refresh),
    target("sealed-file", sealed::file),
    target("passphrase", sealed::parameters),
    target("import-text", imports::text),
    target("import-stores", imports::stores),
    target("link", links::link),
    target("quota-headers", quota::in_headers),
    target("quota-event", quota::in_event),
    target("quota-usage", quota::in_usage),
    target("quota-log", quota::in_log),
    target("client-toml", clients::toml),
    target("client-jsonc", clients::jsonc),
    target("gateway-frame", gateway::frame),
    target("gateway-stream", gateway::stream),
    target("gateway-usage", gateway::used),
    target("gateway-refusal", gateway::refusal),
    target("gateway-head", requests::head),
    // A packed body is opened up to its limit, in a buffer that has doubled to get there.
    Target { floor: 4 * BODY_LIMIT, ..target("gateway-body", requests::body) },
    // Room for a frame is asked for when its length is told, and used as it comes.
    Target { floor: 2 * BODY_LIMIT, ..target("gateway-websocket", requests::websocket) },
    target("setting", settings::text),
    target("our-config", files::our_config),
    target("codex-config", files::codex_config),
    target("codex-said", files::codex_said),
    target("export-content", files::export_content),
    target("client-notes", files::notes),
    target("state-fact", files::fact),
    target("model-list", answers::model_list),
    target("bar-template", settings::template),
    target("control-lines", control::lines),
    target("window-request", control::request),
    target("command-id", control::command),
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
        let allowed = self.floor + MEMORY_PER_BYTE * bytes.len();
        let (name, length) = (self.name, bytes.len());
        assert!(taken <= allowed, "{name}: {length} bytes of input took {taken} bytes of memory; {allowed} are allowed");
    }
}
