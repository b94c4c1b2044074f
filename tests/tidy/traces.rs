//! Nothing of the machines this was written on stays in the project.

use crate::tree::{files, none};

/// In parts, so that this file passes its own test.
const TRACES: [(&str, &str); 9] = [
    ("/ro", "ot/"),
    ("/wo", "rk/"),
    ("/fa", "rm/"),
    ("/home/", "runner"),
    ("static.crates", ".io"),
    ("index.crates", ".io"),
    ("registry.", "npmjs"),
    ("pypi", ".org"),
    ("deb.", "debian.org"),
];

#[test]
fn no_file_names_a_machine_or_a_registry_host() {
    let mut findings = Vec::new();
    for source in files("", &[]) {
        for (first, rest) in TRACES {
            let trace = format!("{first}{rest}");
            if let Some(place) = source.text.find(&trace) {
                findings.push(format!("{}:{}: {trace}", source.path, source.text[..place].matches('\n').count() + 1));
            }
        }
    }
    none("Paths of one machine and hosts of registries have no place here:", &findings);
}
