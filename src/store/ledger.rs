//! The ledger: what each run has spent, with what is on its way counted at its worst, so that no process and no kill can pass a cap.
//!
//! A claim to a key holds the most that its next attempt may cost. When the attempt has ended, what it did cost is booked and the claim goes,
//! in one transaction. The claims of a process that died may have been sent: they are written off, at their worst, when they are cleared.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::database::Store;
use super::explain::StoreError;
use crate::money::Usd;

/// The name of a run in the ledger: that of its folder.
pub type RunId = [u8; 16];

/// Out of whose purse a process pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// The run.
    pub run: RunId,
    /// The most that it may ever spend.
    pub cap: Option<Usd>,
}

/// What a run has spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What was booked: replies, attempts that may have been billed, and what is written off.
    pub booked: Usd,
    /// The part of it that was on its way when a process died, at its worst.
    pub written_off: Usd,
    /// What is on its way, at its worst.
    pub claimed: Usd,
}

impl Ledger {
    /// All that may be spent by now.
    #[must_use]
    pub fn at_worst(self) -> Usd {
        self.booked + self.claimed
    }
}

impl Store {
    /// What a run has spent; `None` of a run that this store does not know.
    pub fn ledger(&self, run: RunId) -> Result<Option<Ledger>, StoreError> {
        self.transact(|transaction| ledger(transaction, run))
    }

    /// Makes a run known.
    pub fn open_ledger(&self, run: RunId) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let sql = "INSERT OR IGNORE INTO ledger (run, booked, written_off) VALUES (?1, 0, 0)";
            transaction.execute(sql, params![run]).map(drop)
        })
    }
}

fn ledger(transaction: &Transaction<'_>, run: RunId) -> rusqlite::Result<Option<Ledger>> {
    let booked = transaction
        .prepare_cached("SELECT booked, written_off FROM ledger WHERE run = ?1")?
        .query_row([run], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .optional()?;
    let Some((booked, written_off)) = booked else { return Ok(None) };
    let claimed: i64 = transaction
        .prepare_cached("SELECT coalesce(sum(worst), 0) FROM claims WHERE run = ?1")?
        .query_row([run], |row| row.get(0))?;
    let usd = |nanos: i64| Usd::from_nanos(nanos.unsigned_abs());
    Ok(Some(Ledger { booked: usd(booked), written_off: usd(written_off), claimed: usd(claimed) }))
}

/// Whether so much more may be spent, besides all that is booked and claimed.
pub(super) fn is_affordable(transaction: &Transaction<'_>, purse: Option<Purse>, worst: Usd) -> rusqlite::Result<bool> {
    let Some(Purse { run, cap: Some(cap) }) = purse else { return Ok(true) };
    let ledger = ledger(transaction, run)?.unwrap_or_default();
    Ok(ledger.at_worst() + worst <= cap)
}

/// Books what was spent.
pub(super) fn book(transaction: &Transaction<'_>, purse: Option<Purse>, cost: Usd) -> rusqlite::Result<()> {
    let Some(Purse { run, .. }) = purse.filter(|_| cost > Usd::ZERO) else { return Ok(()) };
    let sql = "INSERT INTO ledger (run, booked, written_off) VALUES (?1, ?2, 0)
               ON CONFLICT (run) DO UPDATE SET booked = booked + excluded.booked";
    transaction.prepare_cached(sql)?.execute(params![run, cost.nanos().cast_signed()]).map(drop)
}

/// Books the claims of a process that died: they may have been sent.
pub(super) fn write_off(transaction: &Transaction<'_>, owner: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO ledger (run, booked, written_off)
               SELECT run, sum(worst), sum(worst) FROM claims WHERE owner = ?1 AND run IS NOT NULL AND worst > 0 GROUP BY run
               ON CONFLICT (run) DO UPDATE SET
                   booked = booked + excluded.booked, written_off = written_off + excluded.written_off";
    transaction.execute(sql, [owner]).map(drop)
}
