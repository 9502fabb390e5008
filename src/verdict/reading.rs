//! What is read in a reply: a verdict, how sure of it the judge is, and what had to be mended.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::rule::{Meaning, Preference};
use super::slot::slot_label;

/// What a reply says of the candidates in its slots.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The candidate in this slot (0 is A) is better than all others, and how strongly, on the strategy's own scale.
    Slot {
        /// The slot, counted from 0.
        slot: u8,
        /// How strongly, where the label says so.
        strength: Option<f64>,
    },
    /// None is better.
    Tie,
    /// The score of the one answer that is shown.
    Score(f64),
    /// The place of each slot, where there are more than two: how many slots are better, so 0 is best and equals share a place.
    Ranking(Box<[u8]>),
    /// No verdict could be read.
    Unparsed(Reason),
}

impl Verdict {
    /// A slot without a strength.
    #[must_use]
    pub fn slot(slot: u8) -> Self {
        Self::Slot { slot, strength: None }
    }

    /// Whether this slot alone is preferred to all others.
    #[must_use]
    pub fn prefers(&self, slot: u8) -> bool {
        match self {
            Self::Slot { slot: preferred, .. } => *preferred == slot,
            Self::Ranking(places) => {
                let mut best = (0..=u8::MAX).zip(places).filter(|(_, place)| **place == 0).map(|(slot, _)| slot);
                best.next() == Some(slot) && best.next().is_none()
            }
            Self::Tie | Self::Score(_) | Self::Unparsed(_) => false,
        }
    }

    /// The verdict of the places of all slots: of two, the better one or a tie.
    #[must_use]
    pub fn of_places(places: Vec<u8>) -> Self {
        match places[..] {
            [first, second] if first == second => Self::Tie,
            [first, second] => Self::slot(u8::from(second < first)),
            _ => Self::Ranking(places.into_boxed_slice()),
        }
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

impl fmt::Display for Verdict {
    /// In a word of records: a slot's label, `tie`, a number, a ranking such as `B > A = C`, or the reason why there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot { slot, .. } => f.write_str(&slot_label(usize::from(*slot))),
            Self::Tie => f.write_str("tie"),
            Self::Score(score) => write!(f, "{score}"),
            Self::Ranking(places) => {
                let mut slots: Vec<usize> = (0..places.len()).collect();
                slots.sort_by_key(|slot| places[*slot]);
                for (at, slot) in slots.iter().enumerate() {
                    let before = at.checked_sub(1).map(|before| places[slots[before]]);
                    let sign = before.map_or("", |before| if before == places[*slot] { " = " } else { " > " });
                    write!(f, "{sign}{}", slot_label(*slot))?;
                }
                Ok(())
            }
            Self::Unparsed(reason) => f.write_str(reason.as_str()),
        }
    }
}

/// Everything that is read in a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The verdict.
    pub verdict: Verdict,
    /// The probability of the first slot against the second, where there are two and the rule reads log-probabilities.
    pub preference: Option<f64>,
    /// The probability that lies outside all labels, where the rule reads log-probabilities.
    pub outside: Option<f64>,
    /// Scores as read, slot by slot, where the rule reads a score for each.
    pub scores: Vec<f64>,
    /// What had to be mended before the reply's JSON could be read.
    pub repairs: Vec<Repair>,
    /// The bytes of the reply's text in which the verdict stands, where that can be said.
    pub span: Option<Range<usize>>,
}

impl From<Verdict> for Reading {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, preference: None, outside: None, scores: Vec::new(), repairs: Vec::new(), span: None }
    }
}

impl From<Reason> for Reading {
    fn from(reason: Reason) -> Self {
        Verdict::Unparsed(reason).into()
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
    /// No label, score or ranking was found, or not one for every slot.
    NoLabel,
    /// Several were found where one was expected.
    ConflictingLabels,
    /// The label is none of those that the rule lists, or of no slot; or the number is none, or outside the range.
    OutOfRange,
    /// There is no JSON object, or none that can be read.
    BadJson,
    /// The reply came without the log-probabilities that the rule reads.
    NoLogprobs,
    /// An earlier step on which the ask depends brought nothing.
    StepEmpty,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::Truncated,
        Self::Filtered,
        Self::Refused,
        Self::NoLabel,
        Self::ConflictingLabels,
        Self::OutOfRange,
        Self::BadJson,
        Self::NoLogprobs,
        Self::StepEmpty,
    ];

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
            Self::BadJson => "bad_json",
            Self::NoLogprobs => "no_logprobs",
            Self::StepEmpty => "step_empty",
        }
    }
}

/// What was mended in a reply's JSON, which a strict reader refuses and which can be meant in one way only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// A comma before a closing bracket was left out.
    TrailingComma,
    /// Text in single quotes was put into double ones.
    SingleQuotes,
    /// A key without quotes was given some.
    UnquotedKey,
    /// `True`, `False` or `None` was written as JSON does.
    PythonWord,
    /// A comment was left out.
    Comment,
    /// A line break or tab within quotes was written as an escape.
    RawLineBreak,
    /// A backslash before an apostrophe was left out.
    EscapedApostrophe,
}

impl Repair {
    /// The word of records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TrailingComma => "trailing_comma",
            Self::SingleQuotes => "single_quotes",
            Self::UnquotedKey => "unquoted_key",
            Self::PythonWord => "python_word",
            Self::Comment => "comment",
            Self::RawLineBreak => "raw_line_break",
            Self::EscapedApostrophe => "escaped_apostrophe",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_are_a_slot_or_a_tie() {
        assert_eq!(Verdict::of_places(vec![0, 1]), Verdict::slot(0));
        assert_eq!(Verdict::of_places(vec![1, 0]), Verdict::slot(1));
        assert_eq!(Verdict::of_places(vec![0, 0]), Verdict::Tie);
    }

    #[test]
    fn verdicts_are_shown_as_records_write_them() {
        for (verdict, word) in [
            (Verdict::slot(27), "AB"),
            (Verdict::Score(7.5), "7.5"),
            (Verdict::Score(7.0), "7"),
            (Verdict::of_places(vec![1, 0, 1]), "B > A = C"),
            (Reading::from(Reason::BadJson).verdict, "bad_json"),
        ] {
            assert_eq!(verdict.to_string(), word);
        }
    }
}
