//! What repeated samples tell: how often a judge contradicts itself, and what a majority of its samples would win.

use serde::{Deserialize, Serialize};

use super::item::{self, ItemScore, Policy, UnparsedPolicy};
use super::outcome::{Choices, Outcome, Votes};
use crate::ask::Form;
use crate::bench::Bench;
use crate::plan::{Leg, Plan};
use crate::stats::{clustered, difference_interval, interval, mean_of_subsets};

/// What the samples of a cell tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repeats {
    /// Comparisons in one order with two or more verdicts.
    pub n: usize,
    /// 1 - the mean share of the most frequent verdict among those of a comparison in one order; 0: never another.
    pub flip_rate: Option<f64>,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// The score by majorities of 1, 2, ... samples; empty where answers are scored alone.
    pub voting: Vec<VotingPoint>,
}

/// What a majority of so many samples comes to: the exact expectation over all ways to choose them out of those there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VotingPoint {
    /// How many samples vote in each order.
    pub samples: usize,
    /// The plain mean of the subsets' scores.
    pub score: f64,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// What it wins over a single sample.
    pub gain: f64,
    /// 95 % interval of the gain, item by item, by t.
    pub gain_ci95: Option<[f64; 2]>,
}

/// What the samples tell; `None` where there is one alone. `subsets` are the items of each.
pub(super) fn repeats(
    bench: &Bench,
    plan: &Plan,
    choices: &Choices,
    items: &[ItemScore],
    subsets: &[Vec<usize>],
    policy: Policy,
) -> Option<Repeats> {
    let samples = plan.samples as usize;
    if samples < 2 {
        return None;
    }
    let (mut flips, mut clusters) = (Vec::new(), Vec::new());
    for id in plan.ids().filter(|id| !plan.comparison(*id).is_equal()) {
        for share in choices.votes(plan, id).iter().filter_map(Votes::modal_share) {
            flips.push(1.0 - share);
            clusters.push(plan.comparison(id).conversation.0);
        }
    }
    let mean = clustered(&flips, &clusters);
    let voting =
        if plan.form == Form::Pointwise { Vec::new() } else { curve(bench, plan, choices, items, subsets, policy) };
    Some(Repeats {
        n: flips.len(),
        flip_rate: mean.map(|mean| mean.mean),
        se: mean.and_then(|mean| mean.se),
        ci95: mean.as_ref().and_then(interval).map(|interval| [interval.low, interval.high]),
        voting,
    })
}

fn curve(
    bench: &Bench,
    plan: &Plan,
    choices: &Choices,
    items: &[ItemScore],
    subsets: &[Vec<usize>],
    policy: Policy,
) -> Vec<VotingPoint> {
    // An item that failed is in no point of the curve, and one that is dropped stays in all of them: with fewer samples more would be.
    let has_failed = |at: usize| items[at].outcomes.contains(&Outcome::Failed);
    let expected: Vec<Option<Vec<f64>>> = (0..items.len())
        .map(|at| (!has_failed(at)).then(|| expected_scores(plan, choices, plan.legs_of_item(at), policy)))
        .collect();
    let lists = |score: &dyn Fn(&[f64]) -> f64| -> Vec<(Vec<f64>, Vec<u32>)> {
        let list = |members: &Vec<usize>| {
            let scored =
                members.iter().filter_map(|at| Some((score(expected[*at].as_ref()?), bench.items[*at].conversation.0)));
            scored.unzip()
        };
        subsets.iter().map(list).collect()
    };
    let point = |k: usize| {
        let score = mean_of_subsets(&lists(&|scores| scores[k]))?;
        let gain = mean_of_subsets(&lists(&|scores| scores[k] - scores[0]))?;
        Some(VotingPoint {
            samples: k + 1,
            score: score.mean,
            se: score.se,
            gain: gain.mean,
            gain_ci95: difference_interval(&gain),
        })
    };
    (0..plan.samples as usize).filter_map(point).collect()
}

/// The expected score of an item by majorities of 1, 2, ... samples. The samples of different comparisons and orders are drawn apart, so the
/// expectation of the product over legs is the product of theirs.
fn expected_scores(plan: &Plan, choices: &Choices, legs: &[Leg], policy: Policy) -> Vec<f64> {
    let mut scores = vec![1.0; plan.samples as usize];
    for leg in legs {
        let orders = choices.votes(plan, leg.comparison);
        let mut sums = vec![0.0; scores.len()];
        for votes in orders {
            let worth = |outcome| worth(outcome, policy);
            for (sum, expected) in sums.iter_mut().zip(votes.expected(leg, worth)) {
                *sum += expected;
            }
        }
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score *= sum / orders.len() as f64;
        }
    }
    scores
}

/// What an outcome is worth; what is unparsed counts as wrong also where it would be dropped.
fn worth(outcome: Outcome, policy: Policy) -> f64 {
    let unparsed = match policy.unparsed {
        UnparsedPolicy::Drop => UnparsedPolicy::Wrong,
        other => other,
    };
    item::worth(outcome, Policy { unparsed, ..policy }).unwrap_or(0.0)
}
