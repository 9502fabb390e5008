//! Whether two lists of numbers rise together: correlations, of ranks and of the numbers themselves.

use std::cmp::Ordering;

/// Pearson's correlation; `None` with fewer than two pairs or where one of the lists does not vary.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    assert_eq!(x.len(), y.len(), "pairs of numbers");
    // Asked of the numbers, not of their variance, which may be above 0 by rounding alone.
    #[allow(clippy::float_cmp, reason = "any difference at all is a variation")]
    let varies = |list: &[f64]| list.iter().any(|value| *value != list[0]);
    if !varies(x) || !varies(y) {
        return None;
    }
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    let correlation = xy / (xx.sqrt() * yy.sqrt());
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

/// The rank of each number, from 1 for the smallest; equal numbers share the mean of their ranks.
#[must_use]
pub fn mid_ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|one, other| x[*one].total_cmp(&x[*other]));
    let (mut ranks, mut before) = (vec![0.0; x.len()], 0);
    #[allow(clippy::float_cmp, reason = "equal numbers are a tie, near ones are not")]
    for run in order.chunk_by(|one, other| x[*one] == x[*other]) {
        let rank = before as f64 + f64::midpoint(1.0, run.len() as f64);
        for at in run {
            ranks[*at] = rank;
        }
        before += run.len();
    }
    ranks
}

/// Spearman's rank correlation: Pearson's of the mid-ranks. `None` with fewer than two pairs or where one of the lists does not vary.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    pearson(&mid_ranks(x), &mid_ranks(y))
}

/// Kendall's tau-b: pairs of pairs in the same order minus those in opposite orders, over the geometric mean of the numbers that x and that
/// y do not tie (Kendall, 1945). `None` with fewer than two pairs or where one of the lists does not vary. It looks at all pairs of pairs,
/// which suits lists of judges.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn kendall_tau_b(x: &[f64], y: &[f64]) -> Option<f64> {
    assert_eq!(x.len(), y.len(), "pairs of numbers");
    let (mut score, mut apart_x, mut apart_y) = (0_i64, 0_u64, 0_u64);
    for later in 0..x.len() {
        for earlier in 0..later {
            let (in_x, in_y) = (direction(x[earlier], x[later]), direction(y[earlier], y[later]));
            score += in_x * in_y;
            apart_x += in_x.unsigned_abs();
            apart_y += in_y.unsigned_abs();
        }
    }
    let scale = (apart_x as f64).sqrt() * (apart_y as f64).sqrt();
    (scale > 0.0).then(|| (score as f64 / scale).clamp(-1.0, 1.0))
}

/// 1 where the second is larger, -1 where it is smaller, 0 where they are equal.
fn direction(one: f64, other: f64) -> i64 {
    match one.partial_cmp(&other) {
        Some(Ordering::Less) => 1,
        Some(Ordering::Greater) => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;

    const X: [f64; 10] = [0.61, 0.75, 0.75, 0.8, 0.52, 0.91, 0.66, 0.75, 0.5, 0.88];
    const Y: [f64; 10] = [12.0, 19.0, 15.0, 15.0, 8.0, 30.0, 21.0, 15.0, 9.0, 21.0];

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn correlations_agree_with_scipy() {
        close(pearson(&X, &Y).unwrap(), 0.821_217_934_960_107_6);
        close(spearman(&X, &Y).unwrap(), 0.785_050_538_389_782_3);
        close(kendall_tau_b(&X, &Y).unwrap(), 0.650_649_635_161_037_8);
    }

    #[test]
    fn equal_numbers_share_their_ranks() {
        assert_eq!(mid_ranks(&X), [3.0, 6.0, 6.0, 8.0, 2.0, 10.0, 4.0, 6.0, 1.0, 9.0]);
        assert_eq!(mid_ranks(&[0.0, -0.0]), [1.5, 1.5]);
        assert!(mid_ranks(&[]).is_empty());
    }

    #[test]
    fn the_same_order_is_one_and_the_opposite_order_minus_one() {
        let (x, opposite) = ([1.0, 2.0, 3.0, 9.0], [4.0, 3.5, 1.0, 0.0]);
        for correlation in [spearman, kendall_tau_b] {
            close(correlation(&x, &x.map(f64::exp)).unwrap(), 1.0);
            close(correlation(&x, &opposite).unwrap(), -1.0);
        }
    }

    #[test]
    fn lists_that_do_not_vary_have_no_correlation() {
        for correlation in [pearson, spearman, kendall_tau_b] {
            assert_eq!(correlation(&[], &[]), None);
            assert_eq!(correlation(&[1.0], &[1.0]), None);
            assert_eq!(correlation(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]), None);
        }
    }
}
