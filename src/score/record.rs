//! The records of a cell: its subsets, the groups below them, and the whole.

use serde::{Deserialize, Serialize};

use super::confidence::{Confidence, confidence};
use super::decidable::decidable;
use super::heard::{Heard, distinct_legs, picks};
use super::item::{self, ItemScore, Policy};
use super::length::{Length, length};
use super::origin::{Origin, origin};
use super::outcome::{Choices, Outcome};
use super::position::{Position, position};
use super::repeats::{Repeats, repeats};
use super::scenarios::{Scenarios, scenarios};
use crate::bench::{Bench, Task};
use crate::plan::Plan;
use crate::stats::{self, Interval, Mean};
use crate::verdict::Verdict;

/// A task and the first element of a group path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subset {
    /// The task.
    pub task: Task,
    /// The group.
    pub group: String,
}

/// The mean of the subsets' scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overall {
    /// How many subsets it is the mean of.
    pub subsets: usize,
    /// In [0, 1].
    pub score: f64,
    /// Clustered over the union of the conversations; `None` with a single one.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// How the interval was made.
    pub ci_method: Option<String>,
    /// Conversations.
    pub clusters: usize,
    /// The score were everything unparsed and failed wrong, and were it right.
    pub bounds: [f64; 2],
}

/// The score without items that nobody can decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decidable {
    /// Items that can be decided.
    pub n: usize,
    /// In [0, 1]; `None` where none was scored.
    pub score: Option<f64>,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
}

/// The metrics of the items of one task under one group path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The task.
    pub task: Task,
    /// The group path.
    pub group: String,
    /// All items.
    pub n: usize,
    /// Those in the denominator: neither failed nor dropped.
    pub scored: usize,
    /// Conversations of the scored items.
    pub clusters: usize,
    /// The mean of the scored items; `None` where there is none.
    pub score: Option<f64>,
    /// Clustered standard error (Miller, arXiv 2411.00640); `None` with a single conversation.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// How the interval was made.
    pub ci_method: Option<String>,
    /// Design effect: how much wider the squared error is than that of as many independent items.
    pub deff: Option<f64>,
    /// The plain mean of the scores of the deepest groups.
    pub r#macro: Option<f64>,
    /// The share of scored items with every comparison right in every order.
    pub strict: Option<f64>,
    /// Items by outcome, one for each order: of pairs the orders asked, of lists under both as many as there are texts, of single answers one.
    pub right: usize,
    /// Likewise.
    pub wrong: usize,
    /// Likewise.
    pub tie: usize,
    /// Likewise.
    pub unparsed: usize,
    /// Likewise.
    pub failed: usize,
    /// The score over all items were everything unparsed and failed wrong, and were it right.
    pub bounds: [f64; 2],
    /// Without items that nobody can decide.
    pub decidable: Decidable,
    /// How it leans on position.
    pub position: Position,
}

/// The metrics of a cell.
#[derive(Clone, Debug)]
pub struct CellScore {
    /// The mean of the subsets; `None` where one is missing or has no scored item.
    pub overall: Option<Overall>,
    /// Subsets that the benchmark defines and that have no scored item here.
    pub missing: Vec<Subset>,
    /// One record a subset.
    pub subsets: Vec<Record>,
    /// One record a group path below, all levels.
    pub groups: Vec<Record>,
    /// How the judge leans on position, over everything.
    pub position: Position,
    /// Items that nobody can decide.
    pub undecidable: usize,
    /// What repeated samples tell; `None` where there is one alone.
    pub repeats: Option<Repeats>,
    /// How the judge leans on length; `None` where it was shown no pairs of different lengths.
    pub length: Option<Length>,
    /// Whether the judge knows when it is right; `None` where nothing says how sure it is.
    pub confidence: Option<Confidence>,
    /// How scores differ from scenario to scenario; `None` where no task has two.
    pub scenarios: Option<Scenarios>,
    /// Whose answers the judge prefers; `None` where the candidates of pairs name no models.
    pub origin: Option<Origin>,
    /// The items' own scores, in their order.
    pub items: Vec<ItemScore>,
}

/// Scores what was heard in a cell.
#[must_use]
pub fn score_cell(bench: &Bench, plan: &Plan, heard: Heard<'_>, policy: Policy) -> CellScore {
    let verdicts = heard.verdicts;
    let choices = Choices::new(plan, verdicts);
    let items = item::items(plan, &choices, verdicts, policy, bench.items.len());
    let decidable = decidable(bench);
    let undecidable = decidable.iter().filter(|decidable| !**decidable).count();
    let scorer = Scorer { bench, plan, choices, verdicts, items, decidable };
    let paths = paths(bench);
    let (below, top): (Vec<_>, Vec<_>) = paths.into_iter().partition(|(path, _)| path.group.contains('/'));
    let subsets: Vec<Record> = top.iter().map(|(subset, members)| scorer.record(subset, members)).collect();
    let groups: Vec<Record> = below.iter().map(|(subset, members)| scorer.record(subset, members)).collect();
    let missing = missing(bench, &subsets);
    let counted = |subset: &Subset| bench.catalog.is_none_or(|catalog| catalog.has_subset(subset.task, &subset.group));
    let overall = if missing.is_empty() { scorer.overall(&top, &subsets, counted) } else { None };
    let position = position(plan, &scorer.choices, verdicts, 0..bench.items.len());
    let counted: Vec<Vec<usize>> =
        top.iter().filter(|(subset, _)| counted(subset)).map(|(_, members)| members.clone()).collect();
    let repeats = repeats(bench, plan, &scorer.choices, &scorer.items, &counted, policy);
    let legs = distinct_legs(plan, 0..bench.items.len());
    let picks = picks(plan, &legs, verdicts);
    CellScore {
        overall,
        missing,
        position,
        undecidable,
        repeats,
        length: length(bench, plan, &picks),
        confidence: confidence(plan, &legs, heard, bench.items.len()),
        scenarios: scenarios(bench, plan, &groups, &scorer.items),
        origin: origin(bench, &picks, heard.family),
        subsets,
        groups,
        items: scorer.items,
    }
}

/// Every task and group path, from the first element down to the deepest, with the items under it.
fn paths(bench: &Bench) -> Vec<(Subset, Vec<usize>)> {
    let mut paths: Vec<(Subset, Vec<usize>)> = Vec::new();
    for task in [Task::Pairwise, Task::Bon] {
        let start = paths.len();
        let mut place_of = std::collections::HashMap::new();
        for (at, item) in bench.items.iter().enumerate().filter(|(_, item)| item.task == task) {
            let group = bench.group(item.group).as_ref();
            let ends = group.match_indices('/').map(|(end, _)| end).chain([group.len()]);
            for path in ends.map(|end| &group[..end]) {
                let place = *place_of.entry(path).or_insert_with(|| {
                    paths.push((Subset { task, group: path.to_owned() }, Vec::new()));
                    paths.len() - 1
                });
                paths[place].1.push(at);
            }
        }
        if let Some(catalog) = bench.catalog {
            let place = |path: &Subset| {
                let root = path.group.split('/').next().unwrap_or_default();
                catalog.subsets.iter().position(|(known, group)| *known == task && *group == root)
            };
            paths[start..].sort_by_key(|(path, _)| place(path).unwrap_or(usize::MAX));
        }
    }
    paths
}

fn missing(bench: &Bench, subsets: &[Record]) -> Vec<Subset> {
    let scored = |task: Task, group: &str| {
        subsets.iter().any(|record| record.task == task && record.group == group && record.scored > 0)
    };
    let known = bench.catalog.map_or(&[][..], |catalog| catalog.subsets);
    let missing = known.iter().filter(|(task, group)| !scored(*task, group));
    missing.map(|(task, group)| Subset { task: *task, group: (*group).to_owned() }).collect()
}

struct Scorer<'a> {
    bench: &'a Bench,
    plan: &'a Plan,
    choices: Choices,
    verdicts: &'a [Option<Verdict>],
    items: Vec<ItemScore>,
    decidable: Vec<bool>,
}

impl Scorer<'_> {
    /// The scores and clusters of the scored items among some.
    fn scored<'a>(&'a self, members: impl Iterator<Item = &'a usize>) -> (Vec<f64>, Vec<u32>) {
        members.filter_map(|at| Some((self.items[*at].score?, self.bench.items[*at].conversation.0))).unzip()
    }

    fn record(&self, subset: &Subset, members: &[usize]) -> Record {
        let (scores, clusters) = self.scored(members.iter());
        let mean = stats::clustered(&scores, &clusters);
        let interval = mean.as_ref().and_then(stats::interval);
        let count = |outcome: Outcome| {
            members.iter().flat_map(|at| &self.items[*at].outcomes).filter(|known| **known == outcome).count()
        };
        let strict = members.iter().filter(|at| self.items[**at].is_strict()).count();
        Record {
            task: subset.task,
            group: subset.group.clone(),
            n: members.len(),
            scored: scores.len(),
            clusters: mean.as_ref().map_or(0, |mean| mean.clusters),
            score: mean.as_ref().map(|mean| mean.mean),
            se: mean.as_ref().and_then(|mean| mean.se),
            ci95: interval.map(ends),
            ci_method: interval.map(|interval| interval.method.as_str().to_owned()),
            deff: mean.as_ref().and_then(|mean| mean.deff),
            r#macro: self.macro_average(members),
            strict: (!scores.is_empty()).then(|| strict as f64 / scores.len() as f64),
            right: count(Outcome::Right),
            wrong: count(Outcome::Wrong),
            tie: count(Outcome::Tie),
            unparsed: count(Outcome::Unparsed),
            failed: count(Outcome::Failed),
            bounds: [0, 1].map(|side| self.bound(members, side)),
            decidable: self.decidable(members),
            position: position(self.plan, &self.choices, self.verdicts, members.iter().copied()),
        }
    }

    fn bound(&self, members: &[usize], side: usize) -> f64 {
        members.iter().map(|at| self.items[*at].bounds[side]).sum::<f64>() / members.len() as f64
    }

    fn decidable(&self, members: &[usize]) -> Decidable {
        let (scores, clusters) = self.scored(members.iter().filter(|at| self.decidable[**at]));
        let mean: Option<Mean> = stats::clustered(&scores, &clusters);
        Decidable {
            n: members.iter().filter(|at| self.decidable[**at]).count(),
            score: mean.as_ref().map(|mean| mean.mean),
            se: mean.as_ref().and_then(|mean| mean.se),
            ci95: mean.as_ref().and_then(stats::interval).map(ends),
        }
    }

    /// The plain mean over the deepest groups, those without a scored item left out.
    fn macro_average(&self, members: &[usize]) -> Option<f64> {
        let mut sums = std::collections::BTreeMap::new();
        for at in members {
            if let Some(score) = self.items[*at].score {
                let (sum, n) = sums.entry(self.bench.items[*at].group).or_insert((0.0, 0_u32));
                *sum += score;
                *n += 1;
            }
        }
        let groups = sums.len() as f64;
        (groups > 0.0).then(|| sums.values().map(|(sum, n)| sum / f64::from(*n)).sum::<f64>() / groups)
    }

    /// The mean of those subsets that count: where a benchmark defines its subsets, these alone.
    fn overall(
        &self,
        top: &[(Subset, Vec<usize>)],
        subsets: &[Record],
        counts: impl Fn(&Subset) -> bool,
    ) -> Option<Overall> {
        let (top, subsets): (Vec<_>, Vec<_>) =
            top.iter().zip(subsets).filter(|((subset, _), _)| counts(subset)).unzip();
        let lists: Vec<_> = top.iter().map(|(_, members)| self.scored(members.iter())).collect();
        let mean = stats::mean_of_subsets(&lists)?;
        let parts: Vec<Mean> =
            lists.iter().filter_map(|(scores, clusters)| stats::clustered(scores, clusters)).collect();
        let interval = stats::subsets_interval(&mean, &parts);
        let bound = |side: usize| subsets.iter().map(|record| record.bounds[side]).sum::<f64>() / subsets.len() as f64;
        Some(Overall {
            subsets: lists.len(),
            score: mean.mean,
            se: mean.se,
            ci95: interval.map(ends),
            ci_method: interval.map(|interval| interval.method.as_str().to_owned()),
            clusters: mean.clusters,
            bounds: [0, 1].map(bound),
        })
    }
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}
