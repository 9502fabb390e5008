//! What is wrong with a strategy file, told so that a person finds the place.

use std::fmt;

/// A strategy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyError {
    /// The file, or the name of a shipped strategy.
    pub origin: String,
    /// The line in the file, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
    /// The line itself.
    pub excerpt: Option<String>,
}

impl StrategyError {
    pub(super) fn new(origin: &str, problem: impl Into<String>) -> Self {
        Self { origin: origin.to_owned(), line: None, problem: problem.into(), excerpt: None }
    }

    pub(super) fn at_line(mut self, source: &str, line: usize) -> Self {
        self.line = Some(line);
        self.excerpt = source.lines().nth(line.saturating_sub(1)).map(|text| text.chars().take(160).collect());
        self
    }
}

impl fmt::Display for StrategyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "strategy {}", self.origin)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)?;
        if let (Some(line), Some(excerpt)) = (self.line, &self.excerpt) {
            write!(f, "\n  {line} | {excerpt}")?;
        }
        Ok(())
    }
}

impl std::error::Error for StrategyError {}
