//! What is wrong with a configuration.

use std::path::PathBuf;

/// A configuration that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {problem}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file is no configuration; the message points at the place.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and caret.
        message: String,
    },
    /// A value that makes no sense, from a flag or the file.
    #[error("{what}: {problem}")]
    Value {
        /// The flag or field.
        what: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
}

impl ConfigError {
    pub(super) fn value(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value { what: what.into(), problem: problem.into() }
    }
}
