//! The rule `rate`: each answer is scored alone, and the winner's score must be strictly the highest.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::item::{ItemScore, Policy, worth};
use super::outcome::Outcome;
use crate::plan::{ComparisonId, Leg, Plan};
use crate::verdict::Verdict;

/// What the samples of one answer come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rate {
    /// The mean of the samples that hold a score; a plurality would mean little, for scores seldom repeat.
    score: Option<f64>,
    /// Whether a sample holds none.
    is_partly_unparsed: bool,
    /// Whether a sample has no reply.
    is_failed: bool,
}

impl Rate {
    /// Whether it might be any score.
    fn is_open(self) -> bool {
        self.is_partly_unparsed || self.is_failed
    }
}

/// What the samples of every answer come to.
pub(super) struct Rates(Vec<Rate>);

impl Rates {
    pub(super) fn new(plan: &Plan, verdicts: &[Option<Verdict>]) -> Self {
        let rate = |samples: &[Option<Verdict>]| {
            let scores: Vec<f64> = samples
                .iter()
                .filter_map(|verdict| match verdict {
                    Some(Verdict::Score(score)) => Some(*score),
                    _ => None,
                })
                .collect();
            let failed = samples.iter().filter(|verdict| verdict.is_none()).count();
            Rate {
                score: (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64),
                is_partly_unparsed: scores.len() + failed < samples.len(),
                is_failed: failed > 0,
            }
        };
        Self(plan.ids().map(|id| rate(&verdicts[plan.places(id, 0)])).collect())
    }

    /// The mean score of an answer, over the samples that hold one.
    pub(super) fn score(&self, answer: ComparisonId) -> Option<f64> {
        self.0[answer.0 as usize].score
    }
}

/// The score of an item. With several best answers the highest of them counts.
pub(super) fn rate(rates: &Rates, legs: &[Leg], policy: Policy) -> ItemScore {
    let answers: Vec<(Rate, bool, bool)> = legs
        .iter()
        .flat_map(|leg| leg.standings.iter().map(|standing| (rates.0[leg.comparison.0 as usize], standing)))
        .map(|(rate, standing)| (rate, standing.is_best, standing.is_other))
        .collect();
    let outcome = outcome(&answers);
    let score = worth(outcome, policy);
    let is_open = answers.iter().any(|(rate, ..)| rate.is_open());
    let bounds = if is_open { open_bounds(&answers, policy) } else { [score.unwrap_or(0.0); 2] };
    ItemScore { score, bounds, outcomes: vec![outcome] }
}

/// What an answer is to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stands {
    /// A best one.
    Best,
    /// Another.
    Other,
    /// A best candidate and another have this text.
    Both,
}

impl Stands {
    /// From whether a best candidate has this text; of several, from whether another has it too.
    #[must_use]
    pub fn new(is_best: bool, is_other: bool) -> Self {
        match (is_best, is_other) {
            (true, true) => Self::Both,
            (true, false) => Self::Best,
            (false, _) => Self::Other,
        }
    }
}

fn outcome(answers: &[(Rate, bool, bool)]) -> Outcome {
    if answers.iter().any(|(rate, ..)| rate.is_failed) {
        return Outcome::Failed;
    }
    let rated = answers.iter().map(|(rate, is_best, is_other)| (rate.score, Stands::new(*is_best, *is_other)));
    hold_scores(&rated.collect::<Vec<_>>())
}

/// The scores of an item's answers held against its golds: wrong where a score is above those of all best answers, and these are known;
/// unparsed where one is not known that matters.
#[must_use]
pub fn hold_scores(answers: &[(Option<f64>, Stands)]) -> Outcome {
    let highest_of = |not: Stands| {
        answers.iter().filter(|(_, stands)| *stands != not).filter_map(|(score, _)| *score).max_by(f64::total_cmp)
    };
    let is_unknown = |(score, _): &(Option<f64>, Stands)| score.is_none();
    if answers.iter().any(|answer| answer.1 != Stands::Other && is_unknown(answer)) {
        return Outcome::Unparsed;
    }
    match compared(highest_of(Stands::Other), highest_of(Stands::Best)) {
        Outcome::Wrong => Outcome::Wrong,
        _ if answers.iter().any(is_unknown) => Outcome::Unparsed,
        outcome => outcome,
    }
}

/// The score were everything unparsed and failed as bad for the best answers as it can be, and as good.
fn open_bounds(answers: &[(Rate, bool, bool)], policy: Policy) -> [f64; 2] {
    let high = if answers.iter().any(|(rate, is_best, is_other)| *is_best && !is_other && rate.is_open()) {
        1.0
    } else {
        let known: Vec<_> = answers.iter().filter(|(rate, ..)| !rate.is_open()).copied().collect();
        let (best, other) = (highest(&known, |(_, is_best, _)| *is_best), highest(&known, |(.., is_other)| *is_other));
        worth(compared(best, other), policy).unwrap_or(0.0)
    };
    [0.0, high]
}

fn highest(answers: &[(Rate, bool, bool)], counts: impl Fn(&&(Rate, bool, bool)) -> bool) -> Option<f64> {
    answers.iter().filter(counts).filter_map(|(rate, ..)| rate.score).max_by(f64::total_cmp)
}

fn compared(best: Option<f64>, other: Option<f64>) -> Outcome {
    match (best, other) {
        (None, _) => Outcome::Wrong,
        (Some(_), None) => Outcome::Right,
        (Some(best), Some(other)) => match best.partial_cmp(&other) {
            Some(Ordering::Greater) => Outcome::Right,
            Some(Ordering::Equal) => Outcome::Tie,
            Some(Ordering::Less) | None => Outcome::Wrong,
        },
    }
}
