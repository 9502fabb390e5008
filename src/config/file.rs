//! The configuration file as written. A run folder's `run.toml` has the same form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::ConfigError;
use super::source::Source;
use crate::ask::TokenCharge;
use crate::attack::EachPair;
use crate::bench::Task;
use crate::money::{Prices, Rates, Usd};
use crate::plan::Orders;
use crate::score::{Ties, UnparsedPolicy};

/// A configuration of `tribunal run`: every `[[judge]]` is asked about every `[[bench]]` with every `[[strategy]]`. Flags go over
/// what stands here; relative paths are relative to this file's folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// How everything is run. Each key is the flag of the same name.
    #[serde(default)]
    pub run: RunTable,
    /// What is asked about: one table a benchmark. Without one, the sample that is embedded in the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bench: Vec<BenchTable>,
    /// Who is asked: one table a judge. Without one, the simulated judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judge: Vec<JudgeTable>,
    /// How judges are asked: one table a strategy. Without one, `pairwise-explain`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<StrategyTable>,
    /// Attacks: each item is asked about as a pair of its gold and one other answer, as it was and with that answer under attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<AttackTable>,
}

/// Attacks on judges, as `tribunal attack` makes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttackTable {
    /// A file of attacks; the shipped set where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Which attacks each pair meets: `one`, drawn by the seed, or `all`; `one` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<EachPair>,
    /// The hash that the set must have, as `run.toml` of a finished run tells it; the run is refused if it has another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// How everything is run. Each key is the flag of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunTable {
    /// The version of Tribunal that wrote this record; told, not heeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tribunal: Option<String>,
    /// Seed of every random draw: which text stands first, what baselines and simulated judges answer. 0 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// In which orders each comparison is asked; `seeded` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Orders>,
    /// How often each comparison is asked in each order; 1 where it is left out.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// The tasks to run; all where it is left out.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Vec<Task>>,
    /// Take part of each benchmark: whole conversations, drawn by the seed, until there are so many items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What a tie is worth; `wrong` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ties: Option<Ties>,
    /// What a reply without a readable verdict is worth; `wrong` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unparsed: Option<UnparsedPolicy>,
    /// The most requests in flight at a time; 32 where it is left out.
    #[schemars(range(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
    /// A file of prices in the format of LiteLLM's `model_prices_and_context_window.json`, for judges without a `price` of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<PathBuf>,
    /// The most that this run's folder may ever cost, in US dollars; no limit where it is left out.
    #[schemars(with = "Option<f64>", extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Usd>,
    /// Stop asking a cell once half the width of its interval is at most this.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 0.5))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The folder for the results; `runs/` and a name made of judges, strategies and benchmarks where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
    /// The file in which replies are kept, which runs may share; `tribunal.db` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<PathBuf>,
}

/// A benchmark.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BenchTable {
    /// What reports call it; each benchmark has its own name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// A folder in RMB's layout, or a file of items, one JSON object a line; the embedded sample where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// The format of its files; found from them where it is left out.
    #[schemars(extend("enum" = crate::bench::Format::NAMES))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The hash that its items must have, as `run.toml` of a finished run tells it; the run is refused if they have another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A judge: either `spec` alone, or `model` and `base_url` of an OpenAI-compatible endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["spec"], "not": { "anyOf": [{ "required": ["model"] }, { "required": ["base_url"] }, { "required": ["base_urls"] }] } },
    { "required": ["model", "base_url"], "not": { "anyOf": [{ "required": ["spec"] }, { "required": ["base_urls"] }] } },
    { "required": ["model", "base_urls"], "not": { "anyOf": [{ "required": ["spec"] }, { "required": ["base_url"] }] } },
]))]
pub struct JudgeTable {
    /// What reports call it, and `--judge` may.
    #[schemars(length(min = 1))]
    pub name: String,
    /// As on the command line: `longest`, `shortest`, `first`, `random` (baselines), `mock` or `mock:accuracy=.8,...` (the simulated
    /// judge), `replay:FILE` (recorded replies), or `MODEL@BASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// The model, as its endpoint calls it, such as `gpt-4o`.
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The base URL of the endpoint, such as `https://api.openai.com/v1`; requests go to `/chat/completions` below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Several base URLs in place of one: replicas that answer alike. Each is an account of its own, and is asked what it has room for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_urls: Vec<String>,
    /// The name of the environment variable that holds the key, never the key itself; `TRIBUNAL_API_KEY` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// The names of several variables: a key for each of `base_urls`, or several keys of one base URL, each an account of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub api_key_envs: Vec<String>,
    /// What replies are stored under, in place of host, path and model: judges of one identity share their replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Further headers of every request, by name. Secrets belong into `header_envs`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Further headers whose values are in environment variables: the header's name, and the name of its variable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header_envs: BTreeMap<String, String>,
    /// Further fields of every request body, such as `{ top_k = 5 }`. They are part of what replies are stored under.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub extra_body: toml::Table,
    /// Seconds to wait for a connection.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<f64>,
    /// Seconds to wait while no byte comes.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<f64>,
    /// Whether keys and secret headers may be sent over plain http to another machine, where others can read them; refused where it is left
    /// out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_http: Option<bool>,
    /// Seconds to wait for a whole answer.
    #[schemars(extend("exclusiveMinimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_timeout: Option<f64>,
    /// The most requests in any minute, of each account, or a list with one number for each; limits that are left out are found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<Each>,
    /// The most requests in any 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<Each>,
    /// The most tokens, of requests and replies together, in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<Each>,
    /// The most tokens of requests in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_per_minute: Option<Each>,
    /// The most tokens of replies in any minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_per_minute: Option<Each>,
    /// What a limit on tokens is charged: `used`, the tokens of prompt and reply; or `reserved`, those of the prompt and the most that the
    /// reply may have. Found out where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_charged: Option<TokenCharge>,
    /// The most requests in flight at each account; found out where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<Each>,
    /// What its tokens cost; without it, no money is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceTable>,
    /// The hash that the recorded replies of a `replay:FILE` must have; the run is refused if they have another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What tokens cost, in US dollars a million, and what each request costs besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// Tokens of requests.
    #[schemars(with = "f64", extend("minimum" = 0))]
    pub input: Usd,
    /// Tokens of requests that the endpoint had read before; as `input` where it is left out.
    #[schemars(with = "Option<f64>", extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Usd>,
    /// Tokens of replies.
    #[schemars(with = "f64", extend("minimum" = 0))]
    pub output: Usd,
    /// Tokens that were thought and not said; as `output` where it is left out.
    #[schemars(with = "Option<f64>", extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Usd>,
    /// One request, in US dollars.
    #[schemars(with = "Option<f64>", extend("minimum" = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Usd>,
}

impl PriceTable {
    /// The prices that it tells.
    #[must_use]
    pub fn prices(self) -> Prices {
        let Self { input, cached_input, output, reasoning, request } = self;
        Prices::new(Rates { input, cached_input, output, reasoning }, Vec::new(), request.unwrap_or_default())
    }
}

/// A number for every account of a judge, or one for each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a whole number, or a list with one for each account")]
#[schemars(inline)]
pub enum Each {
    /// The same for every account.
    All(#[schemars(range(min = 1))] u64),
    /// One for each account, in their order.
    Listed(#[schemars(inner(range(min = 1)))] Vec<u64>),
}

/// A way of asking: the name of a shipped strategy (`tribunal prompts list`), or a strategy file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["name"] }, { "required": ["file"] }]))]
pub struct StrategyTable {
    /// The name of a shipped strategy; beside `file`, the name that the file must give itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A strategy file, ending in `.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The hash that the strategy must have; the run is refused if it has another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl ConfigFile {
    /// Reads a file; relative paths in it are relative to its folder. The source is there to point into.
    pub fn read(path: &Path) -> Result<(Self, Source), ConfigError> {
        let source = Source::read(path)?;
        let mut config = Self::of_source(&source)?;
        config.rebase(path.parent().unwrap_or(Path::new("")));
        Ok((config, source))
    }

    /// Reads the text of a file, which is named in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        Self::of_source(&Source::new(path, text))
    }

    fn of_source(source: &Source) -> Result<Self, ConfigError> {
        toml::from_str(source.text()).map_err(|error| source.toml_error(&error))
    }

    /// Puts a folder before every relative path.
    pub fn rebase(&mut self, folder: &Path) {
        let paths = [&mut self.run.out, &mut self.run.store, &mut self.run.prices].into_iter();
        let paths = paths.chain(self.bench.iter_mut().map(|bench| &mut bench.path));
        let paths = paths.chain(self.strategy.iter_mut().map(|strategy| &mut strategy.file));
        for path in paths.flatten() {
            *path = folder.join(&*path);
        }
        for judge in &mut self.judge {
            if let Some(file) = judge.spec.as_ref().and_then(|spec| spec.strip_prefix("replay:")) {
                judge.spec = Some(format!("replay:{}", folder.join(file).display()));
            }
        }
    }
}
