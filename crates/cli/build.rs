//! Lets the linker keep one of several functions that came out the same, where it is one that can.

#![expect(clippy::disallowed_methods, reason = "Cargo tells a build script everything in the environment")]

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    // Elsewhere the linker is not Rust's own, and knows no such word.
    let rust_lld = is("TARGET", "x86_64-unknown-linux-gnu") && is("HOST", "x86_64-unknown-linux-gnu");
    if rust_lld && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
}
