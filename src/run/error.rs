//! What ends a run before its time.

use std::path::PathBuf;

use crate::ask::Key;
use crate::store::StoreError;
use crate::strategy::StrategyError;

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored reply, which could be read when it came, no longer can.
    #[error(
        "store {}: the reply under key {key} cannot be read: {problem}; it was changed since it came. `tribunal store repair` saves all others \
         into a new store, and a run with that one asks it again",
        store.display()
    )]
    Damaged {
        /// The store.
        store: PathBuf,
        /// The key.
        key: Key,
        /// What is wrong with it.
        problem: String,
    },
    /// A strategy cannot be rendered with an item.
    #[error("item {item}: {source}")]
    Render {
        /// The item.
        item: String,
        /// What is wrong.
        source: StrategyError,
    },
    /// What was read cannot be written down.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
