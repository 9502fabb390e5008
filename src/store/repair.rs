//! What can be saved of a damaged store, into a new one. The damaged file is only read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::database::Store;
use super::explain::StoreError;
use super::open::{beside, place};
use super::pages::Pages;
use super::rows::{Row, ids_of_index, rows};

/// The columns of replies, in their order in the table; the first is the row's number.
pub(super) const REPLIES: [&str; 12] = [
    "id",
    "key",
    "judge",
    "body",
    "finish_reason",
    "model",
    "prompt_tokens",
    "completion_tokens",
    "request_id",
    "sent_at",
    "latency_ms",
    "attempts",
];
pub(super) const ATTEMPTS: [&str; 7] = ["id", "key", "judge", "sent_at", "kind", "status", "message"];

/// Bytes of a key.
const KEY: usize = 32;

/// What a repair saved, and what it could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Replies.
    pub replies: Salvage,
    /// Attempts that failed.
    pub attempts: Salvage,
}

/// What became of one kind of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Salvage {
    /// Rows that are in the new store.
    pub saved: u64,
    /// Rows that were there and are lost, as far as can be known.
    pub lost: u64,
    /// Whether that is all that is lost; otherwise it may be more.
    pub is_all: bool,
}

/// Saves into a new store, which must not be there, what can be read of another. `is_reply` says of a body whether it can be read
/// as a reply: one that cannot is not kept, so that its ask is asked again.
pub fn repair(damaged: &Path, new: &Path, is_reply: impl Fn(&str) -> bool) -> Result<Repaired, StoreError> {
    let unreadable = |error: &std::io::Error| {
        StoreError::new(damaged, format!("it cannot be read: {}; check the path", crate::mistake::of_system(error)))
    };
    let file = place(damaged)?;
    let mut pages = Pages::open(&file, &beside(&file, "-wal")).map_err(|error| unreadable(&error))?;
    let target = claimed(new)?;
    let repaired = save(&mut pages, new, &target, is_reply).and_then(|found| {
        found.ok_or_else(|| {
            StoreError::new(
                damaged,
                "nothing in it can be read as part of a store: there is nothing to save, and nothing was written",
            )
        })
    });
    if repaired.is_err() {
        for name in [target.clone(), beside(&target, "-journal")] {
            // The file was made here. If it stays, it is an empty store.
            let _ = std::fs::remove_file(name);
        }
    }
    repaired
}

/// An empty file at a path where there was none.
fn claimed(new: &Path) -> Result<PathBuf, StoreError> {
    let target = place(new)?;
    for name in [target.clone(), beside(&target, "-wal"), beside(&target, "-journal")] {
        if name.symlink_metadata().is_ok() {
            let problem = format!("there is a file {} already: name a new one with --out", name.display());
            return Err(StoreError::new(new, problem));
        }
    }
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&target);
    made.map_err(|error| {
        StoreError::new(
            new,
            format!("it cannot be made: {}; name another one with --out", crate::mistake::of_system(&error)),
        )
    })?;
    Ok(target)
}

/// Writes the new store in one commit; `None` where the old one holds nothing that a store holds.
fn save(
    pages: &mut Pages,
    new: &Path,
    target: &Path,
    is_reply: impl Fn(&str) -> bool,
) -> Result<Option<Repaired>, StoreError> {
    let wrong = |error: rusqlite::Error| {
        let rest = "mend that and repair again; nothing of it was kept, and the damaged file is as it was";
        StoreError::new(new, format!("it cannot be written ({error}): {rest}"))
    };
    let store = Store::empty(new, target)?;
    let mut connection = store.lock();
    let transaction = connection.transaction().map_err(wrong)?;
    let mut saved = Saved::default();
    let free = pages.free();
    saved.take(pages, &free, &transaction, &is_reply).map_err(wrong)?;
    let mut known = |index: Option<u32>| index.map_or_else(Default::default, |root| ids_of_index(pages, root));
    let (replies, attempts) = (known(saved.replies.index), known(saved.attempts.index));
    // What was had and not yet committed is a reply all the same.
    if pages.trust_whole_log() {
        saved.take(pages, &free, &transaction, &is_reply).map_err(wrong)?;
    }
    transaction.commit().map_err(wrong)?;
    let repaired = Repaired { replies: saved.replies.salvage(&replies), attempts: saved.attempts.salvage(&attempts) };
    let is_store = saved.has_tables || repaired.replies.saved + repaired.attempts.saved > 0;
    Ok(is_store.then_some(repaired))
}

/// What has been read so far.
#[derive(Default)]
struct Saved {
    replies: Kind,
    attempts: Kind,
    has_tables: bool,
}

/// Rows of one table.
#[derive(Default)]
struct Kind {
    /// The numbers of those that are saved.
    ids: HashSet<i64>,
    /// The root of the table's index.
    index: Option<u32>,
}

impl Saved {
    /// Takes every row from every leaf in use, in the order of the pages.
    fn take(
        &mut self,
        pages: &mut Pages,
        free: &HashSet<u32>,
        new: &Connection,
        is_reply: impl Fn(&str) -> bool,
    ) -> rusqlite::Result<()> {
        let columns = |names: &[&str]| {
            let marks = vec!["?"; names.len()].join(", ");
            format!("({}) VALUES ({marks})", names.join(", "))
        };
        let mut reply = new.prepare(&format!("INSERT OR IGNORE INTO replies {}", columns(&REPLIES[1..])))?;
        let mut attempt = new.prepare(&format!("INSERT INTO attempts {}", columns(&ATTEMPTS[1..])))?;
        for page in (1..=pages.count()).filter(|page| !free.contains(page)) {
            for Row { id, values } in rows(pages, page) {
                if is_reply_row(&values, &is_reply) {
                    if self.replies.ids.insert(id) {
                        reply.execute(params_from_iter(&values[1..]))?;
                    }
                } else if is_attempt_row(&values) {
                    if self.attempts.ids.insert(id) {
                        attempt.execute(params_from_iter(&values[1..]))?;
                    }
                } else {
                    self.note_table(&values);
                }
            }
        }
        Ok(())
    }

    /// Notes what a row of the list of tables tells.
    fn note_table(&mut self, values: &[Value]) {
        let [Value::Text(_), Value::Text(name), Value::Text(_), Value::Integer(root), _] = values else { return };
        self.has_tables |= name == "replies";
        let root = u32::try_from(*root).ok();
        match name.as_str() {
            "sqlite_autoindex_replies_1" => self.replies.index = root,
            "attempts_by_key" => self.attempts.index = root,
            _ => {}
        }
    }
}

impl Kind {
    /// What is lost, by the rows that the index knows. If not all of the index can be read, the numbers tell, for they run on from 1.
    fn salvage(&self, (known, is_whole): &(HashSet<i64>, bool)) -> Salvage {
        let saved = self.ids.len() as u64;
        let lost = if *is_whole {
            known.difference(&self.ids).count() as u64
        } else {
            let last = known.iter().chain(&self.ids).copied().max().unwrap_or_default();
            u64::try_from(last).unwrap_or_default().saturating_sub(saved)
        };
        Salvage { saved, lost, is_all: *is_whole }
    }
}

/// Whether these are the columns of a reply that can be read.
fn is_reply_row(values: &[Value], is_reply: impl Fn(&str) -> bool) -> bool {
    use Value::{Blob, Integer, Null, Real, Text};
    let [
        Null,
        Blob(key),
        Text(_),
        Text(body),
        reason,
        model,
        prompt,
        completion,
        request,
        Integer(_),
        latency,
        Integer(_),
    ] = values
    else {
        return false;
    };
    key.len() == KEY
        && [reason, model, request].iter().all(|value| matches!(value, Null | Text(_)))
        && [prompt, completion].iter().all(|value| matches!(value, Null | Integer(_)))
        && matches!(latency, Real(_) | Integer(_))
        && is_reply(body)
}

/// Whether these are the columns of an attempt that failed.
fn is_attempt_row(values: &[Value]) -> bool {
    use Value::{Blob, Integer, Null, Text};
    matches!(
        values,
        [Null, Blob(key), Text(_), Integer(_), Text(_), Null | Integer(_), Text(_)] if key.len() == KEY
    )
}
