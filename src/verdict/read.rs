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
        let cut_off = reply.finish_reason.as_deref().and_then(cut_off);
        if let (CutOff::Unparsed, Some(reason)) = (self.cut_off, cut_off) {
            return Err(reason);
        }
        let (text, closed) = strip(&reply.text, &self.strip);
        let text = if self.normalise { Cow::Owned(normalise(&text)) } else { text };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if text.is_empty() {
            return Err(match (cut_off, &reply.refusal, closed) {
                (Some(reason), _, _) => reason,
                (None, Some(_), _) => Reason::Refused,
                (None, None, false) => Reason::Truncated,
                (None, None, true) => Reason::Empty,
            });
        }
        Ok(text)
    }
}

/// Whether a reply was cut off, by its finish reason: in OpenAI's words, or in Anthropic's and Gemini's, which some gateways pass on.
fn cut_off(finish_reason: &str) -> Option<Reason> {
    match finish_reason.to_ascii_lowercase().as_str() {
        "length" | "max_tokens" => Some(Reason::Truncated),
        "content_filter" | "refusal" | "safety" | "recitation" | "blocklist" | "prohibited_content" | "spii" => {
            Some(Reason::Filtered)
        }
        _ => None,
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
    let case = |capture: &str| if normalised { capture.to_uppercase() } else { capture.to_owned() };
    let mut captures = pattern.captures_iter(text).filter_map(|found| found.get(1)).map(|found| case(found.as_str()));
    let taken = match take {
        Take::First => captures.next(),
        Take::Last => captures.last(),
        Take::Only => {
            let first = captures.next();
            if captures.any(|capture| Some(&capture) != first.as_ref()) {
                return Verdict::Unparsed(Reason::ConflictingLabels);
            }
            first
        }
    };
    let Some(taken) = taken else { return Verdict::Unparsed(Reason::NoLabel) };
    labels.get(&taken).map_or(Verdict::Unparsed(Reason::OutOfRange), |meaning| (*meaning).into())
}
