//! A crash leaves no copy of the memory, in which there are secrets.

/// Keeps the system from writing this process's memory anywhere when it crashes. Programs that it starts inherit that; each may lift
/// it for itself, for the hard limit stays. Where that is zero already and the system hands dumps to a program, it still does.
#[cfg(unix)]
pub fn forbid() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    // One byte is too little for any file, and by core(5) the one limit at which Linux hands a dump to no program either.
    let hard = getrlimit(Resource::Core).maximum;
    let least = hard.map_or(1, |hard| hard.min(1));
    // Lowering a limit of one's own is refused to nobody.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(least), maximum: hard });
}

/// Elsewhere a crash is reported by the system itself, with as much as its owner has set.
#[cfg(not(unix))]
pub fn forbid() {}
