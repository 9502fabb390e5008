//! How far cells agree beyond chance: with each other, and each with itself in another order.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use serde::Serialize;

use super::ballots::{Ballots, Category, Compared, Leg, Vote};
use super::cells::CellName;
use crate::stats::{
    Stream, cluster_bootstrap, weighted_cohen_kappa, weighted_fleiss_kappa, weighted_krippendorff_alpha,
};

/// Draws of every interval.
const DRAWS: usize = 1_000;

/// How far some cells agree. A rating is what a cell prefers of a comparison in one order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgreeReport {
    /// The benchmark's name.
    pub bench: Arc<str>,
    /// What draws the intervals.
    pub seed: u64,
    /// The cells.
    pub cells: Vec<CellName>,
    /// Comparisons, each in one order, that any cell rated; equal texts are none.
    pub units: usize,
    /// Each two cells.
    pub pairs: Vec<Agreement>,
    /// The share of the units that all cells rated on which all agree.
    pub unanimous: Option<Coefficient>,
    /// Fleiss' kappa, over the units that all cells rated.
    pub fleiss_kappa: Option<Coefficient>,
    /// Krippendorff's alpha of categories without an order, over the units that any two rated.
    pub krippendorff_alpha: Option<Coefficient>,
    /// For each judge, the mean of Cohen's kappa over each two of its strategies.
    pub strategies_of_a_judge: Vec<Among>,
    /// For each strategy, the mean of Cohen's kappa over each two of its judges.
    pub judges_of_a_strategy: Vec<Among>,
    /// For each cell that was asked in two orders, how far it agrees with itself on which candidate is better.
    pub orders: Vec<Agreement>,
}

/// A number with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// What it is made from: units, or pairs of cells.
    pub n: usize,
    /// Its value.
    pub value: f64,
    /// 95 % interval, by resampling conversations; null where it cannot be had.
    pub ci95: Option<[f64; 2]>,
}

/// How far two raters agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The numbers of the cells; of a cell in two orders, twice the same.
    pub cells: [usize; 2],
    /// Units that both rated.
    pub n: usize,
    /// The share of them on which they agree.
    pub share: Option<f64>,
    /// Cohen's kappa; null where both always say the same of everything, or rated nothing in common.
    pub kappa: Option<f64>,
    /// 95 % interval of kappa, by resampling conversations.
    pub ci95: Option<[f64; 2]>,
}

/// The mean agreement of pairs of cells that have a name in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Among {
    /// The judge, or the strategy.
    pub name: Arc<str>,
    /// The mean over their pairs.
    #[serde(flatten)]
    pub kappa: Coefficient,
}

/// The numbers of two cells.
type Two = [usize; 2];
/// What two raters say of each unit.
type PairCounts = Counts<(Category, Category)>;

/// What was rated by whom, in how many units of each conversation.
#[derive(Debug)]
struct Counts<P> {
    patterns: Vec<P>,
    index: HashMap<P, usize>,
    /// Pattern and number of units, by cluster.
    clusters: Vec<HashMap<usize, f64>>,
}

impl<P: Clone + Eq + Hash> Counts<P> {
    fn new(clusters: usize) -> Self {
        Self { patterns: Vec::new(), index: HashMap::new(), clusters: vec![HashMap::new(); clusters] }
    }

    fn add(&mut self, cluster: usize, pattern: P) {
        let next = self.patterns.len();
        let at = *self.index.entry(pattern).or_insert_with_key(|pattern| {
            self.patterns.push(pattern.clone());
            next
        });
        *self.clusters[cluster].entry(at).or_insert(0.0) += 1.0;
    }

    /// How many units have each pattern, where each conversation is taken so many times.
    fn times(&self, weights: &[u32]) -> Vec<f64> {
        let mut times = vec![0.0; self.patterns.len()];
        for (cluster, weight) in self.clusters.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
            for (pattern, count) in cluster {
                times[*pattern] += f64::from(*weight) * count;
            }
        }
        times
    }

    fn all(&self) -> Vec<f64> {
        self.times(&vec![1; self.clusters.len()])
    }
}

/// The interval of a statistic of how often each conversation is taken.
fn interval(clusters: usize, seed: u64, statistic: impl FnMut(&[u32]) -> Option<f64>) -> Option<[f64; 2]> {
    cluster_bootstrap(clusters, DRAWS, &mut Stream::new("tribunal agreement v1", seed), statistic)
}

/// How far the cells agree. `seed` draws the intervals.
#[must_use]
pub fn agree(ballots: &Ballots, seed: u64) -> AgreeReport {
    let rated = Rated::new(ballots);
    let k = ballots.cells.len();
    let pairs: Vec<(Two, PairCounts)> = (0..k)
        .flat_map(|one| (one + 1..k).map(move |other| [one, other]))
        .map(|cells| (cells, rated.pair(cells)))
        .collect();
    let among = |name: fn(&CellName) -> Option<&Arc<str>>, differ: fn(&CellName, &CellName) -> bool| {
        among(ballots, &pairs, rated.clusters, seed, name, differ)
    };
    let orders = (0..k).filter_map(|cell| {
        let counts = in_two_orders(ballots, &rated, cell);
        (!counts.patterns.is_empty()).then(|| agreement([cell; 2], &counts, seed))
    });
    let units: Vec<&Unit<'_>> = rated.units.iter().filter(|unit| unit.ratings().count() == k && k > 1).collect();
    AgreeReport {
        bench: ballots.cells.first().map_or_else(|| "".into(), |cell| Arc::clone(&cell.bench)),
        seed,
        cells: ballots.cells.clone(),
        units: rated.units.len(),
        unanimous: rated.unanimous(&units, seed),
        fleiss_kappa: rated.fleiss(&units, ballots.sets.list.len(), seed),
        krippendorff_alpha: rated.alpha(seed),
        strategies_of_a_judge: among(|cell| Some(&cell.judge), |one, other| one.strategy != other.strategy),
        judges_of_a_strategy: among(|cell| cell.strategy.as_ref(), |one, other| one.judge != other.judge),
        orders: orders.collect(),
        pairs: pairs.iter().map(|(cells, counts)| agreement(*cells, counts, seed)).collect(),
    }
}

fn agreement(cells: [usize; 2], counts: &PairCounts, seed: u64) -> Agreement {
    let all = counts.all();
    let n: f64 = all.iter().sum();
    let same = sum_of(&counts.patterns, &all, |(one, other)| one == other);
    let kappa = weighted_cohen_kappa(&counts.patterns, &all);
    Agreement {
        cells,
        n: whole(n),
        share: (n > 0.0).then(|| same / n),
        kappa,
        ci95: kappa.and_then(|_| {
            interval(counts.clusters.len(), seed, |weights| {
                weighted_cohen_kappa(&counts.patterns, &counts.times(weights))
            })
        }),
    }
}

/// The mean kappa of the pairs whose cells have this name in common and differ otherwise, name by name.
fn among(
    ballots: &Ballots,
    pairs: &[(Two, PairCounts)],
    clusters: usize,
    seed: u64,
    name: fn(&CellName) -> Option<&Arc<str>>,
    differ: fn(&CellName, &CellName) -> bool,
) -> Vec<Among> {
    let mut names: Vec<&Arc<str>> = Vec::new();
    for one in ballots.cells.iter().filter_map(name) {
        if !names.contains(&one) {
            names.push(one);
        }
    }
    let of = |wanted: &Arc<str>| {
        let is_of = |[one, other]: &[usize; 2]| {
            let (one, other) = (&ballots.cells[*one], &ballots.cells[*other]);
            name(one) == Some(wanted) && name(other) == Some(wanted) && differ(one, other)
        };
        let some: Vec<_> = pairs.iter().filter(|(cells, _)| is_of(cells)).map(|(_, counts)| counts).collect();
        let mean = |weights: &[u32]| {
            let kappas: Vec<f64> = some
                .iter()
                .filter_map(|counts| weighted_cohen_kappa(&counts.patterns, &counts.times(weights)))
                .collect();
            (!kappas.is_empty()).then(|| kappas.iter().sum::<f64>() / kappas.len() as f64)
        };
        let value = mean(&vec![1; clusters])?;
        let kappa = Coefficient { n: some.len(), value, ci95: interval(clusters, seed, mean) };
        Some(Among { name: Arc::clone(wanted), kappa })
    };
    names.into_iter().filter_map(of).collect()
}

/// A comparison in one order, and who prefers what.
struct Unit<'a> {
    cluster: usize,
    votes: &'a [Vote],
}

impl Unit<'_> {
    fn ratings(&self) -> impl Iterator<Item = Category> {
        self.votes.iter().filter_map(rating)
    }
}

fn rating(vote: &Vote) -> Option<Category> {
    match vote {
        Vote::For(category) => Some(*category),
        Vote::Absent | Vote::Failed | Vote::Unparsed | Vote::Score(_) => None,
    }
}

/// All units that anybody rated, their conversations numbered without gaps.
struct Rated<'a> {
    units: Vec<Unit<'a>>,
    clusters: usize,
    /// By the number that the ballots give a conversation.
    cluster_of: HashMap<u32, usize>,
}

impl<'a> Rated<'a> {
    fn new(ballots: &'a Ballots) -> Self {
        let mut cluster_of = HashMap::new();
        let mut units = Vec::new();
        for compared in &ballots.comparisons {
            let Some(leg) = compared.legs.first() else { continue };
            for showing in compared.showings.iter().filter(|showing| !showing.is_equal) {
                if showing.votes.iter().any(|vote| rating(vote).is_some()) {
                    let next = cluster_of.len();
                    let cluster = *cluster_of.entry(ballots.items[leg.item].cluster).or_insert(next);
                    units.push(Unit { cluster, votes: &showing.votes });
                }
            }
        }
        Self { units, clusters: cluster_of.len(), cluster_of }
    }

    fn pair(&self, [one, other]: [usize; 2]) -> PairCounts {
        let mut counts = Counts::new(self.clusters);
        for unit in &self.units {
            if let (Some(one), Some(other)) = (rating(&unit.votes[one]), rating(&unit.votes[other])) {
                counts.add(unit.cluster, (one, other));
            }
        }
        counts
    }

    fn coefficient<P: Clone + Eq + Hash>(
        &self,
        counts: &Counts<P>,
        seed: u64,
        statistic: impl Fn(&[P], &[f64]) -> Option<f64>,
    ) -> Option<Coefficient> {
        let all = counts.all();
        let value = statistic(&counts.patterns, &all)?;
        let ci95 = interval(self.clusters, seed, |weights| statistic(&counts.patterns, &counts.times(weights)));
        Some(Coefficient { n: whole(all.iter().sum()), value, ci95 })
    }

    fn unanimous(&self, units: &[&Unit<'_>], seed: u64) -> Option<Coefficient> {
        let mut counts = Counts::new(self.clusters);
        for unit in units {
            let mut ratings = unit.ratings();
            let first = ratings.next();
            counts.add(unit.cluster, ratings.all(|rating| Some(rating) == first));
        }
        self.coefficient(&counts, seed, |patterns, times| {
            let all: f64 = times.iter().sum();
            let same = sum_of(patterns, times, |same| *same);
            (all > 0.0).then(|| same / all)
        })
    }

    fn fleiss(&self, units: &[&Unit<'_>], categories: usize, seed: u64) -> Option<Coefficient> {
        let mut counts = Counts::new(self.clusters);
        for unit in units {
            let mut row = vec![0; categories];
            unit.ratings().for_each(|rating| row[rating as usize] += 1);
            counts.add(unit.cluster, row);
        }
        self.coefficient(&counts, seed, weighted_fleiss_kappa)
    }

    fn alpha(&self, seed: u64) -> Option<Coefficient> {
        let mut counts = Counts::new(self.clusters);
        for unit in &self.units {
            let mut ratings: Vec<Category> = unit.ratings().collect();
            ratings.sort_unstable();
            if ratings.len() > 1 {
                counts.add(unit.cluster, ratings);
            }
        }
        self.coefficient(&counts, seed, weighted_krippendorff_alpha)
    }
}

/// What a cell prefers of each comparison in the first two orders in which it was asked: by candidate, so that it is the same in both.
fn in_two_orders(ballots: &Ballots, rated: &Rated<'_>, cell: usize) -> PairCounts {
    let mut counts = Counts::new(rated.clusters);
    let mut sets: HashMap<Vec<usize>, Category> = HashMap::new();
    for compared in
        ballots.comparisons.iter().filter(|compared| compared.showings.iter().all(|showing| !showing.is_equal))
    {
        let Some((leg, ratings)) = first_two(compared, cell) else { continue };
        let [one, other] = ratings.map(|(order, category)| {
            let next = Category::try_from(sets.len()).unwrap_or(Category::MAX);
            *sets.entry(leg.candidates_in(order, &ballots.sets.list[category as usize])).or_insert(next)
        });
        if let Some(cluster) = rated.cluster_of.get(&ballots.items[leg.item].cluster) {
            counts.add(*cluster, (one, other));
        }
    }
    counts
}

/// The first two orders that a cell rated, and the first item that both were told of.
fn first_two(compared: &Compared, cell: usize) -> Option<(&Leg, [(usize, Category); 2])> {
    let mut rated = compared
        .showings
        .iter()
        .enumerate()
        .filter_map(|(order, showing)| Some((order, rating(&showing.votes[cell])?)));
    let ratings = [rated.next()?, rated.next()?];
    let leg = compared.legs.iter().find(|leg| ratings.iter().all(|(order, _)| leg.is_told_of(*order, cell)))?;
    Some((leg, ratings))
}

/// How many units have a pattern of this kind. (The sum of no numbers is -0, which would be shown.)
fn sum_of<P>(patterns: &[P], times: &[f64], is_one: impl Fn(&P) -> bool) -> f64 {
    patterns.iter().zip(times).filter(|(pattern, _)| is_one(pattern)).fold(0.0, |sum, (_, times)| sum + times)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of counts")]
fn whole(n: f64) -> usize {
    n as usize
}
