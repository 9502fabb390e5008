//! Why judgments cannot be looked at.

use std::io;
use std::path::PathBuf;

use crate::across::LineError;
use crate::mistake::of_system;

/// Why judgments cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {}: it must be readable, and as its run wrote it", path.display(), of_system(error))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line is no judgment.
    #[error("{}: {error}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, and what is wrong with it.
        error: LineError,
    },
    /// What is looked for.
    #[error("the text is too long to be looked for: a part of it will do")]
    TooLong,
    /// The file is no longer what it was.
    #[error("{}: it was written over since it was opened: start again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}
