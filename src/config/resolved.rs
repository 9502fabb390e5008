//! The resolved run: flags over the file over the defaults, every name known and every value possible.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::error::ConfigError;
use super::file::{BenchTable, ConfigFile, JudgeTable, StrategyTable};
use super::spec::Spec;
use crate::bench::{Format, Task};
use crate::judge::{Access, Baseline, Timeouts, hide_credentials, is_secret_name};
use crate::mock;
use crate::plan::Orders;
use crate::score::Policy;
use crate::strategy;

/// The strategy that is used where none is named.
const DEFAULT_STRATEGY: &str = "pairwise-explain";
/// More samples than that are a slip of the hand.
const MOST_SAMPLES: u32 = 1_000;
/// What stands in `run.toml` for the value of a header, which may be a secret.
pub(super) const NOT_KEPT: &str = "(not kept)";
/// Fields of a request body that the strategy or the program sets.
const OWN_FIELDS: [&str; 7] = ["model", "messages", "temperature", "top_p", "max_tokens", "stream", "n"];

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

/// Where a judge comes from.
#[derive(Debug)]
pub struct JudgeSource {
    /// What reports call it.
    pub name: String,
    /// What it is.
    pub kind: JudgeSourceKind,
    /// The hash that its recorded replies must have, where it is given.
    pub hash: Option<String>,
}

/// What a judge is.
#[derive(Debug)]
pub enum JudgeSourceKind {
    /// A baseline.
    Baseline(Baseline),
    /// The simulated judge, started in the process.
    Mock(mock::Parameters),
    /// Recorded replies.
    Replay(PathBuf),
    /// A model behind an endpoint.
    Endpoint(Box<EndpointSource>),
}

impl JudgeSourceKind {
    /// Whether it must be asked with a prompt, or its replies read by a strategy.
    #[must_use]
    pub fn needs_strategy(&self) -> bool {
        !matches!(self, Self::Baseline(_))
    }
}

/// A model behind an endpoint.
#[derive(Debug)]
pub struct EndpointSource {
    /// The model.
    pub model: String,
    /// How to be let in.
    pub access: Access,
    /// What replies are stored under.
    pub identity: String,
    /// Further fields of every request body.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// The table it came from, for the record.
    pub table: JudgeTable,
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
        let samples = run.samples.unwrap_or(1);
        if !(1..=MOST_SAMPLES).contains(&samples) {
            return Err(ConfigError::value("samples", format!("expected 1 to {MOST_SAMPLES}")));
        }
        if run.limit == Some(0) {
            return Err(ConfigError::value("limit", "expected 1 item or more"));
        }
        let concurrency = run.concurrency.unwrap_or(32);
        if concurrency == 0 {
            return Err(ConfigError::value("concurrency", "expected 1 or more"));
        }
        let tasks = run.task.unwrap_or_else(|| vec![Task::Pairwise, Task::Bon]);
        if tasks.is_empty() {
            return Err(ConfigError::value("task", "expected pairwise, bon or both"));
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
        })
    }
}

/// The known name that is nearest to a mistyped one, if any is near.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then_some(best.1)
}

fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn benches(tables: Vec<BenchTable>) -> Result<Vec<BenchSource>, ConfigError> {
    if tables.is_empty() {
        return Ok(vec![BenchSource { name: "sample".to_owned(), path: None, format: None, hash: None }]);
    }
    let mut names = HashSet::new();
    tables
        .into_iter()
        .map(|BenchTable { name, path, format, hash }| {
            let what = format!("bench `{name}`");
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err(ConfigError::value(what, "expected a name without control characters"));
            }
            if !names.insert(name.clone()) {
                return Err(ConfigError::value(what, "two benchmarks have this name: give each its own"));
            }
            let format = format.map(|word| word.parse().map_err(|problem: String| ConfigError::value(&what, problem)));
            Ok(BenchSource { name, path, format: format.transpose()?, hash })
        })
        .collect()
}

fn strategies(tables: &[StrategyTable], names: &[String]) -> Result<Vec<StrategySource>, ConfigError> {
    let flags = names.iter().map(|name| strategy_named(name));
    let sources: Vec<_> = if names.is_empty() {
        tables.iter().map(strategy_table).collect::<Result<_, _>>()?
    } else {
        flags.collect::<Result<_, _>>()?
    };
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
        (Some(name), None) => Ok(StrategySource { hash: table.hash.clone(), ..strategy_named(name)? }),
        (None, None) => Err(ConfigError::value("[[strategy]]", "expected `name` of a shipped strategy, or `file`")),
    }
}

/// A shipped strategy, or a file: what has a slash or ends in `.toml` is a path.
pub fn strategy_named(name: &str) -> Result<StrategySource, ConfigError> {
    let known = strategy::shipped_names();
    let source = |place| Ok(StrategySource { place, name: None, hash: None });
    if known.contains(&name) {
        return source(StrategyPlace::Shipped(name.to_owned()));
    }
    if name.contains(['/', '\\']) || Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        return source(StrategyPlace::File(PathBuf::from(name)));
    }
    let problem = format!(
        "no shipped strategy has this name{}; shipped are {}; a file of your own is named by its path, ending in .toml",
        did_you_mean(name, known.iter().copied()),
        known.join(", ")
    );
    Err(ConfigError::value(format!("strategy `{name}`"), problem))
}

fn judges(
    tables: &[JudgeTable],
    specs: &[String],
    secret: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<Vec<JudgeSource>, ConfigError> {
    let mut judges = Vec::new();
    if specs.is_empty() {
        for table in tables {
            judges.push(judge_table(table, secret)?);
        }
        if judges.is_empty() {
            let kind = JudgeSourceKind::Mock(mock::Parameters::default());
            judges.push(JudgeSource { name: "mock".to_owned(), kind, hash: None });
        }
    }
    for spec in specs {
        judges.push(match tables.iter().find(|table| table.name == *spec) {
            Some(table) => judge_table(table, secret)?,
            None => judge_spec(spec, tables, secret)?,
        });
    }
    refuse_shared_identities(&judges)?;
    tell_apart(&mut judges);
    Ok(judges)
}

/// Two endpoints of one identity share their replies: that must be meant. It is where both say so with an `identity` and ask the
/// same model, or where nothing but keys and timeouts tells them apart.
fn refuse_shared_identities(judges: &[JudgeSource]) -> Result<(), ConfigError> {
    let endpoints: Vec<_> = judges
        .iter()
        .filter_map(|judge| match &judge.kind {
            JudgeSourceKind::Endpoint(endpoint) => Some((judge, endpoint)),
            _ => None,
        })
        .collect();
    for (at, (judge, one)) in endpoints.iter().enumerate() {
        for (_, other) in endpoints[..at].iter().filter(|(_, other)| other.identity == one.identity) {
            let meant = one.table.identity.is_some() && other.table.identity.is_some();
            let same = one.access.is_same_place(&other.access) && one.table.headers == other.table.headers;
            if one.model != other.model || !(meant || same) {
                let problem = format!(
                    "it would share the replies of {} at {}, for both have the identity {:?}; if they are the same judge, give both an \
                     `identity` in a configuration file; if not, give each its own",
                    other.model,
                    other.access.shown(),
                    one.identity
                );
                return Err(ConfigError::value(format!("judge `{}`", judge.name), problem));
            }
        }
    }
    Ok(())
}

/// Judges of one name are numbered, in the order in which they were named.
fn tell_apart(judges: &mut [JudgeSource]) {
    let mut taken = HashSet::new();
    for judge in judges {
        let name = judge.name.clone();
        let mut number = 2;
        while !taken.insert(judge.name.clone()) {
            judge.name = format!("{name}-{number}");
            number += 1;
        }
    }
}

fn judge_spec(
    text: &str,
    tables: &[JudgeTable],
    secret: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<JudgeSource, ConfigError> {
    let what = || format!("judge `{}`", hide_credentials(text));
    let Some(spec) = Spec::parse(text) else {
        let baselines = Baseline::ALL.iter().map(|(name, _)| *name);
        let known = baselines.chain(["mock", "mock:", "replay:"]).chain(tables.iter().map(|table| table.name.as_str()));
        let problem = format!(
            "not known{}; expected longest, shortest, first, random, mock, mock:accuracy=.8,..., replay:FILE, MODEL@BASE_URL, \
             or a judge of the configuration file",
            did_you_mean(text, known)
        );
        return Err(ConfigError::value(what(), problem));
    };
    let spec = spec.map_err(|problem| ConfigError::value(what(), problem))?;
    let name = spec.name(text);
    let kind = match spec {
        Spec::Baseline(baseline) => JudgeSourceKind::Baseline(baseline),
        Spec::Mock(parameters) => JudgeSourceKind::Mock(parameters),
        Spec::Replay(path) => JudgeSourceKind::Replay(path),
        Spec::Endpoint { model, base_url } => {
            let table = JudgeTable {
                name: name.clone(),
                model: Some(model),
                base_url: Some(base_url),
                ..JudgeTable::default()
            };
            JudgeSourceKind::Endpoint(Box::new(endpoint(&table, secret)?))
        }
    };
    Ok(JudgeSource { name, kind, hash: None })
}

fn judge_table(table: &JudgeTable, secret: &dyn Fn(&str) -> Option<SecretString>) -> Result<JudgeSource, ConfigError> {
    let what = format!("judge `{}`", table.name);
    if table.name.is_empty() || table.name.chars().any(char::is_control) {
        return Err(ConfigError::value(what, "expected a name without control characters"));
    }
    match (&table.spec, &table.model, &table.base_url) {
        (Some(spec), None, None) => {
            let plain = JudgeTable {
                name: table.name.clone(),
                spec: table.spec.clone(),
                hash: table.hash.clone(),
                ..JudgeTable::default()
            };
            if *table != plain {
                let problem =
                    "`spec` stands alone: headers, keys, timeouts and the like belong to `model` and `base_url`";
                return Err(ConfigError::value(what, problem));
            }
            let judge = judge_spec(spec, &[], secret)?;
            Ok(JudgeSource { name: table.name.clone(), hash: table.hash.clone(), ..judge })
        }
        (None, Some(model), Some(_)) if model.trim().is_empty() => {
            Err(ConfigError::value(what, "`model` is empty: expected the name that the endpoint gives it"))
        }
        (None, Some(_), Some(_)) => {
            let kind = JudgeSourceKind::Endpoint(Box::new(endpoint(table, secret)?));
            Ok(JudgeSource { name: table.name.clone(), kind, hash: None })
        }
        _ => Err(ConfigError::value(what, "expected either `spec`, or `model` and `base_url`")),
    }
}

fn endpoint(table: &JudgeTable, secret: &dyn Fn(&str) -> Option<SecretString>) -> Result<EndpointSource, ConfigError> {
    let wrong = |problem: String| ConfigError::value(format!("judge `{}`", table.name), problem);
    let variable = |name: &str| {
        secret(name)
            .ok_or_else(|| wrong(format!("the environment variable {name} is not set: set it, or name another")))
    };
    let key = match &table.api_key_env {
        Some(name) => Some(variable(name)?),
        None => secret("TRIBUNAL_API_KEY"),
    };
    let mut headers: Vec<(String, SecretString)> =
        table.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    for (header, name) in &table.header_envs {
        headers.push((header.clone(), variable(name)?));
    }
    let base_url = table.base_url.as_deref().unwrap_or_default();
    let access = Access::new(base_url, key.as_ref(), &headers).map_err(|error| wrong(error.to_string()))?;
    let model = table.model.clone().unwrap_or_default();
    let identity = table.identity.clone().unwrap_or_else(|| format!("{} {model}", access.host_and_path()));
    let Ok(serde_json::Value::Object(extra)) = serde_json::to_value(&table.extra_body) else {
        return Err(wrong("extra_body: expected a table".to_owned()));
    };
    if let Some(field) = extra.keys().find(|field| is_secret_name(field)) {
        let problem = format!(
            "extra_body: `{field}` looks like a secret, and this table is kept in run.toml: send it in a header, by header_envs"
        );
        return Err(wrong(problem));
    }
    if let Some((name, _)) = table.headers.iter().find(|(_, value)| *value == NOT_KEPT) {
        return Err(wrong(format!(
            "headers: the value of `{name}` is not in the file: put it there, or name a variable in header_envs"
        )));
    }
    if let Some(field) = OWN_FIELDS.iter().find(|field| extra.contains_key(**field)) {
        return Err(wrong(format!("extra_body: `{field}` is not set here: it belongs to the judge or the strategy")));
    }
    let timeouts = timeouts(table).map_err(wrong)?;
    Ok(EndpointSource { model, access, identity, extra, timeouts, table: table.clone() })
}

fn timeouts(table: &JudgeTable) -> Result<Timeouts, String> {
    let seconds = |name: &str, given: Option<f64>, default: Duration| match given {
        None => Ok(default),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
            .ok_or_else(|| format!("{name} = {seconds}: expected a number of seconds above 0")),
    };
    let Timeouts { connect, read, total } = Timeouts::default();
    Ok(Timeouts {
        connect: seconds("connect_timeout", table.connect_timeout, connect)?,
        read: seconds("read_timeout", table.read_timeout, read)?,
        total: seconds("total_timeout", table.total_timeout, total)?,
    })
}
