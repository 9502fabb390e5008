//! Intervals of statistics without a formula for their error.

use super::stream::Stream;

/// The 95 % percentile interval of a statistic by resampling whole clusters with replacement (Efron; Davison and Hinkley, "Bootstrap Methods
/// and their Application", 1997, section 3.8): each of so many draws takes as many clusters as there are, and the statistic is told how often
/// each was taken.
///
/// Draws in which the statistic cannot be had are left out. `None` with fewer than two clusters, or where that is more than half of the draws.
pub fn cluster_bootstrap(
    clusters: usize,
    draws: usize,
    stream: &mut Stream,
    mut statistic: impl FnMut(&[u32]) -> Option<f64>,
) -> Option<[f64; 2]> {
    if clusters < 2 {
        return None;
    }
    let (mut weights, mut found) = (vec![0; clusters], Vec::with_capacity(draws));
    for _ in 0..draws {
        weights.fill(0);
        for _ in 0..clusters {
            weights[stream.below(clusters)] += 1;
        }
        found.extend(statistic(&weights));
    }
    if 2 * found.len() < draws {
        return None;
    }
    Some([percentile(&found, 0.025)?, percentile(&found, 0.975)?])
}

/// The number below which a share of the numbers lies, in any order: between two of them by linear interpolation, as numpy's `percentile` does.
/// The share is in [0, 1]. `None` without numbers.
#[must_use]
pub fn percentile(numbers: &[f64], share: f64) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * (sorted.len() as f64 - 1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the list")]
    let below = place.floor() as usize;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + (high - low) * (place - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{clustered, cohen_kappa};

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn percentiles_agree_with_numpy() {
        let numbers = [0.61, 0.75, 0.2, 0.8, 0.52, 0.91, 0.66, 0.05, 0.5, 0.88];
        for (share, expected) in [0.0, 0.025, 0.3, 0.5, 0.975, 1.0].into_iter().zip([
            0.05,
            0.083_750_000_000_000_02,
            0.514,
            0.635,
            0.90325,
            0.91,
        ]) {
            close(percentile(&numbers, share).unwrap(), expected);
        }
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[0.3], 0.975), Some(0.3));
    }

    #[test]
    fn every_draw_takes_as_many_clusters_as_there_are() {
        let mut taken = [0_u32; 4];
        let interval = cluster_bootstrap(4, 2_000, &mut Stream::new("draws", 0), |weights| {
            assert_eq!(weights.iter().sum::<u32>(), 4);
            taken.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
            Some(1.0)
        });
        assert_eq!(interval, Some([1.0, 1.0]));
        // 8,000 takings, 2,000 of each cluster within 4 standard errors.
        assert!(taken.iter().all(|count| count.abs_diff(2_000) < 155), "{taken:?}");
    }

    #[test]
    fn the_bootstrap_of_a_mean_has_its_clustered_error() {
        let mut stream = Stream::new("scores", 0);
        let clusters: Vec<u32> = (0..200).flat_map(|cluster| vec![cluster; 1 + cluster as usize % 4]).collect();
        let by_cluster: Vec<f64> = (0..200).map(|_| stream.unit()).collect();
        let scores: Vec<f64> = clusters.iter().map(|cluster| by_cluster[*cluster as usize]).collect();
        let [low, high] = cluster_bootstrap(200, 4_000, &mut stream, |weights| {
            let (mut sum, mut n) = (0.0, 0.0);
            for (score, cluster) in scores.iter().zip(&clusters) {
                let weight = f64::from(weights[*cluster as usize]);
                sum += weight * score;
                n += weight;
            }
            Some(sum / n)
        })
        .unwrap();
        let mean = clustered(&scores, &clusters).unwrap();
        let half = 1.96 * mean.se.unwrap();
        assert!((low - (mean.mean - half)).abs() < 0.1 * half, "{low} {} {half}", mean.mean);
        assert!((high - (mean.mean + half)).abs() < 0.1 * half, "{high} {} {half}", mean.mean);
    }

    #[test]
    fn draws_without_the_statistic_are_left_out_up_to_half_of_them() {
        let mut stream = Stream::new("kappa", 0);
        let ratings = [(0, 0), (0, 0), (1, 1), (0, 0)];
        let kappa = |weights: &[u32]| {
            let taken: Vec<(u32, u32)> =
                ratings.iter().zip(weights).flat_map(|(pair, weight)| vec![*pair; *weight as usize]).collect();
            cohen_kappa(&taken)
        };
        assert_eq!(cluster_bootstrap(4, 500, &mut stream, kappa), Some([1.0, 1.0]));
        assert_eq!(cluster_bootstrap(4, 500, &mut stream, |weights| (weights[0] == 4).then_some(1.0)), None);
        assert_eq!(cluster_bootstrap(1, 500, &mut stream, |_| Some(1.0)), None);
        assert_eq!(cluster_bootstrap(4, 0, &mut stream, |_| Some(1.0)), None);
    }
}
