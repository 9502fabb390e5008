//! What is wrong with a benchmark's files, told so that a person finds the place.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where in a file something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line, counted from 1.
    Line(usize),
    /// An entry of the file's array, counted from 0, with its id where it could be read.
    Entry(usize),
}

/// A benchmark that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchError {
    /// The file or folder.
    pub path: PathBuf,
    /// The place in it.
    pub place: Place,
    /// The field, such as `candidates[1].text`, where it is one.
    pub field: Option<String>,
    /// What was expected, and what was found.
    pub problem: String,
}

impl BenchError {
    pub(super) fn new(path: &Path, place: Place, problem: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), place, field: None, problem: problem.into() }
    }

    pub(super) fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.place {
            Place::File => {}
            Place::Line(line) => write!(f, ", line {line}")?,
            Place::Entry(entry) => write!(f, ", entry {entry} (counted from 0)")?,
        }
        if let Some(field) = &self.field {
            write!(f, ", field `{field}`")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for BenchError {}

/// The text of a file, which must be UTF-8; a byte-order mark at its start is passed over.
pub(super) fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, BenchError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = error.valid_up_to();
        let line = bytes[..good].split(|byte| *byte == b'\n').count();
        BenchError::new(
            path,
            Place::Line(line),
            format!("byte {good} of the file is not UTF-8; save the file as UTF-8"),
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The bytes of a file, or why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, BenchError> {
    std::fs::read(path).map_err(|error| BenchError::new(path, Place::File, format!("cannot be read: {error}")))
}
