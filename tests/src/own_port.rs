//! Ports that stay free for a test while nothing listens there, so that what it starts again finds its port again.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the ports that systems hand out by themselves.
const FIRST: u32 = 10_000;
const ALL: u32 = 20_000;
/// As many in a row belong to a process.
const OF_A_PROCESS: u32 = 8;

/// A port that no other test and no outgoing connection takes.
pub fn next() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let own = process::id().wrapping_mul(OF_A_PROCESS);
    loop {
        let offset = own.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % ALL;
        let port = u16::try_from(FIRST + offset).unwrap_or(u16::MAX);
        // A program that is no test may have it.
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
