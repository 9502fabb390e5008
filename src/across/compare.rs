//! Two cells on the same items: the difference, how sure it is, and what could have been seen.

use std::collections::HashMap;

use serde::Serialize;

use super::cells::{CellData, CellItem, CellName, Conversations};
use crate::bench::Task;
use crate::stats::{
    McNemar, Mean, Stream, clustered, difference_interval, holm, mcnemar, mean_of_subsets,
    minimum_detectable_difference, none_as_extreme, normal_quantile, sign_flip, t_quantile, t_test,
};

/// Two cells are told apart where the adjusted p is below this.
pub const ALPHA: f64 = 0.05;

/// The share of cases in which a difference is to be seen.
const POWER: f64 = 0.8;
/// With fewer conversations that differ, no permutation of signs can be below .05.
const FEWEST: usize = 6;

/// What the difference of two cells comes to over some items.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Items that are scored in both.
    pub n: usize,
    /// Their conversations.
    pub clusters: usize,
    /// The score of the first cell on these items.
    pub a: f64,
    /// The score of the second.
    pub b: f64,
    /// `a` - `b`, in [-1, 1].
    pub difference: f64,
    /// Clustered standard error; `None` with a single conversation.
    pub se: Option<f64>,
    /// 95 % interval, by t.
    pub ci95: Option<[f64; 2]>,
    /// Two-sided p of flipping the signs of whole conversations.
    pub p: f64,
    /// The same, adjusted by Holm's method: of the overall difference over all pairs of cells, of a subset over all subsets of all pairs.
    pub p_holm: f64,
    /// McNemar's test, which takes items as independent; `None` where a score is neither 0 nor 1.
    pub mcnemar: Option<Discordant>,
    /// The least difference that would have been seen in 80 % of cases; overall, as one of so many pairs of cells.
    pub detectable: Option<f64>,
    /// Items where the first is better: how many, and their ids.
    pub a_better: Vec<String>,
    /// Items where the second is better.
    pub b_better: Vec<String>,
}

/// McNemar's test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Discordant {
    /// Exact p.
    pub exact: f64,
    /// Mid-p, less conservative.
    pub mid_p: f64,
}

impl From<McNemar> for Discordant {
    fn from(McNemar { exact, mid_p }: McNemar) -> Self {
        Self { exact, mid_p }
    }
}

/// A difference within a task and the first element of the group path.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubsetDifference {
    /// The task.
    pub task: Task,
    /// The group.
    pub group: String,
    /// The difference.
    #[serde(flatten)]
    pub difference: Difference,
}

/// What can be said of two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The first is better.
    Better,
    /// The second is better.
    Worse,
    /// No difference is shown.
    NotShown,
    /// With a margin: the first is as good as the second, less at most the margin.
    AsGood,
    /// With a margin: that is not shown.
    NotShownAsGood,
    /// With a margin: the first is worse by more than it.
    WorseThanMargin,
}

/// Two cells compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The first.
    pub a: CellName,
    /// The second.
    pub b: CellName,
    /// Items that only the first has a score for, and which are left out.
    pub only_a: usize,
    /// Items that only the second has a score for.
    pub only_b: usize,
    /// The difference of the plain means over the subsets.
    pub overall: Difference,
    /// Subset by subset.
    pub subsets: Vec<SubsetDifference>,
    /// What that says.
    pub finding: Finding,
}

/// Cells that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// They are of different benchmarks.
    #[error("`{0}` is on {1}, and `{2}` on {3}: choose one benchmark with --bench")]
    Benches(String, String, String, String),
    /// They have no scored item in common.
    #[error("`{0}` and `{1}` have no scored item in common: compare runs of the same items")]
    NothingShared(String, String),
    /// An id stands for different items.
    #[error(
        "item {0} of `{1}` has another conversation, other answers or another best one than that of `{2}`: these are different data"
    )]
    OtherItem(String, String, String),
    /// Ties or unparsed replies are worth different things.
    #[error(
        "`{0}` and `{1}` are scored by different policies of ties or unparsed replies: run one again with the other's --ties and --unparsed, which asks nothing anew"
    )]
    OtherPolicy(String, String),
}

/// An item that both cells score.
pub(super) struct SharedItem<'a> {
    pub(super) item: &'a CellItem,
    pub(super) scores: [f64; 2],
}

fn by_id(cell: &CellData) -> HashMap<&str, &CellItem> {
    cell.items.iter().map(|item| (&*item.id, item)).collect()
}

/// The items that both score, in the order of the first, and how many only one of them does.
pub(super) fn shared<'a>(a: &'a CellData, b: &CellData) -> Result<(Vec<SharedItem<'a>>, [usize; 2]), CompareError> {
    shared_with(a, b, &by_id(b))
}

fn shared_with<'a>(
    a: &'a CellData,
    b: &CellData,
    of_b: &HashMap<&str, &CellItem>,
) -> Result<(Vec<SharedItem<'a>>, [usize; 2]), CompareError> {
    if a.name.bench != b.name.bench {
        let name = |cell: &CellData| (cell.name.to_string(), cell.name.bench.to_string());
        let ((one, on), (other, on_other)) = (name(a), name(b));
        return Err(CompareError::Benches(one, on, other, on_other));
    }
    if a.policy.zip(b.policy).is_some_and(|(one, other)| one != other) {
        return Err(CompareError::OtherPolicy(a.name.to_string(), b.name.to_string()));
    }
    let mut shared = Vec::new();
    for item in &a.items {
        let Some(other) = of_b.get(&*item.id) else { continue };
        if other.conversation != item.conversation || other.answers != item.answers {
            return Err(CompareError::OtherItem(item.id.to_string(), a.name.to_string(), b.name.to_string()));
        }
        if let (Some(one), Some(other)) = (item.score, other.score) {
            shared.push(SharedItem { item, scores: [one, other] });
        }
    }
    let scored = |cell: &CellData| cell.items.iter().filter(|item| item.score.is_some()).count();
    let only = [a, b].map(|cell| scored(cell) - shared.len());
    if shared.is_empty() {
        return Err(CompareError::NothingShared(a.name.to_string(), b.name.to_string()));
    }
    Ok((shared, only))
}

/// So many cells are compared each with each.
const MOST: usize = 6;

/// Compares each pair of cells, first to last; where there are more than six, the first with each other. With a margin it is asked
/// whether the first of each pair is as good as the second, less at most the margin. `seed` draws the flips of signs.
pub fn compare(cells: &[CellData], margin: Option<f64>, seed: u64) -> Result<Vec<Comparison>, CompareError> {
    let cells: Vec<&CellData> = cells.iter().collect();
    let pairs = (0..cells.len()).flat_map(|a| (a + 1..cells.len()).map(move |b| (a, b)));
    of_pairs(&cells, pairs.filter(|(a, _)| *a == 0 || cells.len() <= MOST), margin, seed)
}

/// What is told of two cells, without subsets and items.
pub(super) struct Told {
    pub(super) a: CellName,
    pub(super) b: CellName,
    pub(super) difference: f64,
    pub(super) p_holm: f64,
}

/// Compares each cell with each overall. Cells without a scored item in common are not told apart.
pub(super) fn all_pairs(cells: &[&CellData], seed: u64) -> Result<Vec<Told>, CompareError> {
    let scores: Vec<HashMap<&str, &CellItem>> = cells.iter().map(|cell| by_id(cell)).collect();
    let mut found = Vec::new();
    for (at, a) in cells.iter().enumerate() {
        for (b, scores) in cells.iter().zip(&scores).skip(at + 1) {
            match shared_with(a, b, scores) {
                Ok((items, _)) => {
                    let (mean, p) = Clusters::of(&items).overall(&by_subset(&items), seed);
                    found.push((a.name.clone(), b.name.clone(), mean.map_or(0.0, |mean| mean.mean), p));
                }
                Err(CompareError::NothingShared(..)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    let adjusted = holm(&found.iter().map(|(.., p)| *p).collect::<Vec<_>>());
    let told = found.into_iter().zip(adjusted);
    Ok(told.map(|((a, b, difference, _), p_holm)| Told { a, b, difference, p_holm }).collect())
}

fn of_pairs(
    cells: &[&CellData],
    pairs: impl Iterator<Item = (usize, usize)>,
    margin: Option<f64>,
    seed: u64,
) -> Result<Vec<Comparison>, CompareError> {
    let mut comparisons = Vec::new();
    let mut nothing = None;
    for (a, b) in pairs {
        match pair(cells[a], cells[b], seed) {
            Ok(comparison) => comparisons.push(comparison),
            Err(error @ CompareError::NothingShared(..)) => nothing = Some(error),
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = nothing.filter(|_| comparisons.is_empty()) {
        return Err(error);
    }
    let pairs = comparisons.len();
    let adjusted = holm(&comparisons.iter().map(|one| one.overall.p).collect::<Vec<_>>());
    for (comparison, p) in comparisons.iter_mut().zip(adjusted) {
        comparison.overall.p_holm = p;
        // The first of several must pass the strictest threshold.
        let z = normal_quantile(1.0 - ALPHA / 2.0 / pairs as f64) + normal_quantile(POWER);
        comparison.overall.detectable = comparison.overall.detectable.and(comparison.overall.se).map(|se| z * se);
        comparison.finding = finding(&comparison.overall, margin, pairs);
    }
    let subsets = || comparisons.iter().flat_map(|one| &one.subsets);
    let adjusted = holm(&subsets().map(|subset| subset.difference.p).collect::<Vec<_>>());
    let subsets = comparisons.iter_mut().flat_map(|one| &mut one.subsets);
    subsets.zip(adjusted).for_each(|(subset, p)| subset.difference.p_holm = p);
    Ok(comparisons)
}

/// What is found, of one of several pairs: with a margin by an interval that is as much wider as there are more pairs (Bonferroni).
fn finding(overall: &Difference, margin: Option<f64>, pairs: usize) -> Finding {
    if let Some(margin) = margin {
        let ends = overall.ci95.and(overall.se).map(|se| {
            let half = se * t_quantile(1.0 - ALPHA / 2.0 / pairs as f64, overall.clusters as f64 - 1.0);
            [overall.difference - half, overall.difference + half]
        });
        // Where no item differs, the share of those that would is below this with the same certainty (Clopper and Pearson, none of C).
        let none = (overall.a_better.is_empty() && overall.b_better.is_empty()).then(|| {
            let bound = 1.0 - (ALPHA / 2.0 / pairs as f64).powf(1.0 / overall.clusters as f64);
            [-bound, bound]
        });
        return match ends.or(none) {
            Some([low, _]) if low > -margin => Finding::AsGood,
            Some([_, high]) if high < -margin => Finding::WorseThanMargin,
            _ => Finding::NotShownAsGood,
        };
    }
    match overall.p_holm < ALPHA {
        true if overall.difference > 0.0 => Finding::Better,
        true => Finding::Worse,
        false => Finding::NotShown,
    }
}

/// Items of a task and the first element of the group path.
type Subset<'a, 'b> = ((Task, &'b str), Vec<&'b SharedItem<'a>>);

fn by_subset<'a, 'b>(items: &'b [SharedItem<'a>]) -> Vec<Subset<'a, 'b>> {
    let mut subsets: Vec<Subset<'a, 'b>> = Vec::new();
    for item in items {
        let key = (item.item.task, item.item.group.split('/').next().unwrap_or_default());
        match subsets.iter_mut().find(|(known, _)| *known == key) {
            Some((_, items)) => items.push(item),
            None => subsets.push((key, vec![item])),
        }
    }
    subsets
}

fn lists_of<'a, 'b>(subsets: &'b [Subset<'a, 'b>]) -> Vec<&'b [&'b SharedItem<'a>]> {
    subsets.iter().map(|(_, items)| items.as_slice()).collect()
}

fn pair(a: &CellData, b: &CellData, seed: u64) -> Result<Comparison, CompareError> {
    let (shared, [only_a, only_b]) = shared(a, b)?;
    let subsets = by_subset(&shared);
    let clusters = Clusters::of(&shared);
    let overall = clusters.difference(&lists_of(&subsets), seed);
    let subsets = subsets.iter().map(|((task, group), items)| SubsetDifference {
        task: *task,
        group: (*group).to_owned(),
        difference: clusters.difference(&[items], seed),
    });
    let subsets = subsets.collect();
    let (a, b) = (a.name.clone(), b.name.clone());
    Ok(Comparison { a, b, only_a, only_b, overall, subsets, finding: Finding::NotShown })
}

/// The p of flipping the signs of conversations. Where none of the drawn flips is as extreme it cannot be told from 0 by so many draws: then that of
/// t on the clustered standard error stands, if it is lower.
fn p_value(sums: &[f64], mean: Option<&Mean>, seed: u64) -> f64 {
    let p = sign_flip(sums, &mut Stream::new("tribunal compare v1", seed));
    let t = mean.filter(|_| none_as_extreme(p, sums)).and_then(|mean| {
        let se = mean.se.filter(|se| *se > 0.0)?;
        Some(t_test(mean.mean / se, mean.clusters as f64 - 1.0))
    });
    t.map_or(p, |t| t.min(p))
}

/// Differences, with conversations as units.
struct Clusters<'a>(Conversations<'a>);

impl<'a> Clusters<'a> {
    fn of(items: &[SharedItem<'a>]) -> Self {
        Self(Conversations::of(items.iter().map(|shared| shared.item)))
    }

    fn values(
        &self,
        lists: &[&[&SharedItem<'_>]],
        value: impl Fn(&SharedItem<'_>) -> f64,
    ) -> Vec<(Vec<f64>, Vec<u32>)> {
        lists.iter().map(|list| list.iter().map(|item| (value(item), self.0.number(item.item))).unzip()).collect()
    }

    /// The mean difference over all subsets, and its p.
    fn overall(&self, subsets: &[Subset<'_, '_>], seed: u64) -> (Option<Mean>, f64) {
        let (mean, _, p) = self.tested(&lists_of(subsets), seed);
        (mean, p)
    }

    /// The mean difference over some lists of items, the weighted sum of each conversation, and its p.
    fn tested(&self, lists: &[&[&SharedItem<'_>]], seed: u64) -> (Option<Mean>, Vec<f64>, f64) {
        let differences = self.values(lists, |item| item.scores[0] - item.scores[1]);
        let whole = match differences.as_slice() {
            [(values, clusters)] => clustered(values, clusters),
            several => mean_of_subsets(several),
        };
        // Each conversation's weighted sum of differences: what the means are made of.
        let mut sums = vec![0.0; self.0.len()];
        for (values, clusters) in &differences {
            let weight = 1.0 / (lists.len() * values.len()) as f64;
            for (value, cluster) in values.iter().zip(clusters) {
                sums[*cluster as usize] += value * weight;
            }
        }
        let p = p_value(&sums, whole.as_ref(), seed);
        (whole, sums, p)
    }

    /// The difference of the plain means over some lists of items.
    fn difference(&self, lists: &[&[&SharedItem<'_>]], seed: u64) -> Difference {
        let (whole, sums, p) = self.tested(lists, seed);
        let mean = |side: usize| {
            mean_of_subsets(&self.values(lists, |item| item.scores[side])).map_or(f64::NAN, |mean| mean.mean)
        };
        let se = whole.and_then(|mean: Mean| mean.se);
        let items = || lists.iter().copied().flatten();
        let better = |side: usize| -> Vec<String> {
            let is_better = |item: &&&SharedItem<'_>| item.scores[side] > item.scores[1 - side];
            items().filter(is_better).map(|item| item.item.id.to_string()).collect()
        };
        let [a_better, b_better] = [0, 1].map(better);
        let is_plain =
            items().flat_map(|item| item.scores).all(|score| score == 0.0 || (score - 1.0).abs() < f64::EPSILON);
        // Where nothing varies, or hardly anything differs, a t interval would claim certainty.
        let is_telling = se.is_some_and(|se| se > 0.0) && sums.iter().filter(|sum| **sum != 0.0).count() >= FEWEST;
        Difference {
            n: items().count(),
            clusters: whole.map_or(0, |mean| mean.clusters),
            a: mean(0),
            b: mean(1),
            difference: whole.map_or(f64::NAN, |mean| mean.mean),
            se,
            ci95: whole.as_ref().filter(|_| is_telling).and_then(difference_interval),
            p,
            p_holm: p,
            mcnemar: is_plain.then(|| mcnemar(a_better.len() as u64, b_better.len() as u64).into()),
            detectable: se.filter(|_| is_telling).map(minimum_detectable_difference),
            a_better,
            b_better,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::across::cells::tests::cell;

    #[test]
    fn two_cells_are_compared_on_what_both_scored() {
        let a = cell("a", &[("c1", Some(1.0)), ("c1", Some(1.0)), ("c2", Some(0.0)), ("c3", None), ("c4", Some(1.0))]);
        let b =
            cell("b", &[("c1", Some(0.0)), ("c1", Some(1.0)), ("c2", Some(1.0)), ("c3", Some(1.0)), ("c4", Some(0.0))]);
        let found = &compare(&[a, b], None, 0).unwrap()[0];
        let overall = &found.overall;
        assert_eq!((overall.n, overall.clusters, found.only_a, found.only_b), (4, 3, 0, 1));
        assert_eq!((overall.a, overall.b, overall.difference), (0.75, 0.5, 0.25));
        assert_eq!(
            (overall.a_better.as_slice(), overall.b_better.as_slice()),
            (&["0".to_owned(), "4".to_owned()][..], &["2".to_owned()][..])
        );
        // Residual sums of the conversations: (1 + 0) - .5, -1 - .25, 1 - .25, over 4; times 3/2.
        let se = (1.5 * (0.5_f64.powi(2) + 1.25_f64.powi(2) + 0.75_f64.powi(2))).sqrt() / 4.0;
        assert!((overall.se.unwrap() - se).abs() < 1e-12);
        assert!((overall.mcnemar.unwrap().exact - 1.0).abs() < 1e-12);
        assert!((overall.p - 1.0).abs() < 1e-12 && found.finding == Finding::NotShown);
    }

    #[test]
    fn what_differs_each_time_is_better_and_within_a_margin_as_good() {
        let of = |name: &str, score: &dyn Fn(usize) -> f64| {
            let names: Vec<String> = (0..60).map(|at| format!("c{at}")).collect();
            cell(name, &names.iter().enumerate().map(|(at, name)| (name.as_str(), Some(score(at)))).collect::<Vec<_>>())
        };
        let good = of("good", &|at| f64::from(u8::from(at % 10 > 0)));
        let bad = of("bad", &|at| f64::from(u8::from(at % 2 > 0)));
        let same = of("same", &|at| f64::from(u8::from(at % 10 > 0)));
        let of_three = compare(&[good.clone(), bad.clone(), same.clone()], None, 0).unwrap();
        let findings: Vec<Finding> = of_three.iter().map(|one| one.finding).collect();
        assert_eq!(findings, [Finding::Better, Finding::NotShown, Finding::Worse]);
        assert!(of_three[0].overall.p_holm >= of_three[0].overall.p);
        let within = |cells: &[CellData], margin: f64| compare(cells, Some(margin), 0).unwrap()[0].finding;
        assert_eq!(within(&[same.clone(), good.clone()], 0.1), Finding::AsGood);
        assert_eq!(
            within(&[same, good.clone()], 0.01),
            Finding::NotShownAsGood,
            "sixty items without a difference show no more"
        );
        assert_eq!(within(&[bad, good], 0.01), Finding::WorseThanMargin);
    }

    #[test]
    fn different_data_are_not_compared() {
        let a = cell("a", &[("c1", Some(1.0))]);
        let b = cell("b", &[("c2", Some(1.0))]);
        assert!(compare(&[a.clone(), b], None, 0).unwrap_err().to_string().contains("another conversation"));
        let none = cell("none", &[("c1", None)]);
        assert!(compare(&[a, none], None, 0).unwrap_err().to_string().contains("no scored item in common"));
    }
}
