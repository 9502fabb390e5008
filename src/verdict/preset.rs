//! The rules of others, so that their replies are read as they read them. `docs/verdicts.md` tells them apart.

use std::collections::BTreeMap;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::label::{LabelRule, Labels};
use super::number::Numbers;
use super::rule::{Kind, Meaning, Preference};
use super::score::ScoreRule;
use super::take::Take;

/// Whose rule it is. Each reads the reply as it stands, reasoning and all, and also one that was cut off, as its owners do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// `RewardBench`: `[[A]]` anywhere, else `[[B]]` anywhere.
    Rewardbench,
    /// `LLMBar`: a line that begins with `Output (a)`, else one with `Output (b)`.
    Llmbar,
    /// `LLMBar`'s `CoT`: `Output (a) is better.` anywhere, else the same of `(b)`.
    LlmbarCot,
    /// `LLMBar`'s ratings, of an answer alone: an integer and nothing else.
    LlmbarRating,
    /// `JudgeBench`, after an earlier Arena-Hard: the five labels from `[[A>>B]]` to `[[B>>A]]`, if only one distinct one is there.
    Judgebench,
    /// `FastChat`: `[[A]]` anywhere, else `[[B]]`, else `[[C]]`, a tie.
    Fastchat,
    /// `FastChat`'s ratings, of an answer alone: the first `[[7]]`, else the first `[7]`.
    FastchatRating,
    /// `Arena-Hard`: the last of the five labels in double brackets, else in single ones, in any case.
    ArenaHard,
}

impl Preset {
    pub(super) fn kind(self) -> Result<Kind, regex::Error> {
        Ok(match self {
            Self::Rewardbench => tried(&[(r"\[\[A\]\]", Preference::First), (r"\[\[B\]\]", Preference::Second)])?,
            Self::Llmbar => tried(&[
                (r"(?:^|\n) ?Output \(a\)", Preference::First),
                (r"(?:^|\n) ?Output \(b\)", Preference::Second),
            ])?,
            Self::LlmbarCot => tried(&[
                // The dot matches any character but a line end there too.
                (r"Output \(a\) is better.", Preference::First),
                (r"Output \(b\) is better.", Preference::Second),
            ])?,
            Self::LlmbarRating => score(&[], Numbers { range: None, integer: true })?,
            Self::Judgebench => labels(&[r"\[\[([AB<>=]+)\]\]"], Take::Only, &FIVE, false)?,
            Self::Fastchat => tried(&[
                (r"\[\[A\]\]", Preference::First),
                (r"\[\[B\]\]", Preference::Second),
                (r"\[\[C\]\]", Preference::Tie),
            ])?,
            Self::FastchatRating => score(&[r"\[\[(\d+\.?\d*)\]\]", r"\[(\d+\.?\d*)\]"], Numbers::default())?,
            Self::ArenaHard => {
                let all: Vec<_> = FIVE.into_iter().chain(MIRRORED).collect();
                labels(&[r"(?i)\[\[([AB<>=]+)\]\]", r"(?i)\[([AB<>=]+)\]"], Take::Last, &all, true)?
            }
        })
    }
}

const FIVE: [(&str, Preference, Option<f64>); 5] = [
    ("A>>B", Preference::First, Some(2.0)),
    ("A>B", Preference::First, Some(1.0)),
    ("A=B", Preference::Tie, None),
    ("B>A", Preference::Second, Some(1.0)),
    ("B>>A", Preference::Second, Some(2.0)),
];

const MIRRORED: [(&str, Preference, Option<f64>); 5] = [
    ("B<<A", Preference::First, Some(2.0)),
    ("B<A", Preference::First, Some(1.0)),
    ("B=A", Preference::Tie, None),
    ("A<B", Preference::Second, Some(1.0)),
    ("A<<B", Preference::Second, Some(2.0)),
];

fn tried(rules: &[(&str, Preference)]) -> Result<Kind, regex::Error> {
    let tried = rules.iter().map(|(pattern, is)| Ok((Regex::new(pattern)?, Meaning { is: *is, strength: None })));
    Ok(Kind::Rules(tried.collect::<Result<_, regex::Error>>()?))
}

fn patterns(patterns: &[&str]) -> Result<Vec<Regex>, regex::Error> {
    patterns.iter().map(|pattern| Regex::new(pattern)).collect()
}

fn score(of: &[&str], numbers: Numbers) -> Result<Kind, regex::Error> {
    Ok(Kind::Score(ScoreRule { patterns: patterns(of)?, take: Take::First, numbers }))
}

fn labels(
    of: &[&str],
    take: Take,
    meanings: &[(&str, Preference, Option<f64>)],
    fold: bool,
) -> Result<Kind, regex::Error> {
    let listed: BTreeMap<_, _> = meanings
        .iter()
        .map(|(label, is, strength)| ((*label).to_owned(), Meaning { is: *is, strength: *strength }))
        .collect();
    Ok(Kind::Label(LabelRule { patterns: patterns(of)?, take, labels: Labels { listed, fold } }))
}
