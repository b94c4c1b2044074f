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

#[test]
fn what_a_dead_writer_left_is_swept_and_nothing_else() {
    let folder = folder();
    let staged = stage(&folder.path().join("auth.json"), b"live").unwrap();
    for name in [".auth.json.77-0.tmp", ".auth.json.78-3.tmp", ".auth-XyZ.tmp", "notes.77-0.tmp", ".a.77.tmp"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let own = std::process::id();
    assert_eq!(sweep(folder.path(), |pid| pid == 78 || pid == own).unwrap(), 1);
    assert_eq!(names(folder.path()).unwrap().len(), 5, "the living and the foreign stay");
    staged.commit().unwrap();
    assert_eq!(read(&folder.path().join("auth.json"), 9).unwrap().unwrap(), b"live");
}

#[test]
fn staged_content_that_is_not_committed_leaves_no_trace() {
    let folder = folder();
    drop(stage(&folder.path().join("a"), b"x").unwrap());
    assert!(names(folder.path()).unwrap().is_empty());
}

#[test]
fn two_writers_of_one_file_never_share_a_temporary_file() {
    let folder = folder();
    let path = folder.path().join("a");
    let (one, two) = (stage(&path, b"one").unwrap(), stage(&path, b"two").unwrap());
    one.commit().unwrap();
    two.commit().unwrap();
    assert_eq!(read(&path, 9).unwrap().unwrap(), b"two");
}

#[test]
fn the_ends_of_a_file_come_in_whole_lines() {
    let folder = folder();
    let path = folder.path().join("log");
    fs::write(&path, "first\nsecond\nthird\n").unwrap();
    assert_eq!(first_line(&path, 99).unwrap().unwrap(), "first\n");
    assert_eq!(first_line(&path, 3).unwrap(), None, "too long");
    assert_eq!(last_lines(&path, 99).unwrap().unwrap(), ("first\nsecond\nthird\n".to_owned(), true));
    assert_eq!(last_lines(&path, 9).unwrap().unwrap(), ("third\n".to_owned(), false));
    assert_eq!(last_lines(&path, 3).unwrap().unwrap(), (String::new(), false));
    assert!(last_lines(&folder.path().join("none"), 9).unwrap().is_none());
}

#[test]
fn a_part_of_a_file_is_read_and_no_more() {
    let folder = folder();
    let path = folder.path().join("log");
    assert_eq!(read_from(&path, 0, 9).unwrap(), None);
    fs::write(&path, "0123456789").unwrap();
    for (offset, limit, part) in [(0, 4, "0123"), (4, 4, "4567"), (8, 4, "89"), (10, 4, ""), (u64::MAX, 4, ""), (3, 0, "")] {
        assert_eq!(read_from(&path, offset, limit).unwrap().unwrap(), part.as_bytes(), "{offset} {limit}");
    }
    assert_eq!(read_from(folder.path(), 0, 9).unwrap_err().kind, FileErrorKind::NotAFile);
}
