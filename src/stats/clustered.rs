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
/// SE = (1/n) sqrt(C/(C-1) sum over clusters of (sum over its scores of (s - mean))^2), Miller, "Adding error bars to evals"
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
/// one is empty.
///
/// With u_c = sum over subsets k of (1/K)(1/n_k) sum over its scores in cluster c of (s - mean_k):
/// SE = sqrt(C/(C-1) sum of u_c^2), over the union of the clusters.
#[must_use]
pub fn mean_of_subsets(subsets: &[(Vec<f64>, Vec<u32>)]) -> Option<Mean> {
    let k = subsets.len() as f64;
    let (mut residuals, mut mean, mut n) = (Residuals::default(), 0.0, 0);
    for (scores, clusters) in subsets {
        let subset = clustered(scores, clusters)?;
        mean += subset.mean / k;
        n += subset.n;
        for (score, cluster) in scores.iter().zip(clusters) {
            residuals.add(*cluster, (score - subset.mean) / (k * subset.n as f64));
        }
    }
    let some = Mean { n, clusters: residuals.clusters(), mean, se: residuals.standard_error(), deff: None };
    (!subsets.is_empty()).then_some(some)
}

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
        (clusters > 1.0).then(|| (clusters / (clusters - 1.0) * squares).sqrt())
    }
}
