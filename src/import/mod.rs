//! Scores that others gave: reward models' result files, and tables of `item, candidate, score`.

mod scores;

pub use scores::{ImportError, Score, Scores};
