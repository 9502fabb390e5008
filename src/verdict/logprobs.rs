//! Verdicts in the probabilities of the labels where the judge wrote one.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::normalise::normalise;
use super::reading::{Reading, Reason, Verdict};
use super::rule::Preference;
use super::trace::Readable;
use crate::ask::{Reply, TokenLogprob};

/// Which of several tokens that spell a label is the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The first one.
    First,
    /// The last one.
    #[default]
    Last,
}

/// The probabilities of labels.
#[derive(Clone, Debug)]
pub(super) struct LogprobsRule {
    /// What labels mean, in capitals where case does not matter.
    pub(super) labels: BTreeMap<String, Preference>,
    /// What stands before and after a label in the tokens that spell it.
    pub(super) forms: BTreeSet<(String, String)>,
    pub(super) at: At,
    /// Whether case, width and emphasis are ironed out of tokens.
    pub(super) normalise: bool,
}

impl LogprobsRule {
    pub(super) fn read(&self, reply: &Reply, text: &Readable<'_>) -> Reading {
        let Some(tokens) = reply.logprobs.as_deref().filter(|tokens| !tokens.is_empty()) else {
            return Reason::NoLogprobs.into();
        };
        let offsets = offsets(tokens, &reply.text);
        // What stands before the text that is read is reasoning.
        let from = offsets.as_ref().map_or(0, |offsets| offsets.partition_point(|offset| *offset < text.start()));
        let mut spelling = (from..tokens.len()).filter(|at| self.meaning(&tokens[*at].token).is_some());
        let found = match self.at {
            At::First => spelling.next(),
            At::Last => spelling.next_back(),
        };
        let Some(at) = found else { return Reason::NoLabel.into() };
        if tokens[at].top.is_empty() {
            return Reason::NoLogprobs.into();
        }
        let span = offsets.map(|offsets| offsets[at]..offsets[at] + tokens[at].token.len());
        Reading { span, ..self.weigh(&tokens[at]) }
    }

    /// The verdict of the probabilities at a token.
    fn weigh(&self, token: &TokenLogprob) -> Reading {
        let has_itself = token.top.iter().any(|(spelled, _)| *spelled == token.token);
        let itself = (!has_itself).then_some((token.token.as_str(), token.logprob));
        let all = token.top.iter().map(|(spelled, logprob)| (spelled.as_str(), *logprob)).chain(itself);
        let (mut first, mut second, mut tie) = (0.0, 0.0, 0.0);
        for (spelled, logprob) in all {
            let probability = if logprob.is_nan() { 0.0 } else { logprob.min(0.0).exp() };
            match self.meaning(spelled) {
                Some(Preference::First) => first += probability,
                Some(Preference::Second) => second += probability,
                Some(Preference::Tie) => tie += probability,
                None => {}
            }
        }
        let verdict = if first > second && first >= tie {
            Verdict::slot(0)
        } else if second > first && second >= tie {
            Verdict::slot(1)
        } else {
            Verdict::Tie
        };
        let either = first + second;
        let preference = (either > 0.0).then(|| first / either);
        Reading { preference, outside: Some((1.0 - either - tie).clamp(0.0, 1.0)), ..verdict.into() }
    }

    /// What a token that spells a label means.
    fn meaning(&self, token: &str) -> Option<Preference> {
        // Some servers give a tokenizer's own marks of a space.
        let token = token.replace(['\u{2581}', '\u{120}'], " ");
        let spelled = |token: &str| {
            let label =
                |(before, after): &(String, String)| token.strip_prefix(before.as_str())?.strip_suffix(after.as_str());
            self.forms.iter().find_map(|form| self.labels.get(label(form)?)).copied()
        };
        if !self.normalise {
            return spelled(&token);
        }
        let plain = normalise(&token).text.to_uppercase();
        spelled(&token.to_uppercase()).or_else(|| spelled(plain.trim()))
    }
}

/// Where each token begins in the text; `None` where they are not its parts.
fn offsets(tokens: &[TokenLogprob], text: &str) -> Option<Vec<usize>> {
    let mut at = 0;
    let mut offsets = Vec::with_capacity(tokens.len());
    for TokenLogprob { token, .. } in tokens {
        offsets.push(at);
        at += token.len();
        if text.get(offsets[offsets.len() - 1]..at) != Some(token) {
            return None;
        }
    }
    Some(offsets)
}
