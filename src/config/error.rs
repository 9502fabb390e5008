//! What is wrong with a configuration.

use std::path::PathBuf;

use crate::mistake::Mistake;

/// A configuration that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {problem}; expected a configuration file, such as `tribunal init` writes", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file is no configuration, or not one that can be run.
    #[error("{}{mistake}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        mistake: Mistake,
    },
    /// A value that makes no sense, from a flag or the file.
    #[error("{what}: {problem}")]
    Value {
        /// The flag or field.
        what: String,
        /// What is wrong, and what is expected.
        problem: String,
        /// Where it stands in the file, if it comes from there.
        place: Place,
    },
}

/// Where a value stands in a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The table, such as `judge`, and which of several it is.
    pub table: Option<(&'static str, usize)>,
    /// The key in it; the table as a whole where there is none.
    pub key: Option<&'static str>,
}

impl ConfigError {
    pub(super) fn value(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Value { what: what.into(), problem: problem.into(), place: Place::default() }
    }

    /// The table of the file in which the value would stand.
    #[must_use]
    pub fn table(&self) -> Option<&'static str> {
        match self {
            Self::Value { place, .. } => place.table.map(|(name, _)| name),
            Self::Unreadable { .. } | Self::File { .. } => None,
        }
    }

    /// The value stands in this table of the file.
    pub(super) fn in_table(mut self, name: &'static str, at: usize) -> Self {
        if let Self::Value { place, .. } = &mut self {
            place.table = Some((name, at));
        }
        self
    }

    /// The value is that of this key, unless a nearer one is known.
    pub(super) fn in_key(mut self, name: &'static str) -> Self {
        if let Self::Value { place: Place { key, .. }, .. } = &mut self {
            key.get_or_insert(name);
        }
        self
    }
}
