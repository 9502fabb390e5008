//! What ends a run before its time.

use crate::store::StoreError;
use crate::strategy::StrategyError;

/// A run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
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
