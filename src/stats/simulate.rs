//! Outcomes of judges as they might be, with known accuracies and items that are alike within a conversation: to see what a benchmark of
//! this size could show.
//!
//! Every cluster has a common draw, and each of its items takes it with probability `sqrt(icc)`, or else a draw of its own. All items follow
//! the same distribution. Two items of a cluster are the same draw with probability `icc`, where both take the common one, and independent
//! otherwise: so the correlation within a cluster is exactly `icc`, for the right answers of either judge, for their difference, and for whatever
//! else is made of an item's outcome. Items of different clusters are independent.

use super::stream::Stream;

/// How far cells may be below 0 by rounding.
const ROUNDING: f64 = 1e-12;

/// Whether a judge is right on each item, cluster by cluster: clusters of these sizes, a judge of this accuracy, and an intra-cluster
/// correlation, both in [0, 1].
#[must_use]
pub fn clustered_outcomes(sizes: &[u32], accuracy: f64, icc: f64, stream: &mut Stream) -> Vec<bool> {
    in_clusters(sizes, icc, stream, |stream| stream.unit() < accuracy)
}

/// The probabilities of what two judges may make of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedCells {
    /// Both are right.
    pub both: f64,
    /// Only the first is.
    pub only_a: f64,
    /// Only the second is.
    pub only_b: f64,
    /// Neither is.
    pub neither: f64,
}

impl PairedCells {
    /// The cells of two accuracies and the probability that the judges agree, both right or both wrong: `both = (a + b - 1 + agreement) / 2`, and
    /// the others from it. `None` where there are none: agreement is within `|a + b - 1|` and `1 - |a - b|`.
    #[must_use]
    pub fn new(accuracy_a: f64, accuracy_b: f64, agreement: f64) -> Option<Self> {
        let both = f64::midpoint(accuracy_a + accuracy_b - 1.0, agreement);
        let cells = [both, accuracy_a - both, accuracy_b - both, agreement - both];
        let [both, only_a, only_b, neither] = cells.map(|cell| cell.max(0.0));
        cells.iter().all(|cell| *cell >= -ROUNDING).then_some(Self { both, only_a, only_b, neither })
    }

    /// Whether each of the two is right on one item.
    fn draw(&self, stream: &mut Stream) -> (bool, bool) {
        let unit = stream.unit();
        let a = unit < self.both + self.only_a;
        let b = unit < self.both || (self.both + self.only_a..self.both + self.only_a + self.only_b).contains(&unit);
        (a, b)
    }
}

/// Whether each of two judges is right on each item, cluster by cluster: clusters of these sizes, two accuracies, the probability that the
/// judges agree (both right or both wrong), and an intra-cluster correlation in [0, 1]. `None` where no two judges have these accuracies and
/// agreement, see [`PairedCells::new`].
#[must_use]
pub fn paired_outcomes(
    sizes: &[u32],
    accuracy_a: f64,
    accuracy_b: f64,
    agreement: f64,
    icc: f64,
    stream: &mut Stream,
) -> Option<Vec<(bool, bool)>> {
    let cells = PairedCells::new(accuracy_a, accuracy_b, agreement)?;
    Some(in_clusters(sizes, icc, stream, |stream| cells.draw(stream)))
}

fn in_clusters<T: Copy>(sizes: &[u32], icc: f64, stream: &mut Stream, draw: impl Fn(&mut Stream) -> T) -> Vec<T> {
    let takes_common = icc.clamp(0.0, 1.0).sqrt();
    let mut outcomes = Vec::with_capacity(sizes.iter().map(|size| *size as usize).sum());
    for size in sizes {
        let common = draw(stream);
        for _ in 0..*size {
            let outcome = if stream.unit() < takes_common { common } else { draw(stream) };
            outcomes.push(outcome);
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{clustered, pearson};

    type Score = fn(&(bool, bool)) -> f64;

    #[test]
    fn cells_have_the_accuracies_and_the_agreement() {
        for (a, b, agreement) in [(0.75, 0.65, 0.7), (0.9, 0.9, 0.8), (0.3, 0.5, 0.6), (1.0, 0.5, 0.5), (0.5, 0.5, 0.0)]
        {
            let cells = PairedCells::new(a, b, agreement).unwrap();
            close(cells.both + cells.only_a, a);
            close(cells.both + cells.only_b, b);
            close(cells.both + cells.neither, agreement);
            close(cells.both + cells.only_a + cells.only_b + cells.neither, 1.0);
        }
        assert_eq!(PairedCells::new(0.9, 0.5, 0.7), None);
        assert_eq!(PairedCells::new(0.9, 0.9, 0.7), None);
        assert_eq!(paired_outcomes(&[1], 0.9, 0.5, 0.7, 0.0, &mut Stream::new("none", 0)), None);
    }

    /// 60,000 clusters of two items: shares and correlations within about 4 standard errors.
    #[test]
    fn outcomes_have_the_accuracies_the_agreement_and_the_correlations_that_were_asked_for() {
        let mut stream = Stream::new("paired outcomes", 0);
        let (a, b, agreement, icc) = (0.75, 0.6, 0.65, 0.25);
        let outcomes = paired_outcomes(&vec![2; 60_000], a, b, agreement, icc, &mut stream).unwrap();
        assert_eq!(outcomes.len(), 120_000);
        let share = |what: fn(&(bool, bool)) -> bool| {
            outcomes.iter().filter(|outcome| what(outcome)).count() as f64 / outcomes.len() as f64
        };
        assert!((share(|(a, _)| *a) - a).abs() < 0.008);
        assert!((share(|(_, b)| *b) - b).abs() < 0.008);
        assert!((share(|(a, b)| a == b) - agreement).abs() < 0.008);
        let correlation = |score: Score| {
            let (first, second): (Vec<f64>, Vec<f64>) =
                outcomes.chunks(2).map(|pair| (score(&pair[0]), score(&pair[1]))).unzip();
            pearson(&first, &second).unwrap()
        };
        let scores: [Score; 3] =
            [|(a, _)| f64::from(*a), |(_, b)| f64::from(*b), |(a, b)| f64::from(*a) - f64::from(*b)];
        for score in scores {
            assert!((correlation(score) - icc).abs() < 0.017, "{}", correlation(score));
        }
    }

    #[test]
    fn the_design_effect_of_outcomes_is_that_of_their_correlation() {
        let mut stream = Stream::new("clustered outcomes", 0);
        let outcomes = clustered_outcomes(&vec![6; 5_000], 0.7, 0.2, &mut stream);
        let scores: Vec<f64> = outcomes.iter().map(|right| f64::from(*right)).collect();
        let clusters: Vec<u32> = (0..30_000).map(|at| at / 6).collect();
        let mean = clustered(&scores, &clusters).unwrap();
        assert!((mean.mean - 0.7).abs() < 4.0 * mean.se.unwrap(), "{mean:?}");
        // 1 + (m - 1) icc = 2
        assert!((mean.deff.unwrap() - 2.0).abs() < 0.16, "{mean:?}");
    }

    #[test]
    fn sizes_and_extremes_are_kept() {
        let mut stream = Stream::new("extremes", 0);
        assert_eq!(clustered_outcomes(&[3, 0, 2], 1.0, 0.4, &mut stream), [true; 5]);
        assert_eq!(clustered_outcomes(&[2], 0.0, 0.4, &mut stream), [false; 2]);
        let same = clustered_outcomes(&[4; 50], 0.5, 1.0, &mut stream);
        assert!(same.chunks(4).all(|cluster| cluster.iter().all(|right| *right == cluster[0])));
    }
}
