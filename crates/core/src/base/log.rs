//! A log that stays short: a file that is set aside when it is full, and the one set aside before goes.

use std::io::{self, Write};
use std::path::PathBuf;

use super::files::{self, Entry, FileError};

/// A log of at most two files: `NAME` and `NAME.1`.
#[derive(Debug)]
pub struct BoundedLog {
    path: PathBuf,
    limit: u64,
    length: u64,
}

impl BoundedLog {
    /// A log that goes on where it ended; each of its files holds at most `limit` bytes, or one longer line.
    pub fn open(path: PathBuf, limit: u64) -> Result<Self, FileError> {
        let length = match files::entry(&path)? {
            Entry::File { size, .. } => size,
            _ => 0,
        };
        Ok(Self { path, limit, length })
    }

    fn append(&mut self, line: &[u8]) -> Result<(), FileError> {
        if self.length > 0 && self.length.saturating_add(line.len() as u64) > self.limit {
            let mut former = self.path.clone().into_os_string();
            former.push(".1");
            files::rename(&self.path, &PathBuf::from(former))?;
            self.length = 0;
        }
        files::append(&self.path, line)?;
        self.length = self.length.saturating_add(line.len() as u64);
        Ok(())
    }
}

impl Write for BoundedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.append(line).map_err(io::Error::other)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_outgrows_two_files_and_goes_on_where_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        for _ in 0..3 {
            let mut log = BoundedLog::open(path.clone(), 100).unwrap();
            for number in 0..50 {
                log.write_all(format!("line {number:03}\n").as_bytes()).unwrap();
            }
        }
        assert_eq!(files::names(folder.path()).unwrap(), ["app.log", "app.log.1"]);
        let read = |name: &str| files::read_text(&folder.path().join(name), 1 << 20).unwrap().unwrap();
        let (now, before) = (read("app.log"), read("app.log.1"));
        assert!(now.len() <= 100 && before.len() <= 100, "{} {}", now.len(), before.len());
        assert!(now.ends_with("line 049\n") && before.len() > 80, "{now}{before}");
    }

    #[test]
    fn one_long_line_is_kept_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let mut log = BoundedLog::open(path.clone(), 10).unwrap();
        log.write_all(&[b'x'; 50]).unwrap();
        assert_eq!(files::read(&path, 100).unwrap().unwrap().len(), 50);
    }
}
