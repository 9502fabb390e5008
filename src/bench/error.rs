//! What is wrong with a benchmark's files, told so that a person finds the place.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::file;

/// Where in a file something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line, counted from 1.
    Line(usize),
    /// An entry of the file's array.
    Entry {
        /// Its place in the array, counted from 0.
        at: usize,
        /// Its id, where it could be read.
        id: Option<String>,
    },
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
        match &self.place {
            Place::File => {}
            Place::Line(line) => write!(f, ", line {line}")?,
            Place::Entry { at, id: None } => write!(f, ", entry {at} (counted from 0)")?,
            Place::Entry { at, id: Some(id) } => write!(f, ", entry {at} (counted from 0, id {id:?})")?,
        }
        if let Some(field) = &self.field {
            write!(f, ", field `{field}`")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for BenchError {}

/// What serde says of a value of the wrong shape, told as what was expected and what was found: the field that is missing, if one
/// is, and the problem.
pub(super) fn wrong_shape(error: &serde_json::Error) -> (Option<String>, String) {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    if let Some(field) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return (Some(field.to_owned()), "expected this field, found none".to_owned());
    }
    let kinds = ["invalid type: ", "invalid value: ", "invalid length: ", "unknown variant ", "unknown field "];
    let problem = kinds.iter().find_map(|kind| said.strip_prefix(kind)?.split_once(", expected "));
    let problem = problem.map_or_else(
        || said.to_owned(),
        |(found, expected)| {
            let found = if found == "map" { "an object" } else { found };
            let found = if found == "sequence" { "a list" } else { found };
            let expected = if expected.starts_with("struct ") { "an object" } else { expected };
            let expected = if expected == "a sequence" { "a list" } else { expected };
            format!("expected {expected}, found {found}")
        },
    );
    (None, problem)
}

/// What is wrong with text that is no JSON, without the line, which the place tells.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let column = error.column();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    format!("this is not JSON: {said}, at column {column}")
}

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

/// The bytes of a file, decompressed where it is compressed, or why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, BenchError> {
    file::read(path).map_err(|error| BenchError::new(path, Place::File, error.to_string()))
}
