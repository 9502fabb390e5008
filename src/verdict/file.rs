//! The rule as a strategy file writes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::logprobs::At;
use super::preset::Preset;
use super::rule::{CutOff, Meaning, Preference};
use super::take::Take;

/// How the verdict is read from a reply: by a preset, by `pattern` and `labels`, by `rules`, or as its kind says.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The rule of another benchmark, so that its replies are read as there; beside it only strip, normalise and `cut_off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) preset: Option<Preset>,
    /// How the verdict is written; `label` where it is left out.
    #[serde(serialize_with = "kind_or_label")]
    pub(super) kind: Option<KindName>,
    /// A regular expression, searched in the trimmed reply, whose group captures the label, the number, or one label of a ranking:
    /// `'\[\[([A-Z])\]\]'`. For scores a group for each answer. A score without one is the whole reply.
    pub(super) pattern: Option<String>,
    /// Which of several matches counts; `last` where it is left out, and of a ranking `only`, which is all of them.
    pub(super) take: Option<Take>,
    /// What each label means, such as `{ A = "first", B = "second", C = "tie" }`. A label that is not listed is no verdict. In lists the
    /// letters of the slots need not be.
    pub(super) labels: Option<BTreeMap<String, MeaningFile>>,
    /// Regular expressions tried in turn, in place of `pattern`, `take` and `labels`: the first that matches anywhere decides.
    #[schemars(length(min = 1))]
    pub(super) rules: Option<Vec<TriedFile>>,
    /// The least and the greatest score, such as `[1, 10]`; a number outside is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) range: Option<[f64; 2]>,
    /// Whether only integers are scores, and nothing may stand beside their digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) integer: Option<bool>,
    /// Of scores: whether the pattern has one group and each of its matches is the score of an answer, in the order shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) take_all: Option<bool>,
    /// Where the ranking stands in the last JSON object of the reply, as a JSON pointer such as `/ranking`, in place of `pattern`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) json: Option<String>,
    /// Where the verdict stands in the last JSON object of the reply, as a JSON pointer such as `/winner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// A JSON schema that the endpoint is asked to keep the reply to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub(super) schema: Option<Map<String, Value>>,
    /// How tokens may spell a label, shown with any one of the labels: `["A", " A", "**A"]`. The label, and the label after a space,
    /// where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) variants: Option<Vec<String>>,
    /// Which of several tokens that spell a label is the verdict; `last` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<At>,
    /// Names of the reasoning blocks that are removed before reading: `think` removes `<think>...</think>`. `["think"]` where it is left
    /// out, and under a preset none.
    #[serde(serialize_with = "strip_or_think")]
    pub(super) strip: Option<Vec<String>>,
    /// Whether case, width, invisible characters and emphasis are ironed out before reading.
    #[serde(default)]
    pub(super) normalise: bool,
    /// What becomes of a reply that the token limit or a filter ended; `unparsed` where it is left out, and under a preset `read`.
    #[serde(serialize_with = "cut_off_or_unparsed")]
    pub(super) cut_off: Option<CutOff>,
    /// How often a reply without a verdict is asked for again, each time as another sample. The first reply with a verdict counts, else the
    /// last; 0 where it is left out.
    #[schemars(range(max = 10))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reask: Option<u32>,
}

/// How the verdict is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindName {
    /// A label that the pattern captures.
    #[default]
    Label,
    /// One number, where an answer is shown alone.
    Score,
    /// A number for each answer: the highest is preferred.
    Scores,
    /// The letters of all answers in order of preference, `=` between equals.
    Ranking,
    /// A value of the last JSON object: a label, or scores where a range is given.
    Json,
    /// The probabilities of the labels at the token that is one.
    Logprobs,
}

impl KindName {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Score => "score",
            Self::Scores => "scores",
            Self::Ranking => "ranking",
            Self::Json => "json",
            Self::Logprobs => "logprobs",
        }
    }
}

/// What a label means.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "expected \"first\", \"second\", \"tie\" or { is = \"...\", strength = 2 }")]
pub(super) enum MeaningFile {
    /// Who is preferred.
    Plain(Preference),
    /// Who is preferred, and how strongly.
    Strong(Meaning),
}

impl MeaningFile {
    pub(super) fn meaning(&self) -> Meaning {
        match self {
            Self::Plain(is) => Meaning { is: *is, strength: None },
            Self::Strong(meaning) => *meaning,
        }
    }
}

/// One of several regular expressions that are tried in turn.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TriedFile {
    /// The regular expression.
    pub(super) r#match: String,
    /// Who is preferred if it matches.
    pub(super) is: Preference,
    /// How strongly, on the strategy's own scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strength: Option<f64>,
}

/// What is stripped where nothing else is said.
pub(super) const THINK: &str = "think";

// What a file leaves out is hashed as what it stands for, as it always was.

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field")]
fn kind_or_label<S: Serializer>(kind: &Option<KindName>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.unwrap_or_default().serialize(serializer)
}

#[allow(clippy::ref_option, reason = "serde hands over the field")]
fn strip_or_think<S: Serializer>(strip: &Option<Vec<String>>, serializer: S) -> Result<S::Ok, S::Error> {
    match strip {
        Some(names) => names.serialize(serializer),
        None => [THINK].serialize(serializer),
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field")]
fn cut_off_or_unparsed<S: Serializer>(cut_off: &Option<CutOff>, serializer: S) -> Result<S::Ok, S::Error> {
    cut_off.unwrap_or_default().serialize(serializer)
}
