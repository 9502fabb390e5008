//! The rule that reads a verdict, checked.

use std::fmt;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::{JsonMeaning, JsonRule};
use super::label::LabelRule;
use super::logprobs::LogprobsRule;
use super::ranking::RankingRule;
use super::score::{ScoreRule, ScoresRule};

/// What becomes of a reply that was ended by the token limit or a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CutOff {
    /// It is no verdict.
    #[default]
    Unparsed,
    /// It is read all the same.
    Read,
}

/// What a label means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preference {
    /// The candidate in slot A is better.
    First,
    /// The candidate in slot B is better.
    Second,
    /// Neither is better.
    Tie,
}

/// What a label means, and how strongly.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Who is preferred.
    pub is: Preference,
    /// How strongly, on the strategy's own scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<f64>,
}

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) kind: Kind,
    /// The key that names the kind.
    pub(super) named_by: &'static str,
    pub(super) schema: Option<Value>,
    /// Names of the reasoning blocks that are removed before reading.
    pub strip: Vec<String>,
    /// Whether case, width, invisible characters and emphasis are ironed out before reading.
    pub normalise: bool,
    /// What becomes of a reply that was cut off.
    pub cut_off: CutOff,
    /// How often a reply without a verdict is asked for again.
    pub reask: u32,
}

/// How a verdict is found in a reply.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A label, captured by a pattern.
    Label(LabelRule),
    /// Patterns tried in turn: the first that matches anywhere decides.
    Rules(Vec<(Regex, Meaning)>),
    /// A number.
    Score(ScoreRule),
    /// A number for each slot.
    Scores(ScoresRule),
    /// The slots' letters in order of preference.
    Ranking(RankingRule),
    /// A value in a JSON object.
    Json(JsonRule),
    /// The probabilities of labels.
    Logprobs(LogprobsRule),
}

/// A `[verdict]` table that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[verdict] {field}: {problem}")]
pub struct RuleError {
    /// The key, such as `pattern`, or `rules.match` within one.
    pub field: &'static str,
    problem: String,
}

impl RuleError {
    pub(super) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }

    pub(super) fn missing(field: &'static str, example: &str) -> Self {
        Self::new(field, format!("is missing or empty: expected one such as {example}"))
    }
}

impl Rule {
    /// Whether the rule reads verdicts about so many slots: 1 where an answer is shown alone, 2 in a pair, 3 or more in a list.
    pub fn suits(&self, slots: usize) -> Result<(), RuleError> {
        let of_several = |what: &str| {
            Err(RuleError::new(
                self.named_by,
                format!("{what}, and here each is shown alone: expected kind = \"score\", or \"json\" with a range"),
            ))
        };
        match (&self.kind, slots) {
            (Kind::Label(_), 1) => of_several("a label says which of several answers is better"),
            (Kind::Label(rule), 2) if rule.labels.listed.is_empty() => {
                Err(RuleError::missing("labels", r#"{ A = "first", B = "second" }"#))
            }
            (Kind::Rules(_), slots) if slots != 2 => {
                let field = if self.named_by == "preset" { "preset" } else { "rules" };
                Err(RuleError::new(field, "can only mean the first or the second of two answers"))
            }
            (Kind::Score(_), slots) if slots != 1 => Err(RuleError::new(
                self.named_by,
                "a score is that of an answer shown alone: of several answers expected kind = \"scores\", or another",
            )),
            (Kind::Scores(_), 1) => of_several("scores are those of several answers"),
            (Kind::Scores(rule), slots) if rule.slots().is_some_and(|groups| groups != slots) => Err(RuleError::new(
                "pattern",
                "expected a group for each answer that is shown, or one group and take_all = true",
            )),
            (Kind::Ranking(_), 1) => of_several("a ranking is one of several answers"),
            (Kind::Json(rule), slots) => rule.meaning.suits(slots),
            (Kind::Logprobs(_), slots) if slots != 2 => {
                Err(RuleError::new(self.named_by, "log-probabilities are read of two answers, no more and no less"))
            }
            _ => Ok(()),
        }
    }

    /// The JSON schema that the reply is to follow, to be sent with the request.
    #[must_use]
    pub fn schema(&self) -> Option<&Value> {
        self.schema.as_ref()
    }

    /// Whether replies must come with log-probabilities, which have to be asked for.
    #[must_use]
    pub fn needs_logprobs(&self) -> bool {
        matches!(self.kind, Kind::Logprobs(_))
    }

    /// Whether a verdict puts all answers in order, and not only the best one first.
    #[must_use]
    pub fn ranks_all(&self) -> bool {
        match &self.kind {
            Kind::Ranking(_) | Kind::Scores(_) => true,
            Kind::Json(JsonRule { meaning, .. }) => !matches!(meaning, JsonMeaning::Label(_)),
            Kind::Label(_) | Kind::Rules(_) | Kind::Score(_) | Kind::Logprobs(_) => false,
        }
    }

    /// The least and the greatest score, where the rule reads scores and says so.
    #[must_use]
    pub fn range(&self) -> Option<[f64; 2]> {
        match &self.kind {
            Kind::Score(ScoreRule { numbers, .. })
            | Kind::Scores(ScoresRule { numbers, .. })
            | Kind::Json(JsonRule { meaning: JsonMeaning::Score(numbers), .. }) => numbers.range,
            _ => None,
        }
    }

    /// Whether a text, such as a prompt, holds anything that the rule looks for, so that a judge can know how to write it.
    #[must_use]
    pub fn finds_anything_in(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Label(LabelRule { patterns, .. }) | Kind::Score(ScoreRule { patterns, .. }) => {
                patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(text))
            }
            Kind::Rules(rules) => rules.iter().any(|(pattern, _)| pattern.is_match(text)),
            Kind::Scores(ScoresRule { pattern, .. }) | Kind::Ranking(RankingRule { pattern, .. }) => {
                pattern.is_match(text)
            }
            // With a schema the endpoint sees to it.
            Kind::Json(rule) => self.schema.is_some() || rule.is_named_in(text),
            Kind::Logprobs(rule) => rule.labels.keys().any(|label| text.contains(label.as_str())),
        }
    }

    /// Whether some verdict of two slots means this.
    #[must_use]
    pub fn can_mean(&self, preference: Preference) -> bool {
        match &self.kind {
            Kind::Label(rule) => rule.labels.can_mean(preference),
            Kind::Rules(rules) => rules.iter().any(|(_, meaning)| meaning.is == preference),
            Kind::Json(JsonRule { meaning: JsonMeaning::Label(labels), .. }) => labels.can_mean(preference),
            Kind::Logprobs(rule) => {
                preference == Preference::Tie || rule.labels.values().any(|meaning| *meaning == preference)
            }
            Kind::Score(_) => false,
            Kind::Scores(_) | Kind::Ranking(_) | Kind::Json(_) => true,
        }
    }
}

impl fmt::Display for Rule {
    /// What is looked for, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Label(LabelRule { patterns, take, labels }) => {
                write!(f, "{} ({}; {})", in_turn(patterns), take.words(), labels.words())
            }
            Kind::Rules(rules) => write!(f, "{}", in_turn(rules.iter().map(|(pattern, _)| pattern))),
            Kind::Score(ScoreRule { patterns, numbers, .. }) if patterns.is_empty() => {
                write!(f, "{} and nothing else", numbers.words())
            }
            Kind::Score(ScoreRule { patterns, take, numbers }) => {
                write!(f, "{} ({}; {})", in_turn(patterns), take.words(), numbers.words())
            }
            Kind::Scores(ScoresRule { pattern, take, numbers }) => {
                let take = take.map_or("all, one for each answer", |take| take.words());
                write!(f, "{pattern} ({take}; {})", numbers.words())
            }
            Kind::Ranking(RankingRule { pattern, .. }) => write!(f, "{pattern} (each answer once, the best first)"),
            Kind::Json(JsonRule { path, meaning }) => write!(f, "{path:?} in a JSON object ({})", meaning.words()),
            Kind::Logprobs(rule) => {
                let labels: Vec<&str> = rule.labels.keys().map(String::as_str).collect();
                write!(f, "the probabilities of the labels {}", labels.join(", "))
            }
        }
    }
}

fn in_turn<'a>(patterns: impl IntoIterator<Item = &'a Regex>) -> String {
    patterns.into_iter().map(Regex::as_str).collect::<Vec<_>>().join(", then ")
}
