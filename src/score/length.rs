//! How a judge leans on length: whether it prefers the longer text more often than that is the better one.

use serde::{Deserialize, Serialize};

use super::estimate::{Difference, Share};
use super::heard::Pick;
use crate::bench::Bench;
use crate::plan::{Entrant, Plan};
use crate::stats::{logistic, t_interval};

/// Parts of equal mass.
const PARTS: usize = 5;

/// How a judge of pairs leans on length, over its verdicts on (comparison, gold) pairs in all orders and samples that prefer one of the two.
/// Lengths are in Unicode characters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Length {
    /// Verdicts on texts of different lengths; one on a pair with contrary golds counts for each of them.
    pub n: usize,
    /// The share of them where the gold is the longer text.
    pub longer_is_gold: f64,
    /// The share of them for the longer text.
    pub prefers_longer: Share,
    /// The second minus the first, verdict by verdict: above 0 it prefers length beyond what it should.
    pub excess: Difference,
    /// How often it is right, from where the gold is much the shorter text to where it is much the longer one.
    pub quintiles: Vec<LengthPart>,
    /// Log odds for the first slot for each unit of `tanh(length difference of first and second slot / its standard deviation)`, with the place of
    /// the gold held fixed: above 0 it leans to longer texts. `None` where no likeliest coefficients are to be had, as of a judge that
    /// does nothing but look at length.
    pub coefficient: Option<f64>,
    /// Its cluster-robust standard error.
    pub se: Option<f64>,
    /// Its 95 % interval, by t.
    pub ci95: Option<[f64; 2]>,
}

/// One fifth of the (comparison, gold) pairs, by the relative length of the gold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LengthPart {
    /// Verdicts.
    pub n: usize,
    /// The lowest (gold - other) / (gold + other) of its pairs, in [-1, 1].
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The share of the verdicts that are right.
    pub accuracy: f64,
}

/// A verdict, and the lengths of what it is about.
struct Sized {
    cluster: u32,
    /// The characters of slot A minus those of slot B.
    first_over_second: f64,
    gold_over_other: f64,
    both: f64,
    is_first_gold: bool,
    picks_first: bool,
}

impl Sized {
    fn is_right(&self) -> bool {
        self.picks_first == self.is_first_gold
    }

    fn prefers_longer(&self) -> bool {
        self.picks_first == (self.first_over_second > 0.0)
    }

    fn is_gold_longer(&self) -> bool {
        self.gold_over_other > 0.0
    }

    /// In [-1, 1]. Texts that are both empty are equal, and nobody is asked about them.
    fn relative(&self) -> f64 {
        self.gold_over_other / self.both
    }
}

/// How the judge leans on length; `None` where no verdict prefers one of two texts of different lengths.
pub(super) fn length(bench: &Bench, plan: &Plan, picks: &[Pick<'_>]) -> Option<Length> {
    // The verdicts of a pair stand together: its texts are measured once.
    let of_pairs = picks.chunk_by(|one, other| std::ptr::eq(one.leg, other.leg));
    let pairs: Vec<Vec<Sized>> = of_pairs.map(|picks| sized(bench, plan, picks)).collect();
    let all = || pairs.iter().flatten();
    let told: Vec<&Sized> = all().filter(|sized| sized.gold_over_other.abs() > 0.0).collect();
    let clusters: Vec<u32> = told.iter().map(|sized| sized.cluster).collect();
    let numbers = |number: &dyn Fn(&Sized) -> f64| told.iter().map(|sized| number(sized)).collect::<Vec<f64>>();
    let is = |yes: bool| f64::from(u8::from(yes));
    let excess = numbers(&|sized| is(sized.prefers_longer()) - is(sized.is_gold_longer()));
    let prefers_longer = Share::of(&numbers(&|sized| is(sized.prefers_longer())), &clusters)?;
    let slope = slope(&all().collect::<Vec<_>>());
    Some(Length {
        n: told.len(),
        longer_is_gold: numbers(&|sized| is(sized.is_gold_longer())).iter().sum::<f64>() / told.len() as f64,
        prefers_longer,
        excess: Difference::of(&excess, &clusters)?,
        quintiles: quintiles(&pairs),
        coefficient: slope.map(|(coefficient, ..)| coefficient),
        se: slope.map(|(_, se, _)| se),
        ci95: slope.and_then(|(coefficient, se, clusters)| t_interval(coefficient, se, clusters)),
    })
}

/// The verdicts on one pair.
fn sized(bench: &Bench, plan: &Plan, picks: &[Pick<'_>]) -> Vec<Sized> {
    let Some(Pick { leg, cluster, .. }) = picks.first() else { return Vec::new() };
    let comparison = plan.comparison(leg.comparison);
    let length = |entrant: u8| bench.texts.get(comparison.text(Entrant(entrant))).chars().count() as f64;
    let lengths = [length(0), length(1)];
    let (low_over_high, both, gold) = (lengths[0] - lengths[1], lengths[0] + lengths[1], leg.gold());
    let over = |entrant: Entrant| if entrant.index() == 0 { low_over_high } else { -low_over_high };
    let one = |pick: &Pick<'_>| Sized {
        cluster: *cluster,
        first_over_second: over(pick.first),
        gold_over_other: over(gold),
        both,
        is_first_gold: pick.first == gold,
        picks_first: pick.first == pick.picked,
    };
    picks.iter().map(one).collect()
}

/// The pairs in fifths by relative length. Equal ones stay together, in the part in which the middle of their run falls; parts that are empty
/// thereby are left out.
#[allow(clippy::float_cmp, reason = "equal lengths are a run, near ones are not")]
fn quintiles(pairs: &[Vec<Sized>]) -> Vec<LengthPart> {
    let mut sorted: Vec<(f64, &Vec<Sized>)> =
        pairs.iter().filter_map(|pair| Some((pair.first()?.relative(), pair))).collect();
    sorted.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut parts: Vec<(usize, LengthPart)> = Vec::new();
    let mut before = 0;
    for run in sorted.chunk_by(|(one, _), (other, _)| one == other) {
        let (part, at) = ((2 * before + run.len() - 1) / 2 * PARTS / sorted.len(), run[0].0);
        before += run.len();
        let verdicts = || run.iter().flat_map(|(_, pair)| *pair);
        let (n, right) = (verdicts().count(), verdicts().filter(|sized| sized.is_right()).count() as f64);
        match parts.last_mut().filter(|(last, _)| *last == part) {
            Some((_, sums)) => {
                *sums = LengthPart { n: sums.n + n, high: at, accuracy: sums.accuracy + right, ..*sums };
            }
            None => parts.push((part, LengthPart { n, low: at, high: at, accuracy: right })),
        }
    }
    parts.into_iter().map(|(_, sums)| LengthPart { accuracy: sums.accuracy / sums.n as f64, ..sums }).collect()
}

/// The coefficient of length, its standard error, and the clusters; the standard deviation of the length difference is that of all verdicts,
/// with n - 1.
fn slope(verdicts: &[&Sized]) -> Option<(f64, f64, usize)> {
    let n = verdicts.len() as f64;
    let mean = verdicts.iter().map(|sized| sized.first_over_second).sum::<f64>() / n;
    let squares: f64 = verdicts.iter().map(|sized| (sized.first_over_second - mean).powi(2)).sum();
    let sd = (squares / (n - 1.0)).sqrt();
    if !(sd > 0.0 && sd.is_finite()) {
        return None;
    }
    let row = |sized: &&Sized| {
        let gold = if sized.is_first_gold { 1.0 } else { -1.0 };
        [1.0, (sized.first_over_second / sd).tanh(), gold]
    };
    let rows: Vec<[f64; 3]> = verdicts.iter().map(row).collect();
    let first: Vec<bool> = verdicts.iter().map(|sized| sized.picks_first).collect();
    let clusters: Vec<u32> = verdicts.iter().map(|sized| sized.cluster).collect();
    let fit = logistic(&rows, &first, &clusters)?;
    Some((fit.coefficients[1], fit.se[1], fit.clusters))
}
