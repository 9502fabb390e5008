//! The judges of a run: tables of the file and SPECs of the command line, resolved.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::accounts::{AccountSource, accounts};
use super::error::ConfigError;
use super::file::JudgeTable;
use super::spec::Spec;
use crate::judge::{Baseline, Timeouts, hide_credentials, is_secret_name};
use crate::mistake::did_you_mean;
use crate::mock;

/// What stands in `run.toml` for the value of a header, which may be a secret.
pub(super) const NOT_KEPT: &str = "(not kept)";
/// Fields of a request body that the strategy or the program sets.
const OWN_FIELDS: [&str; 7] = ["model", "messages", "temperature", "top_p", "max_tokens", "stream", "n"];

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
    /// Where it is asked, one or more.
    pub accounts: Vec<AccountSource>,
    /// What replies are stored under.
    pub identity: String,
    /// Further fields of every request body.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// The table it came from, for the record.
    pub table: JudgeTable,
}

impl EndpointSource {
    /// Whether all base URLs of both are the same.
    fn is_at_the_places_of(&self, other: &Self) -> bool {
        let (own, others) = (&self.accounts, &other.accounts);
        own.iter().all(|one| others.iter().all(|other| one.access.is_same_place(&other.access)))
    }
}

/// All judges of a run; two of one identity must be meant.
pub(super) fn judges(
    tables: &[JudgeTable],
    specs: &[String],
    secret: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<Vec<JudgeSource>, ConfigError> {
    let mut judges = Vec::new();
    if specs.is_empty() {
        for (at, table) in tables.iter().enumerate() {
            judges.push(judge_table(table, secret).map_err(|error| error.in_table("judge", at))?);
        }
        if judges.is_empty() {
            let kind = JudgeSourceKind::Mock(mock::Parameters::default());
            judges.push(JudgeSource { name: "mock".to_owned(), kind, hash: None });
        }
    }
    for spec in specs {
        judges.push(match tables.iter().position(|table| table.name == *spec) {
            Some(at) => judge_table(&tables[at], secret).map_err(|error| error.in_table("judge", at))?,
            None => judge_spec(spec, tables, secret)?,
        });
    }
    refuse_shared_identities(&judges)
        .map_err(|(at, error)| if specs.is_empty() { error.in_table("judge", at) } else { error })?;
    tell_apart(&mut judges);
    Ok(judges)
}

/// Two endpoints of one identity share their replies: that must be meant. It is where both say so with an `identity` and ask the
/// same model, or where nothing but keys and timeouts tells them apart.
fn refuse_shared_identities(judges: &[JudgeSource]) -> Result<(), (usize, ConfigError)> {
    let endpoints: Vec<_> = judges
        .iter()
        .enumerate()
        .filter_map(|(place, judge)| match &judge.kind {
            JudgeSourceKind::Endpoint(endpoint) => Some((place, judge, endpoint)),
            _ => None,
        })
        .collect();
    for (at, (place, judge, one)) in endpoints.iter().enumerate() {
        for (_, _, other) in endpoints[..at].iter().filter(|(_, _, other)| other.identity == one.identity) {
            let meant = one.table.identity.is_some() && other.table.identity.is_some();
            let same = one.is_at_the_places_of(other) && one.table.headers == other.table.headers;
            if one.model != other.model || !(meant || same) {
                let problem = format!(
                    "it would share the replies of {} at {}, for both have the identity {:?}; if they are the same judge, give both an \
                     `identity` in a configuration file; if not, give each its own",
                    other.model,
                    other.accounts.first().map_or("", |account| &account.name),
                    one.identity
                );
                return Err((*place, ConfigError::value(format!("judge `{}`", judge.name), problem)));
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
    let what = || {
        if text.starts_with("sk-") {
            "judge (it looks like a key, and is not shown)".to_owned()
        } else {
            format!("judge `{}`", hide_credentials(text))
        }
    };
    let Some(spec) = Spec::parse(text) else {
        let baselines = Baseline::ALL.iter().map(|(name, _)| *name);
        let known = baselines.chain(["mock", "mock:", "replay:"]).chain(tables.iter().map(|table| table.name.as_str()));
        let problem = format!(
            "not known{} (there are longest, shortest, first, random, mock, mock:accuracy=.8,..., replay:FILE, MODEL@BASE_URL \
             such as gpt-4o@https://api.openai.com/v1, and each [[judge]] of the configuration file)",
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
    let wrong = |key, problem| ConfigError::value(format!("judge `{}`", table.name), problem).in_key(key);
    if table.name.is_empty() || table.name.chars().any(char::is_control) {
        return Err(wrong("name", "expected a name without control characters"));
    }
    let base_url = table.base_url.as_ref().or_else(|| table.base_urls.first());
    match (&table.spec, &table.model, base_url) {
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
                return Err(wrong("spec", problem));
            }
            let judge = judge_spec(spec, &[], secret).map_err(|error| error.in_key("spec"))?;
            Ok(JudgeSource { name: table.name.clone(), hash: table.hash.clone(), ..judge })
        }
        (None, Some(model), Some(_)) if model.trim().is_empty() => {
            Err(wrong("model", "`model` is empty: expected the name that the endpoint gives it"))
        }
        (None, Some(_), Some(_)) => {
            let kind = JudgeSourceKind::Endpoint(Box::new(endpoint(table, secret)?));
            Ok(JudgeSource { name: table.name.clone(), kind, hash: None })
        }
        (Some(_), _, _) => Err(wrong(
            "spec",
            "`spec` stands beside `model` or `base_url`: expected either `spec`, or `model` and `base_url`",
        )),
        (None, Some(_), None) => {
            Err(wrong("model", "`base_url` is missing: expected either `spec`, or `model` and `base_url`"))
        }
        (None, None, Some(_)) => {
            Err(wrong("base_url", "`model` is missing: expected either `spec`, or `model` and `base_url`"))
        }
        (None, None, None) => {
            let what = format!("judge `{}`", table.name);
            Err(ConfigError::value(what, "expected either `spec`, or `model` and `base_url`"))
        }
    }
}

fn endpoint(table: &JudgeTable, secret: &dyn Fn(&str) -> Option<SecretString>) -> Result<EndpointSource, ConfigError> {
    let wrong = |key, problem: String| ConfigError::value(format!("judge `{}`", table.name), problem).in_key(key);
    let accounts = accounts(table, secret)?;
    let host_and_path = accounts.first().map(|account| account.access.host_and_path()).unwrap_or_default();
    let model = table.model.clone().unwrap_or_default();
    let identity = table.identity.clone().unwrap_or_else(|| format!("{host_and_path} {model}"));
    let Ok(serde_json::Value::Object(extra)) = serde_json::to_value(&table.extra_body) else {
        return Err(wrong("extra_body", "extra_body: expected a table".to_owned()));
    };
    if let Some(field) = extra.keys().find(|field| is_secret_name(field)) {
        let problem = format!(
            "extra_body: `{field}` looks like a secret, and this table is kept in run.toml: send it in a header, by header_envs"
        );
        return Err(wrong("extra_body", problem));
    }
    if let Some((name, _)) = table.headers.iter().find(|(_, value)| *value == NOT_KEPT) {
        let problem = format!(
            "headers: the value of `{name}` is not in the file: put it there, or name a variable in header_envs"
        );
        return Err(wrong("headers", problem));
    }
    if let Some(field) = OWN_FIELDS.iter().find(|field| extra.contains_key(**field)) {
        let problem = format!("extra_body: `{field}` is not set here: it belongs to the judge or the strategy");
        return Err(wrong("extra_body", problem));
    }
    let timeouts = timeouts(table).map_err(|(key, problem)| wrong(key, problem))?;
    Ok(EndpointSource { model, accounts, identity, extra, timeouts, table: table.clone() })
}

fn timeouts(table: &JudgeTable) -> Result<Timeouts, (&'static str, String)> {
    let seconds = |name: &'static str, given: Option<f64>, default: Duration| match given {
        None => Ok(default),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
            .ok_or_else(|| (name, format!("{name} = {seconds}: expected a number of seconds above 0"))),
    };
    let Timeouts { connect, read, total } = Timeouts::default();
    Ok(Timeouts {
        connect: seconds("connect_timeout", table.connect_timeout, connect)?,
        read: seconds("read_timeout", table.read_timeout, read)?,
        total: seconds("total_timeout", table.total_timeout, total)?,
    })
}
