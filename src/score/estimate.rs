//! Shares and differences of a cell's verdicts, each with its error.

use serde::{Deserialize, Serialize};

use crate::stats::{clustered, interval, mean_of_subsets, t_interval};

/// A share and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// In [0, 1].
    pub share: f64,
    /// Standard error, clustered by conversation; `None` with a single one.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci95: Option<[f64; 2]>,
}

impl Share {
    /// The share of numbers in [0, 1], each with the number of its conversation; `None` without any.
    pub(super) fn of(numbers: &[f64], clusters: &[u32]) -> Option<Self> {
        let mean = clustered(numbers, clusters)?;
        let ci95 = interval(&mean).map(|interval| [interval.low, interval.high]);
        Some(Self { share: mean.mean, se: mean.se, ci95 })
    }
}

/// A difference of two shares and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// In [-1, 1].
    pub difference: f64,
    /// Standard error, clustered by conversation; `None` where a share has a single one.
    pub se: Option<f64>,
    /// 95 % interval by t, cut to [-1, 1].
    pub ci95: Option<[f64; 2]>,
}

impl Difference {
    /// The mean of differences verdict by verdict, each with the number of its conversation; `None` without any.
    pub(super) fn of(differences: &[f64], clusters: &[u32]) -> Option<Self> {
        let mean = clustered(differences, clusters)?;
        Some(Self::new(mean.mean, mean.se, mean.clusters))
    }

    /// The difference of two means of numbers in [0, 1], which may share conversations; `None` where one of them is of nothing.
    ///
    /// With `u_c = (1/n_1) sum over the first's in cluster c of (s - mean_1) - (1/n_2) sum over the second's of (s - mean_2)`:
    /// `SE = sqrt(C/(C-1) sum of u_c^2)`, over the union of the clusters: twice that of the mean of s and of 1 - s.
    pub(super) fn between(one: (Vec<f64>, Vec<u32>), (mut numbers, clusters): (Vec<f64>, Vec<u32>)) -> Option<Self> {
        for number in &mut numbers {
            *number = 1.0 - *number;
        }
        let mean = mean_of_subsets(&[one, (numbers, clusters)])?;
        Some(Self::new(2.0 * mean.mean - 1.0, mean.se.map(|se| 2.0 * se), mean.clusters))
    }

    fn new(difference: f64, se: Option<f64>, clusters: usize) -> Self {
        let ends = se.and_then(|se| t_interval(difference, se, clusters));
        Self { difference, se, ci95: ends.map(|[low, high]| [low.max(-1.0), high.min(1.0)]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    #[test]
    fn a_difference_of_groups_has_the_error_of_its_sums_by_conversation() {
        let one = (vec![1.0, 0.0, 1.0, 1.0], vec![0, 0, 1, 2]);
        let other = (vec![0.0, 1.0, 0.0, 0.0, 1.0], vec![0, 1, 1, 3, 3]);
        let found = Difference::between(one, other).unwrap();
        near(found.difference, 0.75 - 0.4);
        // By hand: the residuals of the first are .25, -.75 | .25 | .25 over 4, of the second -.4 | .6, -.4 | -.4, .6 over 5.
        let sums = [-0.5 / 4.0 + 0.4 / 5.0, 0.25 / 4.0 - 0.2 / 5.0, 0.25 / 4.0, -0.2 / 5.0];
        let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
        near(found.se.unwrap(), (4.0 / 3.0 * squares).sqrt());
    }

    #[test]
    fn the_difference_of_numbers_in_pairs_is_the_same_either_way() {
        let (one, other) = ([1.0, 0.0, 0.5, 1.0], [0.0, 0.0, 1.0, 0.5]);
        let clusters = [0, 0, 1, 2];
        let each: Vec<f64> = one.iter().zip(other).map(|(a, b)| a - b).collect();
        let paired = Difference::of(&each, &clusters).unwrap();
        let apart =
            Difference::between((one.to_vec(), clusters.to_vec()), (other.to_vec(), clusters.to_vec())).unwrap();
        near(paired.difference, apart.difference);
        near(paired.se.unwrap(), apart.se.unwrap());
        assert!(paired.ci95.is_some_and(|[low, high]| low >= -1.0 && low < paired.difference && high <= 1.0));
    }

    #[test]
    fn nothing_has_no_share_and_one_conversation_no_error() {
        assert_eq!(Share::of(&[], &[]), None);
        assert_eq!(Share::of(&[1.0, 0.0], &[3, 3]), Some(Share { share: 0.5, se: None, ci95: None }));
        assert_eq!(Difference::between((vec![], vec![]), (vec![1.0], vec![0])), None);
    }
}
