//! Means of scores that come in clusters: several items of one conversation are not independent.

/// A mean and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// Scores.
    pub n: usize,
    /// Clusters with a score.
    pub clusters: usize,
    /// The plain mean of the scores.
    pub mean: f64,
    /// Clustered standard error; `None` with a single cluster.
    pub se: Option<f64>,
    /// Design effect, the squared ratio of the clustered standard error to that of independent scores; `None` where either is 0 or
    /// not to be had.
    pub deff: Option<f64>,
}

/// The mean of scores in [0, 1], each with the number of its cluster; `None` without scores.
///
/// `SE = (1/n) sqrt(C/(C-1) sum over clusters of (sum over its scores of (s - mean))^2)`, Miller, "Adding error bars to evals"
/// (arXiv 2411.00640), with the factor for finitely many clusters.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn clustered(scores: &[f64], clusters: &[u32]) -> Option<Mean> {
    assert_eq!(scores.len(), clusters.len(), "a cluster for each score");
    if scores.is_empty() {
        return None;
    }
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let mut residuals = Residuals::default();
    for (score, cluster) in scores.iter().zip(clusters) {
        residuals.add(*cluster, (score - mean) / n);
    }
    let se = residuals.standard_error();
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    let independent = (squares / (n - 1.0) / n).sqrt();
    let deff = se.map(|se| (se / independent).powi(2)).filter(|deff| deff.is_finite() && *deff > 0.0);
    Some(Mean { n: scores.len(), clusters: residuals.clusters(), mean, se, deff })
}

/// The plain mean of the means of several subsets, whose clusters have numbers in common; `None` without subsets or where
/// one is empty. Without a standard error where a subset has a single cluster, for nobody knows how sure that one is.
///
/// With `u_c = sum over subsets k of (1/K) (1/n_k) sum over its scores in cluster c of (s - mean_k)`:
/// `SE = sqrt(C/(C-1) sum of u_c^2)`, over the union of the clusters.
#[must_use]
pub fn mean_of_subsets(subsets: &[(Vec<f64>, Vec<u32>)]) -> Option<Mean> {
    let k = subsets.len() as f64;
    let (mut residuals, mut mean, mut n, mut is_known) = (Residuals::default(), 0.0, 0, true);
    for (scores, clusters) in subsets {
        let subset = clustered(scores, clusters)?;
        mean += subset.mean / k;
        n += subset.n;
        is_known &= subset.se.is_some();
        for (score, cluster) in scores.iter().zip(clusters) {
            residuals.add(*cluster, (score - subset.mean) / (k * subset.n as f64));
        }
    }
    let some = Mean {
        n,
        clusters: residuals.clusters(),
        mean,
        se: residuals.standard_error().filter(|_| is_known),
        deff: None,
    };
    (!subsets.is_empty()).then_some(some)
}

/// What is below this is the rounding of sums that are 0: errors of scores that differ at all are far above it.
const ROUNDING: f64 = 1e-12;

/// Sums of weighted residuals by cluster. Cluster numbers are small, so a list indexed by them serves.
#[derive(Default)]
struct Residuals {
    sums: Vec<Option<f64>>,
}

impl Residuals {
    fn add(&mut self, cluster: u32, residual: f64) {
        let cluster = cluster as usize;
        if self.sums.len() <= cluster {
            self.sums.resize(cluster + 1, None);
        }
        *self.sums[cluster].get_or_insert(0.0) += residual;
    }

    fn clusters(&self) -> usize {
        self.sums.iter().flatten().count()
    }

    fn standard_error(&self) -> Option<f64> {
        let clusters = self.clusters() as f64;
        let squares: f64 = self.sums.iter().flatten().map(|sum| sum * sum).sum();
        let error = (clusters / (clusters - 1.0) * squares).sqrt();
        (clusters > 1.0).then_some(if error < ROUNDING { 0.0 } else { error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{interval, tests::close};

    /// The data of `tests/reference/stats.py`.
    const SCORES: [f64; 12] = [1.0, 0.0, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 0.0, 0.0, 1.0, 0.25];
    const CLUSTERS: [u32; 12] = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4];

    #[test]
    fn clustered_errors_agree_with_statsmodels() {
        let mean = clustered(&SCORES, &CLUSTERS).unwrap();
        assert_eq!((mean.n, mean.clusters), (12, 5));
        close(mean.mean, 0.5625);
        close(mean.se.unwrap(), 0.080_265_807_330_325_25);
        close(mean.deff.unwrap(), 0.338_056_418_219_461_8);
    }

    #[test]
    fn the_numbers_and_order_of_clusters_do_not_matter() {
        let renamed = CLUSTERS.map(|cluster| 90 - 7 * cluster);
        let mut pairs: Vec<(f64, u32)> = SCORES.into_iter().zip(renamed).collect();
        pairs.reverse();
        let (scores, clusters): (Vec<f64>, Vec<u32>) = pairs.into_iter().unzip();
        close(clustered(&scores, &clusters).unwrap().se.unwrap(), 0.080_265_807_330_325_25);
    }

    #[test]
    fn rounding_is_no_error() {
        for scores in [[1.0, 0.25, 0.5], [0.5, 0.25, 1.0], [0.1, 0.2, 0.3], [0.7, 0.1, 0.1]] {
            let mean = clustered(&[scores, scores].concat(), &[0, 0, 0, 1, 1, 1]).unwrap();
            assert_eq!(mean.se, Some(0.0), "{scores:?}");
        }
    }

    #[test]
    fn what_cannot_be_estimated_is_absent() {
        assert_eq!(clustered(&[], &[]), None);
        let one = clustered(&[1.0, 0.0], &[3, 3]).unwrap();
        assert_eq!((one.se, one.deff), (None, None));
        let perfect = clustered(&[1.0, 1.0, 1.0], &[0, 1, 2]).unwrap();
        assert_eq!((perfect.se, perfect.deff), (Some(0.0), None));
    }

    #[test]
    fn the_mean_of_one_subset_is_that_subset() {
        let subset = (SCORES.to_vec(), CLUSTERS.to_vec());
        let alone = clustered(&SCORES, &CLUSTERS).unwrap();
        let mean = mean_of_subsets(&[subset]).unwrap();
        close(mean.mean, alone.mean);
        close(mean.se.unwrap(), alone.se.unwrap());
    }

    #[test]
    fn subsets_that_share_conversations_are_not_independent() {
        let subset = (SCORES.to_vec(), CLUSTERS.to_vec());
        let same = mean_of_subsets(&[subset.clone(), subset.clone()]).unwrap();
        close(same.se.unwrap(), clustered(&SCORES, &CLUSTERS).unwrap().se.unwrap());
        let elsewhere = (SCORES.to_vec(), CLUSTERS.map(|cluster| cluster + 5).to_vec());
        let apart = mean_of_subsets(&[subset, elsewhere]).unwrap();
        // Half the variance, but for the finite-cluster factor: 10/9 of ten clusters against 5/4 of five.
        close(apart.se.unwrap().powi(2), same.se.unwrap().powi(2) / 2.0 * (10.0 / 9.0) / (5.0 / 4.0));
    }

    /// Judges of 60 conversations of 1 to 8 items, whose conversations differ in difficulty: the interval must hold the truth in 95 % of
    /// 4,000 simulated benchmarks, within 4 standard errors; one that takes items as independent must not.
    #[test]
    fn clustered_intervals_cover_the_truth_where_plain_ones_do_not() {
        const RUNS: u32 = 4_000;
        let mut random = crate::stats::tests::Uniform::new("coverage of clustered intervals");
        let (mut covered, mut covered_plainly) = (0, 0);
        for _ in 0..RUNS {
            let (mut scores, mut clusters) = (Vec::new(), Vec::new());
            for cluster in 0..60 {
                let accuracy = if random.next() < 0.5 { 0.9 } else { 0.4 };
                for _ in 0..=cluster % 8 {
                    scores.push(f64::from(random.next() < accuracy));
                    clusters.push(cluster);
                }
            }
            let mean = clustered(&scores, &clusters).unwrap();
            let holds = |low: f64, high: f64| u32::from(low <= 0.65 && 0.65 <= high);
            let clustered = interval(&mean).unwrap();
            covered += holds(clustered.low, clustered.high);
            let plain = 1.96 * mean.se.unwrap() / mean.deff.unwrap().sqrt();
            covered_plainly += holds(mean.mean - plain, mean.mean + plain);
        }
        let (share, plain_share) = (f64::from(covered) / f64::from(RUNS), f64::from(covered_plainly) / f64::from(RUNS));
        // 60 clusters of unequal size: a little under the nominal .95 is known of this estimator.
        assert!((0.93..0.965).contains(&share), "clustered: {share}");
        assert!(plain_share < 0.90, "plain: {plain_share}");
    }
}
