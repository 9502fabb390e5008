//! Strategies: how a judge is asked. Loaded from files, checked, rendered.

mod check;
mod error;
mod file;
mod shipped;
mod template;

pub use error::StrategyError;
pub use file::{Strategy, StrategyFile};
pub use shipped::{shipped, shipped_names, shipped_source};
pub use template::{Speech, View};
