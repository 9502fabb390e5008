//! Tests of saving what can be saved, from files that were damaged in every way that comes to mind.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{Folder, failed, had, key};
use crate::ask::{FailureKind, Key};
use crate::digest::Fields;
use crate::store::repair::{ATTEMPTS, REPLIES};
use crate::store::{Order, Repaired, Store, examine, repair};

const PAGE: usize = 4096;

/// Replies of these tests: short ones, several to a page, and some that are longer than a page.
const COUNT: usize = 600;

fn body(number: usize) -> String {
    let length = if number.is_multiple_of(20) { 9_000 } else { 400 + number };
    format!("{{{}}}", "x".repeat(length))
}

/// Stands for the reader of replies.
fn is_reply(body: &str) -> bool {
    body.starts_with('{') && body.ends_with('}') && body[1..body.len() - 1].chars().all(|c| c == 'x')
}

/// A store that nothing is wrong with.
fn whole(folder: &Folder) -> PathBuf {
    let path = folder.file("s.db");
    let mut entries = Vec::new();
    for number in 0..COUNT {
        entries.push(had(key(&number.to_string()), &body(number)));
        if number % 10 == 0 {
            entries.push(failed(key(&number.to_string()), FailureKind::Transient));
        }
    }
    Store::open(&path).unwrap().commit(&entries, 0, None).unwrap();
    path
}

/// Repairs a file, which must stay as it is, and holds every reply that is saved against what it was.
fn repaired(folder: &Folder, damaged: &Path, name: &str) -> (Repaired, HashSet<Key>) {
    let before = std::fs::read(damaged).unwrap();
    let new = folder.file(name);
    let repaired = repair(damaged, &new, is_reply).unwrap();
    assert!(std::fs::read(damaged).unwrap() == before, "the damaged file was changed");
    let store = Store::open(&new).unwrap();
    let keys = store.keys().unwrap();
    assert_eq!(keys.len() as u64, repaired.replies.saved);
    for number in 0..COUNT {
        if let Some(stored) = store.body(&key(&number.to_string())).unwrap() {
            assert!(stored == body(number), "reply {number} is another one");
        }
    }
    assert!(examine(&new, is_reply).unwrap().findings.is_empty());
    (repaired, keys)
}

fn pages(path: &Path) -> usize {
    std::fs::read(path).unwrap().len() / PAGE
}

/// Overwrites bytes with what a seed gives.
fn noise(bytes: &mut [u8], seed: u64) {
    for (chunk, number) in bytes.chunks_mut(32).zip(0..) {
        let drawn = Fields::new("noise").number(seed).number(number).finish().0;
        chunk.copy_from_slice(&drawn[..chunk.len()]);
    }
}

#[test]
fn of_a_sound_store_everything_is_saved() {
    let folder = Folder::new();
    let path = whole(&folder);
    let (repaired, keys) = repaired(&folder, &path, "new.db");
    assert_eq!(keys.len(), COUNT);
    let (replies, attempts) = (repaired.replies, repaired.attempts);
    assert_eq!((replies.lost, replies.is_all, attempts.saved, attempts.lost, attempts.is_all), (0, true, 60, 0, true));
}

#[test]
fn every_column_is_saved_as_it_was() {
    let folder = Folder::new();
    let path = whole(&folder);
    repair(&path, &folder.file("new.db"), is_reply).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute("ATTACH ?1 AS new", [folder.file("new.db").to_str().unwrap()]).unwrap();
    for (table, columns) in [("replies", &REPLIES[..]), ("attempts", &ATTEMPTS[..])] {
        let mut statement = connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(names, columns, "{table} has columns that a repair does not know");
        let list = columns[1..].join(", ");
        let sql =
            format!("SELECT count(*) FROM (SELECT {list} FROM main.{table} EXCEPT SELECT {list} FROM new.{table})");
        assert_eq!(connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{table}");
    }
}

#[test]
fn one_lost_page_costs_no_more_than_what_stood_on_it() {
    let folder = Folder::new();
    let path = whole(&folder);
    let sound = std::fs::read(&path).unwrap();
    // The first ones lead to all others.
    for page in (1..=pages(&path)).filter(|page| *page <= 12 || page % 6 == 0) {
        let mut bytes = sound.clone();
        let place = PAGE * (page - 1)..PAGE * page;
        if page % 2 == 0 {
            bytes[place].fill(0);
        } else {
            noise(&mut bytes[place], page as u64);
        }
        let damaged = folder.file("damaged.db");
        std::fs::write(&damaged, &bytes).unwrap();
        let (repaired, keys) = repaired(&folder, &damaged, &format!("new {page}.db"));
        assert!(keys.len() >= COUNT - 10, "page {page}: {} of {COUNT} replies were saved", keys.len());
        let lost = (COUNT - keys.len()) as u64;
        assert!(repaired.replies.lost <= lost, "page {page}: {repaired:?}, lost are {lost}");
        if repaired.replies.is_all {
            assert_eq!(repaired.replies.lost, lost, "page {page}");
        }
    }
}

#[test]
fn of_the_front_half_everything_on_it_is_saved() {
    let folder = Folder::new();
    let path = whole(&folder);
    let sound = std::fs::read(&path).unwrap();
    // Not at the end of a page.
    std::fs::write(folder.file("half.db"), &sound[..sound.len() / 2 + 1000]).unwrap();
    let (repaired, keys) = repaired(&folder, &folder.file("half.db"), "new.db");
    assert!((COUNT * 2 / 5..COUNT * 3 / 5).contains(&keys.len()), "{} of {COUNT} replies were saved", keys.len());
    assert!(!repaired.replies.is_all && repaired.replies.lost > 0, "{repaired:?}");
}

#[test]
fn without_its_header_a_store_can_be_read_all_the_same() {
    let folder = Folder::new();
    let path = whole(&folder);
    for (name, length) in [("header", 100), ("page", PAGE), ("pages", 5 * PAGE)] {
        let mut bytes = std::fs::read(&path).unwrap();
        noise(&mut bytes[..length], 1);
        let damaged = folder.file(&format!("{name}.db"));
        std::fs::write(&damaged, bytes).unwrap();
        let (_, keys) = repaired(&folder, &damaged, &format!("new {name}.db"));
        assert!(keys.len() >= COUNT - 20, "{name}: {} of {COUNT} replies were saved", keys.len());
    }
}

#[test]
fn what_is_still_in_the_write_ahead_log_is_saved() {
    let folder = Folder::new();
    let path = whole(&folder);
    let store = Store::open(&path).unwrap();
    for number in COUNT..COUNT + 30 {
        store.commit(&[had(key(&number.to_string()), &body(number))], 0, None).unwrap();
    }
    let (damaged, log) = (folder.file("killed.db"), folder.file("killed.db-wal"));
    std::fs::copy(&path, &damaged).unwrap();
    std::fs::copy(folder.file("s.db-wal"), &log).unwrap();
    let (all, keys) = repaired(&folder, &damaged, "new.db");
    assert_eq!((keys.len(), all.replies.lost, all.replies.is_all), (COUNT + 30, 0, true));
    // SQLite itself takes no frame from a damaged one on.
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    noise(&mut bytes[middle..middle + 100], 1);
    std::fs::write(&log, bytes).unwrap();
    let (_, keys) = repaired(&folder, &damaged, "new 2.db");
    assert!(keys.len() >= COUNT + 20, "{} replies were saved", keys.len());
}

#[test]
fn a_reply_that_was_deleted_stays_deleted() {
    let folder = Folder::new();
    let path = whole(&folder);
    let connection = Connection::open(&path).unwrap();
    assert_eq!(connection.execute("DELETE FROM replies WHERE id % 3 = 0 OR id > 500", []).unwrap(), 266);
    drop(connection);
    let (repaired, keys) = repaired(&folder, &path, "new.db");
    assert_eq!((keys.len(), repaired.replies.lost, repaired.replies.is_all), (COUNT - 266, 0, true));
}

#[test]
fn a_reply_that_cannot_be_read_is_lost() {
    let folder = Folder::new();
    let path = whole(&folder);
    let change = "UPDATE replies SET body = 'xxx' WHERE id IN (5, 50, 500)";
    Connection::open(&path).unwrap().execute(change, []).unwrap();
    let found = examine(&path, is_reply).unwrap().findings;
    assert_eq!(found, ["3 of the replies cannot be read as replies"]);
    let (repaired, keys) = repaired(&folder, &path, "new.db");
    assert_eq!((keys.len(), repaired.replies.lost, repaired.replies.is_all), (COUNT - 3, 3, true));
}

#[test]
fn an_empty_store_is_repaired_to_an_empty_store() {
    let folder = Folder::new();
    drop(Store::open(&folder.file("s.db")).unwrap());
    assert_eq!(repair(&folder.file("s.db"), &folder.file("new.db"), is_reply).unwrap().replies.saved, 0);
    assert!(folder.file("new.db").is_file());
}

#[test]
fn what_is_no_store_leaves_no_new_one_behind() {
    let folder = Folder::new();
    let mut bytes = vec![0; 20 * PAGE];
    noise(&mut bytes, 7);
    for (name, bytes) in [("noise", &bytes[..]), ("text", b"Hello.\n"), ("empty", b"")] {
        std::fs::write(folder.file(name), bytes).unwrap();
        let error = repair(&folder.file(name), &folder.file("new.db"), is_reply).unwrap_err().to_string();
        assert!(error.contains("there is nothing to save"), "{error}");
        assert!(!folder.file("new.db").exists());
    }
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let folder = Folder::new();
    let path = whole(&folder);
    std::fs::write(folder.file("notes.txt"), "Mine.").unwrap();
    std::os::unix::fs::symlink("gone.db", folder.file("link.db")).unwrap();
    for name in ["notes.txt", "link.db", "s.db", "nowhere/new.db"] {
        let told = repair(&path, &folder.file(name), is_reply).unwrap_err().to_string();
        assert!(told.starts_with(&format!("store {}: ", folder.file(name).display())), "{told}");
    }
    assert_eq!(std::fs::read_to_string(folder.file("notes.txt")).unwrap(), "Mine.");
    assert_eq!(Store::open(&path).unwrap().keys().unwrap().len(), COUNT);
}

#[test]
fn noise_anywhere_is_survived() {
    let folder = Folder::new();
    let path = whole(&folder);
    let sound = std::fs::read(&path).unwrap();
    for seed in 0..40 {
        let mut bytes = sound.clone();
        for number in 0..20 {
            let drawn = Fields::new("place").number(seed).number(number).finish().0;
            let at = u32::from_le_bytes(drawn[..4].try_into().unwrap()) as usize % bytes.len();
            let end = (at + usize::from(drawn[8])).min(bytes.len());
            noise(&mut bytes[at..end], seed);
        }
        let damaged = folder.file("damaged.db");
        std::fs::write(&damaged, bytes).unwrap();
        let (_, keys) = repaired(&folder, &damaged, &format!("new {seed}.db"));
        assert!(keys.len() > COUNT * 3 / 5, "seed {seed}: {} of {COUNT} replies were saved", keys.len());
        // Whatever SQLite makes of it, it must not take it for sound and must not panic.
        let _ = examine(&damaged, is_reply);
    }
}

#[test]
fn attempts_are_no_replies() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    let entries: Vec<Order> = (0..100).map(|number| failed(key(&number.to_string()), FailureKind::Transient)).collect();
    store.commit(&entries, 0, None).unwrap();
    drop(store);
    let found = repair(&folder.file("s.db"), &folder.file("new.db"), is_reply).unwrap();
    assert_eq!((found.replies.saved, found.attempts.saved), (0, 100));
}
