//! Tables for the file door.

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_written_is_read_and_private() {
    let folder = folder();
    let path = folder.path().join("auth.json");
    write_private(&path, b"one").unwrap();
    write_private(&path, b"two").unwrap();
    assert_eq!(read(&path, 3).unwrap().unwrap(), b"two");
    assert_eq!(names(folder.path()).unwrap(), ["auth.json"], "no temporary file stays");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_read_is_bounded() {
    let folder = folder();
    let path = folder.path().join("big");
    write_private(&path, b"1234").unwrap();
    assert_eq!(read(&path, 3).unwrap_err().kind, FileErrorKind::TooLarge);
    assert_eq!(read(&path.with_extension("none"), 3).unwrap(), None);
}

#[cfg(unix)]
#[test]
fn neither_a_fifo_nor_a_folder_nor_a_link_is_read() {
    let folder = folder();
    let fifo = folder.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(read(&fifo, 9).unwrap_err().kind, FileErrorKind::NotAFile);
    assert_eq!(read(folder.path(), 9).unwrap_err().kind, FileErrorKind::NotAFile);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("fifo", &link).unwrap();
    assert_eq!(read(&link, 9).unwrap_err().kind, FileErrorKind::Link);
}

#[test]
fn a_failed_write_leaves_the_old_content() {
    let folder = folder();
    let path = folder.path().join("taken");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("inside"), "kept").unwrap();
    write_private(&path, b"new").unwrap_err();
    assert_eq!(fs::read_to_string(path.join("inside")).unwrap(), "kept");
    assert_eq!(names(folder.path()).unwrap(), ["taken"]);
}
