//! How many conversations it takes to see a difference, by simulation on a benchmark's own clusters.

use serde::Serialize;

use super::cells::CellData;
use super::compare::{CompareError, shared};
use crate::stats::{
    PairedCells, Stream, between_and_within, mean_of_subsets, minimum_detectable_difference, paired_outcomes,
    t_quantile,
};

/// The power that is wanted.
const WANTED: f64 = 0.8;
/// The most simulations of each size.
const SIMULATIONS: usize = 1_000;
/// The fewest, where each has many items.
const FEW_SIMULATIONS: usize = 200;
/// So many items are simulated for each size, within these.
const MOST_ITEMS: usize = 4_000_000;
/// The fewest conversations that are tried.
const FEWEST: usize = 10;
/// No more conversations than this many times those of the benchmark are tried.
const MOST_TIMES: usize = 64;

/// Two judges as they might be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Judges {
    /// The accuracy of the worse one.
    pub accuracy: f64,
    /// By how much the other is better.
    pub difference: f64,
    /// How often both are right or both wrong.
    pub agreement: f64,
    /// How alike the items of a conversation are.
    pub icc: f64,
}

/// The power at a number of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PowerPoint {
    /// Conversations.
    pub conversations: usize,
    /// Items, on average over the simulations.
    pub items: usize,
    /// The share of simulations in which the difference is seen: its clustered t interval at 95 % leaves out 0.
    pub power: f64,
    /// The least difference that would be seen in 80 % of cases, from the mean standard error.
    pub detectable: f64,
}

impl Judges {
    /// The least and the greatest agreement that two judges of these accuracies can have.
    #[must_use]
    pub fn agreements(&self) -> [f64; 2] {
        [(2.0 * self.accuracy + self.difference - 1.0).abs(), 1.0 - self.difference.abs()]
    }
}

/// What a benchmark can show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Power {
    /// The judges that were simulated.
    pub judges: Judges,
    /// The conversations of the benchmark.
    pub of: usize,
    /// The power at some numbers of conversations, the whole benchmark last.
    pub points: Vec<PowerPoint>,
    /// The fewest conversations, drawn from the benchmark's own as often as needed, with a power of 80 %; `None` where 64 times the benchmark do
    /// not suffice.
    pub needed: Option<PowerPoint>,
}

/// Accuracies and an agreement that no two judges have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PowerError {
    /// They contradict each other.
    #[error("no two judges have the accuracies {accuracy} and {} and agree on {agreement} of the items: expected an agreement from {least:.3} to {most:.3}", accuracy + difference)]
    Impossible {
        /// Of the worse one.
        accuracy: f64,
        /// By how much the other is better.
        difference: f64,
        /// As asked.
        agreement: f64,
        /// The least there can be.
        least: f64,
        /// The most there can be.
        most: f64,
    },
    /// There are too few conversations to draw from.
    #[error("a benchmark of {0} conversations shows nothing: expected 2 or more")]
    TooFew(usize),
}

/// The power of comparing two such judges by the plain mean over subsets. Each conversation is given as its items' subsets, by number. `seed` draws the
/// simulations.
pub fn power(conversations: &[Vec<u8>], judges: Judges, seed: u64) -> Result<Power, PowerError> {
    let Judges { accuracy, difference, agreement, .. } = judges;
    let of = conversations.len();
    if of < 2 {
        return Err(PowerError::TooFew(of));
    }
    if PairedCells::new(accuracy + difference, accuracy, agreement).is_none() {
        let [least, most] = judges.agreements();
        return Err(PowerError::Impossible { accuracy, difference, agreement, least, most });
    }
    let at = |n: usize| simulated(conversations, judges, n, seed);
    let steps = [16, 8, 4, 2, 1].map(|part| (of / part).max(FEWEST.min(of)));
    let mut points: Vec<PowerPoint> = steps.into_iter().map(at).collect();
    points.dedup_by_key(|point| point.conversations);
    let enough = |point: &PowerPoint| point.power >= WANTED;
    let mut high = points.iter().find(|point| enough(point)).copied();
    let mut low = points.iter().rev().find(|point| !enough(point)).map_or(2, |point| point.conversations);
    while high.is_none() && low < MOST_TIMES * of {
        let next = at(2 * low);
        if enough(&next) { high = Some(next) } else { low = next.conversations }
    }
    // Halved down to a twentieth: simulations tell no more.
    while let Some(known) =
        high.filter(|known| low < known.conversations && known.conversations - low > known.conversations / 20)
    {
        let middle = at(usize::midpoint(low, known.conversations));
        if middle.conversations <= low || middle.conversations >= known.conversations {
            break;
        }
        if enough(&middle) { high = Some(middle) } else { low = middle.conversations }
    }
    Ok(Power { judges, of, points, needed: high })
}

fn simulated(benchmark: &[Vec<u8>], judges: Judges, conversations: usize, seed: u64) -> PowerPoint {
    let Judges { accuracy, difference, agreement, icc } = judges;
    let mut stream = Stream::new("tribunal power v1", seed);
    let mut order: Vec<usize> = (0..benchmark.len()).collect();
    let (mut found, mut items, mut errors) = (0_usize, 0_usize, 0.0);
    let quantile = t_quantile(0.975, conversations as f64 - 1.0);
    let subsets = usize::from(benchmark.iter().flatten().copied().max().unwrap_or_default()) + 1;
    let mean_items = benchmark.iter().map(Vec::len).sum::<usize>() / benchmark.len();
    let simulations = (MOST_ITEMS / (conversations * mean_items.max(1)).max(1)).clamp(FEW_SIMULATIONS, SIMULATIONS);
    for _ in 0..simulations {
        // A part of the benchmark is drawn without replacement; more than all of it is all of it several times, and a part.
        stream.shuffle(&mut order);
        let drawn: Vec<&Vec<u8>> = order.iter().cycle().take(conversations).map(|at| &benchmark[*at]).collect();
        let sizes: Vec<u32> = drawn.iter().map(|items| u32::try_from(items.len()).unwrap_or(u32::MAX)).collect();
        let outcomes = paired_outcomes(&sizes, accuracy + difference, accuracy, agreement, icc, &mut stream);
        let places = (0..).zip(&drawn).flat_map(|(cluster, items)| items.iter().map(move |subset| (cluster, *subset)));
        let mut lists: Vec<(Vec<f64>, Vec<u32>)> = vec![Default::default(); subsets];
        for ((cluster, subset), (a, b)) in places.zip(outcomes.unwrap_or_default()) {
            let (differences, clusters) = &mut lists[usize::from(subset)];
            differences.push(f64::from(u8::from(a)) - f64::from(u8::from(b)));
            clusters.push(cluster);
            items += 1;
        }
        // A subset of which nothing was drawn has no mean; a part that is so small is compared by the rest.
        lists.retain(|(differences, _)| !differences.is_empty());
        if let Some((mean, se)) = mean_of_subsets(&lists).and_then(|mean| Some((mean.mean, mean.se?))) {
            found += usize::from(mean.abs() > quantile * se && (mean > 0.0) == (difference > 0.0));
            errors += se;
        }
    }
    let n = simulations as f64;
    PowerPoint {
        conversations,
        items: items / simulations,
        power: found as f64 / n,
        detectable: minimum_detectable_difference(errors / n),
    }
}

/// What a pilot tells of the judges: accuracy and likeness within conversations from the first cell, agreement from the first two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pilot {
    /// The mean score of the first cell.
    pub accuracy: f64,
    /// The intra-cluster correlation of the first cell's scores, at least 0; of the differences of the two, where there are two.
    pub icc: f64,
    /// How often the first two have the same score; `None` with one cell.
    pub agreement: Option<f64>,
}

/// Reads a pilot. `None` where nothing is scored.
pub fn pilot(cells: &[CellData]) -> Result<Option<Pilot>, CompareError> {
    let Some(first) = cells.first() else { return Ok(None) };
    let scored: Vec<(&str, f64)> =
        first.items.iter().filter_map(|item| Some((&*item.conversation, item.score?))).collect();
    if scored.is_empty() {
        return Ok(None);
    }
    let accuracy = scored.iter().map(|(_, score)| score).sum::<f64>() / scored.len() as f64;
    let Some(second) = cells.get(1) else {
        return Ok(Some(Pilot { accuracy, icc: likeness(&scored), agreement: None }));
    };
    let (shared, _) = shared(first, second)?;
    let same = shared.iter().filter(|item| (item.scores[0] - item.scores[1]).abs() < 1e-12).count();
    let differences: Vec<(&str, f64)> =
        shared.iter().map(|item| (&*item.item.conversation, item.scores[0] - item.scores[1])).collect();
    let agreement = Some(same as f64 / shared.len() as f64);
    Ok(Some(Pilot { accuracy, icc: likeness(&differences), agreement }))
}

/// The intra-cluster correlation by the method of moments, from 0 to 1.
fn likeness(values: &[(&str, f64)]) -> f64 {
    let mut groups: Vec<Vec<f64>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (conversation, value) in values {
        let place = *places.entry(*conversation).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(*value);
    }
    between_and_within(&groups).and_then(|components| components.icc()).unwrap_or_default().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::across::cells::tests::cell;

    #[test]
    fn a_larger_difference_needs_fewer_conversations() {
        let sizes: Vec<Vec<u8>> = [1, 2, 5, 8, 10].repeat(40).into_iter().map(|size| vec![0; size]).collect();
        let needed = |difference: f64| {
            let judges = Judges { accuracy: 0.7, difference, agreement: 0.8, icc: 0.1 };
            power(&sizes, judges, 3).unwrap().needed.unwrap()
        };
        let (small, large) = (needed(0.05), needed(0.1));
        assert!(large.conversations * 2 < small.conversations, "{large:?} {small:?}");
        assert!((0.79..0.86).contains(&large.power), "{large:?}");
        // At 80 % power the difference is the detectable one.
        assert!((large.detectable - 0.1).abs() < 0.012, "{large:?}");
    }

    #[test]
    fn what_no_two_judges_are_is_refused() {
        let judges = Judges { accuracy: 0.9, difference: 0.05, agreement: 0.5, icc: 0.1 };
        let told = power(&[vec![0], vec![0, 0]], judges, 0).unwrap_err().to_string();
        assert!(told.contains("an agreement from 0.850 to 0.950"), "{told}");
    }

    #[test]
    fn a_pilot_tells_accuracy_agreement_and_likeness() {
        let a = cell("a", &[("c1", Some(1.0)), ("c1", Some(1.0)), ("c2", Some(0.0)), ("c2", Some(0.0))]);
        let b = cell("b", &[("c1", Some(1.0)), ("c1", Some(0.0)), ("c2", Some(0.0)), ("c2", Some(0.0))]);
        let one = pilot(std::slice::from_ref(&a)).unwrap().unwrap();
        assert_eq!((one.accuracy, one.agreement), (0.5, None));
        assert!((one.icc - 1.0).abs() < 1e-12);
        assert_eq!(pilot(&[a, b]).unwrap().unwrap().agreement, Some(0.75));
    }
}
