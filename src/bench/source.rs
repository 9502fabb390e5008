//! Finds out what a path holds, and reads it.

use std::path::Path;
use std::str::FromStr;

use super::catalog::RMB;
use super::error::{BenchError, Place};
use super::item::Bench;
use super::{jsonl, rmb};

/// A format of benchmark files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RMB's folders.
    Rmb,
    /// The project's own items, one a line.
    Items,
}

impl Format {
    /// The names that `--format` takes.
    pub const NAMES: [&'static str; 2] = ["rmb", "items"];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "rmb" => Ok(Self::Rmb),
            "items" => Ok(Self::Items),
            _ => Err(format!("expected one of: {}", Self::NAMES.join(", "))),
        }
    }
}

/// Reads the benchmark at a path; its format is found from the files unless it is given.
pub fn open(path: &Path, name: &str, format: Option<Format>) -> Result<Bench, BenchError> {
    let format = match format {
        Some(format) => format,
        None => detect(path)?,
    };
    match format {
        Format::Rmb => rmb::read_rmb(path, name, &RMB),
        Format::Items => jsonl::read_jsonl(path, name),
    }
}

fn detect(path: &Path) -> Result<Format, BenchError> {
    if rmb::root(path).is_some() {
        return Ok(Format::Rmb);
    }
    let problem = if path.is_dir() {
        "found neither Pairwise_set nor BoN_set in this folder: expected RMB's folder, or a file of items (JSON lines)"
    } else if path.is_file() {
        return Ok(Format::Items);
    } else if path.exists() {
        "neither a file nor a folder: write what it gives into a file first"
    } else {
        "no such file or folder: check the path"
    };
    Err(BenchError::new(path, Place::File, problem))
}
