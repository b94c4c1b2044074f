//! How large the window's pages are, as they were built: compressed, which is how they would travel and how they lie in the program.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::measure::Outcome;

/// Where the pages are built to.
const BUILT: &str = "../ui/dist";
/// The part that talks to the app: read at every start, though the page does not name it.
const HOST: &str = "tauri-";

/// In bytes.
pub(crate) struct Bundle {
    /// What an English window reads before its first page stands.
    pub(crate) first: u64,
    /// All there is: every language, and what one page alone reads.
    pub(crate) all: u64,
}

impl Bundle {
    /// What was built last.
    pub(crate) fn look() -> Outcome<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUILT);
        let page = fs::read_to_string(folder.join("index.html")).map_err(|_| "the pages are not built: `npm run build` in ui/")?;
        let mut bundle = Self { first: 0, all: 0 };
        for file in files(&folder)? {
            let size = compressed(&fs::read(&file)?)?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            bundle.all += size;
            if name == "index.html" || name.starts_with(HOST) || page.contains(&*name) {
                bundle.first += size;
            }
        }
        Ok(bundle)
    }
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

fn compressed(content: &[u8]) -> Outcome<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len().try_into()?)
}
