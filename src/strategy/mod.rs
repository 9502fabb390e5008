//! Strategies: how a judge is asked. Loaded from files, checked, rendered.

mod check;
mod error;
mod extend;
mod fastchat;
mod file;
mod loaded;
mod made_up;
mod place;
mod sampling;
mod shipped;
mod step;
mod template;

pub use error::StrategyError;
pub use fastchat::{Imported, from_fastchat};
pub use file::StrategyFile;
pub use loaded::Strategy;
pub use shipped::{shipped, shipped_names, shipped_source};
pub use step::{OnEmpty, Per, Step};
pub use template::{Speech, View};
