//! All cells of a benchmark together: who is best and how sure that is, what a strategy and a judge add, and what each costs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::cells::{CellData, CellName, Conversations};
use super::compare::{ALPHA, CompareError, Told, all_pairs};
use super::components::{Noise, noise};
use crate::stats::{Mean, clustered, front, interval, mean_of_subsets, spread, subsets_interval, t_interval};

/// What a cell used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Asks, those of earlier steps too.
    pub asks: usize,
    /// Tokens of requests; `None` where no reply told.
    pub prompt_tokens: Option<u64>,
    /// Tokens of replies.
    pub completion_tokens: Option<u64>,
    /// US dollars; `None` without a price.
    pub usd: Option<f64>,
}

/// A task and the first element of the group path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowSubset {
    /// `bon` or `pairwise`, and the group.
    pub name: String,
    /// Scored items.
    pub n: usize,
    /// Their mean; `None` without any.
    pub score: Option<f64>,
    /// Clustered standard error.
    pub se: Option<f64>,
}

/// A cell on the board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which it is.
    pub cell: CellName,
    /// Scored items.
    pub n: usize,
    /// All items.
    pub items: usize,
    /// The plain mean of the scores of the subsets at hand; `None` where one has no scored item.
    pub score: Option<f64>,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
    /// The subsets' own scores, in the order of their names.
    pub subsets: Vec<RowSubset>,
    /// 1 + the number of cells that are shown to be better: by the sign-flip p of the differences item by item, adjusted by Holm's method over
    /// all pairs.
    pub rank: usize,
    /// The number of cells that are not shown to be worse: with `rank`, the places that it may have.
    pub rank_to: usize,
    /// Where its noise comes from; `None` unless pairs were asked in both orders.
    pub noise: Option<Noise>,
    /// What it used.
    pub cost: Cost,
    /// Whether no other cell scores as high for less a scored item; `None` without a cost.
    pub pareto: Option<bool>,
}

impl Row {
    /// Dollars for a scored item: runs may hold more items or fewer.
    fn usd_per_item(&self) -> Option<f64> {
        self.cost.usd.filter(|_| self.n > 0).map(|usd| usd / self.n as f64)
    }
}

/// What one judge or strategy adds, averaged over all of the other kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The judge or strategy.
    pub name: Arc<str>,
    /// Its mean score less the mean over all, over the items that every cell scores.
    pub effect: f64,
    /// Clustered standard error.
    pub se: Option<f64>,
    /// 95 % interval, by t.
    pub ci95: Option<[f64; 2]>,
}

/// The cells of one benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// The benchmark.
    pub bench: Arc<str>,
    /// The cells, the best first.
    pub rows: Vec<Row>,
    /// What each strategy adds, over judges; empty unless every judge was asked with every strategy, two or more of each.
    pub strategies: Vec<Effect>,
    /// What each judge adds, over strategies.
    pub judges: Vec<Effect>,
    /// The standard deviation of the strategies' effects, less their sampling noise; `None` with fewer than two.
    pub strategy_sd: Option<f64>,
    /// That of the judges' effects.
    pub judge_sd: Option<f64>,
}

/// The boards of all benchmarks among some cells; each comes with what it used. `seed` draws the flips of signs.
pub fn boards(cells: &[(CellData, Cost)], seed: u64) -> Result<Vec<Board>, CompareError> {
    let mut benches: Vec<Arc<str>> = Vec::new();
    for (cell, _) in cells {
        if !benches.contains(&cell.name.bench) {
            benches.push(Arc::clone(&cell.name.bench));
        }
    }
    benches
        .into_iter()
        .map(|bench| {
            let of: Vec<&(CellData, Cost)> = cells.iter().filter(|(cell, _)| cell.name.bench == bench).collect();
            board(bench, &of, seed)
        })
        .collect()
}

fn board(bench: Arc<str>, cells: &[&(CellData, Cost)], seed: u64) -> Result<Board, CompareError> {
    let scored: Vec<&CellData> =
        cells.iter().map(|(cell, _)| cell).filter(|cell| cell.items.iter().any(|item| item.score.is_some())).collect();
    let comparisons = all_pairs(&scored, seed)?;
    let mut rows = rows(cells);
    for row in &mut rows {
        row.rank = 1 + shown_better(&comparisons, &row.cell, true);
        row.rank_to = scored.len() - shown_better(&comparisons, &row.cell, false);
    }
    mark_front(&mut rows);
    best_first(&mut rows);
    let (strategies, judges) = effects(&scored);
    let sd = |effects: &[Effect]| {
        let (found, errors): (Vec<f64>, Vec<f64>) =
            effects.iter().filter_map(|effect| Some((effect.effect, effect.se?))).unzip();
        // Effects add up to nothing, and so are less spread by chance than as many free numbers: by (k - 1) / k.
        let k = effects.len() as f64;
        let errors: Vec<f64> = errors.iter().map(|se| se * (k / (k - 1.0)).sqrt()).collect();
        spread(&found, &errors).map(|spread| spread.sd)
    };
    let (strategy_sd, judge_sd) = (sd(&strategies), sd(&judges));
    Ok(Board { bench, rows, strategies, judges, strategy_sd, judge_sd })
}

/// The rows of cells, without places.
fn rows(cells: &[&(CellData, Cost)]) -> Vec<Row> {
    cells.iter().map(|(cell, cost)| row(cell, *cost)).collect()
}

/// The rows of all cells, without places, the best first: what correlations need.
#[must_use]
pub fn unplaced(cells: &[(CellData, Cost)]) -> Vec<Row> {
    let mut rows = rows(&cells.iter().collect::<Vec<_>>());
    best_first(&mut rows);
    rows
}

fn best_first(rows: &mut [Row]) {
    let score = |row: &Row| row.score.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|one, other| score(other).total_cmp(&score(one)));
}

/// How many cells are shown to be better than this one, or worse.
fn shown_better(comparisons: &[Told], cell: &CellName, better: bool) -> usize {
    let against = comparisons.iter().filter(|one| one.p_holm < ALPHA).filter(|one| {
        let is_first_better = one.difference > 0.0;
        (one.a == *cell && is_first_better != better) || (one.b == *cell && is_first_better == better)
    });
    against.count()
}

/// Marks which of those with a cost and a score are on the front.
fn mark_front(rows: &mut [Row]) {
    let known: Vec<(usize, (f64, f64))> =
        rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.usd_per_item().zip(row.score)?))).collect();
    let points: Vec<(f64, f64)> = known.iter().map(|(_, point)| *point).collect();
    for ((at, _), is_on_front) in known.iter().zip(front(&points)) {
        rows[*at].pareto = Some(is_on_front);
    }
}

fn row(cell: &CellData, cost: Cost) -> Row {
    let numbers = Conversations::of(&cell.items);
    let (names, lists): (Vec<String>, Vec<Scored>) =
        named(&numbers, cell, cell.items.iter().map(|item| item.score)).into_iter().unzip();
    let subsets = names.into_iter().zip(&lists).map(|(name, (scores, clusters))| {
        let mean = clustered(scores, clusters);
        let (score, se) = (mean.map(|mean| mean.mean), mean.and_then(|mean| mean.se));
        RowSubset { name, n: scores.len(), score, se }
    });
    let subsets: Vec<RowSubset> = subsets.collect();
    let mean = lists.iter().all(|(scores, _)| !scores.is_empty()).then(|| mean_of_subsets(&lists)).flatten();
    let parts: Vec<Mean> = lists.iter().filter_map(|(scores, clusters)| clustered(scores, clusters)).collect();
    let known = mean.and_then(|mean| match parts.as_slice() {
        [part] => interval(part),
        several => subsets_interval(&mean, several),
    });
    Row {
        cell: cell.name.clone(),
        n: cell.items.iter().filter(|item| item.score.is_some()).count(),
        items: cell.items.len(),
        score: mean.map(|mean| mean.mean),
        se: mean.and_then(|mean| mean.se),
        ci95: known.map(|known| [known.low, known.high]),
        subsets,
        rank: 0,
        rank_to: 0,
        noise: noise(cell),
        cost,
        pareto: None,
    }
}

/// Values and the numbers of their conversations.
type Scored = (Vec<f64>, Vec<u32>);

/// Values of items and their clusters, subset by subset.
fn lists(numbers: &Conversations<'_>, cell: &CellData, values: impl Iterator<Item = Option<f64>>) -> Vec<Scored> {
    named(numbers, cell, values).into_iter().map(|(_, list)| list).collect()
}

/// The same with the name of each subset: a task and the first element of the group path.
fn named(
    numbers: &Conversations<'_>,
    cell: &CellData,
    values: impl Iterator<Item = Option<f64>>,
) -> Vec<(String, Scored)> {
    let mut subsets: BTreeMap<(String, &str), Scored> = BTreeMap::new();
    for (item, value) in cell.items.iter().zip(values) {
        let root = item.group.split('/').next().unwrap_or_default();
        let (list, clusters) = subsets.entry((item.task.to_string(), root)).or_default();
        if let Some(value) = value {
            list.push(value);
            clusters.push(numbers.number(item));
        }
    }
    subsets.into_iter().map(|((task, group), list)| (format!("{group} {task}"), list)).collect()
}

/// What strategies and judges add, where every judge was asked with every strategy.
fn effects(cells: &[&CellData]) -> (Vec<Effect>, Vec<Effect>) {
    let names = |of: &dyn Fn(&CellName) -> Option<Arc<str>>| {
        let mut names: Vec<Arc<str>> = Vec::new();
        for name in cells.iter().filter_map(|cell| of(&cell.name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let cells: Vec<&CellData> = cells.iter().filter(|cell| cell.name.strategy.is_some()).copied().collect();
    let (judges, strategies) =
        (names(&|name| name.strategy.as_ref().map(|_| Arc::clone(&name.judge))), names(&|name| name.strategy.clone()));
    let once = |judge: &Arc<str>, strategy: &Arc<str>| {
        cells.iter().filter(|cell| cell.name.judge == *judge && cell.name.strategy.as_ref() == Some(strategy)).count()
            == 1
    };
    let is_crossed = judges.iter().all(|judge| strategies.iter().all(|strategy| once(judge, strategy)));
    let Some(first) = cells.first().filter(|_| is_crossed && judges.len() > 1 && strategies.len() > 1) else {
        return (Vec::new(), Vec::new());
    };
    let scores: Vec<HashMap<&str, f64>> = cells
        .iter()
        .map(|cell| cell.items.iter().filter_map(|item| Some((&*item.id, item.score?))).collect())
        .collect();
    let numbers = Conversations::of(&first.items);
    let effect = |name: &Arc<str>, is_of: &dyn Fn(&CellName) -> bool| {
        let of: Vec<bool> = cells.iter().map(|cell| is_of(&cell.name)).collect();
        let share = of.iter().filter(|of| **of).count() as f64;
        // The mean over its own cells less that over all, item by item.
        let weights: Vec<f64> =
            of.iter().map(|of| f64::from(u8::from(*of)) / share - 1.0 / cells.len() as f64).collect();
        let values = first.items.iter().map(|item| {
            scores.iter().zip(&weights).map(|(scores, weight)| scores.get(&*item.id).map(|score| score * weight)).sum()
        });
        let mean = mean_of_subsets(&lists(&numbers, first, values))?;
        let ci95 = mean.se.and_then(|se| t_interval(mean.mean, se, mean.clusters));
        Some(Effect { name: Arc::clone(name), effect: mean.mean, se: mean.se, ci95 })
    };
    let strategies = strategies.iter().filter_map(|name| effect(name, &|cell| cell.strategy.as_ref() == Some(name)));
    let judges_effects = judges.iter().filter_map(|name| effect(name, &|cell| cell.judge == *name));
    let sorted = |effects: &mut Vec<Effect>| effects.sort_by(|one, other| other.effect.total_cmp(&one.effect));
    let (mut strategies, mut judges): (Vec<Effect>, Vec<Effect>) = (strategies.collect(), judges_effects.collect());
    sorted(&mut strategies);
    sorted(&mut judges);
    (strategies, judges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::across::cells::tests::cell;

    fn of(judge: &str, strategy: &str, usd: f64, score: impl Fn(usize) -> f64) -> (CellData, Cost) {
        let names: Vec<String> = (0..80).map(|at| format!("c{at}")).collect();
        let items: Vec<(&str, Option<f64>)> =
            names.iter().enumerate().map(|(at, name)| (name.as_str(), Some(score(at)))).collect();
        let mut data = cell(judge, &items);
        data.name.strategy = Some(strategy.into());
        (data, Cost { usd: Some(usd), ..Cost::default() })
    }

    fn below(share: usize) -> impl Fn(usize) -> f64 {
        move |at| f64::from(u8::from(at * 7 % 10 < share))
    }

    #[test]
    fn cells_that_cannot_be_told_apart_share_their_places() {
        let cells = [
            of("a", "s", 4.0, below(9)),
            of("b", "s", 1.0, |at| if at == 0 { 0.0 } else { below(9)(at) }),
            of("c", "s", 2.0, below(4)),
        ];
        let board = &boards(&cells, 0).unwrap()[0];
        let places: Vec<(String, usize, usize, Option<bool>)> =
            board.rows.iter().map(|row| (row.cell.judge.to_string(), row.rank, row.rank_to, row.pareto)).collect();
        assert_eq!(
            places,
            [("a".into(), 1, 2, Some(true)), ("b".into(), 1, 2, Some(true)), ("c".into(), 3, 3, Some(false))]
        );
        assert!(board.strategies.is_empty(), "one strategy has no effect to tell");
    }

    #[test]
    fn effects_add_up_to_nothing_and_are_those_that_were_made() {
        let cells = [
            of("a", "s", 1.0, below(9)),
            of("a", "t", 1.0, below(7)),
            of("b", "s", 1.0, below(6)),
            of("b", "t", 1.0, below(4)),
        ];
        let board = &boards(&cells, 0).unwrap()[0];
        let told: Vec<(&str, f64)> =
            board.strategies.iter().chain(&board.judges).map(|one| (&*one.name, one.effect)).collect();
        for ((name, effect), (expected, planted)) in
            told.iter().zip([("s", 0.1), ("t", -0.1), ("a", 0.15), ("b", -0.15)])
        {
            assert_eq!(*name, expected);
            assert!((effect - planted).abs() < 1e-9, "{name} {effect}");
        }
    }
}
