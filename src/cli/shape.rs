//! How what asks nothing shows its results: a table for people, or JSON for programs.

use clap::ValueEnum;
use serde::Serialize;

use super::Trouble;

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    /// A table for people.
    Table,
    /// JSON, in full precision.
    Json,
}

/// The text of results for programs.
pub(super) fn json(results: &impl Serialize) -> Result<String, Trouble> {
    Ok(serde_json::to_string_pretty(results).map_err(std::io::Error::from)? + "\n")
}
