//! Why judgments cannot be looked at.

use std::io;
use std::path::PathBuf;

use crate::mistake::of_system;

/// Why judgments cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {}", path.display(), of_system(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line is no judgment.
    #[error("{}, line {line}: {problem}: run the same command again: it asks nothing new and writes the file anew", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}
