//! The rule that reads a verdict: as a strategy file writes it, and checked.

use std::collections::BTreeMap;
use std::fmt;

use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the verdict is read from a reply: by `pattern` and `labels`, or by `rules`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// How the verdict is written: `label`, a label that the pattern captures.
    #[schemars(extend("enum" = ["label"]))]
    #[serde(default = "label")]
    kind: String,
    /// A regular expression, searched in the trimmed reply, whose one group captures the label: `'\[\[([A-Z])\]\]'`.
    pattern: Option<String>,
    /// Which of several matches counts; `last` where it is left out.
    take: Option<Take>,
    /// What each label that the pattern captures means, such as `{ A = "first", B = "second", C = "tie" }`. A label that is not listed is no
    /// verdict.
    labels: Option<BTreeMap<String, MeaningFile>>,
    /// Regular expressions tried in turn, in place of `pattern`, `take` and `labels`: the first that matches anywhere decides.
    #[schemars(length(min = 1))]
    rules: Option<Vec<TriedFile>>,
    /// Names of the reasoning blocks that are removed before reading: `think` removes `<think>...</think>`. `["think"]` where it is left
    /// out.
    #[serde(default = "think")]
    strip: Vec<String>,
    /// Whether case, width, invisible characters and emphasis are ironed out before reading.
    #[serde(default)]
    normalise: bool,
    /// What becomes of a reply that the token limit or a filter ended; `unparsed` where it is left out.
    #[serde(default)]
    cut_off: CutOff,
}

fn label() -> String {
    "label".to_owned()
}

fn think() -> Vec<String> {
    vec!["think".to_owned()]
}

/// What a label means.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, expecting = "expected \"first\", \"second\", \"tie\" or { is = \"...\", strength = 2 }")]
enum MeaningFile {
    /// Who is preferred.
    Plain(Preference),
    /// Who is preferred, and how strongly.
    Strong(Meaning),
}

impl MeaningFile {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Plain(is) => Meaning { is: *is, strength: None },
            Self::Strong(meaning) => *meaning,
        }
    }
}

/// One of several regular expressions that are tried in turn.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TriedFile {
    /// The regular expression.
    r#match: String,
    /// Who is preferred if it matches.
    is: Preference,
    /// How strongly, on the strategy's own scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<f64>,
}

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
    /// How the verdict is found.
    pub kind: Kind,
    /// Names of the reasoning blocks that are removed before reading.
    pub strip: Vec<String>,
    /// Whether case, width, invisible characters and emphasis are ironed out before reading.
    pub normalise: bool,
    /// What becomes of a reply that was cut off.
    pub cut_off: CutOff,
}

impl Rule {
    /// Whether a text, such as a prompt, holds anything that the rule's patterns match.
    #[must_use]
    pub fn finds_anything_in(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Label { pattern, .. } => pattern.is_match(text),
            Kind::Rules(rules) => rules.iter().any(|(pattern, _)| pattern.is_match(text)),
        }
    }

    /// Whether some label or pattern means this.
    #[must_use]
    pub fn can_mean(&self, preference: Preference) -> bool {
        match &self.kind {
            Kind::Label { labels, .. } => labels.values().any(|meaning| meaning.is == preference),
            Kind::Rules(rules) => rules.iter().any(|(_, meaning)| meaning.is == preference),
        }
    }
}

impl fmt::Display for Rule {
    /// What is looked for, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Label { pattern, take, labels } => {
                let labels: Vec<&str> = labels.keys().map(String::as_str).collect();
                let take = match take {
                    Take::First => "the first",
                    Take::Last => "the last",
                    Take::Only => "the only",
                    Take::LastLine => "the only one in the last line that has one",
                };
                write!(f, "{pattern} ({take}; labels {})", labels.join(", "))
            }
            Kind::Rules(rules) => {
                let patterns: Vec<&str> = rules.iter().map(|(pattern, _)| pattern.as_str()).collect();
                write!(f, "{}", patterns.join(", then "))
            }
        }
    }
}

/// How a verdict is found in a reply.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A label, captured by the pattern's first group.
    Label {
        /// The pattern.
        pattern: Regex,
        /// Which of several matches counts.
        take: Take,
        /// What each label means; upper case where the rule normalises.
        labels: BTreeMap<String, Meaning>,
    },
    /// Patterns tried in turn: the first that matches anywhere decides.
    Rules(Vec<(Regex, Meaning)>),
}

/// A `[verdict]` table that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[verdict] {field}: {problem}")]
pub struct RuleError {
    /// The key, such as `pattern`, or `rules.match` within one.
    pub field: &'static str,
    problem: String,
}

impl RuleFile {
    /// Checks the table and compiles its patterns.
    pub fn resolve(&self) -> Result<Rule, RuleError> {
        if self.kind != "label" {
            let problem = format!("{:?} is not a kind that this version reads; it reads \"label\"", self.kind);
            return Err(RuleError { field: "kind", problem });
        }
        let kind = match &self.rules {
            Some(rules) => self.tried(rules)?,
            None => self.label()?,
        };
        Ok(Rule { kind, strip: self.strip.clone(), normalise: self.normalise, cut_off: self.cut_off })
    }

    fn tried(&self, rules: &[TriedFile]) -> Result<Kind, RuleError> {
        if self.pattern.is_some() || self.take.is_some() || self.labels.is_some() {
            let problem = "stands in place of pattern, take and labels: leave those out".to_owned();
            return Err(RuleError { field: "rules", problem });
        }
        if rules.is_empty() {
            return Err(RuleError { field: "rules", problem: "expected at least one rule".to_owned() });
        }
        let tried = rules.iter().map(|rule| {
            let meaning = Meaning { is: rule.is, strength: rule.strength };
            Ok((self.compile("rules.match", &rule.r#match)?, meaning))
        });
        Ok(Kind::Rules(tried.collect::<Result<_, _>>()?))
    }

    fn label(&self) -> Result<Kind, RuleError> {
        let missing = |field, example: &str| RuleError {
            field,
            problem: format!("is missing or empty: expected one such as {example}"),
        };
        let pattern = self.pattern.as_ref().ok_or_else(|| missing("pattern", r"'\[\[([A-Z])\]\]'"))?;
        let pattern = self.compile("pattern", pattern)?;
        if pattern.captures_len() < 2 {
            let problem = "has no group: put the label in parentheses, as in '\\[\\[([A-Z])\\]\\]'".to_owned();
            return Err(RuleError { field: "pattern", problem });
        }
        if pattern.captures_len() > 2 {
            let problem = "has several groups, and only the first is read: write the others as (?:...)".to_owned();
            return Err(RuleError { field: "pattern", problem });
        }
        let labels = self.labels.as_ref().filter(|labels| !labels.is_empty());
        let labels = labels.ok_or_else(|| missing("labels", r#"{ A = "first", B = "second" }"#))?;
        let case = |label: &String| if self.normalise { label.to_uppercase() } else { label.clone() };
        let labels = labels.iter().map(|(label, meaning)| (case(label), meaning.meaning())).collect();
        Ok(Kind::Label { pattern, take: self.take.unwrap_or_default(), labels })
    }

    fn compile(&self, field: &'static str, pattern: &str) -> Result<Regex, RuleError> {
        RegexBuilder::new(pattern)
            .case_insensitive(self.normalise)
            .build()
            .map_err(|error| RuleError { field, problem: format!("is no regular expression: {error}") })
    }
}
