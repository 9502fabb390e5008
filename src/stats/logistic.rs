//! Logistic regression, with standard errors for items that come in clusters.

/// Newton steps before giving up. Where it converges, it takes five to ten; where classes can be separated, it never does.
const STEPS: u32 = 30;
/// The fit is found where a step moves no row's log odds by more than this.
const SETTLED: f64 = 1e-9;
/// A pivot below this share of its diagonal element is a column that the others make up.
const SINGULAR: f64 = 1e-12;

type Matrix<const K: usize> = [[f64; K]; K];

/// A fitted logistic regression of K coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic<const K: usize> {
    /// Log odds for each unit of a column.
    pub coefficients: [f64; K],
    /// Their cluster-robust standard errors.
    pub se: [f64; K],
    /// Clusters with a row, for a t interval with one degree of freedom less.
    pub clusters: usize,
}

/// The logistic regression of y on the columns of the rows, `log odds of y = row · coefficients`, by maximum likelihood (Newton's method).
/// A constant is a column of ones; each row has the number of its cluster.
///
/// The standard errors are those of the sandwich `H^-1 (sum over clusters of s s') H^-1 C/(C-1)`, with H the information and s a
/// cluster's sum of `(y - p) row` (Liang and Zeger, 1986). `statsmodels` multiplies the variance with `cov_type="cluster"` by a further
/// (n - 1) / (n - K), which for a mean would not be the formula of [`super::clustered`].
///
/// `None` with fewer than two clusters, where a column follows from the others, or where rows can be separated by their y, so that no
/// coefficients are the likeliest.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn logistic<const K: usize>(rows: &[[f64; K]], y: &[bool], clusters: &[u32]) -> Option<Logistic<K>> {
    assert!(rows.len() == y.len() && rows.len() == clusters.len(), "an outcome and a cluster for each row");
    let coefficients = likeliest(rows, y)?;
    let (inverse, _) = bread(rows, y, &coefficients)?;
    let mut scores: std::collections::BTreeMap<u32, [f64; K]> = std::collections::BTreeMap::new();
    for ((row, right), cluster) in rows.iter().zip(y).zip(clusters) {
        let residual = residual(dot(row, &coefficients), *right);
        let sum = scores.entry(*cluster).or_insert([0.0; K]);
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += residual * x);
    }
    if scores.len() < 2 {
        return None;
    }
    let count = scores.len() as f64;
    let mut variances = [0.0; K];
    for score in scores.values() {
        variances.iter_mut().zip(&inverse).for_each(|(sum, row)| *sum += dot(row, score).powi(2));
    }
    let se = variances.map(|variance| (variance * count / (count - 1.0)).sqrt());
    Some(Logistic { coefficients, se, clusters: scores.len() })
}

/// The coefficients of the highest likelihood. A step that lowers it, as a full one may far from the top, is halved.
fn likeliest<const K: usize>(rows: &[[f64; K]], y: &[bool]) -> Option<[f64; K]> {
    let mut coefficients = [0.0; K];
    let mut likelihood = log_likelihood(rows, y, &coefficients);
    for _ in 0..STEPS {
        let (inverse, gradient) = bread(rows, y, &coefficients)?;
        let mut step = inverse.map(|row| dot(&row, &gradient));
        let moved = rows.iter().map(|row| dot(row, &step).abs()).fold(0.0, f64::max);
        let mut next = sum(&coefficients, &step);
        let mut reached = log_likelihood(rows, y, &next);
        // Near the top a step changes nothing but rounding; halving would not end.
        while moved > SETTLED.sqrt() && reached < likelihood {
            step = step.map(|x| x / 2.0);
            next = sum(&coefficients, &step);
            reached = log_likelihood(rows, y, &next);
        }
        (coefficients, likelihood) = (next, reached);
        if moved <= SETTLED {
            return Some(coefficients);
        }
    }
    None
}

/// The inverse of the information, and the gradient of the log likelihood.
fn bread<const K: usize>(rows: &[[f64; K]], y: &[bool], coefficients: &[f64; K]) -> Option<(Matrix<K>, [f64; K])> {
    let (mut information, mut gradient) = ([[0.0; K]; K], [0.0; K]);
    for (row, right) in rows.iter().zip(y) {
        let odds = dot(row, coefficients);
        let (residual, weight) = (residual(odds, *right), logit_variance(odds));
        for i in 0..K {
            gradient[i] += residual * row[i];
            for j in 0..=i {
                information[i][j] += weight * row[i] * row[j];
            }
        }
    }
    Some((inverse(&information)?, gradient))
}

/// The outcome minus its probability; both kept exact where the probability is near 0 or 1.
fn residual(log_odds: f64, right: bool) -> f64 {
    if right { 1.0 / (1.0 + log_odds.exp()) } else { -1.0 / (1.0 + (-log_odds).exp()) }
}

/// `p (1 - p)`.
fn logit_variance(log_odds: f64) -> f64 {
    let smaller = (-log_odds.abs()).exp();
    smaller / (1.0 + smaller).powi(2)
}

fn log_likelihood<const K: usize>(rows: &[[f64; K]], y: &[bool], coefficients: &[f64; K]) -> f64 {
    let of = |(row, right): (&[f64; K], &bool)| {
        let odds = dot(row, coefficients) * if *right { 1.0 } else { -1.0 };
        odds.min(0.0) - (-odds.abs()).exp().ln_1p()
    };
    rows.iter().zip(y).map(of).sum()
}

/// The inverse of a symmetric, positive definite matrix, of which the lower half is read: by Cholesky, `L L' = matrix`. `None` where it is
/// singular to rounding.
fn inverse<const K: usize>(matrix: &Matrix<K>) -> Option<Matrix<K>> {
    let mut lower = [[0.0; K]; K];
    for i in 0..K {
        for j in 0..=i {
            let rest = matrix[i][j] - (0..j).map(|k| lower[i][k] * lower[j][k]).sum::<f64>();
            if i > j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > SINGULAR * matrix[i][i] {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    // Column by column of the unit matrix: L z = e, then L' x = z.
    let mut inverse = [[0.0; K]; K];
    for (column, x) in inverse.iter_mut().enumerate() {
        for i in 0..K {
            let unit = if i == column { 1.0 } else { 0.0 };
            x[i] = (unit - (0..i).map(|k| lower[i][k] * x[k]).sum::<f64>()) / lower[i][i];
        }
        for i in (0..K).rev() {
            x[i] = (x[i] - (i + 1..K).map(|k| lower[k][i] * x[k]).sum::<f64>()) / lower[i][i];
        }
    }
    Some(inverse)
}

fn dot<const K: usize>(one: &[f64; K], other: &[f64; K]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn sum<const K: usize>(one: &[f64; K], other: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|at| one[at] + other[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{Stream, clustered};

    /// Made by `tests/reference/stats.py`, for the rows of `sixty`.
    const COEFFICIENTS: [f64; 3] = [-1.133_321_778_745_092_7, 2.931_088_265_618_997_4, 1.195_642_475_082_931_5];
    const ERRORS: [f64; 3] = [0.357_927_601_472_849_85, 0.568_465_207_719_453_4, 0.454_414_195_473_496_15];

    /// Sixty rows of 12 clusters, made by the same rule in `tests/reference/stats.py`.
    fn sixty() -> (Vec<[f64; 3]>, Vec<bool>, Vec<u32>) {
        let row = |i: u32| [1.0, f64::from(i * 29 % 61) / 30.0 - 1.0, f64::from(i % 2)];
        let right = |i: u32| (i * 29 % 61 + i * i % 47 + 12 * (i % 2)) > 55;
        ((0..60).map(row).collect(), (0..60).map(right).collect(), (0..60).map(|i| i * i % 23).collect())
    }

    #[test]
    fn coefficients_and_clustered_errors_agree_with_statsmodels() {
        let (rows, y, clusters) = sixty();
        let fit = logistic(&rows, &y, &clusters).unwrap();
        assert_eq!(fit.clusters, 12);
        for at in 0..3 {
            close(fit.coefficients[at], COEFFICIENTS[at]);
            close(fit.se[at], ERRORS[at]);
        }
    }

    #[test]
    fn units_of_a_column_do_not_matter() {
        let (rows, y, clusters) = sixty();
        let scaled: Vec<[f64; 3]> = rows.iter().map(|row| [row[0], row[1] * 1e6, row[2] * 1e-6]).collect();
        let fit = logistic(&scaled, &y, &clusters).unwrap();
        close(fit.coefficients[1] * 1e6, COEFFICIENTS[1]);
        close(fit.coefficients[2] * 1e-6, COEFFICIENTS[2]);
        close(fit.se[1] * 1e6, ERRORS[1]);
    }

    #[test]
    fn a_constant_alone_has_the_error_of_the_clustered_mean() {
        let (_, y, clusters) = sixty();
        let fit = logistic(&[[1.0]; 60], &y, &clusters).unwrap();
        let scores: Vec<f64> = y.iter().map(|right| f64::from(*right)).collect();
        let mean = clustered(&scores, &clusters).unwrap();
        close(fit.coefficients[0], (mean.mean / (1.0 - mean.mean)).ln());
        // By the delta method: d log odds = d p / (p (1 - p)).
        close(fit.se[0], mean.se.unwrap() / (mean.mean * (1.0 - mean.mean)));
    }

    #[test]
    fn what_has_no_likeliest_coefficients_is_absent() {
        let (rows, y, clusters) = sixty();
        let separated: Vec<bool> = rows.iter().map(|row| row[1] > 0.2).collect();
        assert_eq!(logistic(&rows, &separated, &clusters), None);
        let partly: Vec<bool> = rows.iter().zip(&y).map(|(row, right)| *right || row[2] > 0.5).collect();
        assert_eq!(logistic(&rows, &partly, &clusters), None);
        assert_eq!(logistic(&rows, &[true; 60], &clusters), None);
        let collinear: Vec<[f64; 3]> = rows.iter().map(|row| [1.0, row[2], 1.0 - row[2]]).collect();
        assert_eq!(logistic(&collinear, &y, &clusters), None);
        assert_eq!(logistic(&rows, &y, &[5; 60]), None);
        assert_eq!(logistic::<2>(&[], &[], &[]), None);
    }

    #[test]
    fn planted_coefficients_are_found_within_their_errors() {
        let mut stream = Stream::new("planted coefficients", 0);
        let planted = [-0.4, 1.2, 0.7];
        let rows: Vec<[f64; 3]> =
            (0..20_000).map(|_| [1.0, stream.unit() * 2.0 - 1.0, f64::from(stream.coin())]).collect();
        let y: Vec<bool> = rows.iter().map(|row| stream.unit() < 1.0 / (1.0 + (-dot(row, &planted)).exp())).collect();
        let clusters: Vec<u32> = (0..20_000).map(|at| at / 4).collect();
        let fit = logistic(&rows, &y, &clusters).unwrap();
        for ((found, se), planted) in fit.coefficients.iter().zip(fit.se).zip(planted) {
            assert!((found - planted).abs() < 4.0 * se, "{fit:?}");
        }
    }
}
