//! How much several judges know together: less than their number says, for they err on the same items.

use super::rank::pearson;

/// The mean over pairs of judges of the correlation of their errors: for each judge, its error on every item, all in the same order. Pairs in
/// which a judge's errors do not vary are left out; `None` where no pair is left.
///
/// # Panics
/// If the judges have different numbers of items.
#[must_use]
pub fn error_correlation(errors: &[Vec<f64>]) -> Option<f64> {
    let pairs = errors.iter().enumerate().flat_map(|(at, one)| errors[..at].iter().map(move |other| (one, other)));
    let correlations: Vec<f64> = pairs.filter_map(|(one, other)| pearson(one, other)).collect();
    (!correlations.is_empty()).then(|| correlations.iter().sum::<f64>() / correlations.len() as f64)
}

/// The number of judges with independent errors whose mean would vary as much as that of k judges with correlation rho:
/// `k / (1 + (k - 1) rho)`, Kish's design effect turned round. It is never above k: correlations below 0 count as 0, for they are mostly
/// noise, and the formula has no meaning from `-1 / (k - 1)` down.
#[must_use]
pub fn effective_number(k: usize, rho: f64) -> f64 {
    let k = k as f64;
    k / (1.0 + (k - 1.0).max(0.0) * rho.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn error_correlation_agrees_with_numpy() {
        let errors = [[1, 0, 1, 1, 0, 0, 1, 0, 0, 1], [1, 0, 0, 1, 0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0, 1, 0, 1, 1]];
        let mut errors: Vec<Vec<f64>> = errors.map(|judge| judge.map(f64::from).to_vec()).to_vec();
        close(error_correlation(&errors).unwrap(), 0.216_609_971_420_353_1);
        errors.push(vec![0.0; 10]);
        close(error_correlation(&errors).unwrap(), 0.216_609_971_420_353_1);
    }

    #[test]
    fn judges_that_err_together_are_one() {
        let same = vec![vec![0.0, 1.0, 0.5]; 3];
        close(error_correlation(&same).unwrap(), 1.0);
        close(effective_number(3, 1.0), 1.0);
        close(effective_number(5, 0.5), 5.0 / 3.0);
        close(effective_number(5, 0.0), 5.0);
        close(effective_number(5, -0.2), 5.0);
        close(effective_number(1, 0.7), 1.0);
        close(effective_number(0, 0.7), 0.0);
    }

    #[test]
    fn without_errors_that_vary_there_is_no_correlation() {
        assert_eq!(error_correlation(&[]), None);
        assert_eq!(error_correlation(&[vec![0.0, 1.0]]), None);
        assert_eq!(error_correlation(&[vec![0.0, 1.0], vec![1.0, 1.0]]), None);
    }
}
