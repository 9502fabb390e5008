//! A clustered mean that is kept up to date score by score.

/// Sums from which the clustered mean and its standard error follow at any time, in constant time a score.
///
/// With `T` the total and `m` the number of scores of a cluster, the sum over clusters of `(T - mean m)^2` is
/// `sum T^2 - 2 mean sum T m + mean^2 sum m^2`; the standard error is that of [`super::clustered`].
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// The total and number of scores by cluster.
    clusters: Vec<(f64, f64)>,
    occupied: usize,
    n: f64,
    total: f64,
    totals_squared: f64,
    totals_by_counts: f64,
    counts_squared: f64,
}

impl Running {
    /// One more score of a cluster; cluster numbers are small, for they index a list.
    pub fn add(&mut self, cluster: u32, score: f64) {
        let at = cluster as usize;
        if self.clusters.len() <= at {
            self.clusters.resize(at + 1, (0.0, 0.0));
        }
        let (total, count) = self.clusters[at];
        let (new_total, new_count) = (total + score, count + 1.0);
        self.clusters[at] = (new_total, new_count);
        self.occupied += usize::from(count == 0.0);
        self.n += 1.0;
        self.total += score;
        self.totals_squared += new_total * new_total - total * total;
        self.totals_by_counts += new_total * new_count - total * count;
        self.counts_squared += new_count * new_count - count * count;
    }

    /// How many scores there are.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    pub fn n(&self) -> usize {
        self.n as usize
    }

    /// The mean; `None` without scores.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0.0).then(|| self.total / self.n)
    }

    /// Its clustered standard error; `None` with fewer than two clusters.
    #[must_use]
    pub fn se(&self) -> Option<f64> {
        let (mean, clusters) = (self.mean()?, self.occupied as f64);
        let squares = self.totals_squared - 2.0 * mean * self.totals_by_counts + mean * mean * self.counts_squared;
        (self.occupied > 1).then(|| (clusters / (clusters - 1.0) * squares.max(0.0)).sqrt() / self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::super::clustered;
    use super::super::tests::{Uniform, close};
    use super::*;

    #[test]
    fn at_any_time_it_is_what_all_scores_at_once_give() {
        let (mut uniform, mut running) = (Uniform::new("running"), Running::default());
        let (mut scores, mut clusters) = (Vec::new(), Vec::new());
        assert_eq!((running.mean(), running.se()), (None, None));
        for _ in 0..500 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let cluster = (uniform.next() * 40.0) as u32;
            let score = f64::from(uniform.next() < 0.7);
            running.add(cluster, score);
            scores.push(score);
            clusters.push(cluster);
            let whole = clustered(&scores, &clusters).unwrap();
            assert_eq!(running.n(), whole.n);
            close(running.mean().unwrap(), whole.mean);
            match whole.se {
                Some(se) => close(running.se().unwrap(), se),
                None => assert_eq!(running.se(), None),
            }
        }
    }
}
