//! The items that all cells were asked about, and what any panel of the cells makes of them.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::ballots::{Ballots, Vote};
use crate::bench::Task;
use crate::digest::Fields;
use crate::score::{Outcome, Policy, Stands, hold_scores, worth};
use crate::stats::{self, Mean};

/// The weight of a cell's vote, by its number and that of the answers to choose from; at 0 it is not heard.
pub(super) type Weight<'a> = &'a dyn Fn(usize, usize) -> f64;

/// What all cells say of one leg of an item in one order; of single answers, of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    /// What each cell prefers, by a number that only this pattern knows, and what that comes to.
    Votes { slots: usize, votes: Vec<(u8, Outcome)> },
    /// What each answer is to the item, and each cell's score of it.
    Scores(Vec<(Stands, Vec<Option<f64>>)>),
}

impl Pattern {
    /// What the panel comes to: the plurality of its votes, all that share the top; of single answers, their mean scores held against
    /// each other.
    pub(super) fn outcome(&self, weight: Weight<'_>) -> Outcome {
        match self {
            Self::Votes { slots, votes } => {
                let mut sums: Vec<(u8, Outcome, f64)> = Vec::with_capacity(votes.len());
                for (cell, (choice, outcome)) in votes.iter().enumerate() {
                    let weight = weight(cell, *slots);
                    if weight <= 0.0 || *outcome == Outcome::Unparsed {
                        continue;
                    }
                    match sums.iter_mut().find(|(known, ..)| known == choice) {
                        Some((.., sum)) => *sum += weight,
                        None => sums.push((*choice, *outcome, weight)),
                    }
                }
                let most = sums.iter().map(|(.., sum)| *sum).fold(0.0, f64::max);
                let top = sums.iter().filter(|(.., sum)| *sum >= most).map(|(_, outcome, _)| *outcome);
                top.reduce(Outcome::shared).unwrap_or(Outcome::Unparsed)
            }
            Self::Scores(answers) => {
                let mean = |scores: &[Option<f64>]| {
                    let heard = scores
                        .iter()
                        .enumerate()
                        .filter_map(|(cell, score)| Some((weight(cell, answers.len()), (*score)?)));
                    let (weights, sum) = heard
                        .fold((0.0, 0.0), |(weights, sum), (weight, score)| (weights + weight, sum + weight * score));
                    (weights > 0.0).then(|| sum / weights)
                };
                let means: Vec<_> = answers.iter().map(|(stands, scores)| (mean(scores), *stands)).collect();
                hold_scores(&means)
            }
        }
    }
}

/// An item that all cells were asked about.
#[derive(Debug)]
pub(super) struct DocketItem {
    subset: usize,
    cluster: u32,
    /// The half of the conversations to which it belongs.
    pub(super) half: usize,
    /// For each leg, the pattern in each order.
    pub(super) legs: Vec<Vec<usize>>,
}

/// The items that all cells were asked about.
#[derive(Debug)]
pub(super) struct Docket {
    pub(super) cells: usize,
    pub(super) items: Vec<DocketItem>,
    pub(super) patterns: Vec<Pattern>,
    /// Items that not all cells were asked about.
    pub(super) missing: usize,
    /// Items of which a reply is missing.
    pub(super) failed: usize,
    subsets: Vec<(Task, Arc<str>)>,
    policy: Policy,
}

/// What a subset comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubsetScore {
    /// Its task.
    pub task: Task,
    /// The first element of its group paths.
    pub group: Arc<str>,
    /// Items.
    pub n: usize,
    /// Conversations.
    pub clusters: usize,
    /// The mean over its items.
    pub score: f64,
    /// Clustered standard error; null with a single conversation.
    pub se: Option<f64>,
    /// 95 % interval; null with a single conversation.
    pub ci95: Option<[f64; 2]>,
}

/// What a panel comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PanelScore {
    /// The plain mean of the subsets.
    pub score: f64,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// Conversations.
    pub clusters: usize,
    /// One entry a subset.
    pub subsets: Vec<SubsetScore>,
}

/// How far one panel is above another on the same items.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// The number of the member that it is over.
    pub over: usize,
    /// The plain mean of the subsets' mean differences.
    pub gain: f64,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval, by t.
    pub ci95: Option<[f64; 2]>,
}

/// Builds a docket.
struct Draft<'a> {
    ballots: &'a Ballots,
    patterns: Vec<Pattern>,
    known: HashMap<(usize, Vec<(u8, Outcome)>), usize>,
}

/// Why an item is left out.
enum LeftOut {
    Missing,
    Failed,
}

impl Docket {
    /// The items that all cells were asked about, none of whose replies is missing. The halves of the conversations are drawn by the seed.
    pub(super) fn new(ballots: &Ballots, policy: Policy, seed: u64) -> Self {
        let mut legs: Vec<Vec<(usize, usize)>> = vec![Vec::new(); ballots.items.len()];
        for (place, compared) in ballots.comparisons.iter().enumerate() {
            for (at, leg) in compared.legs.iter().enumerate() {
                legs[leg.item].push((place, at));
            }
        }
        let mut draft = Draft { ballots, patterns: Vec::new(), known: HashMap::new() };
        let (mut missing, mut failed) = (0, 0);
        let mut items = Vec::new();
        let mut subsets: Vec<(Task, Arc<str>)> = Vec::new();
        for (item, legs) in ballots.items.iter().zip(&legs) {
            let is_had = item.cells == ballots.cells.len() && !legs.is_empty();
            let patterns = if is_had { draft.patterns_of(legs) } else { Err(LeftOut::Missing) };
            let group = item.group.split('/').next().unwrap_or_default();
            match patterns {
                Ok(legs) => {
                    let is_of = |(task, known): &(Task, Arc<str>)| *task == item.task && **known == *group;
                    let subset = subsets.iter().position(is_of).unwrap_or_else(|| {
                        subsets.push((item.task, group.into()));
                        subsets.len() - 1
                    });
                    let half =
                        Fields::new("tribunal jury halves v1").number(seed).text(&item.conversation).finish().bit();
                    items.push(DocketItem { subset, cluster: item.cluster, half: usize::from(half), legs });
                }
                Err(LeftOut::Missing) => missing += 1,
                Err(LeftOut::Failed) => failed += 1,
            }
        }
        Self { cells: ballots.cells.len(), items, patterns: draft.patterns, missing, failed, subsets, policy }
    }

    /// The score of every item by a panel; `None` where it was dropped.
    pub(super) fn scores(&self, weight: Weight<'_>) -> Vec<Option<f64>> {
        let worths = self.worths(weight);
        self.items.iter().map(|item| item.score(&worths)).collect()
    }

    /// What each pattern is worth by a panel.
    pub(super) fn worths(&self, weight: Weight<'_>) -> Vec<Option<f64>> {
        self.patterns.iter().map(|pattern| worth(pattern.outcome(weight), self.policy)).collect()
    }

    /// The mean of the subsets on either half by a panel, and on both; `None` where there is no item.
    pub(super) fn by_half(&self, weight: Weight<'_>) -> [Option<f64>; 3] {
        let worths = self.worths(weight);
        let mut sums = vec![[(0.0, 0.0); 3]; self.subsets.len()];
        for item in &self.items {
            if let Some(score) = item.score(&worths) {
                for part in [item.half, 2] {
                    let (sum, n) = &mut sums[item.subset][part];
                    *sum += score;
                    *n += 1.0;
                }
            }
        }
        [0, 1, 2].map(|part| {
            let means: Vec<f64> =
                sums.iter().map(|sums| sums[part]).filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum / n).collect();
            (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
        })
    }

    fn by_subset(&self, scores: impl Iterator<Item = Option<f64>>) -> Vec<(Vec<f64>, Vec<u32>)> {
        let mut lists = vec![(Vec::new(), Vec::new()); self.subsets.len()];
        for (item, score) in self.items.iter().zip(scores) {
            if let Some(score) = score {
                lists[item.subset].0.push(score);
                lists[item.subset].1.push(item.cluster);
            }
        }
        lists
    }

    /// What the scores of all items come to; `None` where a subset has none.
    pub(super) fn panel_score(&self, scores: &[Option<f64>]) -> Option<PanelScore> {
        let lists = self.by_subset(scores.iter().copied());
        let mean = stats::mean_of_subsets(&lists)?;
        let parts: Vec<Mean> =
            lists.iter().filter_map(|(scores, clusters)| stats::clustered(scores, clusters)).collect();
        let subsets = self.subsets.iter().zip(&parts).map(|((task, group), mean)| SubsetScore {
            task: *task,
            group: Arc::clone(group),
            n: mean.n,
            clusters: mean.clusters,
            score: mean.mean,
            se: mean.se,
            ci95: stats::interval(mean).map(|interval| [interval.low, interval.high]),
        });
        Some(PanelScore {
            score: mean.mean,
            se: mean.se,
            ci95: stats::subsets_interval(&mean, &parts).map(|interval| [interval.low, interval.high]),
            clusters: mean.clusters,
            subsets: subsets.collect(),
        })
    }

    /// How far these scores are above those of a member.
    pub(super) fn gain(&self, scores: &[Option<f64>], over: usize, member: &[Option<f64>]) -> Option<Gain> {
        let differences = scores.iter().zip(member).map(|(score, member)| Some((*score)? - (*member)?));
        let mean = stats::mean_of_subsets(&self.by_subset(differences))?;
        let interval = mean.se.and_then(|se| stats::t_interval(mean.mean, se, mean.clusters));
        let ci95 = interval.map(|[low, high]| [low.max(-1.0), high.min(1.0)]);
        Some(Gain { over, gain: mean.mean, se: mean.se, ci95 })
    }
}

impl DocketItem {
    /// As `score` has it: the product over the legs of the mean over the orders.
    fn score(&self, worths: &[Option<f64>]) -> Option<f64> {
        self.legs.iter().try_fold(1.0, |product, orders| {
            let sum: Option<f64> = orders.iter().map(|pattern| worths[*pattern]).sum();
            Some(product * sum? / orders.len() as f64)
        })
    }
}

impl Draft<'_> {
    fn patterns_of(&mut self, legs: &[(usize, usize)]) -> Result<Vec<Vec<usize>>, LeftOut> {
        if self.ballots.are_scores() {
            let pattern = self.scores(legs)?;
            self.patterns.push(pattern);
            return Ok(vec![vec![self.patterns.len() - 1]]);
        }
        legs.iter().map(|(place, at)| self.orders(*place, *at)).collect()
    }

    /// The patterns of a leg, in each order that all cells were asked about.
    fn orders(&mut self, place: usize, at: usize) -> Result<Vec<usize>, LeftOut> {
        let compared = &self.ballots.comparisons[place];
        let leg = &compared.legs[at];
        let mut orders = Vec::new();
        for (view, showing) in leg.views.iter().zip(&compared.showings).filter(|(view, _)| view.is_shared()) {
            let mut choices = Vec::new();
            let mut votes = Vec::with_capacity(showing.votes.len());
            for vote in &showing.votes {
                votes.push(match vote {
                    Vote::For(category) => {
                        let number = choices.iter().position(|known| known == category).unwrap_or_else(|| {
                            choices.push(*category);
                            choices.len() - 1
                        });
                        (u8::try_from(number).unwrap_or(u8::MAX), view.outcome(*category, &self.ballots.sets))
                    }
                    Vote::Unparsed | Vote::Score(_) => (u8::MAX, Outcome::Unparsed),
                    Vote::Failed => return Err(LeftOut::Failed),
                    Vote::Absent => return Err(LeftOut::Missing),
                });
            }
            orders.push(self.number(showing.slots, votes));
        }
        if orders.is_empty() { Err(LeftOut::Missing) } else { Ok(orders) }
    }

    /// The number of a pattern: each stands once.
    fn number(&mut self, slots: usize, votes: Vec<(u8, Outcome)>) -> usize {
        let next = self.patterns.len();
        *self.known.entry((slots, votes)).or_insert_with_key(|(slots, votes)| {
            self.patterns.push(Pattern::Votes { slots: *slots, votes: votes.clone() });
            next
        })
    }

    fn scores(&self, legs: &[(usize, usize)]) -> Result<Pattern, LeftOut> {
        let mut answers = Vec::with_capacity(legs.len());
        for (place, at) in legs {
            let compared = &self.ballots.comparisons[*place];
            let leg = &compared.legs[*at];
            let showing = match (leg.views.as_slice(), compared.showings.as_slice()) {
                ([view], [showing]) if view.is_shared() => showing,
                _ => return Err(LeftOut::Missing),
            };
            let score = |vote: &Vote| match vote {
                Vote::Score(score) => Ok(Some(*score)),
                Vote::Unparsed | Vote::For(_) => Ok(None),
                Vote::Failed => Err(LeftOut::Failed),
                Vote::Absent => Err(LeftOut::Missing),
            };
            let scores = showing.votes.iter().map(score).collect::<Result<Vec<_>, _>>()?;
            answers.push((leg.stands.unwrap_or(Stands::Other), scores));
        }
        Ok(Pattern::Scores(answers))
    }
}
