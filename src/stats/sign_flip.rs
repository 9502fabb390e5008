//! Whether a difference could be chance, asked of the data alone: the permutation test that flips the signs of clusters.

use super::stream::Stream;

/// With at most so many clusters that differ, every flip is tried.
const FEW: usize = 20;
/// Otherwise so many flips are drawn.
const FLIPS: u32 = 10_000;
/// Sums of the same numbers in another order differ by less than this share of the sum of their sizes.
const ROUNDING: f64 = 1e-11;

/// The sum of the differences of each cluster, in the order of the clusters' numbers; clusters without a difference are left out.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn cluster_sums(d: &[f64], clusters: &[u32]) -> Vec<f64> {
    assert_eq!(d.len(), clusters.len(), "a cluster for each difference");
    let mut sums = std::collections::BTreeMap::new();
    for (difference, cluster) in d.iter().zip(clusters) {
        *sums.entry(cluster).or_insert(0.0) += difference;
    }
    sums.into_values().collect()
}

/// The two-sided p-value of the cluster sign-flip permutation test: the share of flips of the signs of the clusters' sums of differences
/// whose total is at least as far from 0 as that of the data. It asks no more than that, without a difference between the judges, a
/// cluster's sum is as likely to be x as -x.
///
/// Sums of 0 are left out, for they have no sign. With up to 20 others all 2^C flips count, the data among them, and the p-value is exact;
/// otherwise `(1 + k) / (1 + N)` with k of N = 10,000 drawn flips, which is exact too, over draws (Phipson and Smyth, 2010).
#[must_use]
pub fn sign_flip(sums: &[f64], stream: &mut Stream) -> f64 {
    let signed: Vec<f64> = sums.iter().copied().filter(|sum| *sum != 0.0).collect();
    let bytes = SignedBytes::new(&signed);
    let size: f64 = signed.iter().map(|sum| sum.abs()).sum();
    let observed = signed.iter().sum::<f64>().abs() - ROUNDING * size;
    if signed.len() <= FEW {
        let flips = 1_u32 << signed.len();
        let extreme = (0..flips).filter(|flip| bytes.total(&flip.to_le_bytes()).abs() >= observed).count();
        return extreme as f64 / f64::from(flips);
    }
    sampled(&bytes, observed, stream)
}

/// `(1 + k) / (1 + N)` with k of N drawn flips as extreme as observed.
fn sampled(bytes: &SignedBytes, observed: f64, stream: &mut Stream) -> f64 {
    let (mut signs, mut extreme) = (vec![0; bytes.0.len().next_multiple_of(8)], 0);
    for _ in 0..FLIPS {
        for word in signs.chunks_exact_mut(8) {
            word.copy_from_slice(&stream.bits().to_le_bytes());
        }
        extreme += u32::from(bytes.total(&signs).abs() >= observed);
    }
    f64::from(1 + extreme) / f64::from(1 + FLIPS)
}

/// For each eight numbers in turn, their sum under every byte of signs: a flip of 3,000 numbers is then 375 additions.
struct SignedBytes(Vec<[f64; 256]>);

impl SignedBytes {
    fn new(numbers: &[f64]) -> Self {
        let sums = |eight: &[f64]| {
            let mut table = [0.0; 256];
            for (signs, sum) in table.iter_mut().enumerate() {
                let signed = eight.iter().enumerate().map(|(bit, x)| if signs >> bit & 1 == 1 { -x } else { *x });
                *sum = signed.sum();
            }
            table
        };
        Self(numbers.chunks(8).map(sums).collect())
    }

    /// The sum of all numbers with these signs; bytes beyond the numbers are left alone.
    fn total(&self, signs: &[u8]) -> f64 {
        self.0.iter().zip(signs).map(|(table, byte)| table[usize::from(*byte)]).sum()
    }
}

/// Whether a p-value of [`sign_flip`] is the least that drawn flips can give: none of them was as far from 0, so all that is known is that it is not
/// larger.
#[must_use]
pub fn none_as_extreme(p: f64, sums: &[f64]) -> bool {
    let drawn = sums.iter().filter(|sum| **sum != 0.0).count() > FEW;
    drawn && p * f64::from(FLIPS + 1) < 1.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired_outcomes;
    use crate::stats::tests::close;

    /// Sums and their p-value, made by `tests/reference/stats.py` as are those of the other tests.
    const SUMS_A: [f64; 13] = [1.0, 2.0, -1.0, 0.5, 3.0, 1.0, -0.5, 2.0, 1.0, -1.0, 1.5, 1.0, -2.0];
    const P_A: f64 = 0.146_972_656_25;

    #[test]
    fn all_sign_flips_agree_with_scipy() {
        let mut stream = Stream::new("all sign flips", 0);
        let before = stream.clone().bits();
        let fractions = [0.31, 0.22, 0.47, 0.18, 0.9, 0.05, 0.66, 0.41];
        let ones = [1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0];
        let cases: [(&[f64], f64); 3] = [(&SUMS_A, P_A), (&fractions, 0.007_812_5), (&ones, 0.118_469_238_281_25)];
        for (sums, p) in cases {
            close(sign_flip(sums, &mut stream), p);
        }
        // Nothing was drawn for them.
        assert_eq!(stream.bits(), before);
    }

    #[test]
    fn sums_of_zero_have_no_sign_and_nothing_differs_without_others() {
        let mut stream = Stream::new("zeros", 0);
        let with_zeros = [&SUMS_A[..], &[0.0; 40]].concat();
        close(sign_flip(&with_zeros, &mut stream), P_A);
        close(sign_flip(&[0.0, 0.0], &mut stream), 1.0);
        close(sign_flip(&[], &mut stream), 1.0);
    }

    #[test]
    fn rounding_does_not_hide_flips_that_are_as_extreme() {
        // Several flips come to .3 like the data, but not to the last bit.
        let sums = [0.1, 0.2, -0.3, 0.3];
        close(sign_flip(&sums, &mut Stream::new("rounding", 0)), 0.75);
    }

    #[test]
    fn drawn_flips_estimate_the_p_value_of_all_flips() {
        let mut stream = Stream::new("drawn flips", 0);
        let bytes = SignedBytes::new(&SUMS_A);
        let observed = SUMS_A.iter().sum::<f64>().abs() - 1e-9;
        let p = sampled(&bytes, observed, &mut stream);
        let se = (P_A * (1.0 - P_A) / f64::from(FLIPS)).sqrt();
        assert!((p - P_A).abs() < 4.0 * se, "{p}");
    }

    #[test]
    fn what_is_far_beyond_chance_has_the_smallest_p_value_there_is() {
        let p = sign_flip(&vec![1.0; 3_000], &mut Stream::new("far", 0));
        close(p, 1.0 / 10_001.0);
    }

    /// Between judges of the same accuracy, one in twenty p-values is below .05: within 4 standard errors where sums are all different,
    /// at most that where many are the same.
    #[test]
    fn the_sign_flip_test_gives_as_many_false_alarms_as_it_says() {
        const RUNS: u32 = 1_000;
        let mut stream = Stream::new("false alarms", 0);
        let most = 0.05 + 4.0 * (0.05 * 0.95 / f64::from(RUNS)).sqrt();
        let (mut of_units, mut of_outcomes, mut below_half) = (0, 0, 0);
        for _ in 0..RUNS {
            let sums: Vec<f64> = (0..11).map(|size| f64::from(size) * (stream.unit() - 0.5)).collect();
            let p = sign_flip(&sums, &mut stream);
            of_units += u32::from(p <= 0.05);
            below_half += u32::from(p <= 0.5);
            let sizes = [1, 2, 3, 4, 5, 6, 7, 8, 3, 3];
            let sums = cluster_sums_of(&sizes, &paired_outcomes(&sizes, 0.7, 0.7, 0.6, 0.3, &mut stream).unwrap());
            of_outcomes += u32::from(sign_flip(&sums, &mut stream) <= 0.05);
        }
        let share = |count: u32| f64::from(count) / f64::from(RUNS);
        assert!((0.1 - most..most).contains(&share(of_units)), "units: {}", share(of_units));
        assert!((0.437..0.563).contains(&share(below_half)), "units below one half: {}", share(below_half));
        assert!((0.01..most).contains(&share(of_outcomes)), "outcomes: {}", share(of_outcomes));
    }

    #[test]
    fn drawn_flips_give_as_many_false_alarms_as_they_say() {
        const RUNS: u32 = 500;
        let mut stream = Stream::new("false alarms of drawn flips", 0);
        let alarms = (0..RUNS).filter(|_| {
            let sums: Vec<f64> = (0..24).map(|_| stream.unit() - 0.5).collect();
            sign_flip(&sums, &mut stream) <= 0.05
        });
        let share = alarms.count() as f64 / f64::from(RUNS);
        assert!((share - 0.05).abs() < 4.0 * (0.05 * 0.95 / f64::from(RUNS)).sqrt(), "{share}");
    }

    #[test]
    fn sums_go_by_cluster() {
        assert_eq!(cluster_sums(&[1.0, -1.0, 0.5, 1.0], &[7, 2, 7, 4]), [-1.0, 1.0, 1.5]);
    }

    fn cluster_sums_of(sizes: &[u32], outcomes: &[(bool, bool)]) -> Vec<f64> {
        let mut outcomes = outcomes.iter().map(|(a, b)| f64::from(*a) - f64::from(*b));
        sizes.iter().map(|size| outcomes.by_ref().take(*size as usize).sum()).collect()
    }
}
