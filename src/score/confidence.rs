//! Whether a judge knows when it is right: its confidence held against the gold.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::heard::{Heard, preferred, rightness};
use super::outcome::{Choice, choice};
use super::rate::Rates;
use super::top::Top;
use crate::ask::Form;
use crate::plan::{Entrant, Leg, Plan, Standing};
use crate::stats::{
    CALIBRATION_BINS, ReliabilityBin, accuracy_coverage, accuracy_coverage_area, brier, expected_calibration_error,
    reliability,
};

/// Samples in each order from which on, and votes on a pair from which on, a share of votes is taken for a confidence.
const ENOUGH_VOTES: u32 = 3;
/// The highest odds that probabilities of labels are taken for: where a label is not listed at all, it may only have been left out of a short list.
const HIGHEST_ODDS: f64 = 1e6;

/// Where a confidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfidenceSource {
    /// The probabilities of the labels, averaged over samples and orders in logit space.
    Logprobs,
    /// The share of the samples of all orders; a tie is half a vote for each.
    VoteShare,
    /// How far the scores of two answers are apart: no probability, but an order of confidence.
    ScoreGap,
}

/// Whether a judge is right where it is sure. A case is a (comparison, gold) pair, whatever number of orders and samples it was asked in; where
/// answers are scored alone, it is a best answer and another of one item, each two once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// Where it comes from.
    pub source: ConfidenceSource,
    /// Cases.
    pub n: usize,
    /// The mean squared difference of confidence and outcome (1 right, 0 wrong, a tie half of each). `None` of score gaps.
    pub brier: Option<f64>,
    /// The expected calibration error over 15 bins of equal mass. `None` of score gaps.
    pub ece: Option<f64>,
    /// The reliability diagram over the same bins, from the least sure. Empty of score gaps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<ConfidenceBin>,
    /// How often it is right among the surest tenth, two tenths, ... of the cases.
    pub coverage: Vec<CoveragePoint>,
    /// The area under that curve.
    pub area: f64,
}

/// Cases of similar confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceBin {
    /// Cases.
    pub n: usize,
    /// The mean of their confidences.
    pub confidence: f64,
    /// The mean of their outcomes.
    pub accuracy: f64,
}

/// What the surest cases come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoveragePoint {
    /// The share of the cases, in (0, 1].
    pub coverage: f64,
    /// The mean of their outcomes.
    pub accuracy: f64,
}

/// Whether the judge knows when it is right; `None` where nothing says how sure it is.
pub(super) fn confidence(plan: &Plan, legs: &[&Leg], heard: Heard<'_>, items: usize) -> Option<Confidence> {
    if plan.form == Form::Pointwise {
        return of_cases(ConfidenceSource::ScoreGap, &gaps(plan, heard, items));
    }
    if plan.form != Form::Pairwise {
        return None;
    }
    let cases = |share: &dyn Fn(&Leg) -> Option<[f64; 2]>| -> Vec<(f64, f64)> {
        legs.iter().filter_map(|leg| Some(case(leg, share(leg)?))).collect()
    };
    if !heard.preferences.is_empty() {
        let told = of_cases(ConfidenceSource::Logprobs, &cases(&|leg| probability(plan, leg, heard.preferences)));
        if told.is_some() {
            return told;
        }
    }
    if plan.samples < ENOUGH_VOTES {
        return None;
    }
    of_cases(ConfidenceSource::VoteShare, &cases(&|leg| vote_share(plan, leg, heard)))
}

fn of_cases(source: ConfidenceSource, cases: &[(f64, f64)]) -> Option<Confidence> {
    let area = accuracy_coverage_area(cases)?;
    let is_probability = source != ConfidenceSource::ScoreGap;
    let bins = if is_probability { reliability(cases, CALIBRATION_BINS) } else { Vec::new() };
    let bin = |bin: &ReliabilityBin| ConfidenceBin { n: bin.n, confidence: bin.confidence, accuracy: bin.accuracy };
    let points = accuracy_coverage(cases).into_iter();
    Some(Confidence {
        source,
        n: cases.len(),
        brier: brier(cases).filter(|_| is_probability),
        ece: expected_calibration_error(cases, CALIBRATION_BINS).filter(|_| is_probability),
        bins: bins.iter().map(bin).collect(),
        coverage: points.map(|(coverage, accuracy)| CoveragePoint { coverage, accuracy }).collect(),
        area,
    })
}

/// The confidence in the preferred text and the outcome, from the probabilities of both texts. Where these are equal none is preferred. The
/// second is not reckoned from the first: cases that are as sure must be so to the last digit, for they stay together.
fn case(leg: &Leg, [low, high]: [f64; 2]) -> (f64, f64) {
    let top = match low.total_cmp(&high) {
        Ordering::Greater => Top::one(Entrant(0)),
        Ordering::Less => Top::one(Entrant(1)),
        Ordering::Equal => Top::all(2),
    };
    (low.max(high), rightness(Choice::Top(top).held_against(leg)))
}

/// The probabilities of both texts, in the order of their bytes: the mean over orders of the mean over samples, in logit space.
fn probability(plan: &Plan, leg: &Leg, preferences: &[Option<f64>]) -> Option<[f64; 2]> {
    let comparison = plan.comparison(leg.comparison);
    let of_order = |order: usize| {
        let told = preferences.get(plan.places(leg.comparison, order))?.iter().flatten();
        let is_low_first = comparison.entrant_in(0, u8::try_from(order).unwrap_or(u8::MAX)) == Entrant(0);
        // The sign is turned, not the probability, so that orders that say the contrary cancel out to the last digit.
        mean(told.map(|first| if is_low_first { logit(*first) } else { -logit(*first) }))
    };
    let logit = mean((0..plan.orders_of(leg.comparison)).filter_map(of_order))?;
    Some([-logit, logit].map(|logit| 1.0 / (1.0 + logit.exp())))
}

fn logit(probability: f64) -> f64 {
    let most = HIGHEST_ODDS.ln();
    (probability / (1.0 - probability)).ln().clamp(-most, most)
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = numbers.fold((0.0, 0_u32), |(sum, n), number| (sum + number, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// The shares of the votes for both texts, in the order of their bytes, a tie half for each; `None` with too few that were parsed.
fn vote_share(plan: &Plan, leg: &Leg, heard: Heard<'_>) -> Option<[f64; 2]> {
    let comparison = plan.comparison(leg.comparison);
    let (mut halves, mut parsed) = (0, 0);
    for order in 0..plan.orders_of(leg.comparison) {
        let number = u8::try_from(order).unwrap_or(u8::MAX);
        for verdict in &heard.verdicts[plan.places(leg.comparison, order)] {
            let choice = choice(verdict.as_ref(), comparison, number);
            if let Choice::Top(_) = choice {
                parsed += 1;
                halves += preferred(choice).map_or(1, |entrant| if entrant == Entrant(0) { 2 } else { 0 });
            }
        }
    }
    let share = |halves: u32| f64::from(halves) / f64::from(2 * parsed);
    (parsed >= ENOUGH_VOTES).then(|| [share(halves), share(2 * parsed - halves)])
}

/// How far the scores of a best answer and of another are apart, and whether the best one's is the higher. Two answers that several items
/// hold in the same roles are one case.
fn gaps(plan: &Plan, heard: Heard<'_>, items: usize) -> Vec<(f64, f64)> {
    let rates = Rates::new(plan, heard.verdicts);
    let of_item = |item: usize| {
        let legs = plan.legs_of_item(item);
        let having = |role: fn(&Standing) -> bool| {
            legs.iter().filter(move |leg| leg.standings.iter().any(role)).map(|leg| leg.comparison)
        };
        having(|standing| standing.is_best)
            .flat_map(move |best| having(|standing| standing.is_other).map(move |other| (best, other)))
            .filter(|(best, other)| best != other)
            .collect::<Vec<_>>()
    };
    let mut pairs: Vec<_> = (0..items).flat_map(of_item).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let gap = |(best, other)| {
        let gap: f64 = rates.score(best)? - rates.score(other)?;
        let outcome = if gap > 0.0 {
            1.0
        } else if gap < 0.0 {
            0.0
        } else {
            0.5
        };
        Some((gap.abs(), outcome))
    };
    pairs.into_iter().filter_map(gap).collect()
}
