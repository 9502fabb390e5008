//! The configuration file as written. A run folder's `run.toml` has the same form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ConfigError;
use crate::bench::Task;
use crate::plan::Orders;
use crate::score::{Ties, UnparsedPolicy};

/// A configuration file: its `[[bench]]`, `[[judge]]` and `[[strategy]]` tables are run as their product.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// How everything is run.
    #[serde(default)]
    pub run: RunTable,
    /// What is asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bench: Vec<BenchTable>,
    /// Who is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judge: Vec<JudgeTable>,
    /// How.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<StrategyTable>,
}

/// `[run]`: each field is the flag of the same name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunTable {
    /// The version of Tribunal that wrote this record; told, not heeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tribunal: Option<String>,
    /// Seed of every random draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// `seeded` or `both`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Orders>,
    /// Samples in each order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// Tasks to run; all where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Vec<Task>>,
    /// Take part of each benchmark: whole conversations, drawn by the seed, until there are so many items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What a tie is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ties: Option<Ties>,
    /// What an unparsed reply is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unparsed: Option<UnparsedPolicy>,
    /// The most requests in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
    /// The run's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
    /// The store's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<PathBuf>,
}

/// A `[[bench]]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchTable {
    /// What reports call it.
    pub name: String,
    /// Where it is; the embedded sample where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Its format; found from the files where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The hash that its items must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A `[[judge]]`: either `spec`, or `model` and `base_url`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeTable {
    /// What reports call it.
    pub name: String,
    /// A baseline, `mock:...` or `replay:FILE`, as on the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// The model, as its endpoint calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The base URL, such as `https://api.openai.com/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// What replies are stored under, in place of host, path and model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Further headers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Further headers whose values are in environment variables: header name to variable name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header_envs: BTreeMap<String, String>,
    /// Further fields of every request body.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub extra_body: toml::Table,
    /// Seconds to accept a connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<f64>,
    /// Seconds without a byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<f64>,
    /// Seconds for a whole answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_timeout: Option<f64>,
    /// The hash that its recorded replies must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A `[[strategy]]`: the name of a shipped one, or a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrategyTable {
    /// The name of a shipped strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A strategy file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The hash that it must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl ConfigFile {
    /// Reads a file; relative paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable =
            |error: std::io::Error| ConfigError::Unreadable { path: path.to_path_buf(), problem: error.to_string() };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let mut config = Self::parse(&text, path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let paths = [&mut config.run.out, &mut config.run.store].into_iter();
        let paths = paths.chain(config.bench.iter_mut().map(|bench| &mut bench.path));
        let paths = paths.chain(config.strategy.iter_mut().map(|strategy| &mut strategy.file));
        for path in paths.flatten() {
            *path = folder.join(&*path);
        }
        for judge in &mut config.judge {
            if let Some(file) = judge.spec.as_ref().and_then(|spec| spec.strip_prefix("replay:")) {
                judge.spec = Some(format!("replay:{}", folder.join(file).display()));
            }
        }
        Ok(config)
    }

    /// Reads the text of a file, which is named in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::File {
            path: path.to_path_buf(),
            message: without_secrets(&in_plain_words(&error.to_string())),
        })
    }
}

/// The message of an error, whose excerpt of the file may hold a key: where the line speaks of one, what it says is left out.
fn without_secrets(message: &str) -> String {
    let mut advice = "";
    let lines: Vec<String> = message
        .split('\n')
        .map(|line| {
            let Some((number, text)) = line.split_once(" | ").filter(|(number, _)| number.trim().parse::<u32>().is_ok())
            else {
                return line.to_owned();
            };
            let name = text.split('=').next().unwrap_or_default();
            let speaks = ["key", "token", "secret", "passw", "auth", "bearer", "header", "sk-", "://"];
            if !speaks.iter().any(|word| text.to_ascii_lowercase().contains(word)) || name.len() == text.len() {
                return line.to_owned();
            }
            advice = "\nKeys do not stand in the file: put one into an environment variable, and name that in api_key_env or header_envs";
            format!("{number} | {name}= ...")
        })
        .collect();
    lines.join("\n") + advice
}

/// The error of `toml` shows line, column, the line itself and a caret, and names types in Rust's words.
fn in_plain_words(error: &str) -> String {
    let error = error.trim_end();
    let number = ["expected u64", "expected u32", "expected usize"].iter().find_map(|rust| error.strip_suffix(rust));
    number.map_or_else(|| error.to_owned(), |before| format!("{before}expected a whole number, 0 or more"))
}
