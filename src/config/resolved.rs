//! The resolved run: flags over the file over the defaults, every name known and every value possible.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::error::ConfigError;
use super::file::{AttackTable, BenchTable, ConfigFile, StrategyTable};
use super::judges::{JudgeSource, judges};
use crate::attack::EachPair;
use crate::bench::{Format, Task};
use crate::mistake::did_you_mean;
use crate::money::Usd;
use crate::plan::Orders;
use crate::score::{Policy, UnparsedPolicy};
use crate::strategy;

/// The strategy that is used where none is named.
pub(super) const DEFAULT_STRATEGY: &str = "pairwise-explain";
/// More samples than that are a slip of the hand.
pub const MOST_SAMPLES: u32 = 1_000;

/// A run that can be had.
#[derive(Debug)]
pub struct Resolved {
    /// Seed of every random draw.
    pub seed: u64,
    /// Of each benchmark at least so many items; all where there is none.
    pub limit: Option<usize>,
    /// In which orders comparisons are asked.
    pub orders: Orders,
    /// Samples in each order.
    pub samples: u32,
    /// Tasks to run.
    pub tasks: Vec<Task>,
    /// What ties and unparsed replies are worth.
    pub policy: Policy,
    /// What is asked about.
    pub benches: Vec<BenchSource>,
    /// Who is asked.
    pub judges: Vec<JudgeSource>,
    /// How; empty if no judge needs a prompt.
    pub strategies: Vec<StrategySource>,
    /// The run's folder; named after the run where it is not given.
    pub out: Option<PathBuf>,
    /// The store's file.
    pub store: PathBuf,
    /// The most requests in flight.
    pub concurrency: usize,
    /// A file of prices, for judges without one of their own.
    pub prices: Option<PathBuf>,
    /// The most that the run's folder may ever cost.
    pub budget: Option<Usd>,
    /// Half the width of an interval at which a cell is known well enough.
    pub precision: Option<f64>,
    /// The attacks, where the run is one under attack.
    pub attack: Option<AttackSource>,
}

/// Which attacks a run makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackSource {
    /// Their file; `None` is the shipped set.
    pub file: Option<PathBuf>,
    /// Which of them each pair meets.
    pub each: EachPair,
    /// The hash that the set must have, where it is given.
    pub hash: Option<String>,
}

/// Where a benchmark comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchSource {
    /// What reports call it.
    pub name: String,
    /// Where it is; `None` is the embedded sample.
    pub path: Option<PathBuf>,
    /// Its format, where it is given.
    pub format: Option<Format>,
    /// The hash that its items must have, where it is given.
    pub hash: Option<String>,
}

/// A strategy, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategySource {
    /// Where it comes from.
    pub place: StrategyPlace,
    /// The name that its file must give it, where one is told.
    pub name: Option<String>,
    /// The hash that it must have, where one is told.
    pub hash: Option<String>,
}

/// Where a strategy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrategyPlace {
    /// A shipped one.
    Shipped(String),
    /// A file.
    File(PathBuf),
}

impl Resolved {
    /// Resolves a configuration in which the flags have already been put over the file. `secret` reads an environment variable.
    pub fn new(
        config: ConfigFile,
        judge_specs: &[String],
        strategy_names: &[String],
        secret: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<Self, ConfigError> {
        let run = config.run;
        let wrong = |key, problem| ConfigError::value(key, problem).in_table("run", 0).in_key(key);
        let samples = run.samples.unwrap_or(1);
        if !(1..=MOST_SAMPLES).contains(&samples) {
            return Err(wrong("samples", format!("expected 1 to {MOST_SAMPLES}")));
        }
        if run.limit == Some(0) {
            return Err(wrong("limit", "expected 1 item or more".to_owned()));
        }
        let concurrency = run.concurrency.unwrap_or(32);
        if concurrency == 0 {
            return Err(wrong("concurrency", "expected 1 or more".to_owned()));
        }
        if run.precision.is_some_and(|precision| !(precision > 0.0 && precision < 0.5)) {
            return Err(wrong("precision", "expected half the width of an interval, above 0 and below 0.5".to_owned()));
        }
        if run.precision.is_some() && run.unparsed == Some(UnparsedPolicy::Drop) {
            let problem = "with unparsed = \"drop\" nobody knows how many items there will be: take wrong or half";
            return Err(wrong("precision", problem.to_owned()));
        }
        if config.attack.is_some() && run.orders == Some(Orders::Both) {
            let problem =
                "under attack each pair is asked about in one order, the same as before it was attacked: take seeded";
            return Err(wrong("orders", problem.to_owned()));
        }
        let tasks = run.task.unwrap_or_else(|| vec![Task::Pairwise, Task::Bon]);
        if tasks.is_empty() {
            return Err(wrong("task", "expected pairwise, bon or both".to_owned()));
        }
        let judges = judges(&config.judge, judge_specs, secret)?;
        let strategies = if judges.iter().any(|judge| judge.kind.needs_strategy()) {
            strategies(&config.strategy, strategy_names)?
        } else {
            Vec::new()
        };
        Ok(Self {
            seed: run.seed.unwrap_or(0),
            limit: run.limit,
            orders: run.orders.unwrap_or_default(),
            samples,
            tasks,
            policy: Policy { ties: run.ties.unwrap_or_default(), unparsed: run.unparsed.unwrap_or_default() },
            benches: benches(config.bench)?,
            judges,
            strategies,
            out: run.out,
            store: run.store.unwrap_or_else(|| PathBuf::from("tribunal.db")),
            concurrency,
            prices: run.prices,
            budget: run.budget,
            precision: run.precision,
            attack: config.attack.map(|AttackTable { file, each, hash }| AttackSource {
                file,
                each: each.unwrap_or_default(),
                hash,
            }),
        })
    }
}

fn benches(tables: Vec<BenchTable>) -> Result<Vec<BenchSource>, ConfigError> {
    if tables.is_empty() {
        return Ok(vec![BenchSource { name: "sample".to_owned(), path: None, format: None, hash: None }]);
    }
    let mut names = HashSet::new();
    tables
        .into_iter()
        .enumerate()
        .map(|(at, BenchTable { name, path, format, hash })| {
            let wrong = |key, problem: &str| {
                ConfigError::value(format!("bench `{name}`"), problem).in_table("bench", at).in_key(key)
            };
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(wrong("name", "expected a name without control characters"));
            }
            if !names.insert(name.clone()) {
                return Err(wrong("name", "two benchmarks have this name: give each its own"));
            }
            let format =
                format.map(|word| word.parse().map_err(|problem: String| wrong("format", &problem))).transpose()?;
            Ok(BenchSource { name, path, format, hash })
        })
        .collect()
}

fn strategies(tables: &[StrategyTable], names: &[String]) -> Result<Vec<StrategySource>, ConfigError> {
    let flags = names.iter().map(|name| strategy_named(name));
    let tables = tables.iter().enumerate();
    let tables = tables.map(|(at, table)| strategy_table(table).map_err(|error| error.in_table("strategy", at)));
    let sources: Vec<_> =
        if names.is_empty() { tables.collect::<Result<_, _>>()? } else { flags.collect::<Result<_, _>>()? };
    if sources.is_empty() {
        return Ok(vec![strategy_named(DEFAULT_STRATEGY)?]);
    }
    Ok(sources)
}

fn strategy_table(table: &StrategyTable) -> Result<StrategySource, ConfigError> {
    match (&table.name, &table.file) {
        (name, Some(file)) => Ok(StrategySource {
            place: StrategyPlace::File(file.clone()),
            name: name.clone(),
            hash: table.hash.clone(),
        }),
        (Some(name), None) => Ok(StrategySource {
            hash: table.hash.clone(),
            ..strategy_named(name).map_err(|error| error.in_key("name"))?
        }),
        (None, None) => Err(ConfigError::value("[[strategy]]", "expected `name` of a shipped strategy, or `file`")),
    }
}

/// Whether a strategy is named by its file: what has a slash or ends in `.toml` is a path.
#[must_use]
pub fn is_strategy_file(name: &str) -> bool {
    name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|extension| extension == "toml")
}

/// A shipped strategy, or a file.
pub fn strategy_named(name: &str) -> Result<StrategySource, ConfigError> {
    let known = strategy::shipped_names();
    let source = |place| Ok(StrategySource { place, name: None, hash: None });
    if known.contains(&name) {
        return source(StrategyPlace::Shipped(name.to_owned()));
    }
    if is_strategy_file(name) {
        return source(StrategyPlace::File(PathBuf::from(name)));
    }
    let problem = format!(
        "no shipped strategy has this name{} (there are {}); a file of your own is named by its path, ending in .toml",
        did_you_mean(name, known.iter().copied()),
        known.join(", ")
    );
    Err(ConfigError::value(format!("strategy `{name}`"), problem))
}
