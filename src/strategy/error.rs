//! What is wrong with a strategy file, told so that a person finds the place.

use std::fmt;
use std::ops::Range;

use crate::mistake::Excerpt;

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
    /// The first character of the line that is meant, counted from 1, and how many are, where that is known.
    pub caret: Option<(u8, u8)>,
}

impl StrategyError {
    pub(super) fn new(origin: &str, problem: impl Into<String>) -> Self {
        Self { origin: origin.to_owned(), line: None, problem: problem.into(), excerpt: None, caret: None }
    }

    pub(super) fn at_line(mut self, source: &str, line: usize) -> Self {
        self.line = Some(line);
        self.excerpt = source
            .lines()
            .nth(line.saturating_sub(1))
            .map(|text| text.chars().take(160).map(|letter| if letter == '\t' { ' ' } else { letter }).collect());
        self
    }

    pub(super) fn at_span(self, source: &str, span: Range<usize>) -> Self {
        let place = Excerpt::of(source, span);
        let mut error = self.at_line(source, place.line);
        let shown = error.excerpt.as_ref().map_or(0, |text| text.chars().count());
        let width = place.width.min((shown + 1).saturating_sub(place.column));
        error.caret = match (u8::try_from(place.column), u8::try_from(width)) {
            (Ok(column), Ok(width)) if width > 0 => Some((column, width)),
            _ => None,
        };
        error
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
            if let Some((column, width)) = self.caret {
                let gutter = " ".repeat(line.to_string().len());
                write!(f, "\n  {gutter} |{}{}", " ".repeat(column.into()), "^".repeat(width.into()))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for StrategyError {}
