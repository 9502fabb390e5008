//! The record of a run's configuration, `run.toml`: in the form of a configuration file, without secrets.

use toml::{Table, Value};

use super::file::{AttackTable, BenchTable, ConfigFile, JudgeTable, RunTable, StrategyTable};
use super::judges::{JudgeSource, JudgeSourceKind, NOT_KEPT};
use super::resolved::{Resolved, StrategyPlace};
use crate::digest::Digest;
use crate::judge::{Judge, JudgeKind, hide_credentials};
use crate::strategy::Strategy;

/// Fields that say where things are and how they are fetched, and so decide no result.
const PLACES: [&str; 28] = [
    "attack.file",
    "judge.allow_http",
    "run.tribunal",
    "run.prices",
    "run.budget",
    "run.precision",
    "judge.price",
    "run.concurrency",
    "run.out",
    "run.store",
    "bench.path",
    "bench.format",
    "judge.base_url",
    "judge.base_urls",
    "judge.api_key_env",
    "judge.api_key_envs",
    "judge.in_flight",
    "judge.tokens_charged",
    "judge.header_envs",
    "judge.connect_timeout",
    "judge.requests_per_minute",
    "judge.requests_per_day",
    "judge.tokens_per_minute",
    "judge.input_tokens_per_minute",
    "judge.output_tokens_per_minute",
    "judge.read_timeout",
    "judge.total_timeout",
    "strategy.file",
];

/// The hashes of what was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Of each benchmark, in the order of the configuration.
    pub benches: Vec<Digest>,
    /// Of the attacks, where there are such.
    pub attacks: Option<Digest>,
}

/// What was run: the resolved configuration with the hashes of what was read. Keys are named by their variables, and the
/// values of headers are left out.
#[must_use]
pub fn record(resolved: &Resolved, hashes: &Hashes, judges: &[Judge], strategies: &[Strategy]) -> ConfigFile {
    let run = RunTable {
        tribunal: Some(env!("CARGO_PKG_VERSION").to_owned()),
        seed: Some(resolved.seed),
        orders: Some(resolved.orders),
        samples: Some(resolved.samples),
        task: Some(resolved.tasks.clone()),
        limit: resolved.limit,
        ties: Some(resolved.policy.ties),
        unparsed: Some(resolved.policy.unparsed),
        concurrency: Some(resolved.concurrency),
        prices: resolved.prices.as_ref().map(|path| absolute(path)),
        budget: resolved.budget,
        precision: resolved.precision,
        out: None,
        store: None,
    };
    let bench = resolved.benches.iter().zip(&hashes.benches).map(|(source, hash)| BenchTable {
        name: source.name.clone(),
        path: source.path.as_ref().map(|path| absolute(path)),
        format: None,
        hash: Some(hash.to_string()),
    });
    let judge = resolved.judges.iter().zip(judges).map(|(source, judge)| judge_record(source, judge));
    let strategy = strategies.iter().zip(&resolved.strategies).map(|(strategy, source)| {
        let hash = Some(strategy.hash.to_string());
        match &source.place {
            StrategyPlace::Shipped(_) => StrategyTable { name: Some(strategy.name.clone()), file: None, hash },
            StrategyPlace::File(path) => {
                StrategyTable { name: Some(strategy.name.clone()), file: Some(absolute(path)), hash }
            }
        }
    });
    let attack = resolved.attack.as_ref().map(|source| AttackTable {
        file: source.file.as_ref().map(|path| absolute(path)),
        each: Some(source.each),
        hash: hashes.attacks.map(|hash| hash.to_string()),
    });
    ConfigFile { run, bench: bench.collect(), judge: judge.collect(), strategy: strategy.collect(), attack }
}

fn absolute(path: &std::path::Path) -> std::path::PathBuf {
    std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
}

fn judge_record(source: &JudgeSource, judge: &Judge) -> JudgeTable {
    let name = judge.name.clone();
    let spec = |spec: String| JudgeTable { name: name.clone(), spec: Some(spec), ..JudgeTable::default() };
    match (&source.kind, &judge.kind) {
        (JudgeSourceKind::Endpoint(endpoint), _) => JudgeTable {
            name,
            base_url: endpoint.table.base_url.as_deref().map(hide_credentials),
            base_urls: endpoint.table.base_urls.iter().map(|url| hide_credentials(url)).collect(),
            identity: Some(endpoint.identity.clone()),
            headers: endpoint.table.headers.keys().map(|name| (name.clone(), NOT_KEPT.to_owned())).collect(),
            ..endpoint.table.clone()
        },
        (JudgeSourceKind::Baseline(baseline), _) => {
            let known = crate::judge::Baseline::ALL.iter().find(|(_, known)| known == baseline);
            spec(known.map_or("", |(name, _)| name).to_owned())
        }
        (JudgeSourceKind::Mock(parameters), _) => spec(format!("mock:{parameters}")),
        (JudgeSourceKind::Replay(path), JudgeKind::Replay(replay)) => {
            let table = spec(format!("replay:{}", absolute(path).display()));
            JudgeTable { hash: Some(replay.hash.to_string()), ..table }
        }
        (JudgeSourceKind::Replay(path), _) => spec(format!("replay:{}", path.display())),
    }
}

/// Where two records differ in what decides results: `run.seed is 0 there and 1 here`.
#[must_use]
pub fn differences(there: &ConfigFile, here: &ConfigFile) -> Vec<String> {
    let flat = |config: &ConfigFile| {
        let mut fields = Table::new();
        flatten("", "", &Value::try_from(config).unwrap_or(Value::Boolean(false)), &mut fields);
        fields
    };
    let (there, here) = (flat(there), flat(here));
    let names: std::collections::BTreeSet<_> = there.keys().chain(here.keys()).collect();
    let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), ToString::to_string);
    let differs = names.into_iter().filter(|name| there.get(*name) != here.get(*name));
    differs
        .map(|name| format!("{name} is {} there and {} here", shown(there.get(name)), shown(here.get(name))))
        .collect()
}

/// Every leaf under its dotted name (`judge[0].model`); `kind` is the name without numbers, by which places are left out.
fn flatten(name: &str, kind: &str, value: &Value, fields: &mut Table) {
    let below = |parent: &str, key: &str| if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") };
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                flatten(&below(name, key), &below(kind, key), value, fields);
            }
        }
        Value::Array(values) if values.iter().any(Value::is_table) => {
            for (at, value) in values.iter().enumerate() {
                flatten(&format!("{name}[{at}]"), kind, value, fields);
            }
        }
        _ if PLACES.iter().any(|place| kind == *place || kind.starts_with(&format!("{place}."))) => {}
        Value::String(spec) if kind == "judge.spec" && spec.starts_with("replay:") => {}
        leaf => {
            fields.insert(name.to_owned(), leaf.clone());
        }
    }
}
