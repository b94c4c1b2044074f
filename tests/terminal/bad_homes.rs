//! Homes that cannot be used: each has its word, and the doctor has it too.

use std::fs;

use crate::world::World;

#[tokio::test]
async fn a_home_in_a_work_tree_is_refused_and_nothing_is_written_there() {
    let mut world = World::new().await;
    let tree = world.home().join("project");
    fs::create_dir_all(tree.join(".git")).unwrap();
    world.set("CODEX_LAB_HOME", tree.join("deep/home"));
    world.refused(&["list"], "bad_home", 31).await;
    assert!(!tree.join("deep").exists());
    let doctor = world.run(&["doctor"]).await;
    assert!(doctor.status == 31 && doctor.stdout.contains("work tree"), "{doctor:?}");
}

#[tokio::test]
async fn a_home_that_is_no_folder_or_no_path_is_refused() {
    let mut world = World::new().await;
    let file = world.file("taken", "");
    world.set("CODEX_LAB_HOME", &file);
    world.refused(&["list"], "bad_home", 31).await;
    world.set("CODEX_LAB_HOME", "relative/home");
    world.refused(&["list"], "bad_home", 31).await;
}

#[tokio::test]
async fn an_index_of_a_newer_version_is_left_alone_and_a_cut_one_is_restored() {
    let world = World::with_trio().await;
    let index = world.lab_home().join("auth-profiles.json");
    let text = fs::read_to_string(&index).unwrap();
    fs::write(&index, r#"{"schema": 7}"#).unwrap();
    world.refused(&["list"], "newer_version", 36).await;
    assert_eq!(fs::read_to_string(&index).unwrap(), r#"{"schema": 7}"#);
    fs::write(&index, &text[..text.len() / 2]).unwrap();
    let restored = world.good(&["list"]).await;
    assert!(restored.stderr.contains("restored from its last good copy"), "{restored:?}");
    assert!(["main", "work", "backup"].iter().all(|name| restored.stdout.contains(name)), "{restored:?}");
    assert_eq!(world.good(&["list"]).await.stderr, "", "it is said once");
}

/// A small disk of its own that is full, or read-only. Mounting takes root and a namespace that allows it.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &std::path::Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(at).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(at.to_path_buf()))
    }

    fn make_read_only(&self) {
        let done = std::process::Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_or_read_only_disk_loses_nothing() {
    let mut world = World::new().await;
    let place = world.home().join("disk");
    let Some(disk) = SmallDisk::mount(&place) else {
        eprintln!("mounting is not allowed here, so full and read-only disks are not tried");
        return;
    };
    world.set("CODEX_LAB_HOME", place.join("home"));
    let file = world.file("main.json", &world.sandbox.auth_json("main").unwrap());
    world.good(&["login", "--import", file.to_str().unwrap()]).await;
    let index = fs::read_to_string(place.join("home/auth-profiles.json")).unwrap();

    let filler: Vec<u8> = vec![0; 512 << 10];
    let _ = fs::write(place.join("filler"), filler);
    let other = world.file("work.json", &world.sandbox.auth_json("work").unwrap());
    let full = world.run(&["login", "--import", other.to_str().unwrap()]).await;
    assert!(full.status == 33 && full.stderr.contains("hint: "), "{full:?}");
    assert_eq!(fs::read_to_string(place.join("home/auth-profiles.json")).unwrap(), index);

    fs::remove_file(place.join("filler")).unwrap();
    disk.make_read_only();
    let read_only = world.run(&["login", "--import", other.to_str().unwrap()]).await;
    assert!(read_only.status == 34 && read_only.stderr.contains("hint: "), "{read_only:?}");
    assert_eq!(fs::read_to_string(place.join("home/auth-profiles.json")).unwrap(), index);
}
