//! The configuration: the file as written, the flags over it, and the resolved run.

mod error;
mod file;
mod record;
mod resolved;
mod spec;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use file::{BenchTable, ConfigFile, JudgeTable, RunTable, StrategyTable};
pub use record::{differences, record};
pub use resolved::{
    BenchSource, EndpointSource, JudgeSource, JudgeSourceKind, Resolved, StrategyPlace, StrategySource, nearest,
    strategy_named,
};
