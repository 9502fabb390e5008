//! An interval that may be looked at after every answer: a confidence sequence for the mean of a benchmark that is asked in random order.

use std::ops::Range;

/// No bet stakes more than this share of what it can lose.
const STAKE: f64 = 0.75;
/// Grid points in a half-width that is aimed at.
const FINENESS: f64 = 32.0;
/// The least and most steps of the grid.
const STEPS: [usize; 2] = [512, 16_384];

/// How far sums of weights may differ by the order of their terms.
const ROUNDING: f64 = 1e-9;

/// All clusters of a benchmark: what is known of them before the first answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// How many there are.
    pub clusters: usize,
    /// The sum of their sizes, in items or in weights of items.
    pub size: f64,
    /// The largest size.
    pub largest: f64,
}

impl Population {
    /// The population of clusters of these sizes, each above 0.
    #[must_use]
    pub fn of(sizes: impl IntoIterator<Item = f64>) -> Self {
        let none = Self { clusters: 0, size: 0.0, largest: 0.0 };
        sizes.into_iter().fold(none, |all, size| Self {
            clusters: all.clusters + 1,
            size: all.size + size,
            largest: all.largest.max(size),
        })
    }
}

/// A confidence sequence for the mean score of a population of clusters, which are drawn in random order, each once. With a probability of at
/// least 1 - alpha the mean is within the interval after every cluster, so that one may stop at any of them, for whatever reason.
///
/// The mean is that of the population itself: the sum of all scores over the sum of all sizes. Once all clusters are in, the interval is that
/// mean. The clusters must come in the order that was drawn, not in that in which answers arrive: quick answers may be the easy ones.
///
/// Two gamblers bet against each value m that the mean could have, from a capital of 1 each: one on more, one on less. If m is the mean, then
/// `total - m size` adds up to 0 over all clusters, so that its expectation for the next cluster is known from those before. Then neither
/// gambler can expect to win, and each ever comes to `2 / alpha` with a probability of at most alpha / 2 (Ville's inequality). A value against
/// which one did is left out for good. This is the hedged capital of Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
/// betting" (JRSS-B 86, 2024), without replacement, for a ratio of two totals. Capitals rise or fall steadily in m, so that a grid of
/// values leaves nothing out that lies between two of them.
///
/// What is staked is free, as long as it does not look ahead. Kelly's stake is the drift over the variance; for a value that is off by
/// `aim`, with r clusters left, the drift is `aim size / r`. So the interval is narrowest when its half-width is about `aim`: there it takes about
/// `2 log(2 / alpha) / z^2` = 1.9 times the clusters of an interval whose n is fixed in advance, before the correction for a finite population.
#[derive(Clone, Debug)]
pub struct Sequence {
    population: Population,
    aim: f64,
    /// A gambler who has this has won.
    won: f64,
    /// What those who bet on more than a value have, for each value of the grid from 0 to 1.
    on_more: Vec<f64>,
    /// What those who bet on less have.
    on_less: Vec<f64>,
    /// The values that are left; empty where both neighbours of a gap have lost.
    left: Range<usize>,
    drawn: usize,
    total: f64,
    size: f64,
    /// Sum of squared residuals of the clusters drawn, each against the mean before it.
    squares: f64,
}

impl Sequence {
    /// A sequence that leaves out the mean with a probability of at most `alpha`, and is narrowest where its half-width is about `aim`. Both are
    /// in (0, 1).
    #[must_use]
    pub fn new(population: Population, alpha: f64, aim: f64) -> Self {
        let [mut steps, most] = STEPS;
        while steps < most && (steps as f64) < FINENESS / aim {
            steps *= 2;
        }
        let points = steps + 1;
        Self {
            population,
            aim,
            won: 2.0 / alpha,
            on_more: vec![1.0; points],
            on_less: vec![1.0; points],
            left: 0..points,
            drawn: 0,
            total: 0.0,
            size: 0.0,
            squares: 0.0,
        }
    }

    /// Takes the next cluster of the random order: the sum of its scores, each times its weight, and its size, the sum of the weights. The sum of
    /// scores is within 0 and the size.
    ///
    /// # Panics
    /// If there are more clusters than in the population, one that is larger than its largest, or a total beyond the size.
    pub fn add(&mut self, total: f64, size: f64) {
        assert!(self.drawn < self.population.clusters, "a cluster too many");
        let is_within = |what: f64, bound: f64| (0.0..=bound * (1.0 + ROUNDING)).contains(&what);
        assert!(is_within(size, self.population.largest) && is_within(total, size), "not of the population");
        self.bet(total, size);
        self.squares += (total - self.guess() * size).powi(2);
        self.drawn += 1;
        self.total += total;
        self.size += size;
        while self.left.start < self.left.end && self.on_more[self.left.start] >= self.won {
            self.left.start += 1;
        }
        while self.left.start < self.left.end && self.on_less[self.left.end - 1] >= self.won {
            self.left.end -= 1;
        }
    }

    fn bet(&mut self, total: f64, size: f64) {
        let rest = (self.population.clusters - self.drawn) as f64;
        // If the value is the mean, those that are left make up for those that were drawn, in expectation each for an equal part.
        let (owed_total, owed_size) = (self.total / rest, self.size / rest);
        let stake = self.aim * self.population.size / (rest * self.variance());
        let largest = self.population.largest;
        let top = (self.on_more.len() - 1) as f64;
        for at in self.left.clone() {
            let value = at as f64 / top;
            let gain = total + owed_total - value * (size + owed_size);
            let deepest_fall = value * (largest + owed_size) - owed_total;
            let highest_rise = largest + owed_total - value * (largest + owed_size);
            self.on_more[at] *= 1.0 + bounded(stake, deepest_fall) * gain;
            self.on_less[at] *= 1.0 - bounded(stake, highest_rise) * gain;
        }
    }

    /// The mean of a cluster's size.
    fn mean_size(&self) -> f64 {
        self.population.size / self.population.clusters as f64
    }

    /// The mean so far, as if one cluster of mean size and score 1/2 had come before.
    fn guess(&self) -> f64 {
        (self.total + self.mean_size() / 2.0) / (self.size + self.mean_size())
    }

    /// The variance of residuals so far, as if one cluster of mean size, wholly right where half was expected, had come before.
    fn variance(&self) -> f64 {
        (self.squares + (self.mean_size() / 2.0).powi(2)) / (self.drawn + 1) as f64
    }

    /// Where the mean is: [0, 1] before the first cluster, the mean itself after the last.
    #[must_use]
    pub fn interval(&self) -> [f64; 2] {
        if self.drawn == 0 {
            return [0.0, 1.0];
        }
        // What is left can be all wrong or all right.
        let all = self.drawn == self.population.clusters;
        let open = if all { 0.0 } else { (self.population.size - self.size).max(0.0) };
        let low = self.total / self.population.size;
        let high = ((self.total + open) / self.population.size).min(1.0);
        // Values between two points of the grid are left out with the lower for being too low, with the upper for being too high.
        let top = (self.on_more.len() - 1) as f64;
        let lowest = self.left.start.saturating_sub(1) as f64 / top;
        let highest = (self.left.end as f64 / top).min(1.0);
        let (narrow_low, narrow_high) = (low.max(lowest), high.min(highest));
        // Where betting has lost the mean, what is certain stays.
        if narrow_low <= narrow_high { [narrow_low, narrow_high] } else { [low, high] }
    }

    /// Half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        let [low, high] = self.interval();
        (high - low) / 2.0
    }
}

/// The stake, cut so that no more than a share of the capital can be lost by the greatest loss that there can be.
fn bounded(stake: f64, loss: f64) -> f64 {
    if loss > 0.0 { stake.min(STAKE / loss) } else { stake }
}

/// What one item of each subset weighs in the plain mean of the means of K subsets with so many items: `1 / (K n_k)`. A [`Sequence`] whose totals
/// and sizes are sums of these weights, over whatever items a conversation has in any subset, is one for that mean. It is far narrower than
/// the mean of K sequences would be, each of which had to hold at alpha / K.
#[must_use]
pub fn subset_weights(items: &[usize]) -> Vec<f64> {
    items.iter().map(|n| 1.0 / (items.len() as f64 * *n as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mean_of_subsets;
    use crate::stats::tests::{Uniform, close};

    /// A cluster: the sum of its scores, and its size.
    type Cluster = (f64, f64);

    /// Clusters of 1 to 10 items, whose scores within a cluster are correlated by `icc`: Pólya's urn, which gives the beta-binomial.
    fn benchmark(random: &mut Uniform, clusters: u32, accuracy: f64, icc: f64) -> Vec<Cluster> {
        let prior = 1.0 / icc - 1.0;
        let cluster = |at| {
            let size = 1 + at % 10;
            let mut right = 0.0;
            for seen in 0..size {
                let chance = (prior * accuracy + right) / (prior + f64::from(seen));
                right += f64::from(random.next() < chance);
            }
            (right, f64::from(size))
        };
        (0..clusters).map(cluster).collect()
    }

    /// The benchmark in a random order.
    fn shuffled(random: &mut Uniform, clusters: &[Cluster]) -> Vec<Cluster> {
        let mut drawn: Vec<(f64, Cluster)> = clusters.iter().map(|cluster| (random.next(), *cluster)).collect();
        drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
        drawn.into_iter().map(|(_, cluster)| cluster).collect()
    }

    fn population(clusters: &[Cluster]) -> Population {
        Population::of(clusters.iter().map(|cluster| cluster.1))
    }

    fn mean(clusters: &[Cluster]) -> f64 {
        clusters.iter().map(|cluster| cluster.0).sum::<f64>() / population(clusters).size
    }

    /// How many orders of so many lose the mean at any time, and how many clusters each takes to a half-width of `aim`.
    fn asked(random: &mut Uniform, clusters: &[Cluster], aim: f64, orders: u32) -> (u32, Vec<f64>) {
        let (truth, population) = (mean(clusters), population(clusters));
        let (mut lost, mut stops) = (0, Vec::new());
        for _ in 0..orders {
            let mut sequence = Sequence::new(population, 0.05, aim);
            let (mut is_lost, mut stop) = (false, None);
            for (at, (total, size)) in shuffled(random, clusters).into_iter().enumerate() {
                sequence.add(total, size);
                let [low, high] = sequence.interval();
                // The sums are the same but for rounding.
                is_lost |= truth < low - 1e-9 || high + 1e-9 < truth;
                if stop.is_none() && sequence.half_width() <= aim {
                    stop = Some(at as f64 + 1.0);
                }
            }
            lost += u32::from(is_lost);
            stops.extend(stop);
        }
        (lost, stops)
    }

    /// How many clusters an interval takes to this half-width whose n is fixed in advance: of any number, and of the finite population.
    fn fixed(clusters: &[Cluster], half_width: f64) -> [f64; 2] {
        let (truth, n) = (mean(clusters), clusters.len() as f64);
        let squares: f64 = clusters.iter().map(|(total, size)| (total - truth * size).powi(2)).sum();
        let variance = squares / (n - 1.0) / (population(clusters).size / n).powi(2);
        let any = variance * (1.959_963_984_540_054 / half_width).powi(2);
        [any, 1.0 / (1.0 / any + 1.0 / n)]
    }

    #[test]
    fn the_mean_is_within_the_interval_whenever_one_looks() {
        let mut random = Uniform::new("confidence sequence");
        let middling = benchmark(&mut random, 120, 0.8, 0.2);
        let near_perfect = benchmark(&mut random, 120, 0.98, 0.3);
        // Large conversations are lost, small ones won.
        let contrary: Vec<Cluster> = (0..60).map(|at| if at % 6 == 0 { (0.0, 10.0) } else { (1.0, 1.0) }).collect();
        let halves: Vec<Cluster> = (0..40).map(|at| (f64::from(at % 2), 1.0)).collect();
        for (clusters, aim) in [(middling, 0.05), (near_perfect, 0.02), (contrary, 0.1), (halves, 0.1)] {
            const ORDERS: u32 = 500;
            let (lost, _) = asked(&mut random, &clusters, aim, ORDERS);
            // 4 standard errors above 5 %.
            assert!(f64::from(lost) < f64::from(ORDERS) * 0.09, "{lost} of {ORDERS} lost the mean");
        }
    }

    /// Prints, for benchmarks of RMB's size, how many clusters it takes and how often the mean is held.
    #[test]
    #[ignore = "takes minutes: `.ci/long coverage`, when a bet was changed"]
    fn coverage_and_savings_at_full_size() {
        const ORDERS: u32 = 2_000;
        let mut random = Uniform::new("confidence sequence at full size");
        for (accuracy, icc) in [(0.5, 0.1), (0.7, 0.3), (0.8, 0.2), (0.9, 0.3)] {
            let clusters = benchmark(&mut random, 2_650, accuracy, icc);
            for aim in [0.02, 0.01] {
                let (lost, stops) = asked(&mut random, &clusters, aim, ORDERS);
                let [any, finite] = fixed(&clusters, aim);
                let needed = stops.iter().sum::<f64>() / f64::from(ORDERS);
                let held = 1.0 - f64::from(lost) / f64::from(ORDERS);
                println!(
                    "accuracy {accuracy}, ICC {icc}, +-{aim}: {needed:.0} clusters, at fixed n {any:.0} or {finite:.0}, held {held:.4}"
                );
                // 2 standard errors below 95 %.
                assert!(held > 0.94, "{held}");
            }
        }
    }

    #[test]
    fn a_precision_of_two_points_takes_a_third_of_the_benchmark() {
        let mut random = Uniform::new("savings of a confidence sequence");
        let clusters = benchmark(&mut random, 2_650, 0.8, 0.2);
        for (aim, most) in [(0.02, 0.33), (0.01, 0.65)] {
            let (_, stops) = asked(&mut random, &clusters, aim, 5);
            let [_, finite] = fixed(&clusters, aim);
            for stop in stops {
                assert!(finite < stop && stop < most * 2_650.0, "+-{aim}: {stop} clusters, at fixed n {finite}");
            }
        }
    }

    #[test]
    fn the_interval_never_widens_and_ends_at_the_mean() {
        let mut random = Uniform::new("end of a confidence sequence");
        let clusters = benchmark(&mut random, 80, 0.7, 0.2);
        let mut sequence = Sequence::new(population(&clusters), 0.05, 0.05);
        let mut before = sequence.interval();
        close(before[1] - before[0], 1.0);
        for (total, size) in shuffled(&mut random, &clusters) {
            sequence.add(total, size);
            let now = sequence.interval();
            assert!(before[0] <= now[0] && now[1] <= before[1], "{now:?} after {before:?}");
            before = now;
        }
        close(before[0], mean(&clusters));
        close(sequence.half_width(), 0.0);
    }

    /// The capital against the mean is 1 in expectation over all orders, whatever was staked, as long as nothing is left out.
    #[test]
    fn against_the_mean_the_game_is_fair() {
        const CLUSTERS: [Cluster; 5] = [(1.0, 1.0), (0.0, 3.0), (3.5, 4.0), (1.5, 2.0), (0.0, 2.0)];
        fn orders(left: &[Cluster]) -> Vec<Vec<Cluster>> {
            let with_first = |at: usize| {
                let mut rest = left.to_vec();
                let first = rest.remove(at);
                orders(&rest).into_iter().map(move |rest| [vec![first], rest].concat())
            };
            if left.is_empty() { vec![Vec::new()] } else { (0..left.len()).flat_map(with_first).collect() }
        }
        let all = orders(&CLUSTERS);
        assert_eq!((all.len(), mean(&CLUSTERS)), (120, 0.5));
        for drawn in 1..=CLUSTERS.len() {
            let (mut on_more, mut on_less) = (0.0, 0.0);
            for order in &all {
                let mut sequence = Sequence::new(population(&CLUSTERS), 1e-9, 0.2);
                for (total, size) in &order[..drawn] {
                    sequence.add(*total, *size);
                }
                let middle = sequence.on_more.len() / 2;
                on_more += sequence.on_more[middle] / 120.0;
                on_less += sequence.on_less[middle] / 120.0;
            }
            close(on_more, 1.0);
            close(on_less, 1.0);
        }
    }

    #[test]
    fn capitals_are_steady_in_the_value() {
        let mut random = Uniform::new("steady capitals");
        let clusters = benchmark(&mut random, 100, 0.9, 0.3);
        let mut sequence = Sequence::new(population(&clusters), 0.05, 0.05);
        for (total, size) in shuffled(&mut random, &clusters) {
            sequence.add(total, size);
            let left = sequence.left.clone();
            // Beyond rounding, which counts where the capitals are nearly equal.
            let more = &sequence.on_more[left.clone()];
            assert!(more.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-9)));
            let less = &sequence.on_less[left];
            assert!(less.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-9)));
        }
    }

    #[test]
    fn a_mean_of_subsets_is_one_sequence_over_weights() {
        let subsets = [(vec![1.0, 0.0, 1.0, 1.0], vec![0, 0, 1, 2]), (vec![0.0, 1.0], vec![0, 2])];
        let weights = subset_weights(&[4, 2]);
        let sum = |cluster: u32, of: fn(f64) -> f64| {
            let subset = |(subset, weight): (&(Vec<f64>, Vec<u32>), &f64)| {
                let own = subset.0.iter().zip(&subset.1).filter(|(_, its)| **its == cluster);
                own.map(|(score, _)| weight * of(*score)).sum::<f64>()
            };
            subsets.iter().zip(&weights).map(subset).sum::<f64>()
        };
        let clusters: Vec<Cluster> =
            (0..3).map(|cluster| (sum(cluster, |score| score), sum(cluster, |_| 1.0))).collect();
        close(population(&clusters).size, 1.0);
        let mut sequence = Sequence::new(population(&clusters), 0.05, 0.1);
        for (total, size) in clusters {
            sequence.add(total, size);
        }
        close(sequence.interval()[0], mean_of_subsets(&subsets).unwrap().mean);
        close(sequence.half_width(), 0.0);
    }

    #[test]
    fn a_benchmark_without_clusters_has_no_news() {
        let sequence = Sequence::new(Population::of([]), 0.05, 0.01);
        close(sequence.half_width(), 0.5);
    }

    #[test]
    #[should_panic(expected = "a cluster too many")]
    fn more_clusters_than_there_are_is_a_mistake() {
        let mut sequence = Sequence::new(Population::of([1.0]), 0.05, 0.01);
        sequence.add(1.0, 1.0);
        sequence.add(1.0, 1.0);
    }
}
