//! What went wrong with a store, in words for the person: what, where, and what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A store that cannot be used, told with its path.
#[derive(Debug, thiserror::Error)]
#[error("store {}: {problem}", path.display())]
pub struct StoreError {
    path: PathBuf,
    problem: String,
    code: Option<ErrorCode>,
}

impl StoreError {
    pub(super) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), problem: problem.into(), code: None }
    }

    /// What SQLite reports of the store at a path.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        Self { path: path.to_path_buf(), problem: explain(path, error), code: error.sqlite_error_code() }
    }

    /// A file with a damaged page, or with something in it that was never written there.
    pub(super) fn damaged(path: &Path, found: &str) -> Self {
        Self { code: Some(ErrorCode::DatabaseCorrupt), ..Self::new(path, damaged(path, found)) }
    }

    /// A file that may only be read.
    pub(super) fn unwritable(path: &Path) -> Self {
        Self { code: Some(ErrorCode::ReadOnly), ..Self::new(path, UNWRITABLE) }
    }

    /// Whether it may go by itself, or by the person's making room: a full disk, another program that holds the file.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self.code,
            Some(
                ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::SystemIoFailure
            )
        )
    }

    /// Whether it may do to read the store, for writing is what failed.
    pub(super) fn is_unwritable(&self) -> bool {
        matches!(self.code, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied))
    }
}

const UNWRITABLE: &str = "it cannot be written: check the permissions of the file and of its folder, or name another one with --store; \
                          `tribunal run --offline` only reads it";

fn explain(path: &Path, error: &rusqlite::Error) -> String {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            return format!(
                "this file is not a store ({error}): name another one with --store. If it was one, its beginning is damaged: {}",
                repair(path)
            );
        }
        Some(ErrorCode::DatabaseCorrupt) => return damaged(path, &error.to_string()),
        Some(ErrorCode::DiskFull) => "the disk is full: make room and run again; what was committed is kept",
        Some(ErrorCode::ReadOnly) => UNWRITABLE,
        Some(ErrorCode::CannotOpen) => {
            return "it cannot be opened or made: may you read and write it, and write in its folder? Mend that, or name another one with --store".to_owned();
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds it: wait for that one to end, or name another store with --store"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "reading or writing failed: is the disk full or gone? What was committed is kept; mend that and run again"
        }
        Some(ErrorCode::FileLockingProtocolFailed) => {
            "its file cannot be locked: on a network file system without locks, name a store on a local disk with --store"
        }
        None if is_damage(error) => return damaged(path, &error.to_string()),
        _ => return error.to_string(),
    };
    format!("{advice} ({error})")
}

/// Whether a value is of a kind that this program never writes in its place.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..))
}

fn damaged(path: &Path, found: &str) -> String {
    format!("the file is damaged ({found}). End what uses it, and {}", repair(path))
}

fn repair(path: &Path) -> String {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push("-repaired.db");
    let new = word(&path.with_file_name(name));
    format!(
        "save what can be saved with `tribunal store repair {} --out {new}`, then run with --store {new}",
        word(path)
    )
}

/// A path as a shell takes it.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    if text.chars().all(|c| c.is_alphanumeric() || "/._-+,:@".contains(c)) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
