//! Which of several matches counts.

use std::ops::Range;

use regex::{Captures, Regex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::Reason;

/// Which of several matches counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The first one.
    First,
    /// The last one.
    #[default]
    Last,
    /// Any, if all captures are the same.
    Only,
    /// Any in the last line that has one, if all captures of that line are the same: `[[A]], not [[B]]` is no verdict.
    LastLine,
}

impl Take {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::First => "the first",
            Self::Last => "the last",
            Self::Only => "the only",
            Self::LastLine => "the only one in the last line that has one",
        }
    }

    /// What is read in the match that counts, and where. Of several patterns the first that matches anywhere is searched. `read` is given
    /// a text and a match in it.
    pub(super) fn from<T: PartialEq>(
        self,
        text: &str,
        patterns: &[Regex],
        read: impl Fn(&str, &Captures<'_>) -> (T, Range<usize>),
    ) -> Result<(T, Range<usize>), Reason> {
        let taken = |pattern: &'_ Regex| {
            let mut matches = pattern.captures_iter(text).filter(|found| found.get(1).is_some());
            let taken = match self {
                Self::First => matches.next(),
                Self::Last | Self::Only | Self::LastLine => matches.last(),
            };
            taken.map(|found| read(text, &found))
        };
        let found = patterns.iter().find_map(|pattern| Some((pattern, taken(pattern)?)));
        let (pattern, (value, span)) = found.ok_or(Reason::NoLabel)?;
        let rivals = match self {
            Self::First | Self::Last => "",
            Self::Only => text,
            Self::LastLine => &text[text[..span.start].rfind('\n').unwrap_or_default()..],
        };
        let mut matches = pattern.captures_iter(rivals).filter(|found| found.get(1).is_some());
        if matches.any(|rival| read(rivals, &rival).0 != value) {
            return Err(Reason::ConflictingLabels);
        }
        Ok((value, span))
    }
}
