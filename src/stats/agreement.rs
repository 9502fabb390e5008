//! How far raters agree beyond chance: 1 is full agreement, 0 what chance would give.

use std::collections::BTreeMap;

/// Cohen's kappa of two raters, given the categories that each gave to every item: `(p - e) / (1 - e)`, with p the share of items on
/// which they agree and e that expected of two raters who give categories as often as these do, but at random (Cohen, 1960). `None`
/// without items, or where both always give the same category, so that chance agrees as well.
#[must_use]
pub fn cohen_kappa(ratings: &[(u32, u32)]) -> Option<f64> {
    let n = ratings.len() as f64;
    let mut margins: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (one, other) in ratings {
        margins.entry(*one).or_default().0 += 1.0;
        margins.entry(*other).or_default().1 += 1.0;
    }
    let agreed = ratings.iter().filter(|(one, other)| one == other).count() as f64;
    let expected: f64 = margins.values().map(|(one, other)| one * other).sum();
    beyond_chance(agreed / n, expected / (n * n))
}

/// Fleiss' kappa of several raters: a row for each item with the number of raters who gave it each category. Every item has the same
/// number of raters, not always the same ones (Fleiss, 1971). `None` without items, where a row has another number of raters than the
/// others or fewer than two, or where only one category was ever given.
#[must_use]
pub fn fleiss_kappa(counts: &[Vec<u32>]) -> Option<f64> {
    let raters: u32 = counts.first()?.iter().sum();
    let categories = counts.iter().map(Vec::len).max()?;
    if raters < 2 || counts.iter().any(|row| row.iter().sum::<u32>() != raters) {
        return None;
    }
    let (mut agreed, mut totals) = (0.0, vec![0.0; categories]);
    for row in counts {
        for (total, count) in totals.iter_mut().zip(row) {
            *total += f64::from(*count);
            agreed += f64::from(*count) * (f64::from(*count) - 1.0);
        }
    }
    let others = f64::from(raters) - 1.0;
    let ratings = counts.len() as f64 * f64::from(raters);
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
    let (mut totals, mut agreed, mut ratings) = (BTreeMap::new(), 0.0, 0.0);
    for unit in units.iter().filter(|unit| unit.len() > 1) {
        let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
        for category in unit {
            *counts.entry(*category).or_default() += 1.0;
        }
        let others = unit.len() as f64 - 1.0;
        ratings += unit.len() as f64;
        for (category, count) in counts {
            *totals.entry(category).or_insert(0.0) += count;
            agreed += count * (count - 1.0) / others;
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
