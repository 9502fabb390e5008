//! Claims: the keys that a process is about to ask, so that no other process on the same store asks them too.
//!
//! A claim belongs to an owner, and an owner is alive while its process holds the lock on its file: the system lets go of the lock
//! however the process ends. So there is no lease to wait for, and no clock in it.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::database::Store;
use super::entry::Wish;
use super::explain::StoreError;
use super::ledger::{Purse, is_affordable, write_off};
use crate::ask::Key;
use crate::clock;

/// What became of a wish to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nobody else asks it: go ahead.
    Granted,
    /// There is a reply already.
    Stored,
    /// A living process is about to ask it.
    Elsewhere,
    /// The run's cap does not allow it, with what is on its way.
    Unaffordable,
}

/// Who claims, and out of whose purse it is paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimant {
    pub(super) owner: i64,
    pub(super) purse: Option<Purse>,
}

/// One who may claim keys, until it is dropped or its process ends.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) id: i64,
    store: Store,
    /// Its file, locked; none where no other process can see the store.
    file: Option<(PathBuf, File)>,
}

impl Owner {
    /// A new owner. What dead ones left behind is cleared away.
    pub(super) fn new(store: &Store) -> Result<Self, StoreError> {
        let (id, file) = store.transact(|transaction| {
            for owner in owners(transaction)? {
                if !is_alive(&lock_file(store.file(), owner)) {
                    bury(transaction, store.file(), owner)?;
                }
            }
            let sql = "INSERT INTO owners (pid, since) VALUES (?1, ?2)";
            transaction.execute(sql, params![std::process::id(), clock::unix_millis()])?;
            let id = transaction.last_insert_rowid();
            // Locked before anybody can see the number: it is never taken for dead.
            let path = (!store.is_in_memory()).then(|| lock_file(store.file(), id));
            Ok((id, path.map(|path| (locked(&path), path))))
        })?;
        let file = file.map(|(file, path)| match file {
            Ok(file) => Ok((path, file)),
            Err(error) => Err(store.problem(format!(
                "{} cannot be made and locked ({error}): may you write there, and does the file system know locks?",
                path.display()
            ))),
        });
        Ok(Self { id, store: store.clone(), file: file.transpose()? })
    }

    /// Gives up all claims. Where that cannot be written the next one clears them away, for the file goes in any case.
    pub(super) fn end(self) {
        let _ = self.store.transact(|transaction| clear(transaction, self.store.file(), self.id));
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Whoever finds the row without the file knows that its owner has gone.
        if let Some((path, _)) = &self.file {
            let _ = fs::remove_file(path);
        }
    }
}

/// Claims a key for an owner, from a dead one too. `alive` remembers who was found alive in this transaction.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    store: &Path,
    Claimant { owner, purse }: Claimant,
    Wish { key, worst }: &Wish,
    alive: &mut HashMap<i64, bool>,
) -> rusqlite::Result<Claim> {
    let is_stored = "SELECT EXISTS (SELECT 1 FROM replies WHERE key = ?1)";
    if transaction.prepare_cached(is_stored)?.query_row([key.0], |row| row.get(0))? {
        return Ok(Claim::Stored);
    }
    let holder = transaction
        .prepare_cached("SELECT owner FROM claims WHERE key = ?1")?
        .query_row([key.0], |row| row.get::<_, i64>(0))
        .optional()?;
    if let Some(holder) = holder.filter(|holder| *holder != owner) {
        if *alive.entry(holder).or_insert_with(|| is_alive(&lock_file(store, holder))) {
            return Ok(Claim::Elsewhere);
        }
        bury(transaction, store, holder)?;
    }
    if !is_affordable(transaction, purse, *worst)? {
        return Ok(Claim::Unaffordable);
    }
    transaction
        .prepare_cached("INSERT OR IGNORE INTO claims (key, owner, run, worst) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key.0, owner, purse.map(|purse| purse.run), worst.nanos().cast_signed()])?;
    Ok(Claim::Granted)
}

/// Gives up an owner's claim to a key, if it has one.
pub(super) fn release(transaction: &Transaction<'_>, owner: i64, key: &Key) -> rusqlite::Result<()> {
    let sql = "DELETE FROM claims WHERE key = ?1 AND owner = ?2";
    transaction.prepare_cached(sql)?.execute(params![key.0, owner]).map(drop)
}

fn owners(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<i64>> {
    transaction.prepare("SELECT id FROM owners")?.query_map([], |row| row.get(0))?.collect()
}

/// Removes an owner who died. What it had claimed may have been sent, and be billed.
fn bury(transaction: &Transaction<'_>, store: &Path, owner: i64) -> rusqlite::Result<()> {
    write_off(transaction, owner)?;
    clear(transaction, store, owner)
}

/// Removes an owner, its claims and its file.
fn clear(transaction: &Transaction<'_>, store: &Path, owner: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM claims WHERE owner = ?1", [owner])?;
    transaction.execute("DELETE FROM owners WHERE id = ?1", [owner])?;
    // It may be gone already; left behind it would do no harm, for numbers are not used again.
    let _ = fs::remove_file(lock_file(store, owner));
    Ok(())
}

fn lock_file(store: &Path, owner: i64) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(format!("-owner-{owner}"));
    PathBuf::from(name)
}

fn locked(path: &Path) -> std::io::Result<File> {
    let file = File::create(path)?;
    // Nobody else can know the number yet, unless the store was removed under those who still use it.
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(std::io::Error::other("a run on a store that was removed still holds it: end that one"))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether a process holds the lock. A file that is there and may not be opened is another person's, who may well be at work.
fn is_alive(path: &Path) -> bool {
    // To be written too: NFS gives no lock on a file that is only read.
    match File::options().read(true).write(true).open(path) {
        Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
