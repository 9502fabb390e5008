//! Whether verdicts that carry a probability are right as often as they say. Everywhere here a verdict is a pair: the probability that it
//! is right, as told, and its outcome: 1 right, 0 wrong, 0.5 a tie.

/// The usual number of bins of the calibration error.
pub const CALIBRATION_BINS: usize = 15;

/// Verdicts of similar probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Verdicts.
    pub n: usize,
    /// The mean of their probabilities.
    pub confidence: f64,
    /// The mean of their outcomes.
    pub accuracy: f64,
}

/// The Brier score: the mean squared difference of probability and outcome, where a tie is half of each outcome and so 0.25 at least; 0 is
/// best, 0.25 what a constant 0.5 gives (Brier, 1950). `None` without verdicts.
#[must_use]
pub fn brier(verdicts: &[(f64, f64)]) -> Option<f64> {
    let square = |(probability, outcome): &(f64, f64)| {
        outcome * (1.0 - probability).powi(2) + (1.0 - outcome) * probability.powi(2)
    };
    (!verdicts.is_empty()).then(|| verdicts.iter().map(square).sum::<f64>() / verdicts.len() as f64)
}

/// The expected calibration error: the mean over verdicts of how far confidence and accuracy of their bin are apart (Naeini, Cooper and
/// Hauskrecht, 2015), over the bins of [`reliability`]. `None` without verdicts.
#[must_use]
pub fn expected_calibration_error(verdicts: &[(f64, f64)], bins: usize) -> Option<f64> {
    let gaps = reliability(verdicts, bins).into_iter().map(|bin| bin.n as f64 * (bin.accuracy - bin.confidence).abs());
    (!verdicts.is_empty()).then(|| gaps.sum::<f64>() / verdicts.len() as f64)
}

/// The reliability diagram: verdicts in the order of their probabilities, in bins of equal mass, where the first `n % bins` have one
/// verdict more than the others (as numpy's `array_split` has it). Equal probabilities stay together, in the bin in which the middle of
/// their run falls, so that the order of the verdicts does not matter; bins that are empty thereby are left out.
#[must_use]
pub fn reliability(verdicts: &[(f64, f64)], bins: usize) -> Vec<ReliabilityBin> {
    let sorted = by_probability(verdicts);
    let mut filled: Vec<(usize, ReliabilityBin)> = Vec::new();
    let mut before = 0;
    for run in runs(&sorted) {
        let bin = bin_of(before + (run.len() - 1) / 2, sorted.len(), bins.max(1));
        before += run.len();
        let sum = |pick: fn(&(f64, f64)) -> f64| run.iter().map(pick).sum::<f64>();
        let (confidence, accuracy) = (sum(|verdict| verdict.0), sum(|verdict| verdict.1));
        match filled.last_mut().filter(|(last, _)| *last == bin) {
            Some((_, sums)) => {
                sums.n += run.len();
                sums.confidence += confidence;
                sums.accuracy += accuracy;
            }
            None => filled.push((bin, ReliabilityBin { n: run.len(), confidence, accuracy })),
        }
    }
    let mean = |sums: ReliabilityBin| {
        let n = sums.n as f64;
        ReliabilityBin { n: sums.n, confidence: sums.confidence / n, accuracy: sums.accuracy / n }
    };
    filled.into_iter().map(|(_, sums)| mean(sums)).collect()
}

/// The bin of a position when n are split into bins whose sizes differ by at most one, larger ones first.
fn bin_of(position: usize, n: usize, bins: usize) -> usize {
    let (size, larger) = (n / bins, n % bins);
    let in_larger = larger * (size + 1);
    if position < in_larger { position / (size + 1) } else { larger + (position - in_larger) / size.max(1) }
}

/// The accuracy of the most confident verdicts, as pairs (coverage, accuracy) for coverages .1, .2 to 1: what a judge would have right who may
/// abstain on the rest. Empty without verdicts.
///
/// Where a coverage ends within a run of equal probabilities, or within a verdict, the accuracy is that expected of a random order of the
/// run: its outcomes count by the share of it that is covered.
#[must_use]
pub fn accuracy_coverage(verdicts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let runs = most_confident_first(verdicts);
    let at = |tenth: u32| {
        let coverage = f64::from(tenth) / 10.0;
        let covered = verdicts.len() as f64 * coverage;
        (coverage, right_among(&runs, covered) / covered)
    };
    if runs.is_empty() { Vec::new() } else { (1..=10).map(at).collect() }
}

/// The area under the accuracy-coverage curve: the mean over k = 1..n of the accuracy of the k most confident verdicts, expected over the
/// orders of equal probabilities. One minus it is the area under the risk-coverage curve (Geifman, Uziel and El-Yaniv, 2019). `None` without
/// verdicts.
#[must_use]
pub fn accuracy_coverage_area(verdicts: &[(f64, f64)]) -> Option<f64> {
    let (mut area, mut covered, mut right) = (0.0, 0.0, 0.0);
    for (n, outcomes) in most_confident_first(verdicts) {
        for _ in 0..n {
            covered += 1.0;
            right += outcomes / n as f64;
            area += right / covered;
        }
    }
    (!verdicts.is_empty()).then(|| area / verdicts.len() as f64)
}

/// The number of verdicts and the sum of outcomes of each probability, from the highest.
fn most_confident_first(verdicts: &[(f64, f64)]) -> Vec<(usize, f64)> {
    let sorted = by_probability(verdicts);
    let mut runs: Vec<_> = runs(&sorted).map(|run| (run.len(), run.iter().map(|verdict| verdict.1).sum())).collect();
    runs.reverse();
    runs
}

/// The sum of outcomes among the first `covered` verdicts.
fn right_among(runs: &[(usize, f64)], mut covered: f64) -> f64 {
    let mut right = 0.0;
    for (n, outcomes) in runs {
        let share = (covered / *n as f64).clamp(0.0, 1.0);
        right += share * outcomes;
        covered -= *n as f64;
    }
    right
}

fn by_probability(verdicts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = verdicts.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    sorted
}

#[allow(clippy::float_cmp, reason = "equal probabilities are a run, near ones are not")]
fn runs(sorted: &[(f64, f64)]) -> impl Iterator<Item = &[(f64, f64)]> {
    sorted.chunk_by(|one, other| one.0 == other.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use crate::stats::tests::close;

    /// Forty verdicts without equal probabilities, made by the same rule in `tests/reference/stats.py`.
    fn forty() -> Vec<(f64, f64)> {
        let verdict = |i: u32| (f64::from(i * 37 % 41) / 41.0, f64::from(i % 3) / 2.0);
        (1..=40).map(verdict).collect()
    }

    #[test]
    fn brier_and_calibration_error_agree_with_numpy() {
        close(brier(&forty()).unwrap(), 0.322_560_975_609_756_16);
        close(brier(&[(0.5, 0.5); 3]).unwrap(), 0.25);
        close(expected_calibration_error(&forty(), CALIBRATION_BINS).unwrap(), 0.255_487_804_878_048_84);
        close(expected_calibration_error(&forty(), 7).unwrap(), 0.234_146_341_463_414_68);
        close(expected_calibration_error(&forty(), 40).unwrap(), 0.409_146_341_463_414_55);
        close(expected_calibration_error(&forty(), 99).unwrap(), 0.409_146_341_463_414_55);
    }

    #[test]
    fn bins_of_equal_mass_are_those_of_array_split() {
        let bins: Vec<usize> = reliability(&forty(), 15).iter().map(|bin| bin.n).collect();
        assert_eq!(bins, [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2]);
        assert_eq!(reliability(&forty(), 1).len(), 1);
        assert!(reliability(&[], 15).is_empty());
    }

    #[test]
    fn equal_probabilities_stay_together_whatever_the_order() {
        // Six of .6, three of .8, one of 1: the halves would part the six.
        let mut verdicts = vec![(0.6, 1.0), (0.6, 0.0), (0.6, 0.5), (0.6, 1.0), (0.6, 1.0), (0.6, 0.0)];
        verdicts.extend([(0.8, 1.0), (0.8, 0.0), (0.8, 1.0), (1.0, 1.0)]);
        let expected = reliability(&verdicts, 2);
        assert_eq!(expected.iter().map(|bin| bin.n).collect::<Vec<_>>(), [6, 4]);
        close(expected[0].accuracy, 3.5 / 6.0);
        close(expected[1].confidence, 0.85);
        let mut stream = Stream::new("order of verdicts", 0);
        let area = accuracy_coverage_area(&verdicts).unwrap();
        let curve = accuracy_coverage(&verdicts);
        for _ in 0..50 {
            stream.shuffle(&mut verdicts);
            assert_eq!(reliability(&verdicts, 2), expected);
            assert_eq!(accuracy_coverage_area(&verdicts), Some(area));
            assert_eq!(accuracy_coverage(&verdicts), curve);
        }
    }

    #[test]
    fn the_accuracy_coverage_curve_agrees_with_numpy() {
        let curve = accuracy_coverage(&forty());
        for ((coverage, accuracy), (tenth, expected)) in
            curve.into_iter().zip((1..=10).zip([0.5, 0.5625, 0.5, 0.5, 0.525, 0.5, 0.5, 0.515_625, 0.5, 0.5]))
        {
            close(coverage, f64::from(tenth) / 10.0);
            close(accuracy, expected);
        }
        close(accuracy_coverage_area(&forty()).unwrap(), 0.505_709_137_934_184_1);
    }

    #[test]
    fn ties_have_the_accuracy_expected_of_a_random_order() {
        let tied: Vec<(f64, f64)> =
            forty().into_iter().map(|(p, outcome)| ((p * 5.0).floor() / 5.0, outcome)).collect();
        let mut stream = Stream::new("random orders of ties", 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..1_000 {
            // What parts the ties at random leaves the order of the others.
            let parted: Vec<(f64, f64)> =
                tied.iter().map(|(p, outcome)| (p + stream.unit() / 10.0, *outcome)).collect();
            let area = accuracy_coverage_area(&parted).unwrap();
            sum += area;
            squares += area * area;
        }
        let (mean, area) = (sum / 1_000.0, accuracy_coverage_area(&tied).unwrap());
        let se = ((squares / 1_000.0 - mean * mean) / 1_000.0).sqrt();
        assert!((area - mean).abs() < 4.0 * se, "{area} {mean} {se}");
    }

    #[test]
    fn a_coverage_that_ends_within_a_verdict_counts_a_part_of_it() {
        let curve = accuracy_coverage(&[(0.9, 1.0), (0.8, 0.0), (0.7, 1.0)]);
        close(curve[4].1, 1.0 / 1.5);
        close(curve[9].1, 2.0 / 3.0);
        assert!(accuracy_coverage(&[]).is_empty());
        assert_eq!(accuracy_coverage_area(&[]), None);
    }

    #[test]
    fn a_judge_who_says_how_often_it_is_right_is_calibrated() {
        let verdicts = [(0.75, 1.0), (0.75, 1.0), (0.75, 1.0), (0.75, 0.0)];
        assert_eq!(expected_calibration_error(&verdicts, 15), Some(0.0));
        assert_eq!(expected_calibration_error(&[], 15), None);
        assert_eq!(brier(&[]), None);
    }
}
