//! Tests of opening a store where something is in the way: others, the file system, a full disk, damage.

use std::path::Path;

use rusqlite::Connection;

use super::{Folder, had, key, rows};
use crate::store::Store;
use crate::store::open::Ground;

const LOCAL: Ground<'_> = Ground { mounts: "", vfs: None };

/// A way of reaching files that has no shared memory, as some network file systems.
const NO_SHARED_MEMORY: Ground<'_> = Ground { mounts: "", vfs: Some("unix-dotfile") };

fn journal(store: &Store) -> String {
    store.lock().pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap()
}

fn told(folder: &Folder, name: &str, store: Result<Store, crate::store::StoreError>) -> String {
    store.unwrap_err().to_string().replace(&folder.file(name).display().to_string(), name)
}

/// Overwrites the page that begins at a place.
fn damage(path: &Path, page: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[4096 * (page - 1)..4096 * page].fill(0);
    std::fs::write(path, bytes).unwrap();
}

/// A store with so many replies of 3 KB, about one a page.
fn filled(path: &Path, replies: usize) {
    let entries: Vec<_> = (0..replies).map(|number| had(key(&number.to_string()), &"x".repeat(3000))).collect();
    Store::open(path).unwrap().commit(&entries, 0, None).unwrap();
}

#[test]
fn eight_may_open_a_new_store_at_once() {
    for _ in 0..20 {
        let folder = Folder::new();
        let path = folder.file("s.db");
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = Store::open(path).unwrap();
                    assert_eq!((journal(&store).as_str(), store.remark()), ("wal", None));
                    store.commit(&[had(key(&number.to_string()), "body")], 0, None).unwrap();
                });
            }
        });
        assert_eq!(rows(&path, "replies"), 8);
    }
}

#[test]
fn on_a_network_file_system_a_rollback_journal_is_taken_and_told() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    let point = folder.file("").canonicalize().unwrap();
    let mounts = format!("/dev/sda1 / ext4 rw 0 0\nserver:/x {} nfs4 rw 0 0\n", point.display());
    let open = || Store::open_on(&path, Ground { mounts: &mounts, vfs: None }).unwrap();
    let [one, two] = [open(), open()];
    assert_eq!([journal(&one), journal(&two)], ["truncate", "truncate"]);
    let remark = one.remark().unwrap().replace(&path.display().to_string(), "s.db");
    insta::assert_snapshot!(remark, @"store s.db: it lies on a network file system (nfs4): it is kept with a rollback journal, which is slower; let one machine at a time write it");
    for number in 0..20 {
        one.commit(&[had(key(&format!("one {number}")), "body")], 0, None).unwrap();
        two.commit(&[had(key(&format!("two {number}")), "body")], 0, None).unwrap();
        assert_eq!(one.keys().unwrap().len(), 2 * number + 2);
    }
    assert!(!folder.file("s.db-wal").exists() && !folder.file("s.db-shm").exists());
}

#[test]
fn a_store_with_a_write_ahead_log_may_move_to_a_network_file_system_and_back() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    let before = Store::open(&path).unwrap();
    before.commit(&[had(key("one"), "body")], 0, None).unwrap();
    // As a killed run leaves it: the reply is in the log alone.
    for ending in ["", "-wal"] {
        std::fs::copy(folder.file(&format!("s.db{ending}")), folder.file(&format!("moved.db{ending}"))).unwrap();
    }
    let moved = folder.file("moved.db");
    let mounts = format!("server:/x {} nfs rw 0 0\n", folder.file("").canonicalize().unwrap().display());
    for ground in [Ground { mounts: &mounts, vfs: None }, NO_SHARED_MEMORY] {
        let [one, two] = [(); 2].map(|()| Store::open_on(&moved, ground).unwrap());
        assert_eq!([journal(&one), journal(&two)], ["truncate", "truncate"]);
        assert_eq!(one.body(&key("one")).unwrap().as_deref(), Some("body"));
        one.commit(&[had(key("two"), "body")], 0, None).unwrap();
        two.commit(&[had(key("three"), "body")], 0, None).unwrap();
        drop((one, two));
        let back = Store::open_on(&moved, LOCAL).unwrap();
        assert_eq!((journal(&back).as_str(), back.keys().unwrap().len()), ("wal", 3));
    }
}

#[test]
fn where_memory_cannot_be_shared_a_rollback_journal_is_taken_and_told() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    let [one, two] = [(); 2].map(|()| Store::open_on(&path, NO_SHARED_MEMORY).unwrap());
    one.commit(&[had(key("one"), "body")], 0, None).unwrap();
    two.commit(&[had(key("two"), "body")], 0, None).unwrap();
    assert_eq!(one.keys().unwrap().len(), 2);
    insta::assert_snapshot!(one.remark().unwrap().replace(&path.display().to_string(), "s.db"), @"store s.db: its file system cannot do a write-ahead log, as many that are reached over a network: it is kept with a rollback journal, which is slower; let one machine at a time write it");
}

#[test]
fn on_a_full_disk_what_was_committed_is_kept() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    store.commit(&[had(key("one"), "body")], 0, None).unwrap();
    let pages: i64 = store.lock().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.lock().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    let large = || had(key("two"), &"x".repeat(10_000));
    let error = store.commit(&[had(key("three"), "body"), large()], 0, None).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&folder.file("s.db").display().to_string(), "s.db"), @"store s.db: the disk is full: make room and run again; what was committed is kept (database or disk is full)");
    assert_eq!(store.keys().unwrap(), [key("one")].into_iter().collect(), "a group is committed whole or not at all");
    store.lock().pragma_update_and_check(None, "max_page_count", 1000, |_| Ok(())).unwrap();
    store.commit(&[large()], 0, None).unwrap();
    assert_eq!(store.keys().unwrap().len(), 2);
}

#[test]
fn a_damaged_page_is_found_at_opening() {
    let folder = Folder::new();
    filled(&folder.file("s.db"), 50);
    damage(&folder.file("s.db"), 20);
    insta::assert_snapshot!(folder.refused("s.db"), @"store s.db: the file is damaged (Tree 2 page 20: btreeInitPage() returns error code 11). End what uses it, and save what can be saved with `tribunal store repair s.db --out s-repaired.db`, then run with --store s-repaired.db");
}

#[test]
fn a_damaged_page_met_later_brings_the_same_advice() {
    let folder = Folder::new();
    let path = folder.file("my store.db");
    filled(&path, 50);
    let store = Store::open(&path).unwrap();
    store.lock().execute_batch("PRAGMA shrink_memory").unwrap();
    damage(&path, 20);
    let errors = (0..50).filter_map(|number| store.body(&key(&number.to_string())).err());
    let told: std::collections::BTreeSet<String> =
        errors.map(|error| error.to_string().replace(&folder.file("").display().to_string(), "")).collect();
    insta::assert_snapshot!(told.into_iter().collect::<Vec<_>>().join("\n"), @"store my store.db: the file is damaged (database disk image is malformed). End what uses it, and save what can be saved with `tribunal store repair 'my store.db' --out 'my store-repaired.db'`, then run with --store 'my store-repaired.db'");
}

#[test]
fn a_body_that_is_no_text_is_damage() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    filled(&path, 1);
    Connection::open(&path).unwrap().execute("UPDATE replies SET body = x'ff'", []).unwrap();
    let store = Store::open(&path).unwrap();
    let error = store.body(&key("0")).unwrap_err().to_string();
    assert!(error.contains("the file is damaged") && error.contains("tribunal store repair"), "{error}");
}

#[test]
fn a_store_cut_off_in_the_middle_is_found_at_opening() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    filled(&path, 50);
    let length = std::fs::metadata(&path).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    insta::assert_snapshot!(folder.refused("s.db"), @"store s.db: the file is damaged (database disk image is malformed). End what uses it, and save what can be saved with `tribunal store repair s.db --out s-repaired.db`, then run with --store s-repaired.db");
}

#[test]
fn a_store_whose_write_ahead_log_was_deleted_holds_what_was_in_the_file() {
    let folder = Folder::new();
    let path = folder.file("s.db");
    filled(&path, 10);
    let store = Store::open(&path).unwrap();
    store.commit(&[had(key("last"), "body")], 0, None).unwrap();
    std::fs::copy(&path, folder.file("alone.db")).unwrap();
    let alone = Store::open(&folder.file("alone.db")).unwrap();
    assert_eq!(alone.keys().unwrap().len(), 10);
    alone.commit(&[had(key("last"), "again")], 0, None).unwrap();
    assert_eq!(alone.keys().unwrap().len(), 11);
}

#[test]
fn a_link_to_nowhere_is_refused() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("/mnt/gone/tribunal.db", folder.file("s.db")).unwrap();
    insta::assert_snapshot!(told(&folder, "s.db", Store::open(&folder.file("s.db"))), @"store s.db: this is a link to /mnt/gone/tribunal.db, and there is no such file: bring the file back (is its disk mounted?), or remove the link");
}

#[test]
fn a_link_to_a_store_is_that_store() {
    let folder = Folder::new();
    filled(&folder.file("s.db"), 3);
    std::os::unix::fs::symlink(folder.file("s.db"), folder.file("link.db")).unwrap();
    assert_eq!(Store::open(&folder.file("link.db")).unwrap().keys().unwrap().len(), 3);
}

#[test]
fn what_is_no_file_is_refused() {
    insta::assert_snapshot!(Store::open(Path::new("/dev/null")).unwrap_err(), @"store /dev/null: this is neither a file nor a place for one: name another one with --store");
    insta::assert_snapshot!(Store::open(Path::new("..")).unwrap_err(), @"store ..: this is a folder: name a file in it");
    insta::assert_snapshot!(Store::open(Path::new("")).unwrap_err(), @"store : this is no name of a file: name another one with --store");
}

#[test]
fn a_name_that_means_something_to_sqlite_is_a_file_all_the_same() {
    let folder = Folder::new();
    for name in ["file:s.db?mode=memory", ":memory:", "50%.db"] {
        filled(&folder.file(name), 1);
        assert!(folder.file(name).is_file());
        assert_eq!(Store::open_offline(&folder.file(name)).unwrap().keys().unwrap().len(), 1);
    }
}
