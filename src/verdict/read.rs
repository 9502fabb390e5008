//! Reads the verdict of a reply.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;
use serde::Serialize;

use super::normalise::normalise;
use super::rule::{CutOff, Kind, Meaning, Preference, Rule, Take};
use super::strip::strip;
use crate::ask::Reply;

/// What a reply says of the candidates in its slots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The candidate in this slot (0 is A) is better, and how strongly, on the strategy's own scale.
    Slot {
        /// The slot, counted from 0.
        slot: u8,
        /// How strongly, where the label says so.
        strength: Option<f64>,
    },
    /// Neither is better.
    Tie,
    /// No verdict could be read.
    Unparsed(Reason),
}

impl Verdict {
    /// A slot without a strength.
    #[must_use]
    pub fn slot(slot: u8) -> Self {
        Self::Slot { slot, strength: None }
    }
}

impl From<Meaning> for Verdict {
    fn from(meaning: Meaning) -> Self {
        match meaning.is {
            Preference::First => Self::Slot { slot: 0, strength: meaning.strength },
            Preference::Second => Self::Slot { slot: 1, strength: meaning.strength },
            Preference::Tie => Self::Tie,
        }
    }
}

/// Why no verdict could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The reply holds no text.
    Empty,
    /// The token limit ended it.
    Truncated,
    /// A content filter ended it or stood in its place.
    Filtered,
    /// The endpoint says that the model refused.
    Refused,
    /// No label was found.
    NoLabel,
    /// Several labels were found where one was expected.
    ConflictingLabels,
    /// The label is none of those that the rule lists.
    OutOfRange,
}

impl Reason {
    /// The word of reports and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Filtered => "filtered",
            Self::Refused => "refused",
            Self::NoLabel => "no_label",
            Self::ConflictingLabels => "conflicting_labels",
            Self::OutOfRange => "out_of_range",
        }
    }
}

impl Rule {
    /// The verdict of a reply.
    #[must_use]
    pub fn read(&self, reply: &Reply) -> Verdict {
        match self.readable(reply) {
            Err(reason) => Verdict::Unparsed(reason),
            Ok(text) => self.kind.read(&text, self.normalise),
        }
    }

    /// The part of a reply in which a verdict is looked for.
    fn readable<'a>(&self, reply: &'a Reply) -> Result<Cow<'a, str>, Reason> {
        if self.cut_off == CutOff::Unparsed {
            match reply.finish_reason.as_deref() {
                Some("length" | "max_tokens") => return Err(Reason::Truncated),
                Some("content_filter") => return Err(Reason::Filtered),
                _ => {}
            }
        }
        let (text, closed) = strip(&reply.text, &self.strip);
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if text.is_empty() {
            return Err(match (&reply.refusal, closed) {
                (Some(_), _) => Reason::Refused,
                (None, false) => Reason::Truncated,
                (None, true) => Reason::Empty,
            });
        }
        Ok(if self.normalise { Cow::Owned(normalise(&text)) } else { text })
    }
}

impl Kind {
    fn read(&self, text: &str, normalised: bool) -> Verdict {
        match self {
            Self::Rules(rules) => rules
                .iter()
                .find(|(pattern, _)| pattern.is_match(text))
                .map_or(Verdict::Unparsed(Reason::NoLabel), |(_, meaning)| (*meaning).into()),
            Self::Label { pattern, take, labels } => label(text, pattern, *take, labels, normalised),
        }
    }
}

fn label(text: &str, pattern: &Regex, take: Take, labels: &BTreeMap<String, Meaning>, normalised: bool) -> Verdict {
    let mut captures = pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| found.as_str());
    let taken = match take {
        Take::First => captures.next(),
        Take::Last => captures.last(),
        Take::Only => {
            let first = captures.next();
            if captures.any(|capture| Some(capture) != first) {
                return Verdict::Unparsed(Reason::ConflictingLabels);
            }
            first
        }
    };
    let Some(taken) = taken else { return Verdict::Unparsed(Reason::NoLabel) };
    let meaning = if normalised { labels.get(&taken.to_uppercase()) } else { labels.get(taken) };
    meaning.map_or(Verdict::Unparsed(Reason::OutOfRange), |meaning| (*meaning).into())
}
