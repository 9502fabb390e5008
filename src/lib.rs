//! Tribunal puts LLM judges on trial.

pub mod ask;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod digest;
pub mod judge;
pub mod mock;
pub mod pace;
pub mod plan;
pub mod report;
pub mod run;
pub mod score;
pub mod stats;
pub mod store;
pub mod strategy;
pub mod verdict;
