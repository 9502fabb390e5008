//! Finds out what a path holds, and reads it.

use std::path::Path;
use std::str::FromStr;

use super::catalog::RMB;
use super::error::{BenchError, Place};
use super::item::Bench;
use super::record::RecordKind;
use super::records::{first_kind, read_records};
use super::rmb;

/// A format of benchmark files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RMB's folders.
    Rmb,
    /// Records of the project's own items.
    Items,
    /// Records of a prompt, a chosen and a rejected answer.
    Preferences,
}

impl Format {
    /// The names that `--format` takes.
    pub const NAMES: [&'static str; 3] = ["rmb", "items", "preferences"];
}

impl Format {
    /// The word of `--format`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rmb => "rmb",
            Self::Items => "items",
            Self::Preferences => "preferences",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "rmb" => Ok(Self::Rmb),
            "items" => Ok(Self::Items),
            "preferences" => Ok(Self::Preferences),
            _ => Err(format!("expected one of: {}", Self::NAMES.join(", "))),
        }
    }
}

/// Reads the benchmark at a path; its format is found from the files unless it is given.
pub fn open(path: &Path, name: &str, format: Option<Format>) -> Result<Bench, BenchError> {
    match format {
        Some(Format::Rmb) => rmb::read_rmb(path, name, &RMB),
        Some(Format::Items) => read_records(path, name, Some(RecordKind::Items)),
        Some(Format::Preferences) => read_records(path, name, Some(RecordKind::Preferences)),
        None if rmb::root(path).is_some() => rmb::read_rmb(path, name, &RMB),
        None if path.is_file() => read_records(path, name, None),
        None => Err(BenchError::new(path, Place::File, no_benchmark(path))),
    }
}

fn no_benchmark(path: &Path) -> &'static str {
    if path.is_dir() {
        "found neither Pairwise_set nor BoN_set in this folder: expected RMB's folder, or a file of items or \
         preferences (JSON lines, or one JSON array)"
    } else if path.exists() {
        "neither a file nor a folder: write what it gives into a file first"
    } else {
        "no such file or folder: check the path"
    }
}

/// What a path seems to hold, by its name and the beginning of its file; `None` if it is no benchmark.
#[must_use]
pub fn recognise(path: &Path) -> Option<Recognised> {
    if let Some(root) = rmb::root(path) {
        return Some(Recognised { format: Format::Rmb, files: rmb::count_files(&root) });
    }
    let format = match first_kind(path)? {
        RecordKind::Items => Format::Items,
        RecordKind::Preferences => Format::Preferences,
    };
    Some(Recognised { format, files: 1 })
}

/// A benchmark that was recognised, not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Its format.
    pub format: Format,
    /// How many files it has.
    pub files: usize,
}
