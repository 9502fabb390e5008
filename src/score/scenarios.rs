//! How a score differs from scenario to scenario, from pairs to lists, and from helpfulness to harmlessness.

use serde::{Deserialize, Serialize};

use super::estimate::Difference;
use super::item::ItemScore;
use super::record::Record;
use crate::ask::Form;
use crate::bench::{Bench, Task};
use crate::plan::Plan;
use crate::stats::{spearman, spread};

/// How many of the worst scenarios are named.
const WORST: usize = 5;

/// How the scores of a cell differ from scenario to scenario: the deepest groups of a benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenarios {
    /// Of each task with two scenarios or more.
    pub tasks: Vec<TaskScenarios>,
    /// Whether pairs and lists rank the scenarios alike; absent where fewer than two have both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_agreement: Option<TaskAgreement>,
    /// The pairwise score of `Helpfulness` minus that of `Harmlessness`; absent where the benchmark does not have both. Their scenarios are not
    /// the same, so no rank correlation is defined between them within one cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sides: Option<Difference>,
}

/// The scenarios of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskScenarios {
    /// The task.
    pub task: Task,
    /// Scenarios with a score and a standard error: with scored items of two conversations or more.
    pub n: usize,
    /// The five with the lowest scores, the lowest first.
    pub worst: Vec<ScenarioScore>,
    /// The standard deviation of their scores, with n - 1.
    pub observed_sd: f64,
    /// That without what sampling adds: `sd^2 = observed_sd^2 - mean SE^2`, cut at 0.
    pub sd: f64,
    /// The share of them with a score below .5.
    pub below_half: f64,
}

/// One scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioScore {
    /// The group path.
    pub group: String,
    /// Scored items.
    pub n: usize,
    /// Their mean.
    pub score: f64,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
}

/// Pairs against lists, over the scenarios that have both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskAgreement {
    /// Scenarios with a score of pairs and one of lists.
    pub n: usize,
    /// Spearman's rank correlation of the two; null where one of them does not vary.
    pub spearman: Option<f64>,
    /// Whether the two may be made from the same replies, as under every strategy that is not list-wise: a pair of texts, or a text alone, that
    /// stands in both is asked about once. On RMB nearly all of what lists need does, so that the two agree more than two measurements would.
    pub shares_replies: bool,
}

/// The records of the deepest groups: those below which there is no other.
#[must_use]
pub fn deepest(groups: &[Record]) -> Vec<&Record> {
    let has_below = |record: &Record| {
        groups.iter().any(|other| {
            let below = other.group.strip_prefix(record.group.as_str());
            other.task == record.task && below.is_some_and(|below| below.starts_with('/'))
        })
    };
    groups.iter().filter(|record| !has_below(record)).collect()
}

/// How scores differ from scenario to scenario; `None` where no task has two scenarios.
pub(super) fn scenarios(bench: &Bench, plan: &Plan, groups: &[Record], items: &[ItemScore]) -> Option<Scenarios> {
    let deepest = deepest(groups);
    let tasks: Vec<TaskScenarios> =
        [Task::Pairwise, Task::Bon].into_iter().filter_map(|task| of_task(task, &deepest)).collect();
    if tasks.is_empty() {
        return None;
    }
    Some(Scenarios { tasks, task_agreement: agreement(plan, &deepest), sides: sides(bench, items) })
}

fn of_task(task: Task, deepest: &[&Record]) -> Option<TaskScenarios> {
    let mut known: Vec<(&Record, f64, f64)> = deepest
        .iter()
        .filter(|record| record.task == task)
        .filter_map(|record| Some((*record, record.score?, record.se?)))
        .collect();
    let (scores, ses): (Vec<f64>, Vec<f64>) = known.iter().map(|(_, score, se)| (*score, *se)).unzip();
    let spread = spread(&scores, &ses)?;
    // By name where scores are equal, whatever the order of the files.
    known.sort_by(|(one, score, _), (other, others, _)| score.total_cmp(others).then(one.group.cmp(&other.group)));
    let worst = known.iter().take(WORST).map(|(record, score, _)| ScenarioScore {
        group: record.group.clone(),
        n: record.scored,
        score: *score,
        ci95: record.ci95,
    });
    let below = scores.iter().filter(|score| **score < 0.5).count();
    Some(TaskScenarios {
        task,
        n: spread.n,
        worst: worst.collect(),
        observed_sd: spread.observed_sd,
        sd: spread.sd,
        below_half: below as f64 / spread.n as f64,
    })
}

fn agreement(plan: &Plan, deepest: &[&Record]) -> Option<TaskAgreement> {
    let of_lists = |group: &str| {
        let list = deepest.iter().find(|record| record.task == Task::Bon && record.group == group)?;
        list.score
    };
    let pairs = deepest.iter().filter(|record| record.task == Task::Pairwise);
    let both: Vec<(f64, f64)> = pairs.filter_map(|record| record.score.zip(of_lists(&record.group))).collect();
    let (of_pairs, of_lists): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    (both.len() > 1).then(|| TaskAgreement {
        n: both.len(),
        spearman: spearman(&of_pairs, &of_lists),
        shares_replies: plan.form != Form::Listwise,
    })
}

fn sides(bench: &Bench, items: &[ItemScore]) -> Option<Difference> {
    let of = |side: &str| -> (Vec<f64>, Vec<u32>) {
        let pairs = bench.items.iter().zip(items).filter(|(item, _)| item.task == Task::Pairwise);
        let here = pairs.filter(|(item, _)| bench.group(item.group).split('/').next() == Some(side));
        here.filter_map(|(item, score)| Some((score.score?, item.conversation.0))).unzip()
    };
    Difference::between(of("Helpfulness"), of("Harmlessness"))
}
