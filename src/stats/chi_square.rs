//! Whether counts differ from what was expected by more than chance.

use statrs::function::gamma::gamma_ur;

/// Pearson's chi-square test of goodness of fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquare {
    /// The sum over categories of (count - expected)^2 / expected.
    pub statistic: f64,
    /// Degrees of freedom: categories - 1.
    pub freedom: usize,
    /// The probability of a statistic at least as large by chance.
    pub p: f64,
}

/// Tests whether all categories are equally likely, such as the slots of a list. `None` with fewer than two categories or without
/// counts.
#[must_use]
pub fn chi_square_uniform(counts: &[u64]) -> Option<ChiSquare> {
    chi_square_expected(counts, &vec![1.0; counts.len()])
}

/// Tests whether the categories are as likely as told. `expected` may be counts or shares, for it is scaled to the number of counts.
/// `None` with fewer than two categories, without counts, or where a category is expected never to come.
///
/// The p-value is of the limit of many counts: rough where fewer than about five are expected in a category. It takes counts as
/// independent, which items of one conversation are not.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn chi_square_expected(counts: &[u64], expected: &[f64]) -> Option<ChiSquare> {
    assert_eq!(counts.len(), expected.len(), "an expectation for each count");
    let total = counts.iter().sum::<u64>() as f64;
    if counts.len() < 2 || total == 0.0 || expected.iter().any(|share| *share <= 0.0) {
        return None;
    }
    let scale = total / expected.iter().sum::<f64>();
    let terms = counts.iter().zip(expected).map(|(count, share)| {
        let expected = share * scale;
        (*count as f64 - expected).powi(2) / expected
    });
    let (statistic, freedom) = (terms.sum::<f64>(), counts.len() - 1);
    let p = if statistic > 0.0 { gamma_ur(freedom as f64 / 2.0, statistic / 2.0) } else { 1.0 };
    Some(ChiSquare { statistic, freedom, p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn chi_square_agrees_with_scipy() {
        let cases: [(&[u64], f64, f64); 4] = [
            (&[16, 18, 16, 14, 12, 12], 2.0, 0.849_145_036_084_609_6),
            (&[510, 490], 0.4, 0.527_089_256_865_538_1),
            (&[400, 300, 250, 50], 260.0, 4.495_778_643_837_988e-56),
            (&[3, 0], 3.0, 0.083_264_516_663_550_42),
        ];
        for (counts, statistic, p) in cases {
            let found = chi_square_uniform(counts).unwrap();
            close(found.statistic, statistic);
            close(found.p, p);
            assert_eq!(found.freedom, counts.len() - 1);
        }
        for scale in [1.0, 1.0 / 88.0] {
            let expected = [16.0, 16.0, 16.0, 16.0, 16.0, 8.0].map(|count| count * scale);
            let found = chi_square_expected(&[16, 18, 16, 14, 12, 12], &expected).unwrap();
            close(found.statistic, 3.5);
            close(found.p, 0.623_387_627_749_582_2);
        }
    }

    #[test]
    fn small_probabilities_keep_their_digits() {
        let p = chi_square_uniform(&[400, 300, 250, 50]).unwrap().p;
        assert!((p / 4.495_778_643_837_988e-56 - 1.0).abs() < 1e-9, "{p}");
    }

    #[test]
    fn what_cannot_be_tested_is_absent() {
        assert_eq!(chi_square_uniform(&[]), None);
        assert_eq!(chi_square_uniform(&[5]), None);
        assert_eq!(chi_square_uniform(&[0, 0]), None);
        assert_eq!(chi_square_expected(&[1, 2], &[0.0, 1.0]), None);
        assert_eq!(chi_square_uniform(&[4, 4, 4]), Some(ChiSquare { statistic: 0.0, freedom: 2, p: 1.0 }));
    }
}
