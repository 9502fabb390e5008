//! The text of a configuration file, and where in it a value stands.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::file::{BenchTable, JudgeTable, RunTable, StrategyTable};
use crate::mistake::{Excerpt, Mistake, of_system};

/// Words of a line that may hold a secret.
const SECRET_WORDS: [&str; 9] = ["key", "token", "secret", "passw", "auth", "bearer", "header", "sk-", "://"];
const ADVICE: &str = "; keys do not stand in the file: put one into an environment variable, and name that in api_key_env or header_envs";

/// A configuration file, to point into.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    pub(super) fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_path_buf(), text: text.to_owned() }
    }

    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_path_buf(), problem: of_system(&error) })?;
        Ok(Self { path: path.to_path_buf(), text })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What `toml` found wrong.
    pub(super) fn toml_error(&self, error: &toml::de::Error) -> ConfigError {
        let (mut mistake, hidden) = self.without_secrets(Mistake::of_toml(error, &self.text));
        let unknown = error.message().strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        if let Some((key, table)) = unknown.and_then(|key| Some((key, home_of(key)?))) {
            mistake.problem = format!("`{key}` stands in the wrong place: it belongs under {table}");
        }
        if hidden {
            mistake.problem += ADVICE;
        }
        self.error(mistake)
    }

    /// The error with the line on which its value stands, where it stands in this file.
    #[must_use]
    pub fn locate(&self, error: ConfigError) -> ConfigError {
        let ConfigError::Value { what, problem, place } = &error else { return error };
        let Some(span) = self.span(place) else { return error };
        let place = Some(Excerpt::of(&self.text, span));
        self.error(self.without_secrets(Mistake { place, problem: format!("{what}: {problem}") }).0)
    }

    fn error(&self, mistake: Mistake) -> ConfigError {
        ConfigError::File { path: self.path.clone(), mistake }
    }

    /// The line that is shown may hold a key: where it speaks of one, what it says is left out.
    fn without_secrets(&self, mut mistake: Mistake) -> (Mistake, bool) {
        let Some(place) = &mut mistake.place else { return (mistake, false) };
        // Limits on tokens are no secrets.
        let line = place.text.to_ascii_lowercase().replace("tokens", "");
        let above = self.text.lines().take(place.line.saturating_sub(1));
        let table = above.filter(|line| line.trim_start().starts_with('[')).last().unwrap_or_default();
        let speaks = SECRET_WORDS.iter().any(|word| line.contains(word)) || table.contains("header");
        if line.trim_start().starts_with('[') || !speaks {
            return (mistake, false);
        }
        let name = place.text.split_once('=').map_or("", |(name, _)| name);
        let kept = if name.is_empty() { String::new() } else { format!("{name}= ") };
        let shown = kept.chars().count();
        if place.column > name.chars().count() {
            (place.column, place.width) = (shown + 1, 3);
        }
        place.text = kept + "...";
        (mistake, true)
    }

    fn span(&self, place: &Place) -> Option<Range<usize>> {
        let (name, at) = place.table?;
        let file = DeTable::parse(&self.text).ok()?;
        let written = file.get_ref().get(name)?;
        let table = match written.get_ref() {
            DeValue::Array(tables) => tables.get(at)?,
            _ => written,
        };
        let Some(key) = place.key else { return Some(table.span()) };
        let value = table.get_ref().as_table().and_then(|table| table.get(key));
        Some(value.map_or_else(|| table.span(), toml::Spanned::span))
    }
}

/// The one table that knows a key, as its header is written; `None` where several do.
fn home_of(key: &str) -> Option<&'static str> {
    let tables = [
        ("[run]", schemars::schema_for!(RunTable)),
        ("[[judge]]", schemars::schema_for!(JudgeTable)),
        ("[[bench]]", schemars::schema_for!(BenchTable)),
        ("[[strategy]]", schemars::schema_for!(StrategyTable)),
    ];
    let knows = |schema: &schemars::Schema| schema.get("properties").is_some_and(|known| known.get(key).is_some());
    let mut homes = tables.into_iter().filter(|(_, schema)| knows(schema)).map(|(header, _)| header);
    homes.next().filter(|_| homes.next().is_none())
}
