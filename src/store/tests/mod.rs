//! Tests of the store, on files in folders of their own.

mod opening;
mod repair;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Attempt, Claim, Entry, Had, Order, Store, Wish, Writer};
use crate::ask::{Failure, FailureKind, Key, Reply, Told, Usage};
use crate::digest::Fields;
use crate::money::Usd;

pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What is told of a file that is refused, without the folder.
    pub(super) fn refused(&self, name: &str) -> String {
        let error = Store::open(&self.file(name)).unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

pub(super) fn key(name: &str) -> Key {
    Fields::new(name).finish()
}

pub(super) fn had(key: Key, body: &str) -> Order {
    let usage = Usage { prompt_tokens: Some(7), completion_tokens: None, ..Usage::default() };
    Order::Keep(Entry::Reply(Had {
        key,
        judge: Arc::from("host/v1 model"),
        body: body.to_owned(),
        reply: Reply { text: "[[A]]".to_owned(), finish_reason: Some("stop".to_owned()), usage, ..Reply::default() },
        request_id: None,
        sent_at: 1_700_000_000_000,
        latency: Duration::from_millis(250),
        attempts: 2,
        cost: Usd::ZERO,
    }))
}

pub(super) fn failed(key: Key, kind: FailureKind) -> Order {
    let message = "HTTP 503".to_owned();
    let failure =
        Failure { kind, status: Some(503), message, retry_after: None, told: Told::default(), may_be_billed: false };
    let judge = Arc::from("host/v1 model");
    Order::Keep(Entry::Failed(Attempt {
        key,
        judge,
        sent_at: 1_700_000_000_000,
        failure,
        is_last: false,
        cost: Usd::ZERO,
    }))
}

pub(super) fn rows(path: &PathBuf, table: &str) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn a_reply_survives_reopening() {
    let folder = Folder::new();
    let body = "{\"text\": \"[[A]] \u{1f600}\0\"}";
    Store::open(&folder.file("s.db")).unwrap().commit(&[had(key("one"), body)], 0, None).unwrap();
    let store = Store::open(&folder.file("s.db")).unwrap();
    assert_eq!(store.keys().unwrap(), [key("one")].into_iter().collect());
    assert_eq!(store.body(&key("one")).unwrap().as_deref(), Some(body));
    assert_eq!(store.body(&key("two")).unwrap(), None);
}

#[test]
fn of_two_replies_to_one_key_the_first_stored_counts() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    store.commit(&[had(key("one"), "first"), had(key("one"), "second")], 0, None).unwrap();
    store.commit(&[had(key("one"), "third"), had(key("two"), "other")], 0, None).unwrap();
    assert_eq!(store.body(&key("one")).unwrap().as_deref(), Some("first"));
    assert_eq!(store.body(&key("two")).unwrap().as_deref(), Some("other"));
    assert_eq!(rows(&folder.file("s.db"), "replies"), 2);
}

#[test]
fn two_programs_may_share_a_store() {
    let folder = Folder::new();
    let [one, two] = [(); 2].map(|()| Store::open(&folder.file("s.db")).unwrap());
    one.commit(&[had(key("one"), "first")], 0, None).unwrap();
    two.commit(&[had(key("one"), "late"), had(key("two"), "second")], 0, None).unwrap();
    assert_eq!(one.keys().unwrap().len(), 2);
    assert_eq!(two.body(&key("one")).unwrap().as_deref(), Some("first"));
}

#[test]
fn failed_attempts_are_kept_apart_and_are_no_replies() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    store
        .commit(
            &[
                failed(key("one"), FailureKind::Transient),
                failed(key("one"), FailureKind::Transient),
                had(key("two"), "body"),
            ],
            0,
            None,
        )
        .unwrap();
    assert_eq!(store.keys().unwrap(), [key("two")].into_iter().collect());
    assert_eq!(store.body(&key("one")).unwrap(), None);
    assert_eq!((rows(&folder.file("s.db"), "attempts"), rows(&folder.file("s.db"), "replies")), (2, 1));
}

#[test]
fn a_reply_may_follow_failed_attempts() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    store.commit(&[failed(key("one"), FailureKind::Transient)], 0, None).unwrap();
    store.commit(&[had(key("one"), "body")], 0, None).unwrap();
    assert_eq!(store.body(&key("one")).unwrap().as_deref(), Some("body"));
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = Folder::new();
    std::fs::write(folder.file("s.db"), "").unwrap();
    assert!(Store::open(&folder.file("s.db")).unwrap().keys().unwrap().is_empty());
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = Folder::new();
    let other = Connection::open(folder.file("notes.db")).unwrap();
    other.execute_batch("CREATE TABLE replies (id INTEGER); INSERT INTO replies VALUES (1);").unwrap();
    drop(other);
    let before = std::fs::read(folder.file("notes.db")).unwrap();
    insta::assert_snapshot!(folder.refused("notes.db"), @"store notes.db: it is a SQLite file of another program: name another one with --store");
    assert_eq!(std::fs::read(folder.file("notes.db")).unwrap(), before);
}

#[test]
fn a_database_with_another_programs_mark_is_refused() {
    let folder = Folder::new();
    Connection::open(folder.file("marked.db")).unwrap().pragma_update(None, "application_id", 42).unwrap();
    insta::assert_snapshot!(folder.refused("marked.db"), @"store marked.db: it is a SQLite file of another program: name another one with --store");
}

#[test]
fn a_store_of_a_later_version_is_refused() {
    let folder = Folder::new();
    drop(Store::open(&folder.file("s.db")).unwrap());
    Connection::open(folder.file("s.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    insta::assert_snapshot!(folder.refused("s.db"), @"store s.db: it has format 99, and this version of Tribunal knows format 3: use a newer Tribunal, or another store");
}

#[test]
fn a_text_file_is_refused_and_left_alone() {
    let folder = Folder::new();
    let text = "Dear diary, today I judged two judges.\n".repeat(100);
    std::fs::write(folder.file("diary.txt"), &text).unwrap();
    insta::assert_snapshot!(folder.refused("diary.txt"), @"store diary.txt: this file is not a store (file is not a database): name another one with --store. If it was one, its beginning is damaged: save what can be saved with `tribunal store repair diary.txt --out diary-repaired.db`, then run with --store diary-repaired.db");
    assert_eq!(std::fs::read_to_string(folder.file("diary.txt")).unwrap(), text);
}

#[test]
fn a_short_text_file_is_refused_and_left_alone() {
    let folder = Folder::new();
    std::fs::write(folder.file("short.txt"), "Hello.\n").unwrap();
    insta::assert_snapshot!(folder.refused("short.txt"), @"store short.txt: this file is not a store (file is not a database): name another one with --store. If it was one, its beginning is damaged: save what can be saved with `tribunal store repair short.txt --out short-repaired.db`, then run with --store short-repaired.db");
    assert_eq!(std::fs::read_to_string(folder.file("short.txt")).unwrap(), "Hello.\n");
}

#[test]
fn a_store_in_a_folder_that_is_not_there_is_refused() {
    insta::assert_snapshot!(Folder::new().refused("nowhere/s.db"), @"store nowhere/s.db: there is no folder nowhere: make it, or name another store with --store");
}

#[test]
fn a_folder_is_no_store() {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("runs")).unwrap();
    insta::assert_snapshot!(folder.refused("runs"), @"store runs: this is a folder: name a file in it");
}

#[tokio::test]
async fn the_writer_commits_all_that_was_sent_before_it_ends() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    let (writer, entries) = Writer::new(store.clone(), None, watch::channel(None).0).unwrap();
    let send = async move {
        for number in 0..1500 {
            entries.send(had(key(&number.to_string()), "body")).await.unwrap();
        }
    };
    let (written, ()) = tokio::join!(writer.run(), send);
    written.unwrap();
    assert_eq!(store.keys().unwrap().len(), 1500);
}

#[test]
fn what_was_refused_for_good_is_remembered_until_it_is_answered() {
    let store = Store::in_memory();
    let refused = |name| failed(key(name), FailureKind::Ask);
    store
        .commit(&[refused("one"), refused("one"), refused("two"), failed(key("three"), FailureKind::Denied)], 0, None)
        .unwrap();
    store.commit(&[had(key("two"), "body")], 0, None).unwrap();
    assert_eq!(store.refused().unwrap(), [key("one")].into_iter().collect());
}

/// A writer at work, and the channel to it.
fn working(store: &Store) -> (tokio::task::JoinHandle<()>, mpsc::Sender<Order>) {
    let (writer, orders) = Writer::new(store.clone(), None, watch::channel(None).0).unwrap();
    #[allow(clippy::disallowed_methods, reason = "the test ends it")]
    (tokio::spawn(async move { writer.run().await.unwrap() }), orders)
}

async fn claim(orders: &mpsc::Sender<Order>, names: &[&str]) -> Vec<Claim> {
    let (answer, answered) = oneshot::channel();
    orders
        .send(Order::Claim(names.iter().map(|name| Wish { key: key(name), worst: Usd::ZERO }).collect(), answer))
        .await
        .unwrap();
    answered.await.unwrap()
}

#[tokio::test]
async fn of_two_programs_one_asks() {
    use Claim::{Elsewhere, Granted, Stored};
    let folder = Folder::new();
    let [one, two] = [(); 2].map(|()| Store::open(&folder.file("s.db")).unwrap());
    let ((working_one, one), (working_two, two)) = (working(&one), working(&two));
    assert_eq!(claim(&one, &["a", "b", "c", "a"]).await, [Granted; 4]);
    assert_eq!(claim(&two, &["a", "d"]).await, [Elsewhere, Granted]);
    // Answered, given up, released: each frees the key, in its own way.
    one.send(had(key("a"), "body")).await.unwrap();
    let Order::Keep(Entry::Failed(mut attempt)) = failed(key("b"), FailureKind::Ask) else { panic!() };
    one.send(Order::Keep(Entry::Failed(attempt.clone()))).await.unwrap();
    assert_eq!(claim(&one, &["d"]).await, [Elsewhere]);
    assert_eq!(claim(&two, &["a", "b", "c"]).await, [Stored, Elsewhere, Elsewhere], "b is tried again");
    attempt.is_last = true;
    one.send(Order::Keep(Entry::Failed(attempt))).await.unwrap();
    one.send(Order::Release(vec![key("c"), key("d")])).await.unwrap();
    assert_eq!(claim(&one, &["d"]).await, [Elsewhere], "nobody releases another's claim");
    assert_eq!(claim(&two, &["b", "c"]).await, [Granted, Granted]);
    drop(two);
    working_two.await.unwrap();
    assert_eq!(claim(&one, &["b", "c", "d"]).await, [Granted; 3], "who has ended claims nothing");
    drop(one);
    working_one.await.unwrap();
    assert_eq!((rows(&folder.file("s.db"), "owners"), rows(&folder.file("s.db"), "claims")), (0, 0));
    let left = std::fs::read_dir(folder.0.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().contains("owner"));
    assert_eq!(left.count(), 0, "no file is left behind");
}

#[tokio::test]
async fn the_claims_of_a_dead_owner_are_taken_over_at_once() {
    let folder = Folder::new();
    let [dead, one, two] = [(); 3].map(|()| Store::open(&folder.file("s.db")).unwrap());
    let ((_, dead_orders), (_, one), (_, two)) = (working(&dead), working(&one), working(&two));
    assert_eq!(claim(&dead_orders, &["a", "b"]).await, [Claim::Granted; 2]);
    // As a killed process leaves it: row and claims are there, and nobody holds the lock.
    std::fs::remove_file(folder.file("s.db-owner-1")).unwrap();
    std::fs::write(folder.file("s.db-owner-1"), "").unwrap();
    assert_eq!(claim(&one, &["a"]).await, [Claim::Granted]);
    assert_eq!(claim(&two, &["a", "b"]).await, [Claim::Elsewhere, Claim::Granted]);
}

#[test]
fn a_store_of_the_first_version_is_taken_on() {
    let folder = Folder::new();
    let store = Store::open(&folder.file("s.db")).unwrap();
    store.commit(&[had(key("one"), "body")], 0, None).unwrap();
    drop(store);
    let old = Connection::open(folder.file("s.db")).unwrap();
    old.execute_batch(
        "DROP INDEX replies_by_judge; DROP TABLE claims; DROP TABLE owners; DROP TABLE ledger; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let store = Store::open(&folder.file("s.db")).unwrap();
    store.commit(&[had(key("two"), "body")], 0, None).unwrap();
    assert_eq!((store.keys().unwrap().len(), rows(&folder.file("s.db"), "claims")), (2, 0));
}

#[tokio::test]
async fn a_store_that_is_reached_by_a_link_is_the_same_store() {
    let folder = Folder::new();
    let one = Store::open(&folder.file("s.db")).unwrap();
    std::os::unix::fs::symlink(folder.file("s.db"), folder.file("link.db")).unwrap();
    let two = Store::open(&folder.file("link.db")).unwrap();
    let ((_, one), (_, two)) = (working(&one), working(&two));
    assert_eq!(claim(&one, &["a"]).await, [Claim::Granted]);
    assert_eq!(claim(&two, &["a"]).await, [Claim::Elsewhere]);
}
