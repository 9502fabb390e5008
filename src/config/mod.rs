//! The configuration: the file as written, the flags over it, and the resolved run.

mod accounts;
mod error;
mod file;
mod judges;
mod record;
mod resolved;
mod source;
mod spec;
mod starter;
#[cfg(test)]
mod tests;

pub use accounts::{ANY_KEY, AccountSource};
pub use error::{ConfigError, Place};
pub use file::{AttackTable, BenchTable, ConfigFile, Each, JudgeTable, PriceTable, RunTable, StrategyTable};
pub use judges::{EndpointSource, JudgeSource, JudgeSourceKind};
pub use record::{Hashes, differences, record};
pub use resolved::{
    BenchSource, MOST_SAMPLES, Resolved, StrategyPlace, StrategySource, is_strategy_file, strategy_named,
};
pub use source::Source;
pub use starter::Starter;
