//! The database file: its tables, what is read from them and written to them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::claims::{Claim, Claimant, claim, release};
use super::entry::{Attempt, Entry, Had, Order};
use super::explain::StoreError;
use super::ledger::{Purse, book};
use crate::ask::Key;
use crate::digest::Digest;
use crate::money::Usd;

/// `TRIB` in ASCII: what `file` and SQLite's own tools know the format by.
pub(super) const APPLICATION_ID: i32 = 0x5452_4942;
pub(super) const SCHEMA_VERSION: i32 = 3;

const SCHEMA: &str = "
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,       -- 32 bytes: judge, request and sample number, hashed
    judge TEXT NOT NULL,            -- the judge's identity
    body TEXT NOT NULL,             -- the raw body of the answer
    finish_reason TEXT,
    model TEXT,                     -- the model that the endpoint says answered
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    request_id TEXT,
    sent_at INTEGER NOT NULL,       -- milliseconds since 1970-01-01 UTC
    latency_ms REAL NOT NULL,
    attempts INTEGER NOT NULL       -- how many it took, this one included
);
CREATE TABLE attempts (             -- those that failed
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    judge TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status INTEGER,
    message TEXT NOT NULL
);
CREATE INDEX attempts_by_key ON attempts (key);
";

/// What version 2 has more: who is about to ask what, and a quick look at whether a judge has ever answered.
const CLAIMS: &str = "
CREATE INDEX replies_by_judge ON replies (judge);
CREATE TABLE owners (               -- alive while they hold the lock on the file that ends in their id
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pid INTEGER NOT NULL,
    since INTEGER NOT NULL          -- milliseconds since 1970-01-01 UTC
);
CREATE TABLE claims (
    key BLOB PRIMARY KEY,
    owner INTEGER NOT NULL
) WITHOUT ROWID;
";

/// What version 3 has more: what runs have spent, in thousand-millionths of a US dollar.
const LEDGER: &str = "
ALTER TABLE claims ADD COLUMN run BLOB;                         -- who pays
ALTER TABLE claims ADD COLUMN worst INTEGER NOT NULL DEFAULT 0; -- the most that the next attempt may cost
CREATE TABLE ledger (
    run BLOB PRIMARY KEY,
    booked INTEGER NOT NULL,        -- replies, attempts that may have been billed, what is written off
    written_off INTEGER NOT NULL    -- on its way when a process died, at its worst
) WITHOUT ROWID;
";

/// The replies that have been had, in one SQLite file.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) path: PathBuf,
    /// The same as an absolute path without links; nothing for a store in memory.
    pub(super) file: PathBuf,
    pub(super) connection: Arc<Mutex<Connection>>,
    /// What the person should know of how it was opened.
    pub(super) remark: Option<Arc<str>>,
}

impl Store {
    /// Makes sure that the file is a store of ours, or makes it one if it is empty.
    pub(super) fn adopt(&self, connection: &Connection) -> Result<(), StoreError> {
        // Two programs may open a new store at once: the second must see the tables of the first.
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| self.wrong(&error))?;
        self.adopt_alone(connection)?;
        connection.execute_batch("COMMIT").map_err(|error| self.wrong(&error))
    }

    fn adopt_alone(&self, connection: &Connection) -> Result<(), StoreError> {
        let wrong = |error: rusqlite::Error| self.wrong(&error);
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(wrong)?;
        let (application, version) = (pragma("application_id").map_err(wrong)?, pragma("user_version").map_err(wrong)?);
        match (application, version) {
            (APPLICATION_ID, SCHEMA_VERSION) => Ok(()),
            (APPLICATION_ID, older @ (1 | 2)) => {
                let claims = if older == 1 { CLAIMS } else { "" };
                connection
                    .execute_batch(&format!("{claims} {LEDGER} PRAGMA user_version = {SCHEMA_VERSION};"))
                    .map_err(wrong)
            }
            (APPLICATION_ID, newer) => Err(self.problem(format!(
                "it has format {newer}, and this version of Tribunal knows format {SCHEMA_VERSION}: use a newer Tribunal, or another store"
            ))),
            (0, 0) if tables == 0 => connection
                .execute_batch(&format!(
                    "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; {SCHEMA} {CLAIMS} {LEDGER}"
                ))
                .map_err(wrong),
            _ => Err(self.problem("it is a SQLite file of another program: name another one with --store".to_owned())),
        }
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file lies, the same however it is reached.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// What the person should know of how it was opened, if anything.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// The keys of all replies, read in one go.
    pub fn keys(&self) -> Result<HashSet<Key>, StoreError> {
        self.key_set("SELECT key FROM replies")
    }

    fn key_set(&self, sql: &str) -> Result<HashSet<Key>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(sql).map_err(|error| self.wrong(&error))?;
        let keys = statement
            .query_map([], |row| row.get::<_, [u8; 32]>(0).map(Digest))
            .and_then(Iterator::collect)
            .map_err(|error| self.wrong(&error))?;
        Ok(keys)
    }

    /// Whether there is any reply of a judge, by its identity.
    pub fn has_reply_of(&self, judge: &str) -> Result<bool, StoreError> {
        let connection = self.lock();
        let sql = "SELECT EXISTS (SELECT 1 FROM replies WHERE judge = ?1)";
        connection.query_row(sql, [judge], |row| row.get(0)).map_err(|error| self.wrong(&error))
    }

    /// The mean time that replies of a judge took, in milliseconds; `None` without one.
    pub fn latency_of(&self, judge: &str) -> Result<Option<f64>, StoreError> {
        let connection = self.lock();
        let sql = "SELECT avg(latency_ms) FROM replies WHERE judge = ?1";
        connection.query_row(sql, [judge], |row| row.get(0)).map_err(|error| self.wrong(&error))
    }

    /// The raw body of the reply to a key.
    pub fn body(&self, key: &Key) -> Result<Option<String>, StoreError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT body FROM replies WHERE key = ?1").map_err(|error| self.wrong(&error))?;
        statement.query_row([key.0], |row| row.get(0)).optional().map_err(|error| self.wrong(&error))
    }

    /// The keys of asks that were refused for good and have no reply.
    pub fn refused(&self) -> Result<HashSet<Key>, StoreError> {
        self.key_set("SELECT DISTINCT key FROM attempts WHERE kind IN ('ask', 'too_long') AND key NOT IN (SELECT key FROM replies)")
    }

    /// Carries out orders together: after this what they brought survives a crash. Of two replies to one key the first stays. Answers
    /// with what became of each claim, by order and key.
    pub(super) fn commit(
        &self,
        orders: &[Order],
        owner: i64,
        purse: Option<Purse>,
    ) -> Result<Vec<Vec<Claim>>, StoreError> {
        self.transact(|transaction| {
            let mut alive = HashMap::new();
            let mut claims = Vec::new();
            for order in orders {
                match order {
                    Order::Keep(entry) => {
                        insert(transaction, entry)?;
                        book(transaction, purse, entry.cost())?;
                        // What was billed and is tried again is claimed again: it has to be affordable anew.
                        if entry.is_last() || entry.cost() > Usd::ZERO {
                            release(transaction, owner, entry.key())?;
                        }
                    }
                    Order::Release(keys) => keys.iter().try_for_each(|key| release(transaction, owner, key))?,
                    Order::Claim(wishes, _) => {
                        let claimant = Claimant { owner, purse };
                        let mut claim = |wish| claim(transaction, &self.file, claimant, wish, &mut alive);
                        claims.push(wishes.iter().map(&mut claim).collect::<Result<_, _>>()?);
                    }
                }
            }
            Ok(claims)
        })
    }

    /// Does things together or not at all; no other process writes meanwhile.
    pub(super) fn transact<T>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let act = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let done = act(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        act(&mut connection).map_err(|error| self.wrong(&error))
    }

    /// Whether no other process can see it.
    pub(super) fn is_in_memory(&self) -> bool {
        self.file.as_os_str().is_empty()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrong(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, error)
    }

    pub(super) fn problem(&self, problem: String) -> StoreError {
        StoreError::new(&self.path, problem)
    }
}

fn insert(transaction: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    match entry {
        Entry::Reply(Had { key, judge, body, reply, request_id, sent_at, latency, attempts, cost: _ }) => transaction
            .prepare_cached(
                "INSERT OR IGNORE INTO replies (key, judge, body, finish_reason, model, prompt_tokens, completion_tokens,
                 request_id, sent_at, latency_ms, attempts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(rusqlite::params![
                key.0,
                judge.as_ref(),
                body,
                reply.finish_reason,
                reply.model,
                reply.usage.prompt_tokens.and_then(|tokens| i64::try_from(tokens).ok()),
                reply.usage.completion_tokens.and_then(|tokens| i64::try_from(tokens).ok()),
                request_id,
                sent_at,
                latency.as_secs_f64() * 1000.0,
                attempts
            ])?,
        Entry::Failed(Attempt { key, judge, sent_at, failure, is_last: _, cost: _ }) => transaction
            .prepare_cached(
                "INSERT INTO attempts (key, judge, sent_at, kind, status, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(rusqlite::params![
                key.0,
                judge.as_ref(),
                sent_at,
                failure.kind.as_str(),
                failure.status,
                failure.message
            ])?,
    };
    Ok(())
}
