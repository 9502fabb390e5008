//! Outcomes: what a verdict is to a gold.

use std::ops::Range;

use serde::Serialize;

use crate::plan::{Comparison, ComparisonId, Leg, Plan, Side};
use crate::verdict::Verdict;

/// A verdict held against the gold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The gold was preferred.
    Right,
    /// Neither was.
    Tie,
    /// The judge answered, and no verdict could be read.
    Unparsed,
    /// The other candidate was preferred.
    Wrong,
    /// No reply was had.
    Failed,
}

/// What a judge prefers in one order of a comparison: its samples put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Side(Side),
    Tie,
    Unparsed,
    Failed,
}

impl Choice {
    pub(super) fn held_against(self, gold: Side) -> Outcome {
        match self {
            Self::Side(side) if side == gold => Outcome::Right,
            Self::Side(_) => Outcome::Wrong,
            Self::Tie => Outcome::Tie,
            Self::Unparsed => Outcome::Unparsed,
            Self::Failed => Outcome::Failed,
        }
    }
}

/// One verdict held against the gold of a leg; `None` is a judgment that failed.
#[must_use]
pub fn hold(verdict: Option<Verdict>, comparison: &Comparison, order: u8, leg: &Leg) -> Outcome {
    choice(verdict, comparison, order).held_against(leg.gold)
}

pub(super) fn choice(verdict: Option<Verdict>, comparison: &Comparison, order: u8) -> Choice {
    match verdict {
        None => Choice::Failed,
        Some(Verdict::Unparsed(_)) => Choice::Unparsed,
        Some(Verdict::Tie) => Choice::Tie,
        Some(Verdict::Slot { slot, .. }) => Choice::Side(comparison.side_in(slot, order)),
    }
}

/// The choice of every comparison in every order: the plurality of its parsed samples. A shared top is a tie, none parsed is
/// unparsed, and one failed is failed.
pub(super) struct Choices {
    choices: Vec<Choice>,
    orders: usize,
}

impl Choices {
    pub(super) fn new(plan: &Plan, verdicts: &[Option<Verdict>]) -> Self {
        let orders = plan.orders.count();
        let ids = (0..plan.comparisons.len()).map(|at| ComparisonId(u32::try_from(at).unwrap_or(u32::MAX)));
        let choices = ids
            .flat_map(|id| (0..orders).map(move |order| (id, order)))
            .map(|(id, order)| {
                let samples: Range<usize> = plan.places(id, order);
                let order = u8::from(order == 1);
                plurality(verdicts[samples].iter().map(|verdict| choice(*verdict, plan.comparison(id), order)))
            })
            .collect();
        Self { choices, orders }
    }

    /// The choices of a comparison, order by order.
    pub(super) fn of(&self, id: ComparisonId) -> &[Choice] {
        let start = id.0 as usize * self.orders;
        &self.choices[start..start + self.orders]
    }
}

fn plurality(samples: impl Iterator<Item = Choice>) -> Choice {
    let (mut low, mut high, mut tie) = (0, 0, 0);
    for sample in samples {
        match sample {
            Choice::Failed => return Choice::Failed,
            Choice::Unparsed => {}
            Choice::Tie => tie += 1,
            Choice::Side(Side::Low) => low += 1,
            Choice::Side(Side::High) => high += 1,
        }
    }
    match low.max(high).max(tie) {
        0 => Choice::Unparsed,
        top if low == top && high < top && tie < top => Choice::Side(Side::Low),
        top if high == top && low < top && tie < top => Choice::Side(Side::High),
        _ => Choice::Tie,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_vote_by_plurality() {
        let (low, high) = (Choice::Side(Side::Low), Choice::Side(Side::High));
        let cases = [
            (vec![low, low, high], low),
            (vec![low, high], Choice::Tie),
            (vec![low, Choice::Tie], Choice::Tie),
            (vec![Choice::Tie, Choice::Tie, high], Choice::Tie),
            (vec![low, Choice::Unparsed, Choice::Unparsed], low),
            (vec![Choice::Unparsed], Choice::Unparsed),
            (vec![low, low, Choice::Failed], Choice::Failed),
        ];
        for (samples, expected) in cases {
            assert_eq!(plurality(samples.iter().copied()), expected, "{samples:?}");
        }
    }
}
