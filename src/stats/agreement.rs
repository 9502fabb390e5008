//! How far raters agree beyond chance: 1 is full agreement, 0 what chance would give.

use std::collections::BTreeMap;

/// Cohen's kappa of two raters, given the categories that each gave to every item: `(p - e) / (1 - e)`, with p the share of items on
/// which they agree and e that expected of two raters who give categories as often as these do, but at random (Cohen, 1960). `None`
/// without items, or where both always give the same category, so that chance agrees as well.
#[must_use]
pub fn cohen_kappa(ratings: &[(u32, u32)]) -> Option<f64> {
    weighted_cohen_kappa(ratings, &vec![1.0; ratings.len()])
}

/// The same, where each pair of categories was given to so many items.
#[must_use]
pub fn weighted_cohen_kappa(ratings: &[(u32, u32)], items: &[f64]) -> Option<f64> {
    let n: f64 = items.iter().sum();
    let mut margins: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let mut agreed = 0.0;
    for ((one, other), items) in ratings.iter().zip(items) {
        margins.entry(*one).or_default().0 += items;
        margins.entry(*other).or_default().1 += items;
        agreed += if one == other { *items } else { 0.0 };
    }
    let expected: f64 = margins.values().map(|(one, other)| one * other).sum();
    beyond_chance(agreed / n, expected / (n * n))
}

/// Fleiss' kappa of several raters: a row for each item with the number of raters who gave it each category. Every item has the same
/// number of raters, not always the same ones (Fleiss, 1971). `None` without items, where a row has another number of raters than the
/// others or fewer than two, or where only one category was ever given.
#[must_use]
pub fn fleiss_kappa(counts: &[Vec<u32>]) -> Option<f64> {
    weighted_fleiss_kappa(counts, &vec![1.0; counts.len()])
}

/// The same, where each row is that of so many items.
#[must_use]
pub fn weighted_fleiss_kappa(counts: &[Vec<u32>], items: &[f64]) -> Option<f64> {
    let raters: u32 = counts.first()?.iter().sum();
    let categories = counts.iter().map(Vec::len).max()?;
    if raters < 2 || counts.iter().any(|row| row.iter().sum::<u32>() != raters) {
        return None;
    }
    let (mut agreed, mut totals) = (0.0, vec![0.0; categories]);
    for (row, items) in counts.iter().zip(items) {
        for (total, count) in totals.iter_mut().zip(row) {
            *total += items * f64::from(*count);
            agreed += items * f64::from(*count) * (f64::from(*count) - 1.0);
        }
    }
    let others = f64::from(raters) - 1.0;
    let ratings = items.iter().sum::<f64>() * f64::from(raters);
    let expected: f64 = totals.iter().map(|total| total * total).sum();
    beyond_chance(agreed / (ratings * others), expected / (ratings * ratings))
}

/// Krippendorff's alpha for categories without an order: for each unit, the categories given by those who rated it. Whoever did not is
/// simply absent, and units with fewer than two ratings do not count.
///
/// One minus observed over expected disagreement, both over pairs of ratings: within units, each unit with the weight of its ratings, and
/// among all ratings (Krippendorff, "Computing Krippendorff's alpha-reliability", 2011). `None` without pairs, or where only one category
/// was ever given.
#[must_use]
pub fn krippendorff_alpha(units: &[Vec<u32>]) -> Option<f64> {
    weighted_krippendorff_alpha(units, &vec![1.0; units.len()])
}

/// The same, where each list of categories is that of so many units.
#[must_use]
pub fn weighted_krippendorff_alpha(units: &[Vec<u32>], times: &[f64]) -> Option<f64> {
    let (mut totals, mut agreed, mut ratings) = (BTreeMap::new(), 0.0, 0.0);
    for (unit, times) in units.iter().zip(times).filter(|(unit, _)| unit.len() > 1) {
        let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
        for category in unit {
            *counts.entry(*category).or_default() += 1.0;
        }
        let others = unit.len() as f64 - 1.0;
        ratings += times * unit.len() as f64;
        for (category, count) in counts {
            *totals.entry(category).or_insert(0.0) += times * count;
            agreed += times * (count * (count - 1.0) / others);
        }
    }
    let expected: f64 = totals.values().map(|total| total * (total - 1.0)).sum();
    beyond_chance(agreed / ratings, expected / (ratings * (ratings - 1.0)))
}

/// `(observed - expected) / (1 - expected)` of two shares; `None` where they are not to be had or nothing else was to be expected.
fn beyond_chance(observed: f64, expected: f64) -> Option<f64> {
    // Shares of counts are 1 exactly or well below: no rounding to fear.
    Some((observed - expected) / (1.0 - expected)).filter(|_| expected < 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;

    /// Krippendorff's example (2011, section C): four raters of twelve units, of which some were not rated by all.
    const UNITS: [&[u32]; 12] = [
        &[1, 1, 1],
        &[2, 2, 3, 2],
        &[3, 3, 3, 3],
        &[3, 3, 3, 3],
        &[2, 2, 2, 2],
        &[1, 2, 3, 4],
        &[4, 4, 4, 4],
        &[1, 1, 2, 1],
        &[2, 2, 2, 2],
        &[5, 5, 5],
        &[1, 1],
        &[3],
    ];
    const ALPHA: f64 = 0.743_421_052_631_579;

    #[test]
    fn cohen_kappa_agrees_with_scikit_learn() {
        // scikit-learn: cohen_kappa_score, see `tests/reference/stats.py`.
        let one = [0, 1, 2, 1, 0, 0, 2, 1, 1, 0, 2, 2, 0, 1];
        let other = [0, 1, 2, 0, 0, 1, 2, 1, 1, 0, 0, 2, 3, 1];
        let ratings: Vec<(u32, u32)> = one.into_iter().zip(other).collect();
        close(cohen_kappa(&ratings).unwrap(), 0.582_089_552_238_806_1);
        // 45, 15, 25 and 15 items: a published example of two readers, .1304.
        let readers = [(0, 0, 45), (0, 1, 15), (1, 0, 25), (1, 1, 15)];
        let ratings: Vec<(u32, u32)> =
            readers.into_iter().flat_map(|(one, other, count)| vec![(one, other); count]).collect();
        close(cohen_kappa(&ratings).unwrap(), 3.0 / 23.0);
    }

    #[test]
    fn fleiss_kappa_agrees_with_statsmodels() {
        // Ten subjects, 14 raters, five categories: the worked example of many texts, .210.
        let rows: [[u32; 5]; 10] = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        close(fleiss_kappa(&rows.map(|row| row.to_vec())).unwrap(), 0.209_930_704_421_955_22);
    }

    #[test]
    fn krippendorff_alpha_agrees_with_his_example_and_package() {
        // Four raters of twelve units, some missing: nominal alpha .743 in his paper; all digits by the package `krippendorff`.
        let units = UNITS.map(<[u32]>::to_vec);
        close(krippendorff_alpha(&units).unwrap(), ALPHA);
    }

    #[test]
    fn fleiss_of_two_raters_without_order_is_near_krippendorff() {
        let counts = vec![vec![2, 0], vec![1, 1], vec![0, 2], vec![2, 0]];
        let units = [vec![0, 0], vec![0, 1], vec![1, 1], vec![0, 0]];
        let (fleiss, alpha) = (fleiss_kappa(&counts).unwrap(), krippendorff_alpha(&units).unwrap());
        // Alpha is kappa with a correction for few ratings: 1 - alpha = (1 - kappa) (1 - 1 / ratings).
        close(1.0 - alpha, (1.0 - fleiss) * (1.0 - 1.0 / 8.0));
    }

    #[test]
    fn ratings_that_are_alike_may_be_counted_together() {
        let pairs = [(0, 1), (1, 1), (0, 0)];
        let all: Vec<(u32, u32)> = pairs.into_iter().zip([2, 5, 3]).flat_map(|(pair, n)| vec![pair; n]).collect();
        assert_eq!(weighted_cohen_kappa(&pairs, &[2.0, 5.0, 3.0]), cohen_kappa(&all));
        let rows = [vec![3, 0], vec![1, 2], vec![0, 3]];
        let all: Vec<Vec<u32>> = rows.iter().zip([4, 1, 2]).flat_map(|(row, n)| vec![row.clone(); n]).collect();
        close(weighted_fleiss_kappa(&rows, &[4.0, 1.0, 2.0]).unwrap(), fleiss_kappa(&all).unwrap());
        let units = [vec![3, 0], vec![1, 1, 2], vec![0], vec![0, 0]];
        let all: Vec<Vec<u32>> = units.iter().zip([4, 1, 7, 2]).flat_map(|(unit, n)| vec![unit.clone(); n]).collect();
        close(weighted_krippendorff_alpha(&units, &[4.0, 1.0, 7.0, 2.0]).unwrap(), krippendorff_alpha(&all).unwrap());
        // What a draw has none of is nothing, and not a category that was given.
        assert_eq!(weighted_cohen_kappa(&pairs, &[0.0, 5.0, 0.0]), None);
    }

    #[test]
    fn names_of_categories_and_order_of_items_do_not_matter() {
        let mut units: Vec<Vec<u32>> = UNITS.iter().map(|unit| unit.iter().map(|c| 900 - c * c).collect()).collect();
        units.reverse();
        close(krippendorff_alpha(&units).unwrap(), ALPHA);
    }

    #[test]
    fn agreement_that_cannot_be_told_from_chance_is_absent() {
        assert_eq!(cohen_kappa(&[]), None);
        assert_eq!(cohen_kappa(&[(1, 1), (1, 1)]), None);
        assert_eq!(fleiss_kappa(&[]), None);
        assert_eq!(fleiss_kappa(&[vec![3, 0], vec![3, 0]]), None);
        assert_eq!(fleiss_kappa(&[vec![3, 0], vec![1, 1]]), None);
        assert_eq!(fleiss_kappa(&[vec![1, 0], vec![0, 1]]), None);
        assert_eq!(krippendorff_alpha(&[vec![1], vec![2], vec![]]), None);
        assert_eq!(krippendorff_alpha(&[vec![1, 1], vec![1, 1, 1]]), None);
        assert_eq!(cohen_kappa(&[(0, 1), (1, 0)]), Some(-1.0));
    }
}
