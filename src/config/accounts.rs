//! The accounts of a judge: its base URLs and keys, each with limits of its own.

use secrecy::SecretString;

use super::error::ConfigError;
use super::file::{Each, JudgeTable};
use crate::ask::Limits;
use crate::judge::{Access, AccessError, looks_like_a_key};

/// The environment variable with the key of every endpoint that names none.
pub const ANY_KEY: &str = "TRIBUNAL_API_KEY";

/// One account of a judge.
#[derive(Debug)]
pub struct AccountSource {
    /// What people are told of it: its base URL, and the variable of its key where that tells it apart.
    pub name: String,
    /// How to be let in.
    pub access: Access,
    /// What may be spent at it.
    pub limits: Limits,
}

/// A key of the table, and what is wrong with its value.
type Wrong = (&'static str, String);

/// The accounts of a judge, one or more: each base URL with its key, or one base URL with each of several keys.
pub(super) fn accounts(
    table: &JudgeTable,
    secret: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<Vec<AccountSource>, ConfigError> {
    let wrong = |(key, problem): Wrong| ConfigError::value(format!("judge `{}`", table.name), problem).in_key(key);
    let urls = one_or_several("base_url", "base_urls", table.base_url.as_ref(), &table.base_urls).map_err(wrong)?;
    let keys = one_or_several("api_key_env", "api_key_envs", table.api_key_env.as_ref(), &table.api_key_envs)
        .map_err(wrong)?;
    let count = urls.len().max(keys.len());
    if urls.len() != count && urls.len() != 1 || keys.len() != count && keys.len() > 1 {
        let problem = format!(
            "{} keys for {} base URLs: expected one key for all, one for each, or several for one base URL",
            keys.len(),
            urls.len()
        );
        return Err(wrong(("api_key_envs", problem)));
    }
    let of = |list: &[&String], at: usize| list.get(at).or(list.first()).map(|one| (*one).clone());
    let account = |at: usize| {
        let (url, key) = (of(&urls, at).unwrap_or_default(), of(&keys, at));
        let access = access(table, &url, key.as_deref(), secret)?;
        let name = match key.filter(|_| urls.len() == 1 && count > 1) {
            Some(key) => format!("{} with ${key}", access.shown()),
            None => access.shown(),
        };
        Ok(AccountSource { name, access, limits: limits(table, at, count)? })
    };
    (0..count).map(account).collect::<Result<_, _>>().map_err(wrong)
}

/// The value of a key, or those of its plural.
fn one_or_several<'a>(
    one: &str,
    several: &'static str,
    value: Option<&'a String>,
    values: &'a [String],
) -> Result<Vec<&'a String>, Wrong> {
    if value.is_some() && !values.is_empty() {
        return Err((several, format!("`{several}` stands beside `{one}`: leave one of them out")));
    }
    Ok(value.into_iter().chain(values).collect())
}

fn access(
    table: &JudgeTable,
    base_url: &str,
    key: Option<&str>,
    secret: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<Access, Wrong> {
    let (url_key, key_key) = (
        if table.base_urls.is_empty() { "base_url" } else { "base_urls" },
        if table.api_key_envs.is_empty() { "api_key_env" } else { "api_key_envs" },
    );
    let variable = |place, name: &str| secret(name).ok_or_else(|| (place, not_set(name)));
    let value = match key {
        Some(name) => Some(variable(key_key, name)?),
        None => secret(ANY_KEY),
    };
    let mut headers: Vec<(String, SecretString)> =
        table.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    for (header, name) in &table.header_envs {
        headers.push((header.clone(), variable("header_envs", name)?));
    }
    let access = Access::new(base_url, value.as_ref(), &headers).map_err(|error| match &error {
        AccessError::Url { .. } => (url_key, error.to_string()),
        AccessError::Key => (key_key, format!("{error}: set ${} anew", key.unwrap_or(ANY_KEY))),
        AccessError::Header(name) if table.headers.contains_key(name) => ("headers", error.to_string()),
        AccessError::Header(_) => ("header_envs", error.to_string()),
    })?;
    if access.is_exposed() && table.allow_http != Some(true) {
        let problem = format!(
            "the key would travel unencrypted to {}: use https, or unset the key, or say allow_http = true in a configuration file",
            access.shown()
        );
        return Err((url_key, problem));
    }
    Ok(access)
}

/// A variable that is not set. Who put the key itself where its name belongs does not want to read it here.
fn not_set(name: &str) -> String {
    if looks_like_a_key(name) {
        return "expected the name of an environment variable, found what looks like a key: put the key into a variable, and the \
                variable's name here"
            .to_owned();
    }
    format!("the environment variable {name} is not set, or is empty: set it, or name another")
}

/// The limits of the account at a place.
fn limits(table: &JudgeTable, at: usize, count: usize) -> Result<Limits, Wrong> {
    let each = |name: &'static str, given: &Option<Each>| {
        let (list, most) = match given {
            None => return Ok(None),
            Some(Each::All(most)) => (None, Some(*most)),
            Some(Each::Listed(list)) => (Some(list), list.get(at).copied()),
        };
        if let Some(list) = list.filter(|list| list.len() != count) {
            let problem =
                format!("{name}: a list of {} for {count} accounts: expected one number for each", list.len());
            return Err((name, problem));
        }
        match most {
            Some(0) => Err((name, format!("{name} = 0: expected 1 or more, or leave it out"))),
            most => Ok(most),
        }
    };
    Ok(Limits {
        in_flight: each("in_flight", &table.in_flight)?,
        tokens_charged: table.tokens_charged,
        requests_per_minute: each("requests_per_minute", &table.requests_per_minute)?,
        requests_per_day: each("requests_per_day", &table.requests_per_day)?,
        tokens_per_minute: each("tokens_per_minute", &table.tokens_per_minute)?,
        input_tokens_per_minute: each("input_tokens_per_minute", &table.input_tokens_per_minute)?,
        output_tokens_per_minute: each("output_tokens_per_minute", &table.output_tokens_per_minute)?,
    })
}
