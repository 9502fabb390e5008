//! From the rule as written to the rule as checked.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::file::{KindName, RuleFile, THINK, TriedFile};
use super::json::{JsonMeaning, JsonRule};
use super::label::{LabelRule, Labels};
use super::logprobs::LogprobsRule;
use super::number::Numbers;
use super::preset::Preset;
use super::ranking::RankingRule;
use super::rule::{CutOff, Kind, Meaning, Preference, Rule, RuleError};
use super::score::{ScoreRule, ScoresRule};
use super::take::Take;

/// Who gives no verdict so often gives none.
const MOST_TRIES: u32 = 10;

const PATTERN: &str = r"'\[\[([A-Z])\]\]'";
const LABELS: &str = r#"{ A = "first", B = "second" }"#;

impl RuleFile {
    /// Checks the table and compiles its patterns. Whether it goes with what is shown in an ask is told by [`Rule::suits`].
    pub fn resolve(&self) -> Result<Rule, RuleError> {
        if self.reask.is_some_and(|reask| reask > MOST_TRIES) {
            return Err(RuleError::new("reask", format!("expected 0 to {MOST_TRIES}")));
        }
        let kind = match self.preset {
            Some(preset) => self.preset(preset)?,
            None => self.kind()?,
        };
        let (strip, cut_off) = match self.preset {
            Some(_) => (Vec::new(), CutOff::Read),
            None => (vec![THINK.to_owned()], CutOff::Unparsed),
        };
        Ok(Rule {
            kind,
            named_by: if self.preset.is_some() { "preset" } else { "kind" },
            schema: self.schema.clone().map(Value::Object),
            strip: self.strip.clone().unwrap_or(strip),
            normalise: self.normalise,
            cut_off: self.cut_off.unwrap_or(cut_off),
            reask: self.reask.unwrap_or_default(),
        })
    }

    fn preset(&self, preset: Preset) -> Result<Kind, RuleError> {
        if let Some(field) = self.written().next() {
            let problem =
                "stands beside a preset, which says all but strip, normalise and cut_off: leave one of the two out";
            return Err(RuleError::new(field, problem));
        }
        preset.kind().map_err(|error| RuleError::new("preset", error.to_string()))
    }

    fn kind(&self) -> Result<Kind, RuleError> {
        match (self.kind.unwrap_or_default(), &self.rules) {
            (KindName::Label, Some(rules)) => self.tried(rules),
            (KindName::Label, None) => {
                self.only(&["pattern", "take", "labels"])?;
                let patterns = vec![self.one_group(PATTERN)?];
                Ok(Kind::Label(LabelRule { patterns, take: self.take.unwrap_or_default(), labels: self.labels()? }))
            }
            (KindName::Score, _) => self.score(),
            (KindName::Scores, _) => self.scores(),
            (KindName::Ranking, _) => self.ranking(),
            (KindName::Json, _) => self.json(),
            (KindName::Logprobs, _) => self.logprobs(),
        }
    }

    /// The keys of the table that say how a verdict is found.
    fn written(&self) -> impl Iterator<Item = &'static str> {
        [
            ("kind", self.kind.is_some()),
            ("pattern", self.pattern.is_some()),
            ("take", self.take.is_some()),
            ("labels", self.labels.is_some()),
            ("rules", self.rules.is_some()),
            ("range", self.range.is_some()),
            ("integer", self.integer.is_some()),
            ("take_all", self.take_all.is_some()),
            ("json", self.json.is_some()),
            ("path", self.path.is_some()),
            ("schema", self.schema.is_some()),
            ("variants", self.variants.is_some()),
            ("at", self.at.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, is_there)| is_there.then_some(key))
    }

    /// Refuses keys that mean nothing to the kind.
    fn only(&self, known: &[&str]) -> Result<(), RuleError> {
        let Some(field) = self.written().find(|key| *key != "kind" && !known.contains(key)) else { return Ok(()) };
        let problem = format!(
            "means nothing to kind = {:?}, which knows {}",
            self.kind.unwrap_or_default().as_str(),
            known.join(", ")
        );
        Err(RuleError::new(field, problem))
    }

    fn tried(&self, rules: &[TriedFile]) -> Result<Kind, RuleError> {
        if self.pattern.is_some() || self.take.is_some() || self.labels.is_some() {
            return Err(RuleError::new("rules", "stands in place of pattern, take and labels: leave those out"));
        }
        self.only(&["rules"])?;
        if rules.is_empty() {
            return Err(RuleError::new("rules", "expected at least one rule"));
        }
        let tried = rules.iter().map(|rule| {
            let meaning = Meaning { is: rule.is, strength: rule.strength };
            Ok((self.compile("rules.match", &rule.r#match)?, meaning))
        });
        Ok(Kind::Rules(tried.collect::<Result<_, _>>()?))
    }

    fn score(&self) -> Result<Kind, RuleError> {
        self.only(&["pattern", "take", "range", "integer"])?;
        let patterns = match (&self.pattern, self.take) {
            (None, Some(_)) => return Err(RuleError::new("take", "chooses among matches, and there is no pattern")),
            (None, None) => Vec::new(),
            (Some(_), _) => vec![self.one_group(PATTERN)?],
        };
        Ok(Kind::Score(ScoreRule { patterns, take: self.take.unwrap_or_default(), numbers: self.numbers()? }))
    }

    fn scores(&self) -> Result<Kind, RuleError> {
        self.only(&["pattern", "take", "range", "integer", "take_all"])?;
        if self.take_all == Some(true) {
            if self.take.is_some() {
                return Err(RuleError::new(
                    "take",
                    "chooses a match, and take_all takes them all: leave one of the two out",
                ));
            }
            let pattern = self.one_group(r"'Score: (\d+)'")?;
            return Ok(Kind::Scores(ScoresRule { pattern, take: None, numbers: self.numbers()? }));
        }
        let pattern = self.pattern.as_ref().ok_or_else(|| RuleError::missing("pattern", r"'A: (\d+), B: (\d+)'"))?;
        let pattern = self.compile("pattern", pattern)?;
        if pattern.captures_len() < 3 {
            let problem =
                "expected a group for each answer, as in 'A: (\\d+), B: (\\d+)', or one group and take_all = true";
            return Err(RuleError::new("pattern", problem));
        }
        Ok(Kind::Scores(ScoresRule { pattern, take: Some(self.take.unwrap_or_default()), numbers: self.numbers()? }))
    }

    fn ranking(&self) -> Result<Kind, RuleError> {
        self.only(&["pattern", "take", "json", "schema"])?;
        let labels = Labels { listed: BTreeMap::new(), fold: self.normalise };
        if let Some(path) = &self.json {
            if self.pattern.is_some() || self.take.is_some() {
                return Err(RuleError::new("json", "stands in place of pattern and take: leave those out"));
            }
            let path = pointer("json", path)?;
            return Ok(Kind::Json(JsonRule { path, meaning: JsonMeaning::Ranking(labels) }));
        }
        if self.schema.is_some() {
            return Err(RuleError::new("schema", "goes with json, which says where the ranking stands in an object"));
        }
        Ok(Kind::Ranking(RankingRule {
            pattern: self.one_group(PATTERN)?,
            take: self.take.unwrap_or(Take::Only),
            labels,
        }))
    }

    fn json(&self) -> Result<Kind, RuleError> {
        self.only(&["path", "labels", "range", "integer", "schema"])?;
        let path = self.path.as_ref().ok_or_else(|| RuleError::missing("path", "\"/winner\""))?;
        let path = pointer("path", path)?;
        let is_score = self.range.is_some() || self.integer.is_some();
        let meaning = match (is_score, &self.labels) {
            (true, Some(_)) => {
                return Err(RuleError::new(
                    "labels",
                    "name labels, and range and integer speak of numbers: leave one of the two out",
                ));
            }
            (true, None) => JsonMeaning::Score(self.numbers()?),
            (false, _) => JsonMeaning::Label(self.labels()?),
        };
        Ok(Kind::Json(JsonRule { path, meaning }))
    }

    fn logprobs(&self) -> Result<Kind, RuleError> {
        self.only(&["labels", "variants", "at"])?;
        let Labels { listed, .. } = self.labels()?;
        if listed.is_empty() {
            return Err(RuleError::missing("labels", LABELS));
        }
        if listed.values().any(|meaning| meaning.strength.is_some()) {
            return Err(RuleError::new("labels", "a strength means nothing to log-probabilities: leave it out"));
        }
        for (preference, word) in [(Preference::First, "first"), (Preference::Second, "second")] {
            if !listed.values().any(|meaning| meaning.is == preference) {
                return Err(RuleError::new("labels", format!("none means {word:?}: expected such as {LABELS}")));
            }
        }
        let labels = listed.into_iter().map(|(label, meaning)| (label, meaning.is)).collect();
        let forms = self.forms(&labels)?;
        Ok(Kind::Logprobs(LogprobsRule { labels, forms, at: self.at.unwrap_or_default(), normalise: self.normalise }))
    }

    /// What stands before and after the label in each variant: `("**", "")` in `**A`.
    fn forms(&self, labels: &BTreeMap<String, Preference>) -> Result<BTreeSet<(String, String)>, RuleError> {
        let Some(variants) = &self.variants else {
            return Ok([("", ""), (" ", "")].map(|(before, after)| (before.to_owned(), after.to_owned())).into());
        };
        let form = |variant: &String| {
            let variant = self.case(variant);
            let longest =
                labels.keys().filter(|label| variant.contains(label.as_str())).max_by_key(|label| label.len());
            let (before, after) = variant.split_once(longest?.as_str())?;
            Some((before.to_owned(), after.to_owned()))
        };
        let forms = variants.iter().map(|variant| {
            form(variant).ok_or_else(|| RuleError::new("variants", format!("{variant:?} spells none of the labels")))
        });
        let forms: BTreeSet<_> = forms.collect::<Result<_, _>>()?;
        if forms.is_empty() { Err(RuleError::missing("variants", r#"["A", " A"]"#)) } else { Ok(forms) }
    }

    fn numbers(&self) -> Result<Numbers, RuleError> {
        if let Some([least, most]) = self.range
            && !(least < most && least.is_finite() && most.is_finite())
        {
            return Err(RuleError::new(
                "range",
                format!("[{least}, {most}]: expected the least score and a greater one"),
            ));
        }
        Ok(Numbers { range: self.range, integer: self.integer.unwrap_or_default() })
    }

    fn labels(&self) -> Result<Labels, RuleError> {
        if self.labels.as_ref().is_some_and(BTreeMap::is_empty) {
            return Err(RuleError::missing("labels", LABELS));
        }
        let labels = self.labels.iter().flatten();
        let listed = labels.map(|(label, meaning)| (self.case(label), meaning.meaning())).collect();
        Ok(Labels { listed, fold: self.normalise })
    }

    fn case(&self, label: &str) -> String {
        if self.normalise { label.to_uppercase() } else { label.to_owned() }
    }

    fn one_group(&self, example: &str) -> Result<Regex, RuleError> {
        let pattern = self.pattern.as_ref().ok_or_else(|| RuleError::missing("pattern", example))?;
        let pattern = self.compile("pattern", pattern)?;
        if pattern.captures_len() < 2 {
            let problem = "has no group: put the label in parentheses, as in '\\[\\[([A-Z])\\]\\]'";
            return Err(RuleError::new("pattern", problem));
        }
        if pattern.captures_len() > 2 {
            let problem = "has several groups, and only the first is read: write the others as (?:...)";
            return Err(RuleError::new("pattern", problem));
        }
        Ok(pattern)
    }

    fn compile(&self, field: &'static str, pattern: &str) -> Result<Regex, RuleError> {
        RegexBuilder::new(pattern)
            .case_insensitive(self.normalise)
            .build()
            .map_err(|error| RuleError::new(field, format!("is no regular expression: {error}")))
    }
}

/// A JSON pointer: empty, or a slash before each key.
fn pointer(field: &'static str, path: &str) -> Result<String, RuleError> {
    if path.is_empty() || path.starts_with('/') {
        return Ok(path.to_owned());
    }
    Err(RuleError::new(field, format!("expected a slash before each key: \"/{path}\"")))
}
