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
pub fn hold(verdict: Option<&Verdict>, comparison: &Comparison, order: u8, leg: &Leg) -> Outcome {
    choice(verdict, comparison, order).held_against(leg.gold)
}

pub(super) fn choice(verdict: Option<&Verdict>, comparison: &Comparison, order: u8) -> Choice {
    match verdict {
        None => Choice::Failed,
        // A score or a ranking of many says nothing of two.
        Some(Verdict::Unparsed(_) | Verdict::Score(_) | Verdict::Ranking(_)) => Choice::Unparsed,
        Some(Verdict::Tie) => Choice::Tie,
        Some(Verdict::Slot { slot, .. }) => Choice::Side(comparison.side_in(*slot, order)),
    }
}

/// The votes of the samples of a comparison in one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Votes {
    low: u32,
    high: u32,
    tie: u32,
    unparsed: u32,
    failed: u32,
}

impl Votes {
    fn add(mut self, choice: Choice) -> Self {
        *match choice {
            Choice::Side(Side::Low) => &mut self.low,
            Choice::Side(Side::High) => &mut self.high,
            Choice::Tie => &mut self.tie,
            Choice::Unparsed => &mut self.unparsed,
            Choice::Failed => &mut self.failed,
        } += 1;
        self
    }

    /// The plurality of the parsed samples. A shared top is a tie, none parsed is unparsed, and one failed is failed.
    fn choice(self) -> Choice {
        if self.failed > 0 {
            return Choice::Failed;
        }
        let Self { low, high, tie, .. } = self;
        match low.max(high).max(tie) {
            0 => Choice::Unparsed,
            top if low == top && high < top && tie < top => Choice::Side(Side::Low),
            top if high == top && low < top && tie < top => Choice::Side(Side::High),
            _ => Choice::Tie,
        }
    }

    /// The choice were every unparsed and failed sample a vote for this side.
    pub(super) fn had_the_rest_chosen(self, side: Side) -> Choice {
        let rest = self.unparsed + self.failed;
        let (low, high) = if side == Side::Low { (rest, 0) } else { (0, rest) };
        Self { low: self.low + low, high: self.high + high, unparsed: 0, failed: 0, ..self }.choice()
    }
}

/// The votes on every comparison in every order, and what they come to.
pub(super) struct Choices {
    votes: Vec<Votes>,
    outcome: Vec<Choice>,
    orders: usize,
}

impl Choices {
    pub(super) fn new(plan: &Plan, verdicts: &[Option<Verdict>]) -> Self {
        let orders = plan.orders.count();
        let ids = (0..plan.comparisons.len()).map(|at| ComparisonId(u32::try_from(at).unwrap_or(u32::MAX)));
        let votes: Vec<Votes> = ids
            .flat_map(|id| (0..orders).map(move |order| (id, order)))
            .map(|(id, order)| {
                let samples: Range<usize> = plan.places(id, order);
                let order = u8::from(order == 1);
                let choices =
                    verdicts[samples].iter().map(|verdict| choice(verdict.as_ref(), plan.comparison(id), order));
                choices.fold(Votes::default(), Votes::add)
            })
            .collect();
        let outcome = votes.iter().map(|votes| votes.choice()).collect();
        Self { votes, outcome, orders }
    }

    /// The choices of a comparison, order by order.
    pub(super) fn of(&self, id: ComparisonId) -> &[Choice] {
        &self.outcome[self.range(id)]
    }

    /// The votes on a comparison, order by order.
    pub(super) fn votes(&self, id: ComparisonId) -> &[Votes] {
        &self.votes[self.range(id)]
    }

    fn range(&self, id: ComparisonId) -> Range<usize> {
        let start = id.0 as usize * self.orders;
        start..start + self.orders
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
            let votes = samples.iter().copied().fold(Votes::default(), Votes::add);
            assert_eq!(votes.choice(), expected, "{samples:?}");
        }
    }

    #[test]
    fn what_is_unparsed_or_failed_might_have_turned_the_vote() {
        let low = Choice::Side(Side::Low);
        let votes = [low, low, Choice::Unparsed, Choice::Failed, Choice::Unparsed];
        let votes = votes.into_iter().fold(Votes::default(), Votes::add);
        assert_eq!(votes.choice(), Choice::Failed);
        assert_eq!(votes.had_the_rest_chosen(Side::Low), low);
        assert_eq!(votes.had_the_rest_chosen(Side::High), Choice::Side(Side::High));
    }
}
