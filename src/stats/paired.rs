//! Two judges on the same items: how far they differ, and whether that could be chance.

use super::clustered::{Mean, clustered};
use super::interval::t_quantile;

/// The mean of paired differences `d = score of A - score of B`, each in [-1, 1] and with the number of its cluster; `None` without
/// differences. This is [`clustered`], whose standard error holds for numbers of any range, under the name of the question.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn difference(d: &[f64], clusters: &[u32]) -> Option<Mean> {
    clustered(d, clusters)
}

/// The 95 % interval of a mean difference: by t with C - 1 degrees of freedom, cut to [-1, 1]. `None` with a single cluster.
#[must_use]
pub fn difference_interval(mean: &Mean) -> Option<[f64; 2]> {
    let [low, high] = t_interval(mean.mean, mean.se?, mean.clusters)?;
    Some([low.max(-1.0), high.min(1.0)])
}

/// The 95 % interval of any estimate with a clustered standard error: by t with C - 1 degrees of freedom. `None` with fewer than two
/// clusters.
#[must_use]
pub fn t_interval(mean: f64, se: f64, clusters: usize) -> Option<[f64; 2]> {
    let freedom = clusters.checked_sub(1).filter(|freedom| *freedom > 0)?;
    let half = t_quantile(0.975, freedom as f64) * se;
    Some([mean - half, mean + half])
}

/// Two-sided p-values of the test of that name (1947) for paired outcomes, which takes items as independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct McNemar {
    /// The exact one, given the number of items on which the two differ.
    pub exact: f64,
    /// The mid-p, which counts what is just as extreme as the data by half: less cautious than the exact one, and nearer to the nominal level.
    pub mid_p: f64,
}

/// The test called [`McNemar`] of `b` items that only the first judge had right and `c` that only the second had: with n = b + c,
/// `min(1, 2 P(Bin(n, 1/2) <= min(b, c)))`. The mid-p is that minus `P(Bin(n, 1/2) = b)`, or minus half of it where b = c
/// (Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91, 2013). Both are 1 where there is no such item.
#[must_use]
pub fn mcnemar(b: u64, c: u64) -> McNemar {
    let (n, fewer) = (b + c, b.min(c));
    if n == 0 {
        return McNemar { exact: 1.0, mid_p: 1.0 };
    }
    let observed = half_binomial(n, fewer);
    let (mut below, mut term) = (0.0, observed);
    for k in (0..=fewer).rev() {
        below += term;
        term *= k as f64 / (n - k + 1) as f64;
    }
    let exact = (2.0 * below).min(1.0);
    McNemar { exact, mid_p: if b == c { exact - observed / 2.0 } else { exact - observed } }
}

/// `P(Bin(n, 1/2) = k)` for k up to n / 2: the binomial coefficient factor by factor, halved in between so that it stays in range.
fn half_binomial(n: u64, k: u64) -> f64 {
    let (mut p, mut halvings) = (1.0, n);
    for i in 1..=k {
        p *= (n - k + i) as f64 / i as f64;
        while p > 1.0 && halvings > 0 {
            p /= 2.0;
            halvings -= 1;
        }
    }
    p * 0.5_f64.powi(i32::try_from(halvings).unwrap_or(i32::MAX))
}

/// Holm's adjusted p-values of a family of tests, in the order given: the r-th smallest of m times (m - r + 1), at least as large as
/// those before it, at most 1 (Holm, 1979). Rejecting where the adjusted one is at most alpha keeps the probability of any false alarm
/// in the family at alpha.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|one, other| p[*one].total_cmp(&p[*other]));
    let (mut adjusted, mut largest) = (vec![0.0; p.len()], 0.0_f64);
    for (rank, at) in order.into_iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[at]).min(1.0);
        adjusted[at] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{Stream, paired_outcomes};

    /// Items that only the first and only the second had right, exact p, mid-p; the second is the example of Fagerland, Lydersen and Laake.
    /// Made by `tests/reference/stats.py`, as are the numbers of the other tests.
    const MCNEMAR: [(u64, u64, f64, f64); 5] = [
        (4, 4, 1.0, 0.863_281_25),
        (1, 7, 0.070_312_5, 0.039_062_500_000_000_014),
        (10, 25, 0.016_673_847_800_120_715, 0.011_330_984_183_587_134),
        (3, 3, 1.0, 0.843_750_000_000_000_1),
        (4_400, 4_900, 2.271_976_730_075_685e-07, 2.152_245_170_424_068_3e-07),
    ];

    #[test]
    fn mcnemar_agrees_with_statsmodels() {
        for (b, c, exact, mid_p) in MCNEMAR {
            for found in [mcnemar(b, c), mcnemar(c, b)] {
                close(found.exact, exact);
                close(found.mid_p, mid_p);
            }
        }
        assert_eq!(mcnemar(0, 0), McNemar { exact: 1.0, mid_p: 1.0 });
    }

    #[test]
    fn mcnemar_keeps_its_digits_with_many_items() {
        let (b, c, exact, _) = MCNEMAR[4];
        assert!((mcnemar(b, c).exact / exact - 1.0).abs() < 1e-9, "{}", mcnemar(b, c).exact);
        assert_eq!(mcnemar(0, 5_000), McNemar { exact: 0.0, mid_p: 0.0 });
    }

    /// Judges of 60 conversations of 1 to 6 items, whose items are alike: the interval must hold the true difference in 95 % of 2,000
    /// simulated benchmarks.
    #[test]
    fn intervals_of_differences_cover_the_truth() {
        const RUNS: u32 = 2_000;
        let mut stream = Stream::new("coverage of differences", 0);
        let sizes: Vec<u32> = (0..60).map(|cluster| 1 + cluster % 6).collect();
        let clusters: Vec<u32> = (0..).zip(&sizes).flat_map(|(cluster, size)| vec![cluster; *size as usize]).collect();
        let mut covered = 0;
        for _ in 0..RUNS {
            let outcomes = paired_outcomes(&sizes, 0.75, 0.65, 0.7, 0.3, &mut stream).unwrap();
            let d: Vec<f64> = outcomes.iter().map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
            let [low, high] = difference_interval(&difference(&d, &clusters).unwrap()).unwrap();
            covered += u32::from(low <= 0.1 && 0.1 <= high);
        }
        let share = f64::from(covered) / f64::from(RUNS);
        // Clusters of unequal size: a little under the nominal .95 is known of this estimator.
        assert!((0.925..0.97).contains(&share), "{share}");
    }

    #[test]
    fn intervals_of_differences_agree_with_statsmodels_and_stay_within_one() {
        let d = [1.0, 0.0, -1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 0.0, -0.5, 1.0, 0.25];
        let mean = difference(&d, &[0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4]).unwrap();
        let [low, high] = difference_interval(&mean).unwrap();
        close(low, -0.050_774_613_207_838_326);
        close(high, 0.759_107_946_541_171_9);
        let wide = difference(&[1.0, 1.0, -0.9], &[0, 1, 2]).unwrap();
        assert_eq!(difference_interval(&wide), Some([-1.0, 1.0]));
        assert_eq!(difference_interval(&difference(&[1.0, 0.0], &[4, 4]).unwrap()), None);
        assert_eq!(t_interval(0.0, 1.0, 0), None);
    }

    #[test]
    fn holm_agrees_with_statsmodels() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005, 0.5, 0.04, 0.9]);
        for (found, expected) in adjusted.into_iter().zip([0.06, 0.16, 0.15, 0.035, 1.0, 0.16, 1.0]) {
            close(found, expected);
        }
        assert!(holm(&[]).is_empty());
    }
}
