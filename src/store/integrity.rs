//! Whether a store is sound: a look at each opening, and a thorough one on request.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use rusqlite::Connection;

use super::explain::StoreError;
use super::open;

/// The largest file of which every page is checked at each opening, in bytes: about 60,000 replies of 3 KB.
const SMALL: u64 = 256 * 1024 * 1024;

/// The most findings that are told.
const FINDINGS: usize = 20;

/// What a thorough look at a store found.
#[derive(Debug, Default)]
pub struct Examined {
    /// Bytes of the file.
    pub bytes: u64,
    /// The version of its format.
    pub format: i32,
    /// Its journal: `wal` or `rollback`.
    pub journal: &'static str,
    /// What it holds, by the judge's identity; as far as it can be read.
    pub judges: BTreeMap<String, Holdings>,
    /// What is wrong with the file, a line each; empty where it is sound.
    pub findings: Vec<String>,
}

/// What a store holds of a judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Replies.
    pub replies: u64,
    /// Attempts that failed.
    pub attempts: u64,
}

/// Looks for damage before anything is paid for: in every page of a small store; in a large one where new rows go, for the keys are read
/// by every run and a damaged body is told when it is read.
pub(super) fn check_at_opening(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::of(path, &error);
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    let small = bytes <= SMALL;
    if small {
        read_through(path);
    }
    let check = if small { "PRAGMA quick_check(1)" } else { "PRAGMA quick_check(attempts)" };
    let found = findings(connection, check).map_err(wrong)?;
    if let Some(first) = found.first() {
        return Err(StoreError::damaged(path, first));
    }
    if !small {
        let last = "SELECT coalesce(max(length(body)), 0) FROM (SELECT body FROM replies ORDER BY id DESC LIMIT 1)";
        connection.query_row(last, [], |_| Ok(())).map_err(wrong)?;
    }
    Ok(())
}

/// Reads a file from its beginning to its end, so that the system keeps it in memory. SQLite's checks go through the pages backwards, for
/// which no disk reads ahead: from a cold one they take many times as long.
fn read_through(path: &Path) {
    let Ok(mut file) = std::fs::File::open(path) else { return };
    let mut part = vec![0; 1 << 20];
    // What cannot be read is for SQLite to tell.
    while file.read(&mut part).is_ok_and(|read| read > 0) {}
}

/// What a check of SQLite's finds, a line each; nothing where all is well.
fn findings(connection: &Connection, check: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(check)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for row in rows.take(FINDINGS) {
        let row = row?;
        let lines = row.lines().filter(|line| *line != "ok" && !line.starts_with("*** in database"));
        found.extend(lines.map(|line| line.trim().to_owned()));
    }
    Ok(found)
}

/// Looks at everything in a store, and changes nothing. `is_reply` says of a body whether it can be read as a reply.
pub fn examine(path: &Path, is_reply: impl Fn(&str) -> bool) -> Result<Examined, StoreError> {
    let wrong = |error: rusqlite::Error| StoreError::of(path, &error);
    let connection = open::to_read(path)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    let mut examined = Examined {
        bytes: std::fs::metadata(path).map_or(0, |found| found.len()),
        format: pragma("user_version").map_err(wrong)?,
        journal: if open::has_write_ahead_log(path) { "wal" } else { "rollback" },
        ..Examined::default()
    };
    read_through(path);
    // The quick check names what it found even where the thorough one breaks off.
    for check in ["PRAGMA quick_check", "PRAGMA integrity_check"] {
        if examined.findings.is_empty() {
            examined.findings = findings(&connection, check).unwrap_or_else(|error| vec![error.to_string()]);
        }
    }
    let counted = examined.count_replies(&connection, is_reply).and_then(|unreadable| {
        examined.count_attempts(&connection)?;
        Ok(unreadable)
    });
    match counted {
        Ok(0) => {}
        Ok(unreadable) => examined.findings.push(format!("{unreadable} of the replies cannot be read as replies")),
        // What a damaged page leads to is better told by the check, which names the page.
        Err(error) if examined.findings.is_empty() => examined.findings.push(error.to_string()),
        Err(_) => {}
    }
    Ok(examined)
}

impl Examined {
    /// Counts what can be reached; how many replies cannot be read.
    fn count_replies(&mut self, connection: &Connection, is_reply: impl Fn(&str) -> bool) -> rusqlite::Result<u64> {
        let mut statement = connection.prepare("SELECT judge, body FROM replies")?;
        let mut rows = statement.query([])?;
        let mut unreadable = 0;
        while let Some(row) = rows.next()? {
            self.judges.entry(row.get(0)?).or_default().replies += 1;
            unreadable += u64::from(!row.get_ref(1)?.as_str().is_ok_and(&is_reply));
        }
        Ok(unreadable)
    }

    fn count_attempts(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare("SELECT judge FROM attempts")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.judges.entry(row.get(0)?).or_default().attempts += 1;
        }
        Ok(())
    }

    /// What to tell of a store that is damaged; `None` of a sound one.
    #[must_use]
    pub fn trouble(&self, path: &Path) -> Option<StoreError> {
        self.findings.first().map(|first| StoreError::damaged(path, first))
    }
}
