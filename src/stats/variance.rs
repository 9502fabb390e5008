//! Where scores vary: from item to item, or from one replicate of an item to the next.

/// Variance components of scores in groups, such as the replicates of items.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// The variance of the groups' true means; 0 where the estimate is below it.
    pub between: f64,
    /// The variance of scores within a group.
    pub within: f64,
}

impl Components {
    /// The intraclass correlation: the share of the variance that lies between groups, which is the correlation of two scores of a group.
    /// `None` where nothing varies.
    #[must_use]
    pub fn icc(&self) -> Option<f64> {
        let total = self.between + self.within;
        (total > 0.0).then(|| self.between / total)
    }
}

/// The method of moments for one random effect, from the mean squares of the analysis of variance: `within = MSW`,
/// `between = (MSB - MSW) / n0`, cut at 0, with `n0 = (N - sum of n_i^2 / N) / (groups - 1)` for groups of `n_i` scores, N in all (Searle and
/// others, "Variance Components", 1992). In groups of the same size its intraclass correlation is that of Shrout and Fleiss (1, 1).
///
/// Empty groups are left out. `None` with fewer than two others, or where none has two scores.
#[must_use]
pub fn between_and_within(groups: &[Vec<f64>]) -> Option<Components> {
    let groups: Vec<&Vec<f64>> = groups.iter().filter(|group| !group.is_empty()).collect();
    let sizes = || groups.iter().map(|group| group.len() as f64);
    let (n, squared): (f64, f64) = (sizes().sum(), sizes().map(|size| size * size).sum());
    let (freedom_between, freedom_within) = (groups.len() as f64 - 1.0, n - groups.len() as f64);
    if freedom_between < 1.0 || freedom_within < 1.0 {
        return None;
    }
    let mean = groups.iter().flat_map(|group| group.iter()).sum::<f64>() / n;
    let (mut squares_between, mut squares_within) = (0.0, 0.0);
    for group in &groups {
        let own = group.iter().sum::<f64>() / group.len() as f64;
        squares_between += group.len() as f64 * (own - mean).powi(2);
        squares_within += group.iter().map(|score| (score - own).powi(2)).sum::<f64>();
    }
    let within = squares_within / freedom_within;
    let n0 = (n - squared / n) / freedom_between;
    let between = (squares_between / freedom_between - within) / n0;
    Some(Components { between: between.max(0.0), within })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{Stream, clustered_outcomes};

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn balanced_groups_agree_with_pingouin() {
        // Six targets and four judges: the example of Shrout and Fleiss (1979), ICC(1, 1) = .17.
        let scores = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];
        let groups = scores.map(|group| group.map(f64::from).to_vec());
        close(between_and_within(&groups).unwrap().icc().unwrap(), 0.165_741_768_405_475_5);
    }

    #[test]
    fn unbalanced_groups_agree_with_numpy() {
        let groups = [vec![1.0, 0.5, 1.0], vec![0.0, 0.0], vec![0.5, 1.0, 0.0, 0.5], vec![1.0], vec![], vec![0.0, 0.5]];
        let components = between_and_within(&groups).unwrap();
        close(components.between, 0.082_467_532_467_532_5);
        close(components.within, 0.113_095_238_095_238_1);
    }

    #[test]
    fn items_that_differ_less_than_their_replicates_have_no_variance_of_their_own() {
        let components = between_and_within(&[vec![0.0, 1.0], vec![1.0, 0.0]]).unwrap();
        assert_eq!((components.between, components.within, components.icc()), (0.0, 0.5, Some(0.0)));
    }

    #[test]
    fn what_cannot_be_told_apart_is_absent() {
        assert_eq!(between_and_within(&[]), None);
        assert_eq!(between_and_within(&[vec![1.0, 0.0]]), None);
        assert_eq!(between_and_within(&[vec![1.0], vec![0.0]]), None);
        assert_eq!(between_and_within(&[vec![1.0, 1.0], vec![1.0, 1.0]]).unwrap().icc(), None);
    }

    #[test]
    fn planted_components_are_found() {
        let mut stream = Stream::new("planted components", 0);
        let outcomes = clustered_outcomes(&[5; 4_000], 0.7, 0.3, &mut stream);
        let groups: Vec<Vec<f64>> =
            outcomes.chunks(5).map(|group| group.iter().map(|right| f64::from(*right)).collect()).collect();
        let components = between_and_within(&groups).unwrap();
        assert!((components.between + components.within - 0.21).abs() < 0.005, "{components:?}");
        assert!((components.icc().unwrap() - 0.3).abs() < 0.03, "{components:?}");
    }
}
