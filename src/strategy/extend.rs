//! Variants: a strategy file of a few lines that go over a shipped strategy.

use toml::{Table, Value};

use super::error::StrategyError;
use super::place::line_of;
use super::shipped::{shipped_names, shipped_source};
use crate::mistake::did_you_mean;

const KEY: &str = "extends";

/// The text of the strategy that a variant comes to; `None` of a file that is no variant.
pub(super) fn extended(source: &str, origin: &str) -> Result<Option<String>, StrategyError> {
    // What is no TOML is told by who reads it whole.
    let Ok(mut variant) = source.parse::<Table>() else { return Ok(None) };
    let Some(base) = variant.remove(KEY) else { return Ok(None) };
    let wrong = |problem: String| {
        let line = source.lines().position(|line| line.trim_start().starts_with(KEY));
        let error = StrategyError::new(origin, problem);
        line.map_or(error.clone(), |line| error.at_line(source, line + 1))
    };
    let name = base.as_str().unwrap_or_default();
    let Some(base) = shipped_source(name) else {
        let hint = did_you_mean(name, shipped_names());
        return Err(wrong(format!("extends: no shipped strategy is called {name:?}{hint}")));
    };
    if !variant.contains_key("name") {
        return Err(wrong("a variant needs a name of its own: expected a line such as name = \"mine\"".to_owned()));
    }
    let mut merged: Table = base.parse().map_err(|error| wrong(format!("extends {name}: {error}")))?;
    merge(&mut merged, variant);
    toml::to_string(&merged).map(Some).map_err(|error| wrong(error.to_string()))
}

/// Tables are merged key by key; anything else stands in the place of what was there.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

/// An error in what a variant comes to, told of the variant's own file: by the line that reads the same there, if one does.
pub(super) fn in_variant(error: &StrategyError, source: &str) -> StrategyError {
    let excerpt = error.excerpt.as_deref().unwrap_or_default().trim();
    let found = (!excerpt.is_empty()).then(|| source.find(excerpt)).flatten();
    let plain = StrategyError { line: None, excerpt: None, caret: None, ..error.clone() };
    match found {
        Some(at) => plain.at_line(source, line_of(source, at)),
        None if excerpt.is_empty() => plain,
        None => StrategyError { problem: format!("{} (in `{excerpt}`, of what it extends)", plain.problem), ..plain },
    }
}
