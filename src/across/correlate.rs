//! The scores of cells against other numbers for the same judges: rank correlations, and a place among published scores.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::matrix::Row;
use crate::stats::{Stream, cluster_bootstrap, kendall_tau_b, spearman};

/// Published scores of RMB.
const PUBLISHED: &str = include_str!("../../data/published/rmb.csv");
/// Draws of a bootstrap.
const DRAWS: usize = 2_000;
/// Fewer judges than this have no correlation to tell of.
const FEWEST: usize = 3;

/// A published judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// Its name.
    pub judge: String,
    /// `generative` or `scalar`.
    pub kind: String,
    /// Best-of-N of helpfulness.
    pub helpfulness_bon: f64,
    /// Pairs of helpfulness.
    pub helpfulness_pairwise: f64,
    /// Best-of-N of harmlessness.
    pub harmlessness_bon: f64,
    /// Pairs of harmlessness.
    pub harmlessness_pairwise: f64,
    /// The plain mean of the four.
    pub overall: f64,
}

/// How two lists of numbers order the same judges.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// What is correlated.
    pub what: String,
    /// Judges that have both numbers.
    pub n: usize,
    /// Spearman's rank correlation.
    pub spearman: f64,
    /// 95 % interval by a bootstrap of the judges; `None` with fewer than five.
    pub spearman_ci95: Option<[f64; 2]>,
    /// Kendall's tau-b.
    pub kendall: f64,
}

/// The published scores of RMB, the best first.
#[must_use]
pub fn published() -> Vec<Published> {
    let mut reader = csv::Reader::from_reader(PUBLISHED.as_bytes());
    reader.deserialize().filter_map(Result::ok).collect()
}

/// The correlation of two lists; `None` with fewer than three judges, or where one of them has no order.
#[must_use]
pub fn correlation(what: &str, pairs: &[(f64, f64)], seed: u64) -> Option<Correlation> {
    let of = |rows: &[(f64, f64)]| -> (Vec<f64>, Vec<f64>) { rows.iter().copied().unzip() };
    let (x, y) = of(pairs);
    if pairs.len() < FEWEST {
        return None;
    }
    let resampled = |weights: &[u32]| {
        let rows: Vec<(f64, f64)> =
            pairs.iter().zip(weights).flat_map(|(pair, weight)| std::iter::repeat_n(*pair, *weight as usize)).collect();
        let (x, y) = of(&rows);
        spearman(&x, &y)
    };
    let mut stream = Stream::new("tribunal correlate v1", seed);
    let interval = if pairs.len() < 5 { None } else { cluster_bootstrap(pairs.len(), DRAWS, &mut stream, resampled) };
    Some(Correlation {
        what: what.to_owned(),
        n: pairs.len(),
        spearman: spearman(&x, &y)?,
        spearman_ci95: interval,
        kendall: kendall_tau_b(&x, &y)?,
    })
}

/// How the subsets order the cells of a board: each subset against each other one.
#[must_use]
pub fn between_subsets(rows: &[Row], seed: u64) -> Vec<Correlation> {
    let names: Vec<&str> = rows.first().map_or_else(Vec::new, |row| row.subsets.iter().map(|one| &*one.name).collect());
    let of = |row: &Row, name: &str| row.subsets.iter().find(|subset| subset.name == name)?.score;
    let pairs = names.iter().enumerate().flat_map(|(at, one)| names[at + 1..].iter().map(move |other| (*one, *other)));
    let found = pairs.filter_map(|(one, other)| {
        let scores: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some((of(row, one)?, of(row, other)?))).collect();
        correlation(&format!("{one} against {other}"), &scores, seed)
    });
    found.collect()
}

/// The rows of a board that a table of `judge -> value` knows, by `judge / strategy` or by judge alone where it has one row: scores and values.
#[must_use]
pub fn matched(rows: &[Row], values: &BTreeMap<String, f64>) -> Vec<(f64, f64)> {
    let alone = |row: &Row| rows.iter().filter(|other| other.cell.judge == row.cell.judge).count() == 1;
    let value = |row: &Row| {
        let by_judge = values.get(&*row.cell.judge).filter(|_| alone(row));
        values.get(&row.cell.to_string()).or(by_judge).copied()
    };
    rows.iter().filter_map(|row| Some((row.score?, value(row)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of RM-R1's table, as they follow from its rows.
    #[test]
    fn the_published_subsets_order_the_judges_as_is_known() {
        let rows = published();
        assert_eq!(rows.len(), 18);
        let of = |x: fn(&Published) -> f64, y: fn(&Published) -> f64| {
            let pairs: Vec<(f64, f64)> = rows.iter().map(|row| (x(row), y(row))).collect();
            correlation("x", &pairs, 0).unwrap().spearman
        };
        for (found, expected) in [
            (of(|row| row.helpfulness_bon, |row| row.helpfulness_pairwise), 0.964),
            (of(|row| row.harmlessness_bon, |row| row.harmlessness_pairwise), 0.886),
            (of(|row| row.helpfulness_pairwise, |row| row.harmlessness_pairwise), 0.645),
            (of(|row| row.helpfulness_bon, |row| row.harmlessness_bon), 0.523),
        ] {
            assert!((found - expected).abs() < 5e-4, "{found} {expected}");
        }
        for row in &rows {
            let mean =
                (row.helpfulness_bon + row.helpfulness_pairwise + row.harmlessness_bon + row.harmlessness_pairwise)
                    / 4.0;
            assert!((mean - row.overall).abs() < 0.002, "{row:?}");
        }
    }

    #[test]
    fn few_judges_have_no_interval_and_fewer_no_correlation() {
        assert!(correlation("x", &[(1.0, 2.0), (2.0, 1.0)], 0).is_none());
        let few = correlation("x", &[(1.0, 2.0), (2.0, 3.0), (3.0, 9.0)], 0).unwrap();
        assert_eq!((few.n, few.spearman_ci95), (3, None));
        assert!((few.spearman - 1.0).abs() < 1e-12 && (few.kendall - 1.0).abs() < 1e-12);
    }
}
