//! How large the window's pages are, as they were built: compressed, which is how they would travel and how they lie in the program.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::measure::Outcome;

/// Where the pages are built to.
const BUILT: &str = "../../ui/dist";

/// In bytes.
pub(crate) struct Bundle {
    /// The most that one window reads, wherever its user goes: everything but the words of other languages.
    pub(crate) most: u64,
    /// All there is: every language.
    pub(crate) all: u64,
}

impl Bundle {
    /// What was built last.
    pub(crate) fn look() -> Outcome<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUILT);
        let (mut parts, mut languages) = (0, Vec::new());
        for file in files(&folder).map_err(|_| "the pages are not built: `npm run build` in ui/")? {
            let size = compressed(&fs::read(&file)?)?;
            if is_language(&file.file_name().unwrap_or_default().to_string_lossy()) { languages.push(size) } else { parts += size }
        }
        let longest = languages.iter().max().ok_or("the pages have no words")?;
        Ok(Self { most: parts + longest, all: parts + languages.iter().sum::<u64>() })
    }
}

/// Whether a file holds a language's words: `de-….js`.
fn is_language(name: &str) -> bool {
    name.split_once('-').is_some_and(|(tag, _)| tag.len() == 2)
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
