//! How large the programs are, and the packages they come in, as they were built last.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::everyday::built;
use crate::growth::counted;
use crate::measure::{Outcome, say};
use crate::report::{Row, Section};

/// The programs, and what is wished of them.
const PROGRAMS: [(&str, &str); 3] = [("codex-lab", "under 12 MiB"), ("codex-lab-desktop", ""), ("codex-lab-window", "")];
/// How the names of packages end.
const PACKAGES: [&str; 2] = ["deb", "rpm"];

/// All that is there.
pub(crate) fn look() -> Outcome<Section> {
    say("sizes")?;
    let built = built()?;
    let mut rows = Vec::new();
    for (name, wanted) in PROGRAMS {
        rows.push(row(name, wanted, &built.join(name))?);
    }
    // `scripts/package` puts them beside what is built.
    let folder = built.parent().ok_or("what is built lies nowhere")?.join("package");
    let mut packages: Vec<_> = fs::read_dir(&folder).into_iter().flatten().collect::<Result<_, _>>()?;
    packages.sort_by_key(fs::DirEntry::file_name);
    for kind in PACKAGES {
        let before = rows.len();
        for package in packages.iter().filter(|package| package.path().extension().is_some_and(|end| end == kind)) {
            rows.push(row(&package.file_name().to_string_lossy(), "", &package.path())?);
        }
        if rows.len() == before {
            rows.push(missing(&format!("a package for {kind}")));
        }
    }
    Ok(Section {
        key: "sizes",
        title: "Sizes".to_owned(),
        note: "The programs as `make bench` builds them, and the packages that `make package` has left in `target/package`, if it was run."
            .to_owned(),
        columns: vec!["", "wanted", "size", "bytes"],
        rows,
    })
}

fn row(name: &str, wanted: &str, file: &Path) -> Outcome<Row> {
    if !file.is_file() {
        return Ok(missing(name));
    }
    let bytes = fs::metadata(file)?.len();
    #[expect(clippy::cast_precision_loss, reason = "some millions")]
    let mib = bytes as f64 / f64::from(1 << 20);
    let counted = counted(usize::try_from(bytes)?);
    Ok(Row {
        cells: vec![name.to_owned(), wanted.to_owned(), format!("{mib:.2} MiB"), counted],
        figures: json!({ "what": name, "wanted": wanted, "bytes": bytes }),
    })
}

fn missing(name: &str) -> Row {
    let cells = [name, "", "not built", ""].map(str::to_owned).to_vec();
    Row { cells, figures: json!({ "what": name, "wanted": "", "bytes": null }) }
}
